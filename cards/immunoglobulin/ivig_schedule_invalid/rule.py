"""Can the schedule of intravenous immunoglobulin be carried out safely as written?

WHEN  intravenous immunoglobulin is ordered
AND   its timing or its words hold an impossible interval, contradict themselves, have no end, or make courses longer,
      denser or closer than a course of immunoglobulin is
THEN  say which, critically on signing where it cannot be read at all, and offer a single course (book 4.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, SetSchedule
from cards.orders import Amount, DoseLine, MedicationOrder, OrderedDrug, Timing
from cards.pharmacology.dose_line import is_one_time
from cards.pharmacology.infusion.course_offer import can_be_rescheduled, single_course
from cards.pharmacology.infusion.dosing_weight import dosing_weight
from cards.pharmacology.infusion.infusion_schedule import (
    InfusionSchedule,
    days_in_a_row,
    infusion_schedule,
    is_spread,
    moments_of_day,
    share_a_day,
)
from cards.pharmacology.infusion.infusion_timing import bounds_days
from cards.pharmacology.infusion.infusion_words import zero_interval
from cards.pharmacology.infusion.stated_doses import in_grams, stated_doses
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.timing_elements import impossible_values, timing_as_sent
from cards.wording import SUMMARY_LIMIT, joined, number, on, shortened

LIMITS = "Limits: judges the schedule alone, not indication or dose."


class Kind(NamedTuple):
    """A row of the table: how loud at each hook (None: silent)."""

    row: str
    at_select: Indicator | None
    at_sign: Indicator


IMPOSSIBLE = Kind("impossible value", Indicator.WARNING, Indicator.CRITICAL)
EVERY_ZERO = Kind("every 0", Indicator.WARNING, Indicator.CRITICAL)
CONTRADICTION = Kind("contradictory bounds", Indicator.WARNING, Indicator.WARNING)
OPEN_ENDED = Kind("open-ended daily", Indicator.WARNING, Indicator.WARNING)
TOO_LONG = Kind("too many days in a row", None, Indicator.WARNING)
OVERLAP = Kind("courses overlap", None, Indicator.WARNING)
SEVERAL_A_DAY = Kind("several infusions a day", None, Indicator.WARNING)
ONCE_OR_COURSE = Kind("once or a course", None, Indicator.INFO)


class Finding(NamedTuple):
    """What is wrong with a draft, or with several `in_company`, and why, in words for the summary."""

    kind: Kind
    why: str
    draft: MedicationOrder
    line: DoseLine
    in_company: bool = False


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Every dose line of every draft against the table of 4.2; the loudest finding speaks, the others are named."""
    found: list[Finding] = []
    unread: NotKnown | None = None
    for draft in order.drafts:
        try:
            found.extend(_findings(draft, facts, knowledge))
        except NotKnown as unknown:
            unread = unknown
    if not found and len(order.drafts) > 1:
        found.extend(_in_turn(order, facts, knowledge))
    speaking = [finding for finding in found if _level(finding, order) is not None]
    if speaking:
        return _advice(order, facts, knowledge, speaking)
    if unread is not None:
        return CannotTell(unread.why, (unread.what,))
    if found:
        return NothingToAdd(f"silent at {order.hook}: {found[0].why}", found[0].kind.row)
    return NothingToAdd("the schedule can be carried out as written", "valid")


def _level(finding: Finding, order: OrderedDrug) -> Indicator | None:
    return finding.kind.at_sign if order.is_signing else finding.kind.at_select


# -- rows -------------------------------------------------------------------------------------------------------------


def _findings(draft: MedicationOrder, facts: Facts, knowledge: Knowledge) -> list[Finding]:
    """What is wrong with one draft. Raises NotKnown when nothing is, and a line is not understood."""
    found = [Finding(kind, why, draft, line) for line in draft.lines for kind, why in _unreadable(draft, line)]
    found += _in_note(draft)
    if found:
        return found
    schedules, unread = _schedules(draft, facts)
    found = [
        Finding(kind, why, draft, line)
        for line, schedule in schedules
        for kind, why in _unusual(line, schedule, knowledge)
    ]
    if not found:
        moments = _at_other_moments(draft.lines, schedules, knowledge)
        found = [
            Finding(SEVERAL_A_DAY, f"{n} infusions a day in several lines", draft, draft.lines[0]) for n in moments
        ]
    run, longest = days_in_a_row([schedule for _, schedule in schedules]), knowledge.value("longest_course")
    if run is not None and run > longest:
        found.append(Finding(TOO_LONG, f"{run} infusion days in a row", draft, schedules[0][0]))
    if not found and unread is not None:
        raise unread
    return found


def _schedules(draft: MedicationOrder, facts: Facts) -> tuple[list[tuple[DoseLine, InfusionSchedule]], NotKnown | None]:
    """(the lines that state a schedule, why one of them is not understood)."""
    schedules, unread = [], None
    for line in draft.lines:
        try:
            schedule = infusion_schedule(line, facts.as_of, draft.ended_on)
        except NotKnown as unknown:
            unread = unknown
            continue
        if schedule is not None:
            schedules.append((line, schedule))
    return schedules, unread


def _in_turn(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
    """Drafts that follow one another by their dates are one course; those of one day are several infusions (1.10)."""
    lines = [(draft, line) for draft in order.drafts for line in draft.lines]
    laid_out = [read for draft in order.drafts for read in _schedules(draft, facts)[0]]
    among = f"in {len(order.drafts)} drafts"
    for found in _at_other_moments([line for _, line in lines], laid_out, knowledge):
        for draft, line in lines:
            yield Finding(SEVERAL_A_DAY, f"{found} infusions a day {among}", draft, line, in_company=True)
    schedules = [schedule for _, schedule in laid_out]
    if any(schedule.starts_on is None for schedule in schedules):
        return
    run = days_in_a_row(schedules)
    if run is not None and run > knowledge.value("longest_course"):
        for draft, line in lines:
            yield Finding(TOO_LONG, f"{run} infusion days in a row {among}", draft, line, in_company=True)


def _unreadable(draft: MedicationOrder, line: DoseLine) -> Iterator[tuple[Kind, str]]:
    timing = line.timing or Timing()
    impossible = impossible_values(timing)
    if impossible:
        yield IMPOSSIBLE, joined(impossible)
    zero = zero_interval((line.text, line.patient_instruction, timing.code))
    if zero:
        yield EVERY_ZERO, f'"{zero}"'
    if timing.starts_on and timing.ends_on and timing.ends_on < timing.starts_on:
        yield CONTRADICTION, f"ends {on(timing.ends_on)}, before its start {on(timing.starts_on)}"
    if timing.period is not None and timing.period_unit is None:
        yield CONTRADICTION, f"period {number(timing.period)} without a unit"


def _in_note(draft: MedicationOrder) -> Iterator[Finding]:
    zero = zero_interval((draft.note,))
    if zero:
        yield Finding(EVERY_ZERO, f'note: "{zero}"', draft, draft.lines[0] if draft.lines else DoseLine())


def _unusual(line: DoseLine, schedule: InfusionSchedule, knowledge: Knowledge) -> Iterator[tuple[Kind, str]]:
    if schedule.is_one_time:
        yield from _once_with_bounds(line, knowledge)
        return
    if schedule.is_daily and not schedule.has_end:
        yield OPEN_ENDED, "daily without an end"
    if schedule.courses_overlap:
        every = number(schedule.interval_days or 0)
        yield OVERLAP, f"a course of {schedule.days} days every {every} days"
    if schedule.per_day > knowledge.value("infusions_a_day"):
        yield SEVERAL_A_DAY, f"{number(schedule.per_day)} infusions a day"


def _at_other_moments(
    lines: Sequence[DoseLine], laid_out: Sequence[tuple[DoseLine, InfusionSchedule]], knowledge: Knowledge
) -> Iterator[int]:
    """Infusions a day of lines of one day that name different moments of it: "in the morning", "in the evening"."""
    schedules = dict(laid_out)
    dosed = [line for line in lines if line.amount is not None] or [line for line in lines if stated_doses(line.text)]
    timed = [(line, moments) for line in dosed if (moments := moments_of_day(line))]
    for line, moments in timed:
        apart = {
            moment
            for other, others in timed
            if moments.isdisjoint(others) and share_a_day(schedules.get(line), schedules.get(other))
            for moment in others
        }
        times = len(moments | apart)
        if apart and times > knowledge.value("infusions_a_day"):
            yield times
            return


def _once_with_bounds(line: DoseLine, knowledge: Knowledge) -> Iterator[tuple[Kind, str]]:
    lasts = None if line.timing is None else bounds_days(line.timing)
    if lasts is not None and knowledge.value("shortest_course") <= lasts <= knowledge.value("longest_course"):
        yield ONCE_OR_COURSE, f"once, yet over {number(lasts)} days"


# -- words ------------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, facts: Facts, knowledge: Knowledge, found: list[Finding]) -> Advice:
    worst = max(found, key=lambda finding: _level(finding, order) or Indicator.INFO)  # the first of the loudest
    level = _level(worst, order) or Indicator.INFO
    return Advice(
        summary=_summary(worst),
        indicator=level,
        explanation=Explanation(
            order=order_line(order),
            facts=tuple(dict.fromkeys(fact for finding in found for fact in _side_by_side(finding))),
            rule=_rule(knowledge, found),
            basis=knowledge.basis("octagam", "gammagard", "fhir"),
            limits=LIMITS,
        ),
        evidence="fhir" if worst.kind is IMPOSSIBLE else "octagam",
        row=worst.kind.row,
        suggestions=tuple(_single_course(worst, facts, knowledge)),
    )


def _rule(knowledge: Knowledge, found: list[Finding]) -> str:
    whys = joined(list(dict.fromkeys(finding.why for finding in found)))
    danger = "An interval of nothing or an open end can be carried out as continuous therapy. "
    is_endless = any(finding.kind in (IMPOSSIBLE, EVERY_ZERO, OPEN_ENDED) for finding in found)
    shortest, longest = (number(knowledge.value(name)) for name in ("shortest_course", "longest_course"))
    return (
        f"{whys[:1].upper()}{whys[1:]}. {danger if is_endless else ''}Valid, for example: one course of one infusion a "
        f"day for {shortest}-{longest} days; or such courses with an interval longer than the course."
    )


def _summary(worst: Finding) -> str:
    text = worst.line.text or worst.line.patient_instruction or timing_as_sent(worst.line.timing)
    if worst.kind in (IMPOSSIBLE, EVERY_ZERO, CONTRADICTION):
        rest = f'IVIG schedule "" cannot be interpreted ({worst.why}); clarify single course or interval'
    else:
        rest = f'IVIG schedule "": {worst.why}; consider clarifying single course or interval'
    return rest.replace('""', f'"{shortened(text, SUMMARY_LIMIT - len(rest))}"', 1)


def _side_by_side(finding: Finding) -> Iterator[str]:
    """The timing as it came beside the words of the order."""
    line = finding.line
    text = f'"{shortened(line.text, SUMMARY_LIMIT)}"' if line.text else "none"
    yield f"Timing as sent: {timing_as_sent(line.timing)}. Text: {text}"
    if line.patient_instruction:
        yield f'Patient instruction: "{shortened(line.patient_instruction, SUMMARY_LIMIT)}"'
    if finding.draft.note:
        yield f'Note: "{shortened(finding.draft.note, SUMMARY_LIMIT)}"'


# -- what is offered --------------------------------------------------------------------------------------------------


def _single_course(finding: Finding, facts: Facts, knowledge: Knowledge) -> Iterator[SetSchedule]:
    """A single course at the ordered dose, no longer than the label's course and with no more infusions than ordered.

    None for a one-time order, a dose that is spread over days, or one of several drafts that are wrong together. None
    where the note says the interval: a new dosage would leave it there.
    """
    draft, line, timing = finding.draft, finding.line, finding.line.timing or Timing()
    amount = line.amount
    if amount is None or is_one_time(timing) or zero_interval((draft.note,)) or not can_be_rescheduled(draft):
        return
    if is_spread(line) or finding.in_company:
        return
    days = int(knowledge.value("longest_course"))
    bounds = (_infusions(line, facts, draft), _days_by_dose(amount, facts, knowledge))
    days = min([days, *(bound for bound in bounds if bound is not None)])
    if days >= knowledge.value("shortest_course"):
        yield single_course(draft.id, amount, days, recommended=False)


def _infusions(line: DoseLine, facts: Facts, draft: MedicationOrder) -> int | None:
    """Infusions that a line orders in a course; None: not told."""
    timing = line.timing or Timing()
    counts = [count for count in (len(timing.events), timing.count, timing.count_max) if count and count > 0]
    if counts:
        return int(max(counts))
    try:
        schedule = None if impossible_values(timing) else infusion_schedule(line, facts.as_of, draft.ended_on)
    except NotKnown:
        return None
    return None if schedule is None or schedule.days is None else math.ceil(schedule.days * schedule.per_day)


def _days_by_dose(amount: Amount, facts: Facts, knowledge: Knowledge) -> int | None:
    """Days of a course that its dose allows; None: not known, as of a dose in g without a weight."""
    dose = in_grams(amount)
    kg = None if dose is None else 1 if dose.is_per_kg else dosing_weight(facts).kg
    if dose is None or kg is None or dose.grams <= 0:
        return None
    most = knowledge.value("course_dose" if dose.is_per_kg else "course_most")
    return math.floor(most * kg / dose.grams + TOLERANCE)
