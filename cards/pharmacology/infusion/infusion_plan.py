"""Which single doses does an order of infusions give, how far apart, and how many? (book 5.5)

Structured timing decides; where it says nothing, the words do ("weekly x 4", "day 1 and 15").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from cards.errors import NotKnown
from cards.knowledge import TOLERANCE
from cards.orders import DoseLine, Drug, OrderedDrug, Route, Timing
from cards.pharmacology.dose_line import MG_PER_UNIT, dose_mg, is_one_time
from cards.pharmacology.infusion.infusion_clauses import words_of
from cards.pharmacology.infusion.infusion_timing import (
    A_DAY,
    WEEK,
    interval_of_weekdays,
    period_days,
    times_in_all,
    times_in_period,
)
from cards.pharmacology.infusion.infusion_words import InfusionWords
from cards.pharmacology.timing_elements import impossible_values

PER_SURFACE = "/m2"
LAID_OUT = 100  # doses that are laid out in days at most: numbers come from outside


class Rhythm(NamedTuple):
    """When a dose is given: on `days` (ordinals) where they are known; else every `interval_days`, `times` times.

    None: not said; a single dose has no interval.
    """

    days: tuple[int, ...] = ()
    interval_days: float | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedDose:
    """One dose, high end of a range: `mg`, and `mg_per_m2` of body surface beside or instead of it."""

    mg: float = 0.0
    mg_per_m2: float = 0.0
    rhythm: Rhythm = field(default_factory=Rhythm)
    from_text: bool = False


class InfusionPlan(NamedTuple):
    """The doses of all drafts together. `unread` says why a line, or all of them, could not be understood."""

    doses: tuple[PlannedDose, ...]
    unread: str = ""

    @property
    def shortest_interval_days(self) -> float | None:
        """Days between the two doses that are closest; None: a single dose, or not said."""
        every = [dose.rhythm.interval_days for dose in self.doses]
        days = sorted({day for dose in self.doses for day in dose.rhythm.days})
        gaps = [float(after - before) for before, after in pairwise(days)]
        return min([*gaps, *(interval for interval in every if interval is not None)], default=None)

    def times_closer_than(self, days: float) -> int:
        """How many doses follow one another at less than so many days, as far as their number is said.

        By their days where all of these are known; else those of all lines together.
        """
        close = [rhythm for dose in self.doses if _is_closer(rhythm := dose.rhythm, days)]
        longest = run = 1
        for before, after in pairwise(sorted({day for dose in self.doses for day in dose.rhythm.days})):
            run = run + 1 if after - before < days else 1
            longest = max(longest, run)
        if all(rhythm.days for rhythm in close):
            return longest
        return max(longest, sum(rhythm.times or 1 for rhythm in close))


def infusion_plan(order: OrderedDrug, today: date) -> InfusionPlan:
    """What the drafts give intravenously; no doses and nothing unread: no draft is for intravenous use.

    Doses of one day are added up (book 1.5.5), drafts of different days are different doses.
    """
    found: dict[object, PlannedDose] = {}
    unread = empty = ""
    for draft in order.drafts:
        for line in draft.lines or (DoseLine(),):
            if (line.route or draft.route) not in (None, Route.INTRAVENOUS):
                continue
            if line.amount is None and not (line.unreadable or line.text):
                empty = "no dose given"  # a line that says how fast, or nothing
                continue
            try:
                dose = _dose(line, draft.drug)
            except NotKnown as unknown:
                unread = unknown.why
                continue
            rhythm = _rhythm(line, today)
            moment = rhythm.days[0] if rhythm.days else ("sequence", line.sequence)
            found[moment] = _together(found.get(moment), replace(dose, rhythm=rhythm))
    return InfusionPlan(tuple(found.values()), unread or ("" if found else empty))


def _is_closer(rhythm: Rhythm, days: float) -> bool:
    return rhythm.interval_days is not None and rhythm.interval_days < days


def _together(one: PlannedDose | None, other: PlannedDose) -> PlannedDose:
    """Two doses that are given at the same time; the closer and longer rhythm counts, a single dose ends no other."""
    if one is None:
        return other
    intervals = [r.interval_days for r in (one.rhythm, other.rhythm) if r.interval_days is not None]
    times = [r.times for r in (one.rhythm, other.rhythm) if r.times is not None and not (intervals and r.times == 1)]
    return PlannedDose(
        one.mg + other.mg,
        one.mg_per_m2 + other.mg_per_m2,
        Rhythm(
            max(one.rhythm.days, other.rhythm.days, key=len), min(intervals, default=None), max(times, default=None)
        ),
        one.from_text or other.from_text,
    )


def _dose(line: DoseLine, drug: Drug) -> PlannedDose:
    """Dose of one administration. Raises NotKnown when it cannot be read, zero or negative doses among them."""
    if line.unreadable and not line.only_timing_unreadable:
        raise NotKnown("order", line.unreadable)
    amount = line.amount
    if amount is not None and amount.unit.endswith(PER_SURFACE):
        factor = MG_PER_UNIT.get(amount.unit.removesuffix(PER_SURFACE))
        highest = max(amount.low, amount.high)
        if factor is None or highest <= 0:
            raise NotKnown("order", f"a dose of {highest:g} {amount.unit}")
        return PlannedDose(mg_per_m2=highest * factor, from_text=line.from_text)
    _, high, _ = dose_mg(line, drug)
    return PlannedDose(mg=high, from_text=line.from_text)


# -- when -------------------------------------------------------------------------------------------------------------


def _rhythm(line: DoseLine, today: date) -> Rhythm:
    timing = line.timing or Timing()
    if impossible_values(timing):
        return Rhythm()  # nothing can be said of when; the dose stands
    if len(timing.events) > 1:
        return _on(sorted({day.toordinal() for day in timing.events}))
    starts = [day.toordinal() for day in (*timing.events, timing.starts_on) if day is not None]
    if is_one_time(timing):
        return Rhythm(tuple(starts[:1] or _named(words_of(line), today)[:1]), times=1)
    interval = _interval_days(timing)
    if interval is None:
        return _by_words(line, today, starts)
    return _expanded(starts, interval, _times(timing, interval, line, today))


def _by_words(line: DoseLine, today: date, starts: list[int]) -> Rhythm:
    words = words_of(line)
    named = _named(words, today)
    if named:
        return _on(named)
    interval = words.interval_days
    if interval is None and words.is_daily and not words.is_once:
        interval = A_DAY
    if interval is not None:
        return _expanded(starts, interval, words.doses(interval))
    return Rhythm(tuple(starts), times=1 if starts or words.is_once else None)


def _on(days: list[int]) -> Rhythm:
    return Rhythm(tuple(days), times=len(days))


def _expanded(starts: list[int], interval: float, times: int | None) -> Rhythm:
    if times == 1:
        return Rhythm(tuple(starts), times=1)
    days = (round(start + place * interval) for start in starts for place in range(min(times or 1, LAID_OUT)))
    return Rhythm(tuple(days), interval, times)


def _interval_days(timing: Timing) -> float | None:
    """Days from one dose to the next, the closest two; None when timing does not say."""
    times_a_day = max(len(timing.times_of_day), len(timing.when), 1)
    weekdays = interval_of_weekdays(timing)
    if weekdays is not None:
        return _gap_of_weekdays(timing.days_of_week, weekdays) / times_a_day
    period = period_days(timing)
    if period is None:
        return A_DAY / times_a_day if timing.times_of_day or timing.when else None
    return period / max(times_in_period(timing), times_a_day if period <= A_DAY else 1)


def _gap_of_weekdays(names: Iterable[str], interval: float) -> float:
    days = sorted({WEEK.index(name) for name in names if name in WEEK})
    gaps = [after - before for before, after in pairwise([*days, days[0] + interval])] if days else []
    return float(min(gaps, default=interval))


def _times(timing: Timing, interval: float, line: DoseLine, today: date) -> int | None:
    """Number of doses: the count, else as many as fit between the bounds, else by the words; None: not said."""
    count = times_in_all(timing)
    if count is not None:
        return int(count)
    if timing.lasts_days is not None:
        return max(floor(timing.lasts_days / interval + TOLERANCE), 1)
    if timing.ends_on is not None:
        return _times_between((timing.ends_on - (timing.starts_on or today)).days, interval)
    return words_of(line).doses(interval)


def _times_between(days: int, interval: float) -> int:
    """Doses from the first to the last day, where an end that is whole intervals away is no dose of its own.

    So "weekly", four weeks from start to end, is four doses and not five; two where the second is the end itself.
    """
    return max(ceil(days / interval - TOLERANCE), 2 if days >= interval else 1)


def _named(words: InfusionWords, today: date) -> list[int]:
    """The days that the words name ("day 1 and 15"), day 1 being today."""
    return [today.toordinal() + day - 1 for day in words.days_named]
