"""Tests and referrals that cards suggest have one preferred code each."""

from __future__ import annotations

import pytest

from cards.errors import InvalidKnowledge
from cards.suggested_orders import drug_code, order_test


def test_a_test_comes_with_its_preferred_code() -> None:
    suggestion = order_test("hbsag", "Order HBsAg", urgent=True)
    assert suggestion.code is not None
    assert (suggestion.code.code, suggestion.urgent) == ("5195-3", True)


def test_a_misspelt_test_is_a_mistake_in_the_card_and_named() -> None:
    with pytest.raises(InvalidKnowledge, match="no test under the key 'hbsagg'"):
        order_test("hbsagg", "Order HBsAg")


def test_a_drug_is_known_by_its_confirmed_code() -> None:
    code = drug_code("corticosteroid_ingredients", "methylprednisolone")
    assert code is not None
    assert (code.system, code.code) == ("http://www.nlm.nih.gov/research/umls/rxnorm", "6902")
    assert drug_code("corticosteroid_ingredients", "aspirin") is None
