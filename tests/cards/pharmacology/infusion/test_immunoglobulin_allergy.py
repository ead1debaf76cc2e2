"""Allergies to human immunoglobulin by what the record says of the reaction."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Allergy
from cards.pharmacology.infusion.immunoglobulin_allergy import Kind, immunoglobulin_allergy
from tests.cards.neurology.charts import UNKNOWN, patient
from tests.cards.pharmacology.charts import present

TO_IVIG = Allergy(drug_concepts=frozenset({"ivig"}), display="IVIG")
SYSTEMIC = frozenset({"systemic_reaction"})


@pytest.mark.parametrize(
    ("recorded", "kind"),
    [
        ({"reaction_concepts": SYSTEMIC | {"anaphylaxis"}, "is_high_risk": False}, Kind.ANAPHYLAXIS),
        ({"reactions": ("rash",), "is_high_risk": True}, Kind.HIGH),
        ({"reaction_concepts": SYSTEMIC, "reactions": ("wheeze",)}, Kind.SYSTEMIC),
        ({}, Kind.UNCLEAR),
        ({"reactions": ("rash",)}, Kind.MILD),
        ({"is_high_risk": False}, Kind.MILD),
    ],
)
def test_the_kind_of_an_allergy(recorded: dict[str, object], kind: Kind) -> None:
    found = immunoglobulin_allergy(patient(allergies=present(TO_IVIG._replace(**recorded))))
    assert found is not None
    assert found.kind is kind
    assert found.is_systemic is (kind >= Kind.SYSTEMIC)


def test_of_two_alike_the_coded_one_counts() -> None:
    worded = TO_IVIG._replace(is_high_risk=True, by_text=True, display="in words")
    found = immunoglobulin_allergy(patient(allergies=present(worded, TO_IVIG._replace(is_high_risk=True))))
    assert found is not None
    assert found.line == "Allergy: IVIG, high criticality, reaction: not recorded (undated)"


def test_what_is_over_or_of_another_substance_is_none() -> None:
    others = TO_IVIG._replace(is_active=False), Allergy(drug_concepts=frozenset({"hyperimmune_globulin"}))
    assert immunoglobulin_allergy(patient(allergies=present(*others))) is None


def test_allergies_that_could_not_be_had_are_not_known() -> None:
    with pytest.raises(NotKnown, match="refused"):
        immunoglobulin_allergy(patient(allergies=UNKNOWN))
