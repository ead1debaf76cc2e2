"""When did a problem begin? An onset as a day, a period, an age, a range of ages, or words."""

from __future__ import annotations

import re
from datetime import date, timedelta, tzinfo
from math import ceil
from typing import Any

from cds_service.fhir.coding import as_dict
from cds_service.fhir.date import day_of
from cds_service.fhir.quantity import read_quantity
from cds_service.fhir.timing import days_in

_STATED = frozenset(
    f"onset{kind}"
    for kind in ("DateTime", "Period", "String", "Age", "Range", "Quantity")  # quantity: DSTU2
)
_AGO = re.compile(r"\b(\d{1,3}) (day|week|month|year)s? ago\b", re.IGNORECASE)

Resource = dict[str, Any]


def read_onset(
    condition: Resource, *, recorded_on: date | None, born: date | None, as_of: date, zone: tzinfo
) -> tuple[date | None, bool]:
    """(day of onset, is an onset stated that could not be read). None, False: the record tells as much.

    An age lasts a year, a period ends at some day: its last day counts, so that a problem is called old only where it
    surely is. Where that is not before the day of the record, the record tells as much.
    """
    if not any(condition[name] for name in _STATED & condition.keys()):
        return None, False
    period = as_dict(condition.get("onsetPeriod"))
    stated = day_of(condition.get("onsetDateTime"), zone) or day_of(period.get("start"), zone)
    stated = stated or day_of(condition.get("onsetString"), zone)
    if stated is not None:
        return stated, False
    latest = day_of(period.get("end"), zone) or _said(condition.get("onsetString"), recorded_on)
    latest = latest or _aged(condition, born)
    if latest is None:
        return None, True
    return (latest if latest < (recorded_on or as_of) else None), False


def _said(text: Any, recorded_on: date | None) -> date | None:
    """The day that "10 years ago" means, counted back from when it was written."""
    found = _AGO.search(text) if isinstance(text, str) else None
    if found is None or recorded_on is None:
        return None
    return _after(recorded_on, days_in({"value": -int(found[1]), "unit": found[2].lower()}))


def _aged(condition: Resource, born: date | None) -> date | None:
    """The last day of an age, of a range of ages that of the highest."""
    age = (
        condition.get("onsetAge") or condition.get("onsetQuantity") or as_dict(condition.get("onsetRange")).get("high")
    )
    found = read_quantity(age)
    if born is None or found is None or found.value is None or found.value < 0 or found.comparator.startswith(">"):
        return None
    days = days_in({"value": found.value + 1, "unit": found.unit})
    return _after(born, None if days is None else days - 1)


def _after(day: date, days: float | None) -> date | None:
    try:
        return None if days is None else day + timedelta(days=ceil(days))
    except OverflowError:  # an age of thousands of years
        return None
