"""Every case of every card, from the words of `cases.yaml` through the real readers to the card's opinion.

The card is asked alone, so that no other card silences it; with all cards on and over HTTP, the same cases run in
`test_cases_over_http.py`.
"""

from __future__ import annotations

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from cards.consult import Considered
from cards.opinion import Advice, CannotTell, RegimenLine, SetDosage
from cards.orders import Hook
from cards.suggested_orders import AT_MOST
from cards.wording import DETAIL_LIMIT, SUMMARY_LIMIT
from cds_service.errors import DataNotAvailable
from cds_service.order_text import dosage_from_text
from cds_service.review import Review
from tests.situations.asking import ask, of_rule
from tests.situations.reading import Case, Expected, all_cases
from tests.situations.request import PATIENT_ID

# Each case at each of its hooks.
every_case = pytest.mark.parametrize(
    ("case", "hook"),
    [
        pytest.param(case, hook, id=case.id if len(case.expected) == 1 else f"{case.id}/{hook}")
        for case in all_cases()
        for hook in case.expected
    ],
)


@every_case
def test_the_card_answers_as_its_case_says(case: Case, hook: Hook) -> None:
    expected = case.expected[hook]
    try:
        review = ask(case.situation, hook, rule=case.rule)
    except DataNotAvailable:
        assert expected.kind == "cannot_tell", "nothing could be had: the call is answered with 412"
        return
    answered = of_rule(review.considered, case.rule)
    assert not _has_failed(answered), "the rule failed; see the log"
    if expected.kind == "advice":
        _check_advice(answered, expected)
        _check_card(review)
    elif expected.kind == "silent":
        _check_silence(answered, expected)
    else:
        _check_cannot_tell(answered, expected)


def _check_advice(answered: Considered | None, expected: Expected) -> None:
    assert answered is not None, "the card was not asked: does an order trigger it, and does it speak at this hook?"
    advice = answered.opinion
    assert isinstance(advice, Advice), advice
    assert not answered.kept_back, answered.kept_back
    assert str(advice.indicator) == expected.level, _words(advice)
    text = _words(advice).casefold()
    for fragment in expected.says:
        assert fragment.casefold() in text
    for fragment in expected.not_says:
        assert fragment.casefold() not in text
    assert expected.row in ("", advice.row)
    assert expected.evidence in ("", advice.evidence)
    _check_suggestions(advice, expected)


def _check_suggestions(advice: Advice, expected: Expected) -> None:
    labels = [suggestion.label for suggestion in advice.suggestions]
    for fragment in expected.suggests:
        assert any(fragment.casefold() in label.casefold() for label in labels), labels
    for fragment in expected.not_suggests:
        assert not any(fragment.casefold() in label.casefold() for label in labels), labels
    dosages = [suggestion for suggestion in advice.suggestions if isinstance(suggestion, SetDosage)]
    if expected.set_dosage == "none":
        assert not dosages
    elif expected.set_dosage is not None:
        offered = [tuple(map(_regimen, dosage.lines)) for dosage in dosages]
        assert _regimen_of(expected.set_dosage) in offered
    if expected.recommended is not None:
        assert {suggestion.recommended for suggestion in dosages or advice.suggestions} == {expected.recommended}


def _check_silence(answered: Considered | None, expected: Expected) -> None:
    if answered is None:
        assert not expected.because, "the card was not asked at all"
        return
    assert not answered.is_shown, answered.opinion
    assert not isinstance(answered.opinion, CannotTell), answered.opinion
    reason = answered.kept_back if isinstance(answered.opinion, Advice) else answered.opinion.because
    assert expected.because.casefold() in reason.casefold()
    assert expected.row in ("", answered.opinion.row)


def _check_cannot_tell(answered: Considered | None, expected: Expected) -> None:
    assert answered is not None, "the card was not asked"
    opinion = answered.opinion
    assert isinstance(opinion, CannotTell), opinion
    assert not expected.missing or expected.missing in opinion.missing, opinion
    assert opinion.book_is_silent is not expected.noted, "does the collected note name it?"
    assert expected.because.casefold() in opinion.because.casefold()


def _check_card(review: Review) -> None:
    """What every card promises, as it is written for the wire."""
    [card] = (card for card in review.answer["cards"] if card["source"]["topic"]["code"] != "couldNotCheck")
    assert 0 < len(card["summary"]) <= SUMMARY_LIMIT
    assert 0 < len(card["detail"]) <= DETAIL_LIMIT
    assert len(card.get("suggestions", ())) <= AT_MOST
    labels = [suggestion["label"] for suggestion in card.get("suggestions", ())]
    for text in (card["summary"], card["detail"], *labels):
        assert PATIENT_ID not in text
    for suggestion in card.get("suggestions", ()):
        for action in suggestion["actions"]:
            if "resource" in action:
                as_sent = orjson.loads(orjson.dumps(action["resource"]))
                get_fhir_model_class(as_sent["resourceType"]).model_validate(as_sent)


def _words(advice: Advice) -> str:
    said = advice.explanation
    return "\n".join((advice.summary, said.order, *said.facts, said.rule, said.basis, said.limits))


def _regimen(line: RegimenLine) -> tuple[float, float, int | None]:
    return line.dose_mg, line.per_day, line.days


def _regimen_of(text: str) -> tuple[tuple[float, float, int | None], ...]:
    """ "75 mg once daily for 7 days, then 150 mg twice daily" as (mg, times a day, days) of each line."""
    lines = []
    for line in dosage_from_text(text):
        repeat = line["timing"]["repeat"]
        assert (repeat["period"], repeat["periodUnit"]) == (1, "d"), f"say how often a day: {text}"
        dose = line["doseAndRate"][0]["doseQuantity"]
        assert dose["code"] == "mg", f"say the dose in mg: {text}"
        bounds = repeat.get("boundsDuration", {})
        lines.append((float(dose["value"]), float(repeat["frequency"]), bounds.get("value")))
    return tuple(lines)


def _has_failed(answered: Considered | None) -> bool:
    return answered is not None and isinstance(answered.opinion, CannotTell) and answered.opinion.failed
