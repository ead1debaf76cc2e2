"""Offers another dose of one administration where the draft can take it without losing what else it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cards.opinion import SetDose
from cards.orders import Amount, DoseLine, OrderedDrug
from cards.wording import number

PER_SURFACE = "mg/m2"
OFFERED_UNITS = {"mg": "mg", "g": "mg", "mg/m2": PER_SURFACE, "g/m2": PER_SURFACE}  # unit of the draft → unit offered
_A_DOSE = re.compile(r"\d\s*(?:mg|g|grams?|milligrams?)\b", re.IGNORECASE)


def offered_unit(order: OrderedDrug) -> str:
    """mg or mg/m2, after the dose of the draft; empty where no other dose can be offered (see `dose_as_ordered`)."""
    return OFFERED_UNITS.get(dose_as_ordered(order).rpartition(" ")[2], "")


def dose_as_ordered(order: OrderedDrug) -> str:
    """The one dose of the one line of the one draft ("746 mg"); empty where dose or timing cannot be changed alone.

    That is where there are several drafts or lines, a range, an as-needed line or a dose read from words.
    """
    lines = order.last.lines
    if len(order.drafts) != 1 or len(lines) != 1 or lines[0].as_needed or lines[0].from_text:
        return ""
    amount = lines[0].amount
    if amount is None or amount.low != amount.high or amount.unit not in OFFERED_UNITS:
        return ""
    return f"{number(amount.high, 3)} {amount.unit}"


def offer_single_dose(order: OrderedDrug, dose: float, label: str) -> Iterator[SetDose]:
    """This dose, in `offered_unit`, at the same times; nothing where the words of the draft cannot be kept in step."""
    unit = offered_unit(order)
    text = _reworded(order.last.lines[0], f"{number(dose)} {unit}") if unit else None
    if text is not None:
        yield SetDose(order.last.id, label, dose, unit, text, recommended=False)


def _reworded(line: DoseLine, dose: str) -> str | None:
    """The words of the line with the dose replaced; None where they state one that is not found in them."""
    if line.amount is None or line.patient_instruction:
        return None
    stated = _stated(line.amount)
    text, times = stated.subn(dose, line.text)
    return None if times > 1 or _A_DOSE.search(stated.sub("", line.text)) else text


def _stated(amount: Amount) -> re.Pattern[str]:
    """The dose as words state it: "7460 mg", "7,460mg", "375 mg/m²"."""
    mass, _, surface = amount.unit.partition("/")
    whole, _, decimals = number(amount.high, 3).partition(".")
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",?", whole)
    fraction = rf"\.{decimals}0*" if decimals else r"(?:\.0+)?"
    per = r"\s*/\s*m(?:2|²|\^2)" if surface else r"(?![\w/])"
    return re.compile(rf"(?<![\d.,]){grouped}{fraction}\s*{mass}{per}", re.IGNORECASE)
