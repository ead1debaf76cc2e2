"""Would plasma exchange remove the immunoglobulin that was given before it?

WHEN  plasma exchange is ordered after immunoglobulin was given or ordered, or immunoglobulin while an exchange is to
      come; or plasma exchange soon after rituximab
AND   the exchange follows within the windows; or Guillain-Barre syndrome is treated and both are planned
THEN  warn in the near window and in Guillain-Barre syndrome, inform in the far one and for rituximab (book 4.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.knowledge import Knowledge
from cards.neurology.phenotype import current_guillain_barre
from cards.opinion import (
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    RemoveOrder,
    SetDate,
    Suggestion,
)
from cards.orders import Ordered, OrderedDrug, OrderedService
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.plasma_exchange import (
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
from cards.suggested_orders import AT_MOST
from cards.wording import joined, on, unchecked

LIMITS = "Limits: infusions and exchanges in other records are not seen; on one day the order of the two is not known."
BOTH = "Guillain-Barre syndrome, both planned"


class Finding(NamedTuple):
    """One row that matched."""

    row: str
    level: Indicator
    summary: str
    rule: str
    facts: tuple[str, ...]
    evidence: tuple[str, ...]
    offers: tuple[Suggestion, ...]


Look = Callable[[Facts, Knowledge], Iterator[Finding]]


def advise(order: Ordered, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Each exchange beside the infusions before it; the loudest finding speaks, Guillain-Barre syndrome first."""
    looks = _of_exchange(order) if isinstance(order, OrderedService) else _of_immunoglobulin(order)
    found: list[Finding] = []
    unknown: list[NotKnown] = []
    for look in looks:
        try:
            found += look(facts, knowledge)
        except NotKnown as error:
            unknown.append(error)
    if found:
        return _advice(order, knowledge, found, unknown)
    if unknown:
        because = "; ".join(dict.fromkeys(str(error) for error in unknown))
        return CannotTell(because, tuple(dict.fromkeys(error.what for error in unknown)))
    return NothingToAdd("no plasma exchange soon after immunoglobulin or rituximab")


# -- an exchange is ordered -------------------------------------------------------------------------------------------


def _of_exchange(order: OrderedService) -> tuple[Look, ...]:
    def after_immunoglobulin(facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
        for one in (exchange(draft, facts) for draft in order.drafts):
            offers = (RemoveOrder(one.order.id, "Remove this plasma exchange draft"),)
            drafted = [
                drafted_before(draft, facts, one.day) for draft in facts.basket.medications if draft.drug.is_a(IVIG)
            ]
            try:
                recorded = immunoglobulin_before(facts, one.day)
            except NotKnown:
                if not any(drafted):
                    raise
                recorded = None
            infused = max((i for i in (recorded, *drafted) if i is not None), key=lambda i: i.day, default=None)
            later = knowledge.value("named_within") + 1
            dates = () if infused is None or len(order.drafts) > 1 else (_later(one, infused, later),)
            yield from _sequence(one, infused, knowledge, (*dates, *offers))

    def after_rituximab(facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
        for one in (exchange(draft, facts) for draft in order.drafts):
            day, within = rituximab_before(facts, one.day), knowledge.value("rituximab_within")
            if day is not None and (one.day - day).days <= within:
                yield _rituximab(one, Infused(day, "given"), within, is_single=len(order.drafts) == 1)

    def in_guillain_barre(facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
        drafts = [draft for draft in facts.basket.medications if draft.drug.is_a(IVIG)]
        if drafts or is_immunoglobulin_to_come(facts, int(knowledge.value("planned_within"))):
            reasons = (*order.reasons, *(reason for draft in drafts for reason in draft.reasons))
            yield from _guillain_barre(facts, reasons, RemoveOrder(order.last.id, "Remove this plasma exchange draft"))

    return in_guillain_barre, after_immunoglobulin, after_rituximab


# -- immunoglobulin is ordered ----------------------------------------------------------------------------------------


def _of_immunoglobulin(order: OrderedDrug) -> tuple[Look, ...]:
    remove = RemoveOrder(order.last.id, "Remove this IVIG draft")

    def before_exchange(facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
        for one in exchanges_to_come(facts, int(knowledge.value("planned_within"))):
            drafted = [drafted_before(draft, facts, one.day) for draft in order.drafts]
            infused = max((i for i in drafted if i is not None), key=lambda i: i.day, default=None)
            yield from _sequence(one, infused, knowledge, (remove,))

    def in_guillain_barre(facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
        planned = exchanges_to_come(facts, int(knowledge.value("planned_within")))
        if planned:
            reasons = (*order.reasons, *(reason for one in planned for reason in one.order.reasons))
            yield from _guillain_barre(facts, reasons, remove)

    return in_guillain_barre, before_exchange


# -- rows -------------------------------------------------------------------------------------------------------------


def _sequence(
    one: Exchange, infused: Infused | None, knowledge: Knowledge, offers: tuple[Suggestion, ...]
) -> Iterator[Finding]:
    days = None if infused is None else (one.day - infused.day).days
    if infused is None or days is None or days > knowledge.value("named_within"):
        return
    is_near = days <= knowledge.value("warned_within")
    after = f"{days} day{'' if days == 1 else 's'} after IVIG" if days else "on the day of IVIG"
    yield Finding(
        f"exchange within {knowledge.value('warned_within' if is_near else 'named_within'):g} days after IVIG",
        Indicator.WARNING if is_near else Indicator.INFO,
        f"Plasma exchange {after} removes the immunoglobulin; choose one or reverse the order",
        f"Plasma exchange {after}; warned of within {knowledge.value('warned_within'):g} days, named within "
        f"{knowledge.value('named_within'):g}. The other order, immunoglobulin after the exchange, does not remove it.",
        (f"IVIG: last infusion {on(infused.day)} ({infused.how})", _planned(one)),
        ("asco", "exchange_after_ivig", "practice"),
        offers,
    )


def _rituximab(one: Exchange, infused: Infused, within: float, *, is_single: bool) -> Finding:
    dates = (_later(one, infused, within + 1),) if is_single else ()
    return Finding(
        "exchange after rituximab",
        Indicator.INFO,
        f"Plasma exchange soon after rituximab ({on(infused.day)}) removes the drug; consider a later date",
        f"Plasma exchange within {within:g} days after rituximab.",
        (f"Rituximab: {on(infused.day)}", _planned(one)),
        ("practice",),
        (*dates, RemoveOrder(one.order.id, "Remove this plasma exchange draft")),
    )


def _guillain_barre(facts: Facts, reasons: tuple[Diagnosis, ...], remove: RemoveOrder) -> Iterator[Finding]:
    stated = [reason for reason in reasons if reason.is_a("gbs") and not reason.is_suspected]
    found = stated or current_guillain_barre(facts)
    if found:
        yield Finding(
            BOTH,
            Indicator.WARNING,
            "Guillain-Barre syndrome: IVIG and plasma exchange both planned; combination not better, choose one",
            "Guillain-Barre syndrome with immunoglobulin and plasma exchange in sequence.",
            (f"Guillain-Barre syndrome: {found[0].label} ({'stated reason' if stated else on(found[0].on)})",),
            ("aan", "exchange_after_ivig", "asco"),
            (remove,),
        )


def _planned(one: Exchange) -> str:
    stated = "" if one.is_dated else ", no day stated, today taken"
    return f"Plasma exchange: {on(one.day)} ({'drafted' if one.order.is_draft else 'ordered'}{stated})"


def _later(one: Exchange, infused: Infused, days: float) -> SetDate:
    day = infused.day + timedelta(days=days)
    return SetDate(one.order.id, f"Plan plasma exchange for {on(day)}, {days:g} days after the infusion", day)


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(order: Ordered, knowledge: Knowledge, found: list[Finding], unknown: list[NotKnown]) -> Advice:
    worst = max(found, key=lambda finding: finding.level)  # the first of the loudest
    others = [finding for finding in found if finding.row != worst.row]
    also = f" Also: {joined(list(dict.fromkeys(finding.row for finding in others)))}." if others else ""
    offering = (worst,) if worst.row == BOTH else (worst, *others)  # another date is no help where one is enough
    offers = {offer.label: offer for finding in offering for offer in finding.offers}
    lines = (line for finding in (worst, *others) for line in finding.facts)
    return Advice(
        summary=worst.summary,
        indicator=worst.level,
        explanation=Explanation(
            order=order_line(order) if isinstance(order, OrderedDrug) else _service_line(order),
            facts=(*dict.fromkeys(lines), *map(unchecked, unknown)),
            rule=f"{worst.rule}{also}",
            basis=knowledge.basis(*worst.evidence),
            limits=LIMITS,
        ),
        evidence=worst.evidence[0],
        row=worst.row,
        suggestions=tuple(offers.values())[:AT_MOST],
    )


def _service_line(order: OrderedService) -> str:
    days = joined([on(draft.planned_on) if draft.planned_on else "no day stated" for draft in order.drafts])
    by_text = " (recognised by its name only)" if order.by_text else ""
    return f"{order.name}, planned: {days}{by_text}."
