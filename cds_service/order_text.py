"""An order in one line, as a person types it, as a drafted MedicationRequest.

    pregabalin 75 mg capsule, 1 capsule twice daily, 30-day supply, 5 refills, because E11.42
    gabapentin 100 mg at bedtime for 7 days, then 300 mg three times daily
    IVIG 0.4 g/kg IV daily for 5 days

The grammar is strict: what it does not know is an error that says what it knows, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from cards.concepts import ValueSets
from cds_service.fhir.quantity import AMBIGUOUS_NUMBER, UCUM, ucum_quantity
from cds_service.fhir.timing import UNITS_OF_TIME
from cds_service.order_product import medication

_SHOWN = 80  # characters of what was not understood
_LONG_NUMBER = re.compile(r"\d{9,}")
_BECAUSE = re.compile(r"\bbecause\b", re.IGNORECASE)  # a code follows, which may be long

UNDERSTOOD = """write '<drug> <dose> [<route>] <timing>[, …]' or '<product>, <count> <timing>[, …]', such as
  <drug> 75 mg twice daily, 60-day supply, no refills, because E11.42
  <drug> 75 mg capsule, 1 capsule every 12 hours
dose:   75 mg · 50-75 mg · 1 capsule · 2 tablets · 5 mL · 0.4 g/kg · 375 mg/m2 · 300 mg/d
        (numbers as 1200 or 0.5: no comma, no space, no fraction)
route:  by mouth, oral, PO · IV · SC · IM · topical
timing: once (one single dose) · once daily · twice daily · three times a day · every 8 hours · every other day ·
        once weekly · every 4 weeks · 2 times a week · in the morning · at bedtime ·
        daily, BID, TID, QID, QHS, q8h, q3w
then:   for 5 days, x 5 days · for 2 doses, x 2 · over 4 hours, over 5 days · after <words> · with <words> ·
        as needed [for <words>], PRN · max 300 mg per day
several lines: '… and 150 mg at bedtime' (added) · '…, then 100 mg three times daily' (the next phase)
the rest: 30-day supply · 5 refills · no refills · quantity 60 capsules · because <code or words>"""


class OrderNotUnderstood(ValueError):
    """The order text holds something that the grammar does not know. `why` says so where it can be told."""

    def __init__(self, rest: str, why: str = "") -> None:
        rest = rest if len(rest) <= _SHOWN else f"{rest[:_SHOWN]} …"
        self.summary = f"not understood in the order: '{rest}'{why and f' ({why})'}"
        super().__init__(f"{self.summary}\n{UNDERSTOOD}")


def draft_from_text(text: str, *, patient_id: str, value_sets: ValueSets, today: date) -> dict[str, Any]:
    """The drafted MedicationRequest that an order text describes. Raises OrderNotUnderstood."""
    if long := _LONG_NUMBER.search(_BECAUSE.split(text, maxsplit=1)[0]):
        raise OrderNotUnderstood(long[0], "a number that is too large")
    drug, instructions, clauses = _split(text)
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {},
        "subject": {"reference": f"Patient/{patient_id}"},
        "authoredOn": today.isoformat(),
    }
    for clause in clauses:
        _add_clause(order, clause)
    order["dosageInstruction"] = dosage_from_text(instructions)
    order["medicationCodeableConcept"] = medication(drug, value_sets, _mass(order["dosageInstruction"]))
    return order


def dosage_from_text(text: str) -> list[dict[str, Any]]:
    """The instructions alone ("75 mg twice daily and 150 mg at bedtime") as dosageInstruction."""
    phases = [phase for phase in re.split(r"(?i),?\s*\bthen\s+", text.strip()) if phase]
    lines = []
    for number, phase in enumerate(phases, start=1):
        for line in re.split(r"(?i)\s+and\s+(?=\d)", phase):
            dosage = _line(line)
            if len(phases) > 1:
                dosage = {"sequence": number, **dosage}
            lines.append(dosage)
    if not lines:
        raise OrderNotUnderstood(text)
    return lines


# -- splitting ------------------------------------------------------------------------------------------------------

_HOW_TO_COUNT = "write numbers as 1200 or 0.5: no comma, no space, no fraction"
_NUMBER = rf"(?!{AMBIGUOUS_NUMBER})\d+(?:\.\d+)?"
_PER_BODY = r"(?:mg|g|mcg|ug|\[IU\]|IU)/(?:kg|m2)"
_MASS = r"mg|g|mcg|ug|mL|ml|IU|units?"
_COUNT = r"capsules?|caps?|tablets?|tabs?|vials?|patch(?:es)?|drops?|puffs?|sachets?"
_AMOUNT = re.compile(
    rf"(?P<low>{_NUMBER})(?:\s*(?:-|–|to)\s*(?P<high>{_NUMBER}))?\s*"
    rf"(?P<unit>{_PER_BODY}|{_MASS}|{_COUNT})(?P<a_day>/(?:day|d))?(?![\w/%])",
    re.IGNORECASE,
)
_FORM = re.compile(
    rf"(?P<drug>.*?\S)\s+{_NUMBER}\s*(?:mg|g|mcg)(?:/(?:{_NUMBER})?\s*mL)?\s+"
    r"(?:[A-Za-z]+ )*(?:capsule|tablet|solution|suspension|injection|patch|cream|gel)s?",
    re.IGNORECASE,
)
_PER_CENT = re.compile(r"\(?\d+(?:\.\d+)? ?%\)?")
_BEFORE_NAME = re.compile(r"[(\[]*(?:\d+-)?")  # (human), 5-fluorouracil
_NO_NAME = re.compile(
    r"\b(?:stop|hold|pause|cancel|discontinue|avoid|do|not?|never|without|instead|from|to|change|switch|increase|raise"
    r"|reduce|decrease|lower|taper|wean|max(?:imum)?|least|most|less|more|than|about|approximately"
    r"|half|quarter|one|two|three|four|double)\b",
    re.IGNORECASE,
)
_LATER = re.compile(r"(?:then|and|for|x(?= ?\d)|over|after|with|before|as needed|prn|max(?:imum)?)\b", re.IGNORECASE)


def _split(text: str) -> tuple[str, str, list[str]]:
    """(drug or product, instructions, clauses about the order as a whole)."""
    text = " ".join(text.split())
    first, *rest = re.split(r"\s*[,;]\s+", text)
    if _FORM.fullmatch(first):
        drug, instructions = first, ""
    else:
        amount = _AMOUNT.search(first)
        if amount is None or amount.start() == 0:
            raise OrderNotUnderstood(text)
        drug, instructions = first[: amount.start()].strip(), first[amount.start() :]
    _check_name(drug)
    clauses = []
    for part in rest:
        if _ORDER_CLAUSE.match(part):
            clauses.append(part)
        elif not instructions and _AMOUNT.match(part):
            instructions = part
        elif instructions and _LATER.match(part):
            instructions += ", " + part
        else:
            raise OrderNotUnderstood(part)
    if not instructions:
        raise OrderNotUnderstood(text)
    return drug, instructions, clauses


def _check_name(drug: str) -> None:
    """Refuses what stands before a dose and is more than a name: part of a number, a sign, words about the order.

    A drug whose number was cut in two would be read with another dose, and one to be stopped as one to be started.
    """
    product = _FORM.fullmatch(drug)
    name = product["drug"] if product else drug
    if name[-1] in ",.-/'_" or not all(map(_is_word_of_name, _PER_CENT.sub("", name).split())):
        raise OrderNotUnderstood(drug, _HOW_TO_COUNT)
    if word := _NO_NAME.search(name):
        raise OrderNotUnderstood(drug, f"'{word[0]}' is no part of a drug's name")


def _is_word_of_name(word: str) -> bool:
    return word in ("+", "&") or _BEFORE_NAME.sub("", word, count=1)[:1].isalpha()


# -- one line -------------------------------------------------------------------------------------------------------

_UNITS = {"ml": "mL", "iu": "IU", "[iu]": "[IU]"}  # as they are written; the rest in lower case
_CODES = {"mcg": "ug", "IU": "[IU]", "unit": "[IU]", "units": "[IU]"}
_PERIODICALLY = {"daily": "day", "weekly": "week", "monthly": "month"}
_WORDS = {"once": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_TIMES = r"once|twice|(?:\d+|two|three|four|five|six) times"
_PERIODS = "daily|weekly|monthly|day|week|month"
_UNIT_NAMES = "minute|hour|hr|h|day|week|month|year"


def quantity(value: float, unit: str) -> dict[str, Any]:
    """A FHIR Quantity of a unit as it is written in orders; counted forms as UCUM annotations."""
    if re.fullmatch(_COUNT, unit, re.IGNORECASE):
        name = re.sub(r"(?<=ch)es$|s$", "", unit.lower())
        name = {"cap": "capsule", "tab": "tablet"}.get(name, name)
        return ucum_quantity(value, name, f"{{{name}}}")
    mass, slash, body = unit.lower().partition("/")
    mass = _UNITS.get(mass, mass)
    return ucum_quantity(value, f"{mass}{slash}{body}", f"{_CODES.get(mass, mass)}{slash}{body}")


def _line(text: str) -> dict[str, Any]:
    amount = _AMOUNT.match(text)
    if amount is None:
        raise OrderNotUnderstood(text)
    dosage: dict[str, Any] = {"text": text}
    repeat: dict[str, Any] = {}
    if amount["a_day"]:
        repeat.update(frequency=1, period=1, periodUnit="d")
    rest = text[amount.end() :].strip()
    while rest:
        rest = _phrase(rest, dosage, repeat)
    if "frequency" in repeat and repeat.get("count") == 1:
        raise OrderNotUnderstood(text, "'once' is one single dose; 'once daily' and 'once weekly' are repeated")
    if repeat.get("frequency", 1) > 1 and (alone := _SO_MANY.search(text)):
        raise OrderNotUnderstood(alone[0], f"write '{alone[0]} days' or '{alone[0]} doses'")
    if repeat:
        dosage["timing"] = {"repeat": repeat}
    low = quantity(float(amount["low"]), amount["unit"])
    if amount["high"]:
        high = quantity(float(amount["high"]), amount["unit"])
        if high["value"] <= low["value"]:
            raise OrderNotUnderstood(amount[0], "a range goes from less to more")
        dosage["doseAndRate"] = [{"doseRange": {"low": low, "high": high}}]
    else:
        dosage["doseAndRate"] = [{"doseQuantity": low}]
    return dosage


def _phrase(rest: str, dosage: dict[str, Any], repeat: dict[str, Any]) -> str:
    """What is left after the first phrase of `rest`, which is written into the dosage line.

    Raises OrderNotUnderstood where it says something else than a phrase before it.
    """
    for pattern, write in _PHRASES:
        if match := pattern.match(rest):
            before = {**dosage, **repeat}
            write(match, dosage, repeat)
            if not before.items() <= {**dosage, **repeat}.items():
                raise OrderNotUnderstood(match[0], "it was said otherwise before")
            return rest[match.end() :].lstrip(" ,")
    raise OrderNotUnderstood(rest)


_Write = Callable[[re.Match[str], dict[str, Any], dict[str, Any]], None]


def _every(frequency: int, period: float, unit: str) -> _Write:
    def write(_: re.Match[str], __: dict[str, Any], repeat: dict[str, Any]) -> None:
        repeat.update(frequency=frequency, period=period, periodUnit=unit)

    return write


def _when(code: str) -> _Write:
    def write(_: re.Match[str], __: dict[str, Any], repeat: dict[str, Any]) -> None:
        if "periodUnit" not in repeat:
            repeat.update(frequency=1, period=1, periodUnit="d")
        repeat.setdefault("when", []).append(code)

    return write


def _route(name: str) -> _Write:
    def write(_: re.Match[str], dosage: dict[str, Any], __: dict[str, Any]) -> None:
        dosage["route"] = {"text": name}

    return write


def _times_each(match: re.Match[str], _: dict[str, Any], repeat: dict[str, Any]) -> None:
    word = match["times"].split()[0].lower()
    frequency = _WORDS.get(word) or int(word)
    repeat.update(frequency=frequency, period=1, periodUnit=_period(match["unit"]))


def _every_so_often(match: re.Match[str], _: dict[str, Any], repeat: dict[str, Any]) -> None:
    count = match["count"] or "1"
    period = 2 if count.lower() == "other" else int(count)
    repeat.update(frequency=1, period=period, periodUnit=_period(match["unit"]))


def _period(name: str) -> str:
    """The UCUM unit of a period; "daily" and "weekly" stand for theirs."""
    name = name.lower()
    return UNITS_OF_TIME[_PERIODICALLY.get(name, name)]


def _bounds(match: re.Match[str], _: dict[str, Any], repeat: dict[str, Any]) -> None:
    unit = match["unit"].lower()
    repeat["boundsDuration"] = ucum_quantity(int(match["count"]), unit, _period(unit))


def _doses(match: re.Match[str], _: dict[str, Any], repeat: dict[str, Any]) -> None:
    repeat["count"] = int(match["count"])


def _once(_: re.Match[str], __: dict[str, Any], repeat: dict[str, Any]) -> None:
    repeat["count"] = 1


def _duration(match: re.Match[str], _: dict[str, Any], repeat: dict[str, Any]) -> None:
    repeat.update(duration=float(match["count"]), durationUnit=_period(match["unit"]))


def _as_needed(match: re.Match[str], dosage: dict[str, Any], _: dict[str, Any]) -> None:
    if match["reason"]:
        dosage["asNeededCodeableConcept"] = {"text": match["reason"]}
    else:
        dosage["asNeededBoolean"] = True


def _most(match: re.Match[str], dosage: dict[str, Any], _: dict[str, Any]) -> None:
    period = {"value": int(match["count"] or 1), "system": UCUM, "code": _period(match["period"])}
    dosage["maxDosePerPeriod"] = {"numerator": quantity(float(match["most"]), match["unit"]), "denominator": period}


def _additional(match: re.Match[str], dosage: dict[str, Any], _: dict[str, Any]) -> None:
    dosage.setdefault("additionalInstruction", []).append({"text": match[0]})


def _phrase_table(*rows: tuple[str, _Write]) -> tuple[tuple[re.Pattern[str], _Write], ...]:
    return tuple((re.compile(rf"(?:{pattern})(?![\w/])", re.IGNORECASE), write) for pattern, write in rows)


_X = "[x×] ?"
_X_ALONE = rf"{_X}(?P<count>\d+)"
_SO_MANY = re.compile(rf"\b{_X_ALONE}\b(?! (?:dose|{_UNIT_NAMES}))", re.IGNORECASE)
_PER_PERIOD = rf"(?:per|in|/) ?(?:(?P<count>\d+) )?(?P<period>{_UNIT_NAMES})s?"
_PHRASES = _phrase_table(
    (rf"(?P<times>{_TIMES})(?: a| an| per| each| every)? (?P<unit>{_PERIODS})", _times_each),
    (r"q\s?(?P<count>\d+)\s?(?P<unit>h|d|w)", _every_so_often),
    (rf"(?:once )?every (?:(?P<count>\d+|other) )?(?P<unit>{_UNIT_NAMES})s?", _every_so_often),
    (r"daily|qd|od", _every(1, 1, "d")),
    (r"b\.?i\.?d\.?", _every(2, 1, "d")),
    (r"t\.?i\.?d\.?", _every(3, 1, "d")),
    (r"q\.?i\.?d\.?", _every(4, 1, "d")),
    (r"weekly", _every(1, 1, "wk")),
    (r"monthly", _every(1, 1, "mo")),
    (r"at bedtime|nightly|(?:at|every|each) night|q?hs", _when("HS")),
    (r"(?:in the|every|each) morning|qam", _when("MORN")),
    (r"(?:in the|every|each) evening|qpm", _when("EVE")),
    (r"once", _once),
    (rf"(?:for |{_X})(?P<count>\d+) (?P<unit>{_UNIT_NAMES})s?", _bounds),
    (rf"(?:for |{_X})(?P<count>\d+) doses?", _doses),
    (_X_ALONE, _doses),
    (rf"over (?P<count>{_NUMBER}) (?P<unit>day|hour|hr|h|minute)s?", _duration),
    (r"(?:as needed|prn)(?: for (?P<reason>[^,;]+?))?(?=$|[,;]| max )", _as_needed),
    (rf"max(?:imum)? (?P<most>{_NUMBER}) (?P<unit>{_MASS}|{_COUNT}) {_PER_PERIOD}", _most),
    (r"(?:iv|intravenous(?:ly)?)", _route("Intravenous")),
    (r"(?:sc|sq|subcut(?:aneous(?:ly)?)?)", _route("Subcutaneous")),
    (r"(?:im|intramuscular(?:ly)?)", _route("Intramuscular")),
    (r"(?:po|by mouth|oral(?:ly)?)", _route("Oral")),
    (r"topical(?:ly)?", _route("Topical")),
    (r"(?:after|before|with) [a-z ]+", _additional),
)  # fmt: skip


def _mass(lines: list[dict[str, Any]]) -> float | None:
    """The dose in mg when all lines give the same one; it tells which product is meant."""
    doses = set()
    for line in lines:
        given = line["doseAndRate"][0].get("doseQuantity", {})
        doses.add(given.get("value") if given.get("code") == "mg" else None)
    return doses.pop() if len(doses) == 1 else None


# -- the order as a whole ---------------------------------------------------------------------------------------------

_ORDER_CLAUSE = re.compile(
    rf"(?P<supply>\d+)[- ]days?[- ]supply|(?P<refills>\d+|no) refills?|because (?P<reason>.+)"
    rf"|(?:quantity|dispense) (?P<quantity>{_NUMBER}) (?P<unit>{_COUNT}|{_MASS})",
    re.IGNORECASE,
)
_CODE_SHAPES = (
    (re.compile(r"[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?"), "http://hl7.org/fhir/sid/icd-10-cm"),
    (re.compile(r"\d{6,18}"), "http://snomed.info/sct"),
)


def _add_clause(order: dict[str, Any], clause: str) -> None:
    match = _ORDER_CLAUSE.fullmatch(clause)
    if match is None:
        raise OrderNotUnderstood(clause)
    if match["reason"]:
        order.setdefault("reasonCode", []).append(reason(match["reason"]))
        return
    dispense = order.setdefault("dispenseRequest", {})
    if match["supply"]:
        dispense["expectedSupplyDuration"] = ucum_quantity(int(match["supply"]), "days", "d")
    elif match["refills"]:
        dispense["numberOfRepeatsAllowed"] = 0 if match["refills"].lower() == "no" else int(match["refills"])
    else:
        dispense["quantity"] = quantity(float(match["quantity"]), match["unit"])


def reason(said: str) -> dict[str, Any]:
    """A reason as CodeableConcept: coded when it has the shape of an ICD-10-CM or SNOMED CT code, else as words."""
    for shape, system in _CODE_SHAPES:
        if shape.fullmatch(said):
            return {"coding": [{"system": system, "code": said}]}
    return {"text": said}
