"""A5: cards."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from cds_service.conformance.expect import cards_of, empties, expect, expect_only_extensions, expect_shape
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.samples import Sample, drafts
from cds_service.conformance.target import Target
from cds_service.hooks.wire import SUMMARY_LIMIT, UUID, Answer

GROUP = Group("A5", "Cards")

_DETAIL_LIMIT = 1200
_TOPIC_CODE = re.compile(r"[A-Za-z0-9]{1,100}")
_HTML = re.compile(r"(?<!\\)<[A-Za-z/!]")
_SCRIPT_LINK = re.compile(r"(?<!\\)\]\s*\(\s*javascript:", re.IGNORECASE)
_TABLE = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)
_URGENCY = {"critical": 0, "warning": 1, "info": 2}
_HOSTILE = "<img src=x onerror=alert(1)> [x](javascript:alert(1))"
_DISTINCT_WORD = 5  # letters


@GROUP.row("CRD-01", "G", "CH2#83; INF")
def summaries_are_short(target: Target) -> None:
    """Every summary is a non-empty text of at most 139 characters."""
    for answered, card in target.cards():
        expect_shape(answered.exchange, Answer, "cards.*.summary")
        expect(len(str(card.get("summary"))) <= SUMMARY_LIMIT, "a summary of 140 or more", answered.exchange)


@GROUP.row("CRD-02", "G", "CH2#88; INF")
def indicators_are_of_three(target: Target) -> None:
    """Every indicator is info, warning or critical."""
    _shape(target, "cards.*.indicator")


@GROUP.row("CRD-03", "G", "CH2#90,105")
def sources_have_labels(target: Target) -> None:
    """Every card has a source with a non-empty label."""
    _shape(target, "cards.*.source.label")
    for answered, card in target.cards():
        expect(isinstance(card.get("source"), dict), "a card without source", answered.exchange)


@GROUP.row("CRD-04", "G", "CH2#107-111")
def source_addresses_are_absolute(target: Target) -> None:
    """source.url and source.icon, if there, are absolute https addresses."""
    for answered, source in _sources(target):
        for name in ("url", "icon"):
            if name in source:
                expect(
                    str(source[name]).startswith("https://"), f"source.{name} is no https address", answered.exchange
                )
    _shape(target, "cards.*.source.url", "cards.*.source.icon")


@GROUP.row("CRD-05", "CRD", "INF; optional in CH2#115-116")
def topics_are_sent(target: Target) -> None:
    """source.topic is always there, with code and system."""
    for answered, source in _sources(target):
        expect("topic" in source, "a source without topic", answered.exchange)
    _shape(target, "cards.*.source.topic")


@GROUP.row("CRD-06", "V", "EPIC")
def topic_codes_are_alphanumeric(target: Target) -> None:
    """source.topic.code is alphanumeric, at most 100 characters."""
    for answered, source in _sources(target):
        topic = source.get("topic")
        if isinstance(topic, dict):
            code = str(topic.get("code", ""))
            expect(bool(_TOPIC_CODE.fullmatch(code)), "a topic code that is not alphanumeric", answered.exchange)


@GROUP.row("CRD-07", "G", "CH2#80; EPIC needs it for feedback", should=True)
def cards_have_uuids_of_their_own(target: Target) -> None:
    """Every card has a uuid, in the text form of RFC 4122, used once in all answers."""
    seen: set[str] = set()
    for answered, card in target.cards():
        uuid = str(card.get("uuid", ""))
        expect(bool(re.match(UUID, uuid)), "a card without a uuid", answered.exchange)
        expect(uuid not in seen, "a uuid used twice", answered.exchange)
        seen.add(uuid)


@GROUP.row("CRD-08", "G", "CH2#85; ARG R1")
def text_holds_nothing_that_runs(target: Target) -> None:
    """Card text is Markdown without HTML; text that came with the request is escaped."""
    for sample in {answered.sample.service: answered.sample for answered in target.with_cards}.values():
        request = copy.deepcopy(sample.request)
        for draft in drafts(request):
            _rename(draft.get("medicationCodeableConcept"))
            _rename(draft.get("code"))
        for answer in (target.call(sample), target.call(sample, request)):
            for card in cards_of(answer):
                for text in _texts(card):
                    expect(not _HTML.search(text), "HTML in card text", answer)
                    expect(not _SCRIPT_LINK.search(text), "a link that runs a script", answer)


@GROUP.row("CRD-09", "P", "CRD 235; CERN narrow panel")
def details_are_short(target: Target) -> None:
    """A detail has at most 1200 characters and no table."""
    for answered, card in target.cards():
        detail = str(card.get("detail", ""))
        expect(len(detail) <= _DETAIL_LIMIT, f"a detail of {len(detail)} characters", answered.exchange)
        expect(not _TABLE.search(detail), "a table in a detail", answered.exchange)


@GROUP.row("CRD-10", "CRD", "CRD 140")
def cards_name_the_order(target: Target) -> None:
    """With several orders in context, each card names the drug it is about."""
    tried = False
    for answered, card in target.cards():
        names = [name for draft in drafts(answered.sample.request) for name in _names(draft)]
        if len(drafts(answered.sample.request)) > 1 and names:
            tried = True
            said = " ".join(_texts(card)).lower()
            expect(any(name in said for name in names), "a card that names none of the orders", answered.exchange)
    if not tried:
        raise NotApplicable("no request with several orders brought a card")


@GROUP.row("CRD-11", "G", "CH2#3")
def nothing_is_empty(target: Target) -> None:
    """No null, empty text, empty list or empty object anywhere but cards itself."""
    for answered in target.answers:
        found = [place for place in empties(answered.exchange.json) if place != "cards"]
        expect(not found, f"empty: {', '.join(found)}", answered.exchange)


@GROUP.row("CRD-12", "CRD", "CRD 248-249; INF 3.7")
def both_plain_kinds_of_card_come(target: Target) -> None:
    """Some card has absolute links only (external reference), some neither links nor suggestions (instructions)."""
    cards = [card for _, card in target.cards()]
    linked = [card for card in cards if card.get("links")]
    expect(
        any(all(link.get("type") == "absolute" for link in c["links"]) for c in linked), "no external reference card"
    )
    expect(any(not card.get("links") and not card.get("suggestions") for card in cards), "no instructions card")


@GROUP.row("CRD-13", "G", "CH2#214")
def more_data_stands_in_extensions(target: Target) -> None:
    """Extra data stands only under extension, an object, with reverse-domain names."""
    for answered in target.answers:
        expect_only_extensions(answered.exchange, Answer)


@GROUP.row("CRD-14", "P", "CRD 237")
def the_most_urgent_comes_first(target: Target) -> None:
    """Cards come most urgent first, none of them twice."""
    for answered in target.with_cards:
        urgency = [_URGENCY.get(str(card.get("indicator")), 3) for card in answered.cards]
        expect(urgency == sorted(urgency), "a less urgent card before a more urgent one", answered.exchange)
        said = [(str(card.get("summary")), str(card.get("detail"))) for card in answered.cards]
        expect(len(set(said)) == len(said), "the same card twice", answered.exchange)


@GROUP.row("CRD-15", "P", "privacy")
def the_patient_is_not_named(target: Target) -> None:
    """Name, record number and birth date of the patient never stand in card text."""
    tried = False
    for answered, card in target.cards():
        secrets = list(_identifying(answered.sample))
        tried = tried or bool(secrets)
        said = " ".join(_texts(card))
        expect(not any(secret in said for secret in secrets), "the patient is named in card text", answered.exchange)
    if not tried:
        raise NotApplicable("the request brings no Patient in prefetch")


GROUP.elsewhere(
    "CRD-16", "P", "FDA criterion 4",
    "Each card states the patient facts used with dates, the rule in a sentence, its source, and what is unknown.",
    test="tests/cards/test_wording.py::test_a_detail_fits_without_losing_a_fact",
)  # fmt: skip


def _shape(target: Target, *places: str) -> None:
    for answered in target.with_cards:
        expect_shape(answered.exchange, Answer, *places)


def _sources(target: Target) -> Iterator[tuple[Any, dict[str, Any]]]:
    for answered, card in target.cards():
        if isinstance(card.get("source"), dict):
            yield answered, card["source"]


def _texts(card: dict[str, Any]) -> Iterator[str]:
    """All that a person reads of a card."""
    for name in ("summary", "detail"):
        yield str(card.get(name, ""))
    for suggestion in card.get("suggestions") or ():
        yield str(suggestion.get("label", ""))
        yield from (str(action.get("description", "")) for action in suggestion.get("actions") or ())
    for link in card.get("links") or ():
        yield str(link.get("label", ""))


def _rename(concept: Any) -> None:
    if isinstance(concept, dict):
        concept["text"] = f"{concept.get('text', '')} {_HOSTILE}".strip()
        for coding in concept.get("coding", ()):
            coding["display"] = f"{coding.get('display', '')} {_HOSTILE}".strip()


def _names(draft: dict[str, Any]) -> Iterator[str]:
    concept = draft.get("medicationCodeableConcept") or draft.get("code") or {}
    for text in (concept.get("text", ""), *(coding.get("display", "") for coding in concept.get("coding", ()))):
        yield from (word.lower() for word in re.findall(r"[^\W\d_]+", text) if len(word) >= _DISTINCT_WORD)


def _identifying(sample: Sample) -> Iterator[str]:
    for resource in sample.chart:
        if resource.get("resourceType") == "Patient":
            for name in resource.get("name", ()):
                yield from (part for part in (name.get("family", ""), *name.get("given", ())) if len(part) > 1)
            yield from (
                str(identifier["value"]) for identifier in resource.get("identifier", ()) if "value" in identifier
            )
            if "birthDate" in resource:
                yield str(resource["birthDate"])
