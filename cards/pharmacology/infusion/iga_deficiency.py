"""Is immunoglobulin A missing, and are there antibodies against it? (book 4.6)

Needs: conditions, immunoglobulin_levels, iga_antibodies, service_requests.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from cards.bounds import is_at_least
from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts, Finding, Measurement
from cards.pharmacology.infusion.immunoglobulin_level import NEED, latest_level
from cards.suggested_orders import is_result_awaited, ordered_lately
from cards.wording import number, on

ANTI_IGA = "anti_iga"


class AntiIga(StrEnum):
    """What is known of antibodies against IgA."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INDETERMINATE = "indeterminate"
    ORDERED = "ordered, no result yet"
    ABSENT = "searched, none found"
    UNKNOWN = "could not be checked"


class IgaDeficiency(NamedTuple):
    """Why IgA counts as missing: the code, else the level. `lines` are for a card."""

    shown: str
    lines: tuple[str, ...]


def iga_deficiency(facts: Facts, below_g_l: float) -> IgaDeficiency | None:
    """IgA deficiency, coded or with the newest level below `below_g_l` (g/L). None: neither.

    Raises NotKnown when neither was found and one could not be had, or the level is a bound that leaves it open.
    """
    coded, no_list = _coded(facts)
    level, line, no_level = _low_level(facts, below_g_l)
    if not coded and level is None:
        unknown = no_list or no_level
        if unknown is not None:
            raise unknown
        return None
    named = tuple(f"{d.label} {d.display} ({on(d.on)})" for d in coded[:1])
    return IgaDeficiency(coded[0].label if coded else _level(level), (*named, line))


def _coded(facts: Facts) -> tuple[tuple[Diagnosis, ...], NotKnown | None]:
    try:
        return facts.current("iga_deficiency"), None
    except NotKnown as unknown:
        return (), unknown


def _low_level(facts: Facts, below_g_l: float) -> tuple[Measurement | None, str, NotKnown | None]:
    """(the newest IgA if it is below, the newest in one line, why it is not known)."""
    try:
        newest = latest_level(facts, "iga")
        is_low = newest is not None and not is_at_least(newest, below_g_l, need=NEED)
    except NotKnown as unknown:
        return None, f"IgA level: could not be checked ({unknown.why})", unknown
    return (newest if is_low else None), _line(newest), None


def anti_iga(facts: Facts, ordered_within_days: int) -> tuple[AntiIga, str]:
    """(antibodies against IgA by the newest result, the same in one line for a card). Old results count (book 0.3)."""
    state, day = _newest(facts)
    if state in (AntiIga.ABSENT, AntiIga.UNKNOWN, AntiIga.INDETERMINATE) and _is_ordered(facts, ordered_within_days):
        state, day = AntiIga.ORDERED, ""
    return state, f"Anti-IgA antibody: {state}{day}"


def _newest(facts: Facts) -> tuple[AntiIga, str]:
    try:
        newest = facts.latest(ANTI_IGA)
    except NotKnown:
        return AntiIga.UNKNOWN, ""
    if newest is None:
        return AntiIga.ABSENT, ""
    return AntiIga(newest.finding or Finding.INDETERMINATE), f" ({on(newest.on)})"


def _is_ordered(facts: Facts, within_days: int) -> bool:
    return ordered_lately(facts, (ANTI_IGA,), within_days) or is_result_awaited(
        facts, ANTI_IGA, within_days, undated=False
    )


def _level(level: Measurement | None) -> str:
    if level is None:
        return "IgA level not on file"
    return f"IgA {level.comparator}{number(level.value or 0, 3)} {level.unit}"


def _line(level: Measurement | None) -> str:
    if level is None:
        return _level(level)
    received = f", received as {level.received}" if level.received and "g/L" not in level.received else ""
    return f"{_level(level)} ({on(level.on)}{received})"
