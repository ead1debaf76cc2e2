"""What do the dosage instructions of an order say? One `Dosage` for each line, nothing added up, nothing corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from cds_service.fhir.coding import LONGEST_TEXT, as_dict, as_list, codings, text_of
from cds_service.fhir.quantity import Quantity, read_quantity
from cds_service.fhir.route import read_route, route_in
from cds_service.fhir.sig import Sig, read_sig
from cds_service.fhir.timing import MODIFIED, Schedule, TimingReading, days_in, read_timing
from cds_service.fhir.timing_code import AS_NEEDED

_AFTER_DIALYSIS = re.compile(
    r"""
    (?:\b(?:after|following)\ | \bat\ (?=(?:the\ )?end\ ) | \bpost[ -]?)
    (?:
      (?:each|every|the|a|your|of|completion|end|session|treatment|intermittent|(?:\d|four)(?:[ -]?h(?:ou)?rs?|[ -]?h)?)
      [ -]
    ){0,6}
    (?:(?:ha?emo-?)?dialysis|i?HD)\b
    | \bdialysis\b[^.;]{0,40}\bafter\ (?:the|each|every)\ (?:session|treatment)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NOT = re.compile(r"\b(?:not|never)(?: \w+)?\s*$", re.IGNORECASE)
_PREFERRED_TYPES = ("ordered", "calculated")
_SAME = 0.01  # administrations per day
_MOST_LINES = 100
_MOST_DOSES = 20  # of one line


class Dose(NamedTuple):
    """One administration, `low` to `high` in `unit` as sent. `words`: the unit in words beside a code."""

    low: float
    high: float
    unit: str
    words: str = ""


class Limit(NamedTuple):
    """The most that may be given in a number of days."""

    most: float
    unit: str
    days: float


class Dosage(NamedTuple):
    """One dose line. `from_text`: dose or timing come from a free-text sig. `route` in words (`fhir/route.py`).

    `said`: the dose by the text beside another one in structure, for comparison. `calculated`: what a dose by body size
    comes to, by the sender. `unreadable` says why something that is there could not be understood;
    `only_timing_unreadable`: not for the dose.
    """

    sequence: int | None = None
    text: str = ""
    patient_instruction: str = ""
    dose: Dose | None = None
    schedule: Schedule | None = None
    as_needed: bool = False
    limit: Limit | None = None
    after_dialysis: bool = False
    from_text: bool = False
    unreadable: str = ""
    route: str = ""
    only_timing_unreadable: bool = False
    said: Dose | None = None
    calculated: Dose | None = None


def dosages(resource: Mapping[str, Any], zone: tzinfo) -> tuple[Dosage, ...]:
    """The dose lines of a MedicationRequest, in the order sent."""
    lines = as_list(resource.get("dosageInstruction"))
    if not lines and resource.get("renderedDosageInstruction"):  # R5: the whole in words
        lines = [resource["renderedDosageInstruction"]]
    if len(lines) > _MOST_LINES:  # part of them would be another order
        return (Dosage(unreadable="more dose lines than are read"),)
    readings = [_dosage(line, zone) for line in lines]
    if resource.get("modifierExtension"):  # of the whole: a stop, another meaning of the doses
        readings = [(dosage._replace(unreadable=MODIFIED, only_timing_unreadable=False), _) for dosage, _ in readings]
    if len(readings) > 1:
        # Whether lines add up or follow one another depends on their bounds; a single line can do without.
        return tuple(_needing_bounds(dosage, timing) for dosage, timing in readings)
    return tuple([dosage for dosage, _ in readings])


def _needing_bounds(dosage: Dosage, timing: TimingReading) -> Dosage:
    if timing.no_bounds and not dosage.unreadable:
        return dosage._replace(unreadable="the duration of a line is not understood")
    return dosage


def _dosage(line: Any, zone: tzinfo) -> tuple[Dosage, TimingReading]:
    if isinstance(line, str):  # the sig alone, where FHIR has an object
        line = {"text": line}
    if not isinstance(line, dict):
        return Dosage(unreadable="a dosage instruction is not understood"), TimingReading()
    text, instruction = _words(line.get("text")), _words(line.get("patientInstruction"))
    timing = read_timing(line.get("timing"), zone)
    dose, wrong_dose = _dose(line)
    remarks = f"{text} {instruction} {_additional(line)}"[:LONGEST_TEXT].strip()
    sequence = line.get("sequence")
    dosage = Dosage(
        sequence=sequence if isinstance(sequence, int) and not isinstance(sequence, bool) else None,
        text=text,
        patient_instruction=instruction,
        dose=dose,
        schedule=timing.schedule,
        as_needed=_is_as_needed(line, timing, remarks),
        limit=_limit(line["maxDosePerPeriod"]) if "maxDosePerPeriod" in line else None,
        after_dialysis=_is_after_dialysis(line, timing, remarks),
        unreadable=MODIFIED if line.get("modifierExtension") else "",
        route=(read_route(line["route"]) if "route" in line else "") or route_in(text or instruction),
        calculated=_calculated(line, dose) if dose is not None and _is_by_size(dose) else None,
    )
    if dosage.unreadable:
        return dosage, timing
    how_often = _says_how_often(timing.schedule, text or instruction)
    if (dose is not None or wrong_dose) and how_often:
        return _with_doubt(dosage, wrong_dose, timing.unreadable), timing
    sig = read_sig(text or instruction)
    if sig is None or wrong_dose or (how_often and timing.unreadable):  # words do not mend a timing that is there
        return _with_doubt(dosage, wrong_dose, timing.unreadable or _not_read(dosage, how_often)), timing
    return _completed(dosage, sig, how_often), timing


def _says_how_often(schedule: Schedule | None, words: str) -> bool:
    """Does the structure say how often? A day alone does, unless the words say that it is the first of many."""
    if schedule is None or not schedule.is_a_day_alone:
        return schedule is not None and schedule.says_how_often
    sig = read_sig(words)
    return sig is None or sig.schedule.once_by_code


def _with_doubt(dosage: Dosage, wrong_dose: str, wrong_timing: str) -> Dosage:
    if not (wrong_dose or wrong_timing):
        return dosage
    is_clear = dosage.dose is not None and not wrong_dose
    return dosage._replace(unreadable=wrong_dose or wrong_timing, only_timing_unreadable=is_clear)


def _not_read(dosage: Dosage, how_often: bool) -> str:
    """Why a line without structured dose and timing is unreadable; empty when it simply says nothing."""
    if dosage.dose is None and not how_often and (dosage.text or dosage.patient_instruction):
        return "the instructions are free text that is not understood"
    return ""


def _completed(dosage: Dosage, sig: Sig, how_often: bool) -> Dosage:
    """The line with what only its text says; where both say something and differ, it is unreadable."""
    own = dosage.schedule or Schedule()
    if how_often and _differ(own.per_day, sig.schedule.per_day):
        return _with_doubt(dosage, "", "the text and the timing disagree")
    said = sig.schedule
    schedule = (
        own
        if how_often
        else own._replace(
            frequency=said.frequency,
            period=said.period,
            period_unit=said.period_unit,
            when=said.when,
            total=said.total if own.total is None else own.total,
            once_by_code=said.once_by_code,
            lasts_days=said.lasts_days if own.lasts_days is None else own.lasts_days,
        )
    )
    in_words = Dose(sig.low, sig.high, sig.unit)
    return dosage._replace(
        dose=dosage.dose or in_words,
        said=None if dosage.dose is None else in_words,
        schedule=schedule,
        from_text=True,
    )


def _differ(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) > _SAME


# -- dose -------------------------------------------------------------------------------------------------------------


def _dose(line: Mapping[str, Any]) -> tuple[Dose | None, str]:
    """(dose per administration, why it cannot be read)."""
    entries = as_list(line.get("doseAndRate"))
    if len(entries) == 1 and isinstance(entries[0], dict) and entries[0].get("doseQuantity"):  # nearly always
        return _dose_from(read_quantity(entries[0]["doseQuantity"]))
    if len(entries) > _MOST_DOSES:
        return None, "more doses than are read"
    stated: list[Mapping[str, Any]] = [entry for entry in entries if isinstance(entry, dict) and _has_dose(entry)]
    if not stated and _has_dose(line):  # STU3: on the line itself
        stated = [line]
    readings = [_dose_of(entry) for entry in _preferred(stated)]
    wrong = next((why for _, why in readings if why), "")
    dose = _agreed(dose for dose, _ in readings if dose is not None)
    if dose is None and len(readings) > 1 and not wrong:
        return None, "several doses that differ"
    return (None, wrong) if wrong else (dose, "")


def _calculated(line: Mapping[str, Any], ordered: Dose) -> Dose | None:
    """What a dose by body size comes to, as the sender states beside it; None when it is not stated, or not clearly."""
    entries = [entry for entry in as_list(line.get("doseAndRate")) if isinstance(entry, dict) and _has_dose(entry)]
    stated = [entry for entry in entries if (dose := _dose_of(entry)[0]) is not None and not _is_by_size(dose)]
    return _agreed(dose for entry in _preferred(stated) if (dose := _dose_of(entry)[0]) is not None)


def _agreed(doses: Iterable[Dose]) -> Dose | None:
    """The one dose that all of these are, whatever their units are called; None when they differ."""
    found = {dose[:3]: dose for dose in doses}
    return found.popitem()[1] if len(found) == 1 else None


def _is_by_size(dose: Dose) -> bool:
    return dose.unit.endswith(("/kg", "/m2"))


def _has_dose(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("doseQuantity") or entry.get("doseRange"))


def _preferred(entries: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Of several doses (calculated, admin-amount, ordered) the one that was ordered; they are never added up."""
    if len(entries) < 2:
        return entries
    types = [{text_of(e.get("type")).lower(), *(c.code.lower() for c in codings(e.get("type")))} for e in entries]
    for preferred in _PREFERRED_TYPES:
        if found := [entry for entry, names in zip(entries, types, strict=True) if preferred in names]:
            return found
    return entries


def _dose_of(entry: Mapping[str, Any]) -> tuple[Dose | None, str]:
    if entry.get("doseQuantity"):
        return _dose_from(read_quantity(entry["doseQuantity"]))
    limits = as_dict(entry.get("doseRange"))
    low, high = read_quantity(limits.get("low")), read_quantity(limits.get("high"))
    if high is None:
        return None, "a dose range without an upper end"
    dose, why = _dose_from(high)
    if dose is None or low is None:  # "up to" the upper end
        return dose, why
    least, why = _dose_from(low)
    if least is None:
        return None, why
    if (low.unit and low.unit != high.unit) or least.low > dose.high:
        return None, "a dose range that is not understood"
    return dose._replace(low=least.low), ""


def _dose_from(quantity: Quantity | None) -> tuple[Dose | None, str]:
    if quantity is None or quantity.value is None:
        return None, "a dose without a number"
    if quantity.comparator:
        return None, "a dose with a comparator"
    return Dose(quantity.value, quantity.value, quantity.unit, quantity.words), ""


def _limit(value: Any) -> Limit | None:
    """maxDosePerPeriod; of several (R5) the one over the shortest time, and of those the least."""
    if not value:
        return None
    limits = []
    for ratio in as_list(value):
        most, days = read_quantity(as_dict(ratio).get("numerator")), days_in(as_dict(ratio).get("denominator"))
        if most is not None and most.value is not None and days is not None and days > 0:
            limits.append(Limit(most.value, most.unit, days))
    return min(limits, key=lambda limit: (limit.days, limit.most), default=None)


# -- conditions of giving ---------------------------------------------------------------------------------------------


def _is_as_needed(line: Mapping[str, Any], timing: TimingReading, remarks: str) -> bool:
    stated = line.get("asNeededBoolean", line.get("asNeeded"))  # R5: asNeeded
    if stated is True or line.get("asNeededCodeableConcept") or line.get("asNeededFor"):
        return True
    if isinstance(stated, dict):  # the concept under a shortened name
        return True
    # An order that says neither leaves it to the words.
    return stated is None and (timing.as_needed or AS_NEEDED.search(remarks) is not None)


def _is_after_dialysis(line: Mapping[str, Any], timing: TimingReading, remarks: str) -> bool:
    if remarks and _says_after_dialysis(remarks):
        return True
    condition = line.get("asNeededCodeableConcept") or line.get("asNeededFor")
    if condition and _says_after_dialysis(text_of(condition)):
        return True
    return timing.schedule is not None and _says_after_dialysis(timing.schedule.code)


def _says_after_dialysis(words: str) -> bool:
    return any(not _NOT.search(words, 0, found.start()) for found in _AFTER_DIALYSIS.finditer(words))


def _additional(line: Mapping[str, Any]) -> str:
    additional = line.get("additionalInstruction") or line.get("additionalInstructions")  # DSTU2: one letter more
    return text_of(additional) if additional else ""


def _words(value: Any) -> str:
    return value[:LONGEST_TEXT].strip() if isinstance(value, str) else ""
