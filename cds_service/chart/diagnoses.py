"""Diagnoses: Conditions of the problem list and of encounters, and the reasons stated on orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple

from cards.coding_systems import words
from cards.concepts import ValueSets
from cards.facts import Diagnosis
from cds_service.chart.certainty import Certainty, heard
from cds_service.chart.onset import read_onset
from cds_service.fhir.coding import Coding, as_dict, as_list, codings, codings_and_text, plain, text_of
from cds_service.fhir.date import day_of
from cds_service.fhir.status import status_in, sureness_on_code

SHOWN = 120  # characters of a diagnosis that are shown

_ABATEMENT = frozenset(
    f"abatement{kind}"
    for kind in ("DateTime", "Period", "Boolean", "Age", "Range", "String")  # boolean: STU3
)
_CURRENT = ("active", "recurrence", "relapse")
_BACK = ("recurrence", "relapse")
_OVER = ("inactive", "remission", "resolved")
_CLINICAL = (*_CURRENT, *_OVER)
_SUSPECTED = ("provisional", "differential", "unconfirmed")
_MISTAKEN = ("refuted", "entered-in-error")
_VERIFICATION = ("confirmed", *_SUSPECTED, *_MISTAKEN)

_ICD = ("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10")
_IN_REMISSION = "remission_by_code"
_SEVERITY = "severity"
_HIGHEST_GRADE = 4  # of a living patient; the value set ranks "fatal" above it
_KINDS = ("cond", "phenotype", "book")
_COURSE = ("course",)
_NONE: frozenset[str] = frozenset()
_ASSERTED = "http://hl7.org/fhir/StructureDefinition/condition-assertedDate"

Resource = dict[str, Any]


def read_problems(
    conditions: Iterable[Resource], *, value_sets: ValueSets, as_of: date, zone: tzinfo, born: date | None = None
) -> list[Diagnosis]:
    """The Conditions that a value set knows; most of a problem list is about something else.

    `born`: the patient's birthday, from which an onset is counted that is given as an age.
    """
    found = []
    for condition in conditions:
        named = _name(*codings_and_text(condition.get("code")), value_sets)
        if named.concepts:
            diagnosis = _diagnosis(condition, named, value_sets, as_of, zone, born)
            if diagnosis is not None:
                found.append(diagnosis)
    return found


def read_diagnosis(condition: Resource, *, value_sets: ValueSets, as_of: date, zone: tzinfo) -> Diagnosis | None:
    """One Condition; None when it is refuted or was entered by mistake."""
    named = _name(*codings_and_text(condition.get("code")), value_sets)
    return _diagnosis(condition, named, value_sets, as_of, zone, None)


def _diagnosis(
    condition: Resource, named: _Named, value_sets: ValueSets, as_of: date, zone: tzinfo, born: date | None
) -> Diagnosis | None:
    clinical = status_in(condition.get("clinicalStatus"), _CLINICAL)
    verification = status_in(condition.get("verificationStatus"), _VERIFICATION)
    statuses = {verification, clinical, *sureness_on_code(condition.get("code"))}  # DSTU2 had one status only
    if not statuses.isdisjoint(_MISTAKEN):
        return None
    recorded_on = day_of(_recorded(condition), zone)
    onset_on, has_unread_onset = read_onset(condition, recorded_on=recorded_on, born=born, as_of=as_of, zone=zone)
    is_over, ended_on = _end(condition, as_of, zone)
    return Diagnosis(
        named.concepts,
        named.code,
        named.display,
        not (
            not statuses.isdisjoint(_OVER)
            or (is_over and clinical not in _BACK)
            or _IN_REMISSION in named.concepts
            or named.certainty is Certainty.HISTORY
        ),
        not statuses.isdisjoint(_SUSPECTED) or named.certainty is Certainty.SUSPECTED,
        clinical,
        onset_on,
        recorded_on,
        ended_on,
        _grade(condition["severity"], value_sets) if "severity" in condition else None,
        named.by_text,
        has_unread_onset=has_unread_onset,
    )


def _recorded(condition: Resource) -> Any:
    """When it was recorded: R4, STU3, DSTU2, and the extension that took the place of STU3's element."""
    stated = condition.get("recordedDate") or condition.get("assertedDate") or condition.get("dateRecorded")
    if stated or "extension" not in condition:
        return stated
    extensions = (as_dict(entry) for entry in as_list(condition["extension"]))
    return next((entry.get("valueDateTime") for entry in extensions if entry.get("url") == _ASSERTED), None)


def read_reason(concept: Any, value_sets: ValueSets) -> Diagnosis | None:
    """A reason stated on an order (reasonCode, R5 reason.concept); None when it says nothing."""
    named = _name(*codings_and_text(concept), value_sets)
    if not named.code and not named.display:
        return None
    return Diagnosis(
        named.concepts,
        named.code,
        named.display,
        named.certainty is not Certainty.HISTORY,
        named.certainty is Certainty.SUSPECTED,
        by_text=named.by_text,
        is_stated_reason=True,
    )


def _end(condition: Resource, as_of: date, zone: tzinfo) -> tuple[bool, date | None]:
    """(is it over, since when). An age, a range or words say that it is over, not when."""
    if _ABATEMENT.isdisjoint(condition):
        return False, None
    text = condition.get("abatementDateTime")
    if text is None:
        period = condition.get("abatementPeriod")
        text = as_dict(period).get("end") or as_dict(period).get("start")
    if text is not None:
        ended_on = day_of(text, zone)
        return ended_on is None or ended_on <= as_of, ended_on
    is_over = condition.get("abatementBoolean") is True or any(
        condition.get(name) for name in ("abatementAge", "abatementRange", "abatementString")
    )
    return is_over, day_of(condition.get("abatementString"), zone)


# -- what it is ---------------------------------------------------------------------------------------------------


class _Named(NamedTuple):
    """What codes and words name."""

    concepts: frozenset[str]
    code: str
    display: str
    by_text: bool
    certainty: Certainty


class _Coded(NamedTuple):
    """What one code means. `shown`: an ICD-10 code in capitals and with its dot."""

    concepts: frozenset[str]
    shown: str
    is_icd: bool


@lru_cache(maxsize=4_096)  # bounded, because codes and words come from outside
def _name(found: tuple[Coding, ...], text: str, value_sets: ValueSets) -> _Named:
    """What a concept names: by its codes, and by words that a value set lists beside them (book 1.9)."""
    coded = [_coded(one, value_sets) for one in found if one.code]
    concepts = _NONE.union(*(one.concepts for one in coded))
    spoken, certainty = heard(text)
    said = (spoken, *{heard(one.display).text for one in found if one.display and one.display != text})
    by_words = _NONE.union(*(value_sets.named(words, _KINDS) for words in said if words))
    course = _NONE.union(*(value_sets.named(words, _COURSE) for words in said if words))
    shown, display = _shown(coded), plain(text, SHOWN)
    if concepts:  # words may add to a code, they do not weaken it
        more = by_words if certainty is Certainty.STATED else _NONE
        return _Named(concepts | more | course, shown, display, False, Certainty.STATED)
    by_text = bool(by_words)
    return _Named(by_words | course, shown, display, by_text, certainty if by_text else Certainty.STATED)


def _coded(coding: Coding, value_sets: ValueSets) -> _Coded:
    system, code, _ = coding
    is_icd = value_sets.system_uri(system) in _ICD
    shown = code.upper() if is_icd else code  # "e11.42" and "E1142" were seen
    if is_icd and "." not in code and len(code) > 3:
        shown = f"{shown[:3]}.{shown[3:]}"
    return _Coded(value_sets.coded(system, code), shown, is_icd)


def _shown(coded: list[_Coded]) -> str:
    """The code that people know: ICD-10 before others, one that means something before one that does not."""
    return max(coded, key=lambda one: (bool(one.concepts), one.is_icd)).shown if coded else ""


def _grade(severity: Any, value_sets: ValueSets) -> int | None:
    """1 to 4 for mild, moderate, severe and life-threatening; None when not stated."""
    if not severity:
        return None
    for system, code, _ in codings(severity):
        row = value_sets.row(_SEVERITY, system, code)
        if row is not None:
            rank = int(row.hints["rank"])
            return rank if rank <= _HIGHEST_GRADE else None
    first, *_ = words(text_of(severity)) or ("",)
    return _severity_words(value_sets).get(first)


@lru_cache(maxsize=8)
def _severity_words(value_sets: ValueSets) -> dict[str, int]:
    rows = (row for rows in value_sets.concept(_SEVERITY).codes.values() for row in rows)
    ranks = {words(row.display)[0]: int(row.hints["rank"]) for row in rows}
    return {word: rank for word, rank in ranks.items() if rank <= _HIGHEST_GRADE}
