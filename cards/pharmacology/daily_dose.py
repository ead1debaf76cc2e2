"""What does the order amount to in a day? Total daily dose from dose lines, with its steps. Book 1.5."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal, NamedTuple

from cards.errors import NotKnown
from cards.knowledge import TOLERANCE
from cards.orders import DoseLine, MedicationOrder, OrderedDrug, Timing
from cards.pharmacology.dose_line import LineDose, dose_mg, is_one_time, line_dose, per_day, unknown_dose
from cards.wording import number

Status = Literal["known", "parsed-text", "unknown"]

NOISE_DIGITS = 9
_ONE_DAY = 1.0  # that a single dose beside daily ones counts for, and that a phase of unstated length stands for


class Phase(NamedTuple):
    """A stretch of days on one daily dose in mg/day. `days` None: open end or not said. `lines` run in it."""

    low: float
    high: float
    steps: tuple[str, ...]
    days: float | None = None
    lines: tuple[LineDose, ...] = ()


class DailyDose(NamedTuple):
    """Total daily dose in mg/day, its phases and how it was worked out.

    Reading a dose whose status is "unknown" raises NotKnown. A range counts with its high end; lines given after
    dialysis are kept apart in `post_dialysis_mg` (mg per session, None: no such line).
    """

    status: Status
    phases: tuple[Phase, ...] = ()
    is_as_needed: bool = False
    is_taper: bool = False
    is_one_time: bool = False
    post_dialysis_mg: float | None = None
    steps: tuple[str, ...] = ()
    why: str = ""

    @property
    def start_mg(self) -> float:
        """Daily dose of the first phase, mg/day."""
        return (self.phases or self._known())[0].high

    @property
    def at_start(self) -> DailyDose:
        """The first phase alone."""
        return self._replace(phases=self.phases[:1])

    @property
    def final_mg(self) -> float:
        """Daily dose of the last phase, mg/day."""
        return (self.phases or self._known())[-1].high

    @property
    def peak_mg(self) -> float:
        """Highest daily dose, mg/day; of an as-needed order the most that may be taken."""
        return max(phase.high for phase in self._known())

    @property
    def minimum_mg(self) -> float:
        """Lowest daily dose, mg/day; 0 where everything is as needed."""
        return min(phase.low for phase in self._known())

    @property
    def is_only_after_dialysis(self) -> bool:
        """Is there no daily line at all?"""
        return self.status != "unknown" and not self.peak_mg

    def _known(self) -> tuple[Phase, ...]:
        if self.status == "unknown":
            raise unknown_dose(self.why)
        return self.phases


def daily_dose(ordered: OrderedDrug) -> DailyDose:
    """Total daily dose of all drafts of one drug (book 1.5.5): drafts add."""
    return ordered.once(_daily_dose)


def drafts_with_dose(ordered: OrderedDrug, *statuses: Status) -> OrderedDrug | None:
    """The same with only those drafts whose own dose has one of these statuses; None: no draft is left."""
    drafts = tuple(draft for draft in ordered.drafts if order_dose(draft).status in statuses)
    return replace(ordered, drafts=drafts) if drafts else None


def _daily_dose(ordered: OrderedDrug) -> DailyDose:
    return order_dose(ordered.last) if len(ordered.drafts) == 1 else _sum_of(ordered.drafts)


def order_dose(order: MedicationOrder) -> DailyDose:
    """Total daily dose of one order; status "unknown" with `why` when it cannot be worked out."""
    try:
        return _order_dose(order)
    except NotKnown as unknown:
        return DailyDose("unknown", why=unknown.why)


def _order_dose(order: MedicationOrder) -> DailyDose:
    if not order.lines:
        raise unknown_dose("no dosage given")
    daily = [line for line in order.lines if not is_supplement(line)]
    post = [line for line in order.lines if is_supplement(line)]
    doses = [line_dose(line, order.drug) for line in daily]
    phases = _phases(_timed(daily, doses)) if len(daily) != 1 else _only_phase(daily[0], doses[0])
    post_mg, post_steps = _after_dialysis(post, order)
    return DailyDose(
        status="parsed-text" if any(line.from_text for line in order.lines) else "known",
        phases=phases,
        is_as_needed=any(line.as_needed for line in daily),
        is_taper=_is_taper(phases),
        is_one_time=bool(daily) and all(is_one_time(line.timing) for line in daily),
        post_dialysis_mg=post_mg,
        steps=(*_described(phases), *post_steps),
    )


def is_supplement(line: DoseLine) -> bool:
    """Is the line given after dialysis only? What is given several times a day is not: its words say when one falls."""
    if not line.after_dialysis:
        return False
    try:
        return per_day(line.timing).high <= 1
    except NotKnown:
        return True


def _after_dialysis(lines: Sequence[DoseLine], order: MedicationOrder) -> tuple[float | None, tuple[str, ...]]:
    """(mg per session, steps) of the supplement lines; None without any."""
    doses = [dose_mg(line, order.drug) for line in lines]
    return sum(high for _, high, _ in doses) if doses else None, tuple(f"{step} after dialysis" for _, _, step in doses)


# -- phases -----------------------------------------------------------------------------------------------------------


class _Timed(NamedTuple):
    """A line's daily dose and the days it runs, [start, end) counted from any common day; end None: open.

    `is_stated`: the length comes from the order, not from the next line's beginning.
    """

    dose: LineDose
    start: float
    end: float | None
    is_stated: bool = True


def _only_phase(line: DoseLine, dose: LineDose) -> tuple[Phase, ...]:
    """What `_phases` makes of a single line."""
    start, end = _by_dates(line, (line,)) if _starts(line) is not None else (0.0, _lasts(line))
    if end is not None and end <= start:
        raise unknown_dose("zero or negative duration")
    days = None if end is None else end - start
    return (Phase(_sum((dose.low,)), _sum((dose.high,)), (dose.step,), days, (dose,)),)


def _timed(lines: Sequence[DoseLine], doses: Sequence[LineDose]) -> list[_Timed]:
    """Lines laid out in time: by their dates, else by their numbers, else by their durations (book 1.5.4)."""
    if _are_dated(lines):
        return [
            _Timed(dose, *_by_dates(line, lines), _starts(line) is not None)
            for dose, line in zip(doses, lines, strict=True)
        ]
    numbers = {line.sequence for line in lines}
    if len(numbers - {None}) > 1:
        if _may_be_one_day(lines):
            raise unknown_dose("numbered lines for different times of day: one day, or one after another")
        return _by_sequence(lines, doses)
    if None in numbers and _are_consecutive(lines):  # lines of one number run side by side, whatever their lengths
        return _one_after_another([[timed] for timed in zip(lines, doses, strict=True)])
    return [
        _Timed(dose, 0.0, _ONE_DAY if is_one_time(line.timing) else _lasts(line))
        for dose, line in zip(doses, lines, strict=True)
    ]


def follow_one_another(lines: Sequence[DoseLine]) -> bool:
    """Are these lines phases, one after another, and not side by side (book 1.5.4)?"""
    starts, numbers = {_starts(line) for line in lines}, {line.sequence for line in lines}
    if starts != {None}:
        return len(starts) > 1
    try:
        return len(numbers - {None}) > 1 or (None in numbers and _are_consecutive(lines))
    except NotKnown:
        return False


def _by_dates(line: DoseLine, lines: Sequence[DoseLine]) -> tuple[float, float | None]:
    start, end, timing = _starts(line), _ends(line), line.timing or Timing()
    if start is None:  # it runs already, so before all that is still to begin
        start = min(day for other in lines for day in (_starts(other), _ends(other)) if day is not None) - 1
    if end is None:
        days = _days_counted(timing) if timing.lasts_days is None else timing.lasts_days
        return start, None if days is None else start + days
    if end < start:
        raise unknown_dose("a period that ends before it starts")
    # the last day belongs to the period, unless another line takes over on that very day
    return start, end if end > start and any(_starts(other) == end for other in lines) else end + 1


def _days_counted(timing: Timing) -> float | None:
    """Days until a single dose, or a count of doses, is given; None: neither is said."""
    if is_one_time(timing):
        return _ONE_DAY
    if timing.count is None:
        return None
    return max(max(timing.count, timing.count_max or 0) / per_day(timing).high, _ONE_DAY)


def _by_sequence(lines: Sequence[DoseLine], doses: Sequence[LineDose]) -> list[_Timed]:
    """Same number: together; different numbers: one after another; without a number: throughout."""
    groups: dict[int, list[tuple[DoseLine, LineDose]]] = {}
    throughout = []
    for line, dose in zip(lines, doses, strict=True):
        if line.sequence is None:
            throughout.append(_Timed(dose, 0.0, _ONE_DAY if is_one_time(line.timing) else None))
        else:
            groups.setdefault(line.sequence, []).append((line, dose))
    return [*_one_after_another([groups[sequence] for sequence in sorted(groups)]), *throughout]


def _one_after_another(groups: Sequence[Sequence[tuple[DoseLine, LineDose]]]) -> list[_Timed]:
    timed, start = [], 0.0
    for position, group in enumerate(groups):
        lengths = [_lasts(line) or _days_by_dates(line) for line, _ in group]
        # a phase of unstated length still ends where the next begins: a day stands for it
        longest = max((length for length in lengths if length is not None), default=_ONE_DAY)
        is_last = position == len(groups) - 1
        for (_, dose), length in zip(group, lengths, strict=True):
            end = start + longest if length is None else start + length
            timed.append(_Timed(dose, start, None if is_last and length is None else end, length is not None))
        start += longest
    return timed


def _are_consecutive(lines: Sequence[DoseLine]) -> bool:
    """Do the durations follow one another? All but the last line bounded, and not all for the same time."""
    lengths = [_lasts(line) for line in lines]
    return None not in lengths[:-1] and len(set(lengths)) > 1


def _may_be_one_day(lines: Sequence[DoseLine]) -> bool:
    """May the numbers only count the doses of one day, as in Swiss, German and Finnish medication plans?

    So it is where every number has other times of day and no lengths tell that one follows the other.
    """
    numbered = sorted((line for line in lines if line.sequence is not None), key=lambda line: line.sequence or 0)
    seen: dict[str, int | None] = {}
    for line in numbered:
        moments = () if line.timing is None else (*line.timing.when, *line.timing.times_of_day)
        if not moments or any(seen.setdefault(moment, line.sequence) != line.sequence for moment in moments):
            return False
    return not _are_consecutive(numbered)


def _phases(timed: Sequence[_Timed]) -> tuple[Phase, ...]:
    if not timed:
        return (Phase(0.0, 0.0, ()),)
    edges = sorted({line.start for line in timed} | {line.end for line in timed if line.end is not None})
    phases = []
    for position, start in enumerate(edges):
        end = edges[position + 1] if position + 1 < len(edges) else None
        running = [line for line in timed if line.start <= start and (line.end is None or line.end > start)]
        if running:
            low, high = _sum(line.dose.low for line in running), _sum(line.dose.high for line in running)
            days = end - start if end is not None and all(line.is_stated for line in running) else None
            doses = tuple(line.dose for line in running)
            phases.append(Phase(low, high, tuple(dose.step for dose in doses), days, doses))
    return tuple(phases)


def _sum(mg_per_day: Iterable[float]) -> float:
    """Together, without the noise of fractions of a day: 100 mg every 480 minutes is 300 mg/day, not a little less."""
    return round(sum(mg_per_day), NOISE_DIGITS)


def _is_taper(phases: Sequence[Phase]) -> bool:
    """Does every phase give less than the one before? A single dose on top of the first day makes no taper."""
    daily = [sum(line.high for line in phase.lines if not is_one_time(line.timing)) for phase in phases]
    return len(daily) > 1 and all(after < before - TOLERANCE for before, after in pairwise(daily))


def _are_dated(lines: Sequence[DoseLine]) -> bool:
    """Has every line a day in the calendar, and one of them its first?"""
    starts = [_starts(line) for line in lines]
    return any(starts) and all(start or _ends(line) for start, line in zip(starts, lines, strict=True))


def _starts(line: DoseLine) -> float | None:
    timing = line.timing
    if timing is None:
        return None
    if timing.starts_on is None and timing.events and is_one_time(timing):
        return timing.events[0].toordinal()
    return None if timing.starts_on is None else timing.starts_on.toordinal()


def _ends(line: DoseLine) -> float | None:
    return None if line.timing is None or line.timing.ends_on is None else line.timing.ends_on.toordinal()


def _days_by_dates(line: DoseLine) -> float | None:
    """Days from the first to the last of a numbered line that has both, beside lines that have none."""
    starts, ends = _starts(line), _ends(line)
    return None if starts is None or ends is None or ends < starts else ends - starts + 1


def _lasts(line: DoseLine) -> float | None:
    days = None if line.timing is None else line.timing.lasts_days
    if days is not None and days <= 0:
        raise unknown_dose("zero or negative duration")
    return days


# -- several drafts ---------------------------------------------------------------------------------------------------


def _sum_of(drafts: Sequence[MedicationOrder]) -> DailyDose:
    doses = [order_dose(draft) for draft in drafts]
    unknown = next((dose for dose in doses if dose.status == "unknown"), None)
    if unknown is not None:
        return DailyDose("unknown", why=unknown.why)
    phases = _phases_together(drafts) or _phases_added(doses)
    supplements = [dose.post_dialysis_mg for dose in doses if dose.post_dialysis_mg is not None]
    return DailyDose(
        status="parsed-text" if any(dose.status == "parsed-text" for dose in doses) else "known",
        phases=phases,
        is_as_needed=any(dose.is_as_needed for dose in doses),
        is_taper=phases[-1].high < phases[0].high - TOLERANCE and any(dose.is_taper for dose in doses),
        is_one_time=all(dose.is_one_time for dose in doses),
        post_dialysis_mg=sum(supplements) if supplements else None,
        steps=(
            *(step for dose in doses for step in dose.steps),
            f"together {number(max(phase.high for phase in phases))} mg/day",
        ),
    )


def _phases_together(drafts: Sequence[MedicationOrder]) -> tuple[Phase, ...]:
    """Phases of drafts whose lines are all dated, on one calendar; empty when they are not."""
    lines = [(line, line_dose(line, draft.drug)) for draft in drafts for line in draft.lines if not is_supplement(line)]
    if not _are_dated([line for line, _ in lines]):
        return ()
    return _phases(_timed([line for line, _ in lines], [dose for _, dose in lines]))


def _phases_added(doses: Sequence[DailyDose]) -> tuple[Phase, ...]:
    """First, highest and last daily dose when the drafts run side by side."""
    low = sum(dose.minimum_mg for dose in doses)
    start, peak, final = (
        sum(dose.start_mg for dose in doses),
        sum(dose.peak_mg for dose in doses),
        sum(dose.final_mg for dose in doses if not dose.is_one_time) or sum(dose.final_mg for dose in doses),
    )
    lines = tuple(line for dose in doses for line in max(dose.phases, key=lambda phase: phase.high).lines)
    first, last = Phase(low, start, ()), Phase(low, final, ())
    highest = Phase(low, peak, (), None, lines)
    return (highest,) if start == final == peak else (first, highest, last)


def _described(phases: Sequence[Phase]) -> tuple[str, ...]:
    """The steps in words; each phase with its length, added lines with their sum."""
    described = []
    for position, phase in enumerate(phases):
        text = " + ".join(phase.steps)
        if len(phase.steps) > 1:
            text = f"{text}; together {number(phase.high)} mg/day"
        if len(phases) > 1:
            length = "" if phase.days is None else f" for {number(phase.days)} day{'s' if phase.days != 1 else ''}"
            text = f"phase {position + 1}: {text}{length}"
        if text:
            described.append(text)
    return tuple(described)
