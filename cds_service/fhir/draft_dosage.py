"""A copy of a draft order with other dose lines; what does not contradict them stays as the sender wrote it.

The draft keeps its shape: STU3 `doseQuantity` on the line or R4 `doseAndRate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any, NamedTuple

from cds_service.fhir.coding import as_dict, as_list, text_of
from cds_service.fhir.draft_order import ProductChange, Resource, with_product
from cds_service.fhir.quantity import ucum_quantity
from cds_service.fhir.timing import Schedule, read_timing

_RENDERED = "renderedDosageInstruction"  # R5: all dose lines in words
# Words about how much and when: an instruction that has one may contradict a new dose line.
_ON_DOSING = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|half|once|twice|thrice|times?|each|every|daily|days?|hours?|hourly|weeks?|weekly"
    r"|months?|mornings?|noon|midday|afternoons?|evenings?|nights?|nightly|bedtime|breakfast|lunch|dinner|supper|meals?"
    r"|tablets?|capsules?|tabs?|caps?|doses?|mg|ml|increase|decrease|reduce|titrate|taper|then|needed|prn|after|before"
    r"|bid|tid|qid|qd|hs|am|pm)\b",
    re.IGNORECASE,
)
_ROUTE = ("route", "site", "method")
_ABOUT_THE_DOSE = (  # members of a dose line that may contradict another dose; what is still true is put back
    "patientInstruction", "additionalInstruction", "maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime",
)  # fmt: skip
_HOW_LONG_IT_TAKES: tuple[str, ...] = ("duration", "durationMax", "durationUnit")
_TIMES = ("timeOfDay", "when", "offset")
_LENGTH = frozenset({"boundsDuration", "boundsRange", "boundsPeriod"})
_SAID = {
    "instructions": frozenset({"patientInstruction", "additionalInstruction"}),
    "a maximum dose": frozenset(_ABOUT_THE_DOSE[2:]),
}
_SAID_OF_WHEN = {
    "times of day": frozenset({"timeOfDay", "when"}),
    "days of the week": frozenset({"dayOfWeek"}),
    "a number of doses": frozenset({"count", "countMax"}),
    "how long": _LENGTH,
}


class DoseLineChange(NamedTuple):
    """One new dose line: `value` of `unit` (UCUM `code`; None: the unit of the draft's own count), times a day."""

    text: str
    value: float
    unit: str
    code: str | None
    per_day: int
    days: int | None = None
    when: str | None = None
    times_of_day: tuple[str, ...] = ()


def with_dosage(draft: Resource, lines: Sequence[DoseLineChange], product: ProductChange | None) -> Resource:
    """The draft with these dose lines instead of its own, and with another product if one is given.

    One line in the place of one keeps all that does not contradict the new dose; `left_out` says what goes.
    """
    own = _lines(draft)
    if len(lines) == 1:
        new = [_one_line(lines[0], own)]
    else:
        first: Mapping[str, Any] = own[0] if own else {}
        new = [_dosage(line, sequence, first) for sequence, line in enumerate(lines, start=1)]
    changed = _with_lines(draft, new)
    return changed if product is None else with_product(changed, product.concept)


def left_out(draft: Resource, changed: Resource, *, is_new_schedule: bool = False) -> tuple[str, ...]:
    """What the dose lines of a draft say and those of the changed one do not, in words; a new schedule says when."""
    before, after = _places(draft), _places(changed)
    said = _SAID if is_new_schedule else _SAID | _SAID_OF_WHEN
    return tuple([words for words, names in said.items() if _has_lost(before, after, names)])


def with_dose(draft: Resource, value: float, unit: str, text: str) -> Resource:
    """The draft with this dose (`unit` in UCUM) and this text on its first dose line, timing and all else kept."""
    line, *rest = [dict(line) for line in _lines(draft)] or [{}]
    _set_dose(line, ucum_quantity(value, unit), line)
    if text:
        line["text"] = text
    return _with_lines(draft, [line, *rest])


def with_timing(
    draft: Resource, repeat: Mapping[str, Any], text: str, dose: Mapping[str, Any] | None = None
) -> Resource:
    """The draft with this timing on its first dose line, and this dose if one is given.

    Its first day and how long an infusion takes are kept; instructions that contradicted it are dropped.
    """
    lines = [dict(line) for line in _lines(draft)] or [{}]
    own = as_dict(as_dict(lines[0].get("timing")).get("repeat"))
    lines[0] = {
        **{key: value for key, value in lines[0].items() if key != "patientInstruction"},
        "text": text,
        "timing": {"repeat": _from_first_day(repeat, own) | _how_long(own)},
    }
    if dose is not None:
        _set_dose(lines[0], dict(dose), lines[0])
    return _with_lines(draft, lines)


def _with_lines(draft: Resource, lines: list[Resource]) -> Resource:
    """The draft with these dose lines; in words of the sender it would go on saying the old ones."""
    return {**{name: value for name, value in draft.items() if name != _RENDERED}, "dosageInstruction": lines}


def _from_first_day(repeat: Mapping[str, Any], own: Mapping[str, Any]) -> Resource:
    """The new timing from the first day that the draft names; so many days are then a period."""
    start, days = as_dict(own.get("boundsPeriod")).get("start"), as_dict(repeat.get("boundsDuration")).get("value")
    if not isinstance(start, str) or not isinstance(days, int):
        return dict(repeat)
    try:
        end = date.fromisoformat(start[:10]) + timedelta(days=days - 1)
    except (ValueError, OverflowError):  # a month or a year alone is no first day
        return dict(repeat)
    rest = {key: value for key, value in repeat.items() if key != "boundsDuration"}
    return {"boundsPeriod": {"start": start, "end": end.isoformat()}, **rest}


def _how_long(own: Mapping[str, Any]) -> Resource:
    """How many hours or minutes one infusion takes, where the draft says so; days are another schedule."""
    length, unit = own.get("duration"), own.get("durationUnit")
    if length is None or unit not in ("h", "min") or (isinstance(length, int) and length <= 0):
        return {}
    return {"duration": length, "durationUnit": unit}  # a number with decimals is sent back unread


def _set_dose(line: Resource, dose: Resource, own: Mapping[str, Any]) -> None:
    """Another dose in the place of the one that is there, where `own` has it; a rate beside it stays."""
    if "doseQuantity" in own or "doseRange" in own:  # STU3 has the dose on the line itself
        line.pop("doseRange", None)
        line["doseQuantity"] = dose
        return
    way = {name: kept for name, kept in as_dict(line.get("doseAndRate")).items() if name != "doseRange"}
    line["doseAndRate"] = [{**way, "doseQuantity": dose}]


def _lines(draft: Resource) -> list[Resource]:
    return [line for line in as_list(draft.get("dosageInstruction")) if isinstance(line, dict)]


def _one_line(line: DoseLineChange, own: Sequence[Resource]) -> Resource:
    """One dose line in the place of all that there are."""
    first: Mapping[str, Any] = own[0] if own else {}
    dosage: Resource = {name: first[name] for name in first if len(own) == 1 or name in _ROUTE}
    for name in _ABOUT_THE_DOSE:
        dosage.pop(name, None)
    dosage.update(_still_true(first))
    repeat = as_dict(as_dict(first.get("timing")).get("repeat"))
    bounds = _bounds(repeat)
    if any(_bounds(as_dict(as_dict(other.get("timing")).get("repeat"))) != bounds for other in own):
        bounds = {}  # phases, each with a length of its own
    end = as_dict(bounds.get("boundsPeriod")).get("end")
    dosage["text"] = f"{line.text} until {end[:10]}" if isinstance(end, str) else line.text
    dosage["timing"] = _timing(line, as_dict(first.get("timing")), bounds, keeps=len(own) == 1)
    if len(as_list(dosage.get("doseAndRate"))) > 1:  # one dose in several ways (Epic: ordered, calculated …)
        del dosage["doseAndRate"]
    _set_dose(dosage, _quantity(line, first), first)
    return dosage


def _timing(line: DoseLineChange, own: Mapping[str, Any], bounds: Mapping[str, Any], *, keeps: bool) -> Resource:
    """When the line is given: within the bounds of the draft, and at its times where it is given as often."""
    repeat = as_dict(own.get("repeat"))
    new = _repeat(line)
    if line.days is None or bounds.keys() & {"boundsDuration", "boundsRange"} or _has_end(bounds):
        new = {**bounds, **{name: value for name, value in new.items() if name != "boundsDuration"}}
    else:
        new = _from_first_day(new, repeat)
    if not keeps:
        return {"repeat": new}
    timing = {name: value for name, value in own.items() if name not in ("repeat", "code", "event")}
    kept = _HOW_LONG_IT_TAKES
    if _is_as_often(own, line):
        kept = (*kept, *_TIMES)
        timing |= {"code": own["code"]} if "code" in own else {}
    return {**timing, "repeat": {**{name: repeat[name] for name in kept if name in repeat}, **new}}


def _bounds(repeat: Mapping[str, Any]) -> Resource:
    return {name: repeat[name] for name in ("boundsDuration", "boundsRange", "boundsPeriod") if name in repeat}


def _has_end(bounds: Mapping[str, Any]) -> bool:
    return "end" in as_dict(bounds.get("boundsPeriod"))


def _is_as_often(own: Mapping[str, Any], line: DoseLineChange) -> bool:
    """Is the line given as many times a day as the draft's timing says, at no other times of its own?"""
    schedule = read_timing(own, UTC).schedule or Schedule()
    is_exact = schedule.frequency_max is None and schedule.period_max is None
    return schedule.per_day == line.per_day and is_exact and not (line.when or line.times_of_day)


def _dosage(line: DoseLineChange, sequence: int, own: Mapping[str, Any]) -> Resource:
    """One of several new dose lines; `own` is the first of the draft."""
    repeat = _repeat(line)
    if sequence == 1:
        repeat = _from_first_day(repeat, as_dict(as_dict(own.get("timing")).get("repeat")))
    dosage: Resource = {"sequence": sequence, "text": line.text, "timing": {"repeat": repeat}}
    dosage |= {name: own[name] for name in _ROUTE if name in own}
    dosage.update(_still_true(own))
    _set_dose(dosage, _quantity(line, own), own)
    return dosage


def _repeat(line: DoseLineChange) -> Resource:
    repeat: Resource = {"frequency": line.per_day, "period": 1, "periodUnit": "d"}
    if line.days is not None:
        repeat["boundsDuration"] = ucum_quantity(line.days, "d")
    if line.when is not None:
        repeat["when"] = [line.when]
    if line.times_of_day:
        repeat["timeOfDay"] = [f"{hour}:00" for hour in line.times_of_day]  # FHIR writes the seconds
    return repeat


def _places(draft: Resource) -> list[Mapping[str, Any]]:
    """The dose lines of a draft and their repeats: where they may say something."""
    return [place for line in _lines(draft) for place in (line, as_dict(as_dict(line.get("timing")).get("repeat")))]


def _has_lost(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], names: frozenset[str]) -> bool:
    """Do the places before say something under these names that those after do not? A length may be said otherwise."""
    said = _said(before, names)
    if not said:
        return False
    still = _said(after, names)
    return not still if names is _LENGTH else any(value not in still for value in said)


def _said(places: Sequence[Mapping[str, Any]], names: frozenset[str]) -> list[Any]:
    return [value for place in places for name in names & place.keys() for value in as_list(place[name])]


def _still_true(own: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Instructions that say neither how much nor when ("with food"): true beside another dose too."""
    kept = [one for one in as_list(own.get("additionalInstruction")) if _is_apart_from_dosing(text_of(one))]
    if kept:
        yield "additionalInstruction", kept
    said = own.get("patientInstruction")
    if isinstance(said, str) and _is_apart_from_dosing(said):
        yield "patientInstruction", said


def _is_apart_from_dosing(words: str) -> bool:
    return bool(words.strip()) and not _ON_DOSING.search(words)


def _quantity(line: DoseLineChange, own: Mapping[str, Any]) -> Resource:
    new = ucum_quantity(line.value, line.unit, line.code or "")
    if line.code is not None:
        return new
    counted = own.get("doseQuantity") or as_dict(own.get("doseAndRate")).get("doseQuantity")
    if not isinstance(counted, dict):
        counted = {"unit": line.unit}
    return {**{key: counted[key] for key in ("unit", "system", "code") if key in counted}, "value": new["value"]}
