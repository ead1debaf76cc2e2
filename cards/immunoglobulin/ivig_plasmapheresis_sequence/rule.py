"""Would plasma exchange remove the immunoglobulin that was given before it?

WHEN  plasma exchange is ordered after immunoglobulin was given or ordered, or immunoglobulin while an exchange is to
      come; or plasma exchange soon after rituximab
AND   the exchange follows within the windows; or Guillain-Barre syndrome is treated and both are planned
THEN  warn in the near window and in Guillain-Barre syndrome, inform in the far one and for rituximab (book 4.8).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.hits import Hit, Hits, hits, offers_of
from cards.knowledge import Knowledge
from cards.neurology.phenotype import current_guillain_barre
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion, RemoveOrder, SetDate, Suggestion
from cards.orders import Ordered, OrderedDrug, OrderedService
from cards.pharmacology.infusion.plasma_exchange import (
    IVIG,
    Exchange,
    Infused,
    drafted_before,
    exchange,
    exchanges_to_come,
    immunoglobulin_before,
    is_immunoglobulin_to_come,
    rituximab_before,
)
from cards.pharmacology.order_wording import order_line
from cards.suggested_orders import AT_MOST
from cards.wording import joined, on, unchecked

LIMITS = "Limits: infusions and exchanges in other records are not seen; on one day the order of the two is not known."
BOTH = "Guillain-Barre syndrome, both planned"
REMOVE_EXCHANGE, REMOVE_IVIG = "Remove this plasma exchange draft", "Remove this IVIG draft"


def advise(order: Ordered, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Each exchange beside the infusions before it; the loudest row speaks, Guillain-Barre syndrome first."""
    if isinstance(order, OrderedService):
        of_exchange = (_exchange_in_guillain_barre, _after_immunoglobulin, _after_rituximab)
        found = hits([partial(row, order, facts, knowledge) for row in of_exchange])
    else:
        of_immunoglobulin = (_immunoglobulin_in_guillain_barre, _before_exchange)
        found = hits([partial(row, order, facts, knowledge) for row in of_immunoglobulin])
    if found.found:
        return _advice(order, knowledge, found)
    if found.unknown:
        return found.cannot_tell(between="; ")
    return NothingToAdd("no plasma exchange soon after immunoglobulin or rituximab")


# -- an exchange is ordered -------------------------------------------------------------------------------------------


def _exchange_in_guillain_barre(order: OrderedService, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    drafts = [draft for draft in facts.basket.medications if draft.drug.is_a(IVIG)]
    if drafts or is_immunoglobulin_to_come(facts, int(knowledge.value("planned_within"))):
        reasons = (*order.reasons, *(reason for draft in drafts for reason in draft.reasons))
        yield from _guillain_barre(facts, reasons, RemoveOrder(order.last.id, REMOVE_EXCHANGE))


def _after_immunoglobulin(order: OrderedService, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    for one in (exchange(draft, facts) for draft in order.drafts):
        remove = RemoveOrder(one.order.id, REMOVE_EXCHANGE)
        infused = _last_immunoglobulin(facts, one.day)
        later = knowledge.value("named_within") + 1
        dates: tuple[SetDate | None, ...] = ()
        if infused is not None and len(order.drafts) == 1:  # a course may go on after the day that is planned now
            last = _last_immunoglobulin(facts, infused.day + timedelta(days=later)) or infused
            dates = (_later(one, facts, knowledge, last, later),)
        yield from _sequence(one, infused, knowledge, (*dates, remove))


def _last_immunoglobulin(facts: Facts, day: date) -> Infused | None:
    """The last immunoglobulin up to `day`: given, ordered or drafted. Raises NotKnown."""
    drafted = [drafted_before(draft, facts, day) for draft in facts.basket.medications if draft.drug.is_a(IVIG)]
    try:
        recorded = immunoglobulin_before(facts, day)
    except NotKnown:
        if not any(drafted):
            raise
        recorded = None
    return max((i for i in (recorded, *drafted) if i is not None), key=lambda i: i.day, default=None)


def _after_rituximab(order: OrderedService, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    for one in (exchange(draft, facts) for draft in order.drafts):
        day, within = rituximab_before(facts, one.day), knowledge.value("rituximab_within")
        if day is None or (one.day - day).days > within:
            continue
        given = Infused(day, "given")
        dates = () if len(order.drafts) > 1 else (_later(one, facts, knowledge, given, within + 1),)
        yield Hit(
            "exchange after rituximab",
            Indicator.INFO,
            f"Plasma exchange soon after rituximab ({on(day)}) removes the drug; consider a later date",
            f"Plasma exchange within {within:g} days after rituximab.",
            (f"Rituximab: {on(day)}", _planned(one)),
            evidence=("practice",),
            offers=(*dates, RemoveOrder(one.order.id, REMOVE_EXCHANGE)),
        )


# -- immunoglobulin is ordered ----------------------------------------------------------------------------------------


def _immunoglobulin_in_guillain_barre(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    planned = exchanges_to_come(facts, int(knowledge.value("planned_within")))
    if planned:
        reasons = (*order.reasons, *(reason for one in planned for reason in one.order.reasons))
        yield from _guillain_barre(facts, reasons, RemoveOrder(order.last.id, REMOVE_IVIG))


def _before_exchange(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    for one in exchanges_to_come(facts, int(knowledge.value("planned_within"))):
        drafted = [drafted_before(draft, facts, one.day) for draft in order.drafts]
        infused = max((i for i in drafted if i is not None), key=lambda i: i.day, default=None)
        yield from _sequence(one, infused, knowledge, (RemoveOrder(order.last.id, REMOVE_IVIG),))


# -- what both say ----------------------------------------------------------------------------------------------------


def _sequence(
    one: Exchange, infused: Infused | None, knowledge: Knowledge, offers: tuple[Suggestion | None, ...]
) -> Iterator[Hit]:
    days = None if infused is None else (one.day - infused.day).days
    if infused is None or days is None or days > knowledge.value("named_within"):
        return
    is_near = days <= knowledge.value("warned_within")
    after = f"{days} day{'' if days == 1 else 's'} after IVIG" if days else "on the day of IVIG"
    yield Hit(
        f"exchange within {knowledge.value('warned_within' if is_near else 'named_within'):g} days after IVIG",
        Indicator.WARNING if is_near else Indicator.INFO,
        f"Plasma exchange {after} removes the immunoglobulin; choose one or reverse the order",
        f"Plasma exchange {after}; warned of within {knowledge.value('warned_within'):g} days, named within "
        f"{knowledge.value('named_within'):g}. The other order, immunoglobulin after the exchange, does not remove it.",
        (f"IVIG: last infusion {on(infused.day)} ({infused.how})", _planned(one)),
        evidence=("asco", "exchange_after_ivig", "practice"),
        offers=offers,
    )


def _guillain_barre(facts: Facts, reasons: tuple[Diagnosis, ...], remove: RemoveOrder) -> Iterator[Hit]:
    stated = [reason for reason in reasons if reason.is_a("gbs") and not reason.is_suspected]
    found = stated or current_guillain_barre(facts)
    if found:
        yield Hit(
            BOTH,
            Indicator.WARNING,
            "Guillain-Barre syndrome: IVIG and plasma exchange both planned; combination not better, choose one",
            "Guillain-Barre syndrome with immunoglobulin and plasma exchange in sequence.",
            (f"Guillain-Barre syndrome: {found[0].label} ({'stated reason' if stated else on(found[0].on)})",),
            evidence=("aan", "exchange_after_ivig", "asco"),
            offers=(remove,),
        )


def _planned(one: Exchange) -> str:
    stated = "" if one.is_dated else ", no day stated, today taken"
    return f"Plasma exchange: {on(one.day)} ({'drafted' if one.order.is_draft else 'ordered'}{stated})"


def _later(one: Exchange, facts: Facts, knowledge: Knowledge, infused: Infused, days: float) -> SetDate | None:
    """The day after the window; None where it would remove another dose then, or that could not be checked."""
    day = infused.day + timedelta(days=days)
    try:
        immunoglobulin, rituximab = _last_immunoglobulin(facts, day), rituximab_before(facts, day)
    except NotKnown:
        return None
    if immunoglobulin is not None and (day - immunoglobulin.day).days <= knowledge.value("named_within"):
        return None
    if rituximab is not None and (day - rituximab).days <= knowledge.value("rituximab_within"):
        return None
    return SetDate(one.order.id, f"Plan plasma exchange for {on(day)}, {days:g} days after the infusion", day)


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(order: Ordered, knowledge: Knowledge, found: Hits) -> Advice:
    worst = found.decisive
    others = [hit for hit in found.found if hit.row != worst.row]
    also = f" Also: {joined(list(dict.fromkeys(hit.row for hit in others)))}." if others else ""
    offering = (worst,) if worst.row == BOTH else (worst, *others)  # another date is no help where one is enough
    lines = dict.fromkeys(line for hit in (worst, *others) for line in hit.facts)
    return Advice(
        summary=worst.what,
        indicator=worst.level,
        explanation=Explanation(
            order=order_line(order) if isinstance(order, OrderedDrug) else _service_line(order),
            facts=(*lines, *map(unchecked, found.unknown)),
            rule=f"{worst.rule}{also}",
            basis=knowledge.basis(*worst.evidence),
            limits=LIMITS,
        ),
        evidence=worst.evidence[0],
        row=worst.row,
        suggestions=offers_of(offering)[:AT_MOST],
    )


def _service_line(order: OrderedService) -> str:
    days = joined([on(draft.planned_on) if draft.planned_on else "no day stated" for draft in order.drafts])
    by_text = " (recognised by its name only)" if order.by_text else ""
    return f"{order.name}, planned: {days}{by_text}."
