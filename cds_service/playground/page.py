"""What the page shows: the form as it was filled in, the chart, the answers with what is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import orjson
from markupsafe import Markup

from cds_service.playground.basket import described
from cds_service.playground.call import Called, Case
from cds_service.playground.card_text import card_html
from cds_service.playground.chart_lines import ChartLine, about_patient, chart_by_kind, reasons_of
from cds_service.playground.packing import NotPacked, packed
from cds_service.playground.patients import FixturePatient, ward
from cds_service.playground.scenario import Scenario, example_of
from cds_service.playground.why import OpinionShown, opinions_of
from cds_service.review import Review

_NOT_KNOWN = "The service does not know a drug of this order by name or code: no rule was asked about it."
_NOBODY_ASKED = "No rule was asked: nothing in the basket is something that a rule speaks about."
_NOTHING_TO_ADD = "The service has nothing to add to this order."

_LEVELS = ("critical", "warning", "info")


class Offer(NamedTuple):
    """A suggestion as a button: what it says, and what the form sends when it is pressed."""

    label: str
    uuid: str
    is_recommended: bool
    actions: str


class CardShown(NamedTuple):
    """A card as an EHR shows it. `service` issued it; `card` is the JSON."""

    service: str
    card: Mapping[str, Any]
    html: Markup
    offers: tuple[Offer, ...]


class AnswerShown(NamedTuple):
    """One answer with what is behind it. `refused`: why there is none, in words.

    `not_asked` says that no rule was asked about the basket, or about one of its drugs; empty where that is not so.
    """

    service: str
    hook: str
    milliseconds: float
    cards: list[CardShown]
    opinions: list[OpinionShown]
    request_json: str
    answer_json: str
    refused: str = ""
    not_asked: str = ""


class DraftShown(NamedTuple):
    """A draft of the basket that is no longer words, and the address without it."""

    text: str
    kind: str
    query_without: str


class ExampleShown(NamedTuple):
    """An order to try: what it says, what for, and its address."""

    order: str
    shows: str
    query: str


def answer_shown(called: Called) -> AnswerShown:
    """One call as the page shows it."""
    review = called.review
    return AnswerShown(
        service=called.service.id,
        hook=str(called.service.hook),
        milliseconds=called.milliseconds,
        cards=[_card(called.service.id, card) for card in called.answer.get("cards", ())],
        opinions=[] if review is None else opinions_of(review),
        request_json=_pretty(called.request),
        answer_json=_pretty(called.answer),
        refused=(called.why or _refusal(called.answer)) if review is None else "",
        not_asked="" if review is None else _not_asked(review),
    )


def verdict(answers: list[AnswerShown]) -> str:
    """How many cards there are, in words."""
    cards = [card for answer in answers for card in answer.cards]
    if any(answer.refused for answer in answers):
        return "No answer: " + next(answer.refused for answer in answers if answer.refused)
    if not cards:
        said = answers[0].not_asked if all(answer.not_asked for answer in answers) else _NOTHING_TO_ADD
        return f"No card. {said} Its silence is no approval."
    counts = {level: sum(card.card["indicator"] == level for card in cards) for level in _LEVELS}
    said = ", ".join(f"{count} {level}" for level, count in counts.items() if count)
    return f"{len(cards)} {'card' if len(cards) == 1 else 'cards'}: {said}"


def drafts_shown(scenario: Scenario) -> list[DraftShown]:
    """The drafts that suggestions changed or added; none where the basket cannot be read."""
    try:
        drafts = scenario.basket
    except NotPacked:
        return []
    return [
        DraftShown(
            described(draft),
            _KINDS[draft["resourceType"]],
            scenario.with_basket([one for one in drafts if one is not draft]).query(),
        )
        for draft in drafts
    ]


_KINDS = {"MedicationRequest": "medication", "ServiceRequest": "test, procedure or referral"}


def examples_shown(patient: FixturePatient) -> list[ExampleShown]:
    """The orders to try for a patient."""
    return [
        ExampleShown(
            f"{example.order} + {example.second}" if example.second else example.order,
            example.shows,
            example_of(patient, example).query(),
        )
        for example in patient.examples
    ]


def patient_of(scenario: Scenario) -> FixturePatient | None:
    """The patient of ours that is chosen; None: one of a FHIR server, or nobody that there is."""
    return ward().patients.get(scenario.patient)


def _chart_resources(scenario: Scenario, called: list[Called]) -> list[Mapping[str, Any]]:
    """The chart: that of our patient, else what the server gave for the rules that were asked."""
    fixture = patient_of(scenario)
    if fixture is not None:
        return list(fixture.resources)
    found: dict[str, Mapping[str, Any]] = {}
    for one in called:
        answers = {} if one.review is None or one.review.collected is None else one.review.collected.answers
        for answer in answers.values():
            found.update((f"{r.get('resourceType')}/{r.get('id')}", r) for r in answer.resources)
    return list(found.values())


class ChartShown(NamedTuple):
    """The chart of the patient: who it is, records by kind, reasons that an order may have."""

    about: str
    kinds: dict[str, list[ChartLine]]
    reasons: list[tuple[str, str]]


def chart_shown(scenario: Scenario, called: list[Called], as_of: date) -> ChartShown:
    """The chart as the page shows it."""
    resources = _chart_resources(scenario, called)
    return ChartShown(about_patient(resources, as_of), chart_by_kind(resources), reasons_of(resources))


def link_of(scenario: Scenario, case: Case) -> str:
    """The part of the address that shows the same to anybody, on any day: with its day, and as nobody's session."""
    return scenario._replace(as_of=case.as_of.isoformat(), session="").query()


def _card(service: str, card: Mapping[str, Any]) -> CardShown:
    offers = tuple(
        Offer(one["label"], one["uuid"], one["isRecommended"], packed(one["actions"]))
        for one in card.get("suggestions", ())
    )
    return CardShown(service, card, card_html(card.get("detail", "")), offers)


def _not_asked(review: Review) -> str:
    if review.gaps is not None and review.gaps.unknown:
        return _NOT_KNOWN
    return "" if review.considered else _NOBODY_ASKED


def _pretty(body: Any) -> str:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _refusal(outcome: Mapping[str, Any]) -> str:
    issue = outcome["issue"][0]
    return " ".join(filter(None, (issue["details"]["text"], issue.get("diagnostics", ""))))
