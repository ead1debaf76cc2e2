"""Is IgM so high before the first dose of rituximab that a flare is to be expected?

WHEN  rituximab is ordered as the first dose of a course
AND   IgM is 4 g/dL or more without plasma exchange just done or scheduled before the dose, or with IgM neuropathy or
      Waldenstrom macroglobulinaemia there is no IgM recent enough that could be read
THEN  point to plasmapheresis before the dose, or to the missing IgM (book 5.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cards.bounds import is_at_least
from cards.errors import NotKnown
from cards.facts import Facts, Measurement
from cards.knowledge import Knowledge
from cards.neurology.phenotype import current_picture, stated_picture
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, OrderService
from cards.orders import OrderedDrug, ServiceOrder
from cards.pharmacology.infusion.anti_cd20_course import is_later_dose
from cards.pharmacology.infusion.immunoglobulin_level import (
    NEED,
    PANEL,
    g_per_dl,
    in_g_per_dl,
    latest_level,
    level_in_units,
)
from cards.pharmacology.order_wording import order_line
from cards.suggested_orders import is_result_awaited, order_test, ordered_lately
from cards.wording import joined, listed, number, on

IGM = "igm"
EXCHANGE = "plasma_exchange"
VISCOSITY = "serum_viscosity"
NP_IGM, WALDENSTROM = "np_igm", "waldenstrom"
EXPECTED = ("active", "draft")
CARRIED_OUT = (*EXPECTED, "completed")
LIMITS = "Limits: sees only results and exchanges in this record; laboratories and their methods are not compared."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The newest IgM against the table of 5.4."""
    try:
        igm = latest_level(facts, IGM, int(knowledge.value("igm_recent")))
        is_high = igm is not None and is_at_least(igm, knowledge.value("high_igm"), need=NEED)
        unread = ""
    except NotKnown as unknown:
        igm, is_high, unread = None, False, unknown.why or "not supplied"
    if igm is not None and not is_high:
        return NothingToAdd("IgM is below the limit", "low")
    diseases = () if is_high else _igm_diseases(order, facts)
    if not (is_high or diseases):
        return NothingToAdd("no IgM disease and no IgM of late", "no disease")
    if is_later_dose(facts):
        return NothingToAdd("a later dose of the course", "later dose")
    if igm is not None:
        return _high(order, facts, knowledge, igm)
    days = int(knowledge.value("ordered_lately"))
    if ordered_lately(facts, (IGM, PANEL), days) or is_result_awaited(facts, IGM, days):
        return NothingToAdd("IgM is ordered, the result to come", "pending")
    return _missing(order, facts, knowledge, diseases, unread)


def _igm_diseases(order: OrderedDrug, facts: Facts) -> tuple[str, ...]:
    """IgM neuropathy and Waldenstrom macroglobulinaemia, stated or on the problem list. Raises NotKnown."""
    stated = [reason for reason in order.reasons if reason.is_a(WALDENSTROM) and not reason.is_suspected]
    picture = stated_picture(facts, order.reasons)
    if not (stated or picture.shows(NP_IGM)):
        stated, picture = list(facts.current(WALDENSTROM)), current_picture(facts, beside=order.reasons)
    labels = [d.label for d in (*stated, *picture.of(NP_IGM))]
    return tuple(dict.fromkeys(labels)) or (("anti-MAG antibody",) if picture.shows(NP_IGM) else ())


# -- rows -------------------------------------------------------------------------------------------------------------


def _high(order: OrderedDrug, facts: Facts, knowledge: Knowledge, igm: Measurement) -> Opinion:
    answered, exchange = _exchange(order, facts, knowledge)
    if answered:
        return NothingToAdd(exchange, "plasma exchange")
    limit = g_per_dl(knowledge.value("high_igm"))
    days = number(knowledge.value("exchange_before"))
    return Advice(
        summary=f"IgM {in_g_per_dl(igm)} (≥ {limit}): consider plasmapheresis before rituximab to limit IgM flare",
        indicator=Indicator.WARNING,
        explanation=Explanation(
            order=order_line(order),
            facts=(f"IgM: {level_in_units(igm)} on {on(igm.on)}", exchange),
            rule=(
                f"IgM of {limit} g/dL or more, and no plasma exchange in the last {days} days or scheduled before the "
                "dose. A flare can worsen the neuropathy and raise viscosity (headache, visual change, bleeding); "
                "consider keeping access to plasmapheresis."
            ),
            basis=knowledge.basis("iwwm8", "flare", "trials", "bortezomib"),
            limits=LIMITS,
        ),
        evidence="iwwm8",
        row="high",
        suggestions=tuple(_exchange_and_viscosity(facts, knowledge)),
    )


def _missing(order: OrderedDrug, facts: Facts, knowledge: Knowledge, diseases: tuple[str, ...], unread: str) -> Opinion:
    days = number(knowledge.value("igm_recent"))
    older = "" if unread else _older(facts)
    if unread:
        state, found = "IgM could not be checked", f"IgM: could not be checked ({unread})"
    elif older:
        state, found = f"IgM is older than {days} days", f"IgM: {older}, older than {days} days"
    else:
        state, found = "No IgM on file", "IgM: searched, none found"
    return Advice(
        summary=f"{state}; with {listed(diseases)} consider measuring it before rituximab (risk of IgM flare)",
        indicator=Indicator.INFO,
        explanation=Explanation(
            order=order_line(order),
            facts=(found, f"IgM disease: {joined(diseases)}"),
            rule=f"With IgM neuropathy or Waldenstrom macroglobulinaemia an IgM of the last {days} days is expected.",
            basis=knowledge.basis("iwwm8", "flare", "trials", "bortezomib"),
            limits=LIMITS,
        ),
        evidence="iwwm8",
        row="unknown" if unread else "missing or old",
        suggestions=(order_test("igm", "Order IgM"),),
        unchecked=bool(unread),
    )


def _older(facts: Facts) -> str:
    """The newest older result; empty when there is none that can be read."""
    for level in facts.measurements(IGM):
        if level.value is not None and not level.is_pending:
            return f"{level_in_units(level)} on {on(level.on)}"
    return ""


# -- plasma exchange --------------------------------------------------------------------------------------------------


def _exchange(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> tuple[bool, str]:
    """(done lately or scheduled before the dose?, the line for the card). What could not be checked is not there."""
    days, unchecked = int(knowledge.value("exchange_before")), ""
    done: list[date] = []
    try:
        done = [p.done_on for p in facts.procedures(EXCHANGE) if p.is_done and p.done_on is not None]
    except NotKnown:
        unchecked = "; what was done could not be checked"
    lately = [day for day in done if facts.is_within(day, days)]
    if lately:
        return True, f"Plasma exchange: done on {on(max(lately))}"
    expected = list(facts.basket_services(EXCHANGE))
    try:
        expected += facts.service_orders(EXCHANGE)
    except NotKnown:
        unchecked += "; what is ordered could not be checked"
    dose_on = _dose_on(order)
    if any(_is_before(one, dose_on, facts, knowledge) for one in expected):
        return True, "Plasma exchange: scheduled before the dose"
    last = f"last on {on(max(done))}" if done else "none found"
    return False, f"Plasma exchange within {days} days or scheduled before the dose: {last}{unchecked}"


def _is_before(exchange: ServiceOrder, dose_on: date | None, facts: Facts, knowledge: Knowledge) -> bool:
    """Is it to come, or just past, and not after the dose? An undated dose may well be after it."""
    planned = exchange.planned_on
    if exchange.status not in (EXPECTED if planned is None else CARRIED_OUT):
        return False
    if planned is None:
        ordered_on, days = exchange.authored_on, int(knowledge.value("ordered_lately"))
        return exchange.is_draft or (ordered_on is not None and facts.is_within(ordered_on, days))
    is_past = facts.days_since(planned) > knowledge.value("exchange_before")
    return not is_past and (dose_on is None or planned <= dose_on)


def _dose_on(order: OrderedDrug) -> date | None:
    """The first day that the drafts state; None: none."""
    timings = [line.timing for draft in order.drafts for line in draft.lines if line.timing is not None]
    days = [day for timing in timings for day in (*timing.events, timing.starts_on) if day is not None]
    return min(days, default=None)


def _exchange_and_viscosity(facts: Facts, knowledge: Knowledge) -> Iterator[OrderService]:
    text = (
        "Referral for plasmapheresis before rituximab"  # by its words: the confirmed codes are of inpatient procedures
    )
    yield OrderService("Refer for plasmapheresis", text, recommended=False)
    if not ordered_lately(facts, (VISCOSITY,), int(knowledge.value("ordered_lately"))):
        yield order_test("viscosity", "Order serum viscosity")
