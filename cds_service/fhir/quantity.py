"""Numbers with a unit, in whichever shape they came."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cds_service.fhir.coding import LONGEST_WORDS, as_dict, word

UCUM = "http://unitsofmeasure.org"
# Of a regular expression: 1.200 is 1200 to one reader and 1.2 to another.
AMBIGUOUS_NUMBER = r"[1-9]\d{0,2}\.\d{3}(?!\d)"

_DECIMAL = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_PRECISE = 2.0**53
_LONGEST_NUMBER = 40  # characters of a number that came as a string
_LONGEST_COMPARATOR = 8  # of those that are known none is longer than two
_UCUM = (UCUM, "urn:oid:2.16.840.1.113883.6.8", "ucum")


class Quantity(NamedTuple):
    """A number and its unit. `value` None: no number. `unit`: the UCUM code, else the words; empty: none given.

    `words`: what the unit is called beside its code, where that is something else.
    """

    value: float | None
    unit: str
    comparator: str = ""
    words: str = ""


def read_quantity(quantity: Any) -> Quantity | None:
    """A Quantity, Duration, Age or SimpleQuantity; None when there is none."""
    found = quantity if isinstance(quantity, dict) else as_dict(quantity)
    if not found:
        return None
    comparator = found.get("comparator")
    bound = comparator[:_LONGEST_COMPARATOR] if isinstance(comparator, str) else ""
    unit, words = _unit(found), found.get("unit")
    if words != unit:  # nearly always they are the same
        words = word(words)
    return Quantity(number_of(found.get("value")), unit, bound, words if words != unit else "")


def number_of(value: Any) -> float | None:
    """A number, also one that came as a string ("75"); None for anything else.

    None too beyond what an integer holds exactly: no order and no result is so great, and JSON could not hold it in an
    offered order.
    """
    if isinstance(value, float):
        return value if -_PRECISE < value < _PRECISE else None
    if type(value) is int and -_PRECISE < value < _PRECISE:  # a bool is none
        return float(value)
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(value.strip()):
        return number_of(float(value))
    return None


def ucum_quantity(value: float, unit: str, code: str = "") -> dict[str, Any]:
    """A Quantity to send, whole numbers without a point; `code` where UCUM has another one than the unit's name."""
    return {"value": int(value) if value == int(value) else value, "unit": unit, "system": UCUM, "code": code or unit}


def _unit(quantity: dict[str, Any]) -> str:
    """The UCUM code before the display text; the text before a code of another system (SNOMED CT, drug forms)."""
    code = quantity.get("code")
    if code and isinstance(code, str) and quantity.get("system") == UCUM:
        return code[:LONGEST_WORDS].strip()  # nearly always
    code, text = word(code), word(quantity.get("unit"))
    system = word(quantity.get("system"))
    if code and (not system or _is_ucum(system)):
        return code
    return text or code


def _is_ucum(system: str) -> bool:
    # https, a closing slash and the bare word "UCUM" were seen
    return system.lower().rstrip("/").replace("https://", "http://") in _UCUM
