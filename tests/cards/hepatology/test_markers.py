"""How a hepatitis B marker reads on a card (book 0.2, 0.6)."""

from __future__ import annotations

import pytest

from cards.facts import Measurement
from cards.hepatology.markers import TestState as Known  # pytest would collect a class of that name
from cards.hepatology.markers import no_result_line, old_result_line, result_line
from tests.cards.pharmacology.charts import ago


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (Measurement("hbsag", on=ago(20)), f"HBsAg: negative on {ago(20)}"),
        (Measurement("hbsag"), "HBsAg: negative, undated"),
        (Measurement("hbsag", on=ago(20), received="Non-reactive"), f"HBsAg: negative on {ago(20)}"),
        (
            Measurement("hbsag", on=ago(20), received="0.02 [IU]/mL", code="63557-3", performer="Lab"),
            f"HBsAg: negative on {ago(20)} (0.02 [IU]/mL, LOINC 63557-3, Lab)",
        ),
    ],
)
def test_a_result_is_told_with_its_day_amount_code_and_laboratory(result: Measurement, line: str) -> None:
    assert result_line("HBsAg", result, "negative") == line


def test_an_old_result_is_called_old_and_an_undated_one_undated() -> None:
    old = old_result_line("HBsAg", Measurement("hbsag", on=ago(400)), "negative", "fresh")
    assert old == f"HBsAg: negative on {ago(400)}, old (not of the last 365 days)"
    assert old_result_line("HBsAg", Measurement("hbsag"), "negative", "fresh") == "HBsAg: negative, undated"


@pytest.mark.parametrize(
    ("state", "why", "line"),
    [
        (Known.UNKNOWN, "", "could not be checked"),
        (Known.UNKNOWN, "refused", "could not be checked (refused)"),
        (Known.PENDING, "", "ordered, no result yet"),
        (Known.ABSENT, "", "searched, none found"),
    ],
)
def test_without_a_result_the_reason_is_told(state: Known, why: str, line: str) -> None:
    assert no_result_line("HBsAg", state, why) == f"HBsAg: {line}"
