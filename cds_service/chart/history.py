"""What was done and given, and what was not tolerated: procedures, doses given, allergies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo
from typing import Any, NamedTuple

from cards.concepts import ValueSets
from cards.facts import Administration, Allergy, Procedure
from cds_service.chart.certainty import heard
from cds_service.chart.medications import read_drug
from cds_service.fhir.coding import as_dict, as_list, codings, plain, text_of
from cds_service.fhir.date import day_of
from cds_service.fhir.reference import Resolve
from cds_service.fhir.status import Standing, standing, status_in, status_word

SHOWN = 120  # characters of a name that are shown

_MOST = 50  # reactions of an allergy, and signs of a reaction, that are read

_KINDS = {
    "MedicationAdministration": "administration",
    "MedicationDispense": "dispense",
    "MedicationStatement": "statement",
    "MedicationUsage": "statement",  # its name in the ballots between R4 and R5
}
_OVER = ("inactive", "resolved")
_CLINICAL = ("active", *_OVER)
_MISTAKEN = ("refuted", "entered-in-error")
_VERIFICATION = ("confirmed", "presumed", "unconfirmed", *_MISTAKEN)
_RISKS = {"high": True, "crith": True, "low": False, "critl": False}  # DSTU2 codes beside those of R4

Resource = dict[str, Any]


class _Span(NamedTuple):
    start: date | None
    end: date | None


def _span(resource: Resource, names: Iterable[str], zone: tzinfo) -> _Span:
    """From when to when: the first of `nameDateTime`, `namePeriod`, `nameTiming`, `nameString` that holds a date."""
    for name in names:
        day = day_of(resource.get(f"{name}DateTime") or resource.get(f"{name}String"), zone)
        if day is not None:
            return _Span(day, day)
        period = as_dict(resource.get(f"{name}Period"))
        if period:
            return _Span(day_of(period.get("start"), zone), day_of(period.get("end"), zone))
        events = [day_of(event, zone) for event in as_list(as_dict(resource.get(f"{name}Timing")).get("event"))]
        days = sorted(day for day in events if day is not None)
        if days:
            return _Span(days[0], days[-1])
    return _Span(None, None)


# -- procedures ---------------------------------------------------------------------------------------------------


def read_procedure(procedure: Resource, *, value_sets: ValueSets, as_of: date, zone: tzinfo) -> Procedure | None:
    """One Procedure, dated by its last day; None when it was not done.

    `is_done` False: planned or suspended. One under way without an end is being done today.
    """
    stands = standing(procedure)
    if stands is Standing.IGNORED:
        return None
    code = procedure.get("code")
    found = codings(code)
    concepts = frozenset[str]().union(*(value_sets.coded(one.system, one.code) for one in found))
    text = text_of(code)
    by_text = not concepts
    if by_text:
        concepts = _named([text, *(one.display for one in found)], value_sets, ("proc",))
    span = _span(procedure, ("performed", "occurrence"), zone)  # R4, R5
    done_on = span.end or span.start
    if span.end is None and span.start is not None and status_word(procedure.get("status")) == "in-progress":
        done_on = max(span.start, as_of)  # chronic dialysis is one procedure under way for years
    return Procedure(
        concepts,
        plain(text, SHOWN),
        next((one.code for one in found if one.code), ""),
        done_on,
        stands is not Standing.PENDING,
        by_text and bool(concepts),
    )


def _named(texts: Iterable[str], value_sets: ValueSets, kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(value_sets.named(heard(text).text, kinds) for text in texts if text))


# -- doses given --------------------------------------------------------------------------------------------------


def read_administration(
    resource: Resource, *, value_sets: ValueSets, zone: tzinfo, resolve: Resolve
) -> Administration | None:
    """One MedicationAdministration, Dispense or Statement; None when nothing was given."""
    stands = standing(resource)
    if stands is Standing.IGNORED:
        return None
    kind = _KINDS.get(resource.get("resourceType", ""), "administration")
    span = _given(resource, kind, zone)
    return Administration(
        read_drug(resource, value_sets, resolve),
        kind,
        span.start or span.end,
        span.end,
        stands is Standing.PENDING,
    )


def _given(resource: Resource, kind: str, zone: tzinfo) -> _Span:
    if kind == "dispense":
        handed_over = resource.get("whenHandedOver") or resource.get("whenPrepared") or resource.get("recorded")
        day = day_of(handed_over, zone)
        return _Span(day, day)
    span = _span(resource, ("effective", "occurence", "occurrence"), zone)  # R5 was published with one "r"
    if span == (None, None) and kind == "statement":
        day = day_of(resource.get("dateAsserted"), zone)
        return _Span(day, None)
    return span


# -- allergies ----------------------------------------------------------------------------------------------------


def read_allergy(resource: Resource, *, value_sets: ValueSets, zone: tzinfo) -> Allergy | None:
    """One AllergyIntolerance; None when it was refuted or entered by mistake."""
    clinical = status_in(resource.get("clinicalStatus") or resource.get("status"), _CLINICAL)
    verification = status_in(resource.get("verificationStatus"), _VERIFICATION)
    if verification in _MISTAKEN or clinical in _MISTAKEN:
        return None
    reactions = [reaction for reaction in as_list(resource.get("reaction"))[:_MOST] if isinstance(reaction, dict)]
    substances = [resource.get("code") or resource.get("substance")]  # substance: DSTU2
    substances += [reaction.get("substance") for reaction in reactions]
    found = codings(substances)
    coded = frozenset[str]().union(*(value_sets.coded(one.system, one.code) for one in found))
    texts = [*map(text_of, substances), *(one.display for one in found)]
    names = coded | _named(texts, value_sets, ("allergy", "med"))
    of_drugs = _of_kind(names, "med", value_sets)
    criticality = resource.get("criticality")
    felt = tuple(_reactions(reactions, value_sets))
    shown = codings([as_list(reaction.get("manifestation")) for reaction in reactions])
    coded_reactions = frozenset[str]().union(*(value_sets.coded(one.system, one.code) for one in shown))
    words = [*felt, *(one.display for one in shown), *texts]  # "anaphylaxis to immunoglobulin" names both
    return Allergy(
        names - of_drugs,
        of_drugs,
        plain(text_of(substances[0]), SHOWN),
        next((one.code for one in found if one.code), ""),
        clinical not in _OVER,
        _RISKS.get(criticality.lower()) if isinstance(criticality, str) else None,
        felt,
        day_of(resource.get("recordedDate") or resource.get("assertedDate") or resource.get("onsetDateTime"), zone),
        _named(words, value_sets, ("reaction",)) | _of_kind(coded_reactions, "reaction", value_sets),
        bool(names) and not coded,
    )


def _of_kind(names: Iterable[str], kind: str, value_sets: ValueSets) -> frozenset[str]:
    return frozenset(name for name in names if kind in value_sets.concept(name).kinds)


def _reactions(reactions: Iterable[Resource], value_sets: ValueSets) -> Iterable[str]:
    for reaction in reactions:
        manifestations = as_list(reaction.get("manifestation"))[:_MOST]
        for manifestation in manifestations or [reaction.get("description")]:
            text = plain(text_of(manifestation) or _display(manifestation, value_sets), SHOWN)
            if text:
                yield text


def _display(manifestation: Any, value_sets: ValueSets) -> str:
    """The house's own words for a code that came without any; empty for a code that is none of ours."""
    rows = (
        value_sets.row(name, one.system, one.code)
        for one in codings(manifestation)
        for name in sorted(value_sets.coded(one.system, one.code))
    )
    return next((row.display for row in rows if row is not None), "")
