"""Does the record hold a contraindication to this immunoglobulin?

WHEN  intravenous immunoglobulin is ordered, at any age
AND   an allergy to human immunoglobulin, IgA deficiency, hereditary fructose intolerance, hyperprolinaemia or a corn
      allergy is on record, the last three where the product holds sorbitol, proline or corn, or is not known
THEN  say so, as loud as the evidence for harm, and offer a product without it or a test (book 4.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Knowledge
from cards.opinion import (
    AddNote,
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    RemoveOrder,
    Suggestion,
    lower_once,
)
from cards.orders import OrderedDrug
from cards.pharmacology.iga_deficiency import AntiIga, anti_iga, iga_deficiency
from cards.pharmacology.immunoglobulin_allergy import ImmunoglobulinAllergy, Kind, immunoglobulin_allergy
from cards.pharmacology.immunoglobulin_product import other_product, product_name
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.stabiliser_intolerance import Conflict, conflicts, possible_hyperprolinaemia
from cards.suggested_orders import AT_MOST, order_test
from cards.wording import joined, listed, on, shortened, unchecked

LIMITS = "Limits: sees only this record; allergies in free text or elsewhere are not seen."
LOW_IGA = "Product with a low IgA content requested: IgA deficiency."
REMOVE = "Remove this IVIG draft"
OCTAGAM = "octagam"


class Finding(NamedTuple):
    """One row that matched. `lowered_because`: recognised by words only (book 0.3)."""

    row: str
    level: Indicator
    summary: str
    rule: str
    evidence: tuple[str, ...]
    facts: tuple[str, ...]
    offers: tuple[Suggestion | None, ...] = ()
    lowered_because: str = ""

    @property
    def shown_level(self) -> Indicator:
        """The level after a downgrade."""
        return self.level.lowered if self.lowered_because else self.level


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Every row of 4.6; the loudest speaks, the others are named beside it."""
    found: list[Finding] = []
    unknown: list[NotKnown] = []
    for look in (_allergy, _iga, _metabolic, _corn):
        try:
            found += look(order, facts, knowledge)
        except NotKnown as error:
            unknown.append(error)
    if found:
        return _advice(order, facts, knowledge, found, unknown)
    if unknown:
        missing = tuple(dict.fromkeys(error.what for error in unknown))
        because = "; ".join(dict.fromkeys(str(error) for error in unknown))
        return CannotTell(because, missing, book_is_silent=missing == ("allergies",))
    return NothingToAdd("no contraindication on record")


# -- rows -------------------------------------------------------------------------------------------------------------


def _allergy(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
    found = immunoglobulin_allergy(facts)
    if found is None:
        return
    product, by_text = product_name(order.drug), "allergy by words only" if found.allergy.by_text else ""
    remove = RemoveOrder(order.last.id, REMOVE)
    contraindicated = "Anaphylaxis or a high-criticality allergy to human immunoglobulin is a contraindication."
    if found.kind is Kind.ANAPHYLAXIS or found.kind is Kind.HIGH:
        what = "anaphylaxis" if found.kind is Kind.ANAPHYLAXIS else "high-criticality allergy"
        yield Finding(
            "anaphylaxis",
            Indicator.CRITICAL,
            f"{product}: {what} to human immunoglobulin is a contraindication",
            contraindicated,
            ("label",),
            (found.line,),
            (remove,),
            by_text,
        )
    elif found.kind is Kind.MILD:
        yield Finding(
            "mild allergy",
            Indicator.INFO,
            f"{product}: mild allergy to human immunoglobulin on record ({found.reaction}); consider a slow start",
            f"{contraindicated} A mild reaction is none by itself.",
            ("label",),
            (found.line,),
        )
    else:
        what = "with a systemic reaction" if found.is_systemic else "without criticality or reaction"
        yield Finding(
            "unclear allergy",
            Indicator.WARNING,
            f"{product}: allergy to human immunoglobulin {what} on record; consider clarifying the reaction",
            f"{contraindicated} How severe this one was is not recorded.",
            ("label",),
            (found.line,),
            (remove,),
        )


def _iga(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
    found = iga_deficiency(facts, knowledge.value("iga_missing_below"))
    if found is None:
        return
    product, draft = product_name(order.drug), order.last
    antibodies, line = anti_iga(facts, int(knowledge.value("ordered_within")))
    lines = (*found.lines, line)
    note = AddNote(draft.id, "Add note: product with a low IgA content", LOW_IGA, recommended=False)
    reaction = _past_reaction(facts)
    if antibodies is AntiIga.POSITIVE or reaction is not None:
        is_worded = antibodies is not AntiIga.POSITIVE and reaction is not None and reaction.allergy.by_text
        beside = "anti-IgA antibodies" if antibodies is AntiIga.POSITIVE else "a past systemic reaction"
        yield Finding(
            "IgA deficiency with antibodies or reaction",
            Indicator.CRITICAL,
            f"{product}: IgA deficiency ({found.shown}) with {beside} is a contraindication",
            "IgA deficiency with anti-IgA antibodies, or with a past systemic reaction to immunoglobulin.",
            ("iga_us", "iga_eu"),
            lines if reaction is None else (*lines, reaction.line),
            (RemoveOrder(draft.id, REMOVE), note),
            "allergy by words only" if is_worded else "",
        )
    elif antibodies is not AntiIga.ORDERED:  # book 0.7.5: ordered, the concern is answered
        test = None if antibodies is AntiIga.NEGATIVE else order_test("anti-iga", "Order anti-IgA antibody")
        check = "a low-IgA product" if test is None else "checking anti-IgA, or a low-IgA product"
        yield Finding(
            "IgA deficiency alone",
            Indicator.WARNING,
            f"{product}: IgA deficiency ({found.shown}); consider {check}",
            "IgA deficiency alone: antibodies against IgA would make it a contraindication.",
            ("iga_us", "iga_eu"),
            lines,
            (test, note),
        )


def _past_reaction(facts: Facts) -> ImmunoglobulinAllergy | None:
    """An allergy to immunoglobulin with a systemic reaction; None when none is known."""
    try:
        found = immunoglobulin_allergy(facts)
    except NotKnown:
        return None
    return found if found is not None and found.is_systemic else None


def _metabolic(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
    for conflict in conflicts(order, facts):
        yield _contraindicated(conflict) if conflict.is_inside else _not_known(conflict)
    possible = possible_hyperprolinaemia(order, facts)
    if possible is not None:
        product, label = product_name(possible.draft.drug), possible.diagnosis.label
        yield Finding(
            f"{label}, proline",
            Indicator.INFO,
            f"{product} contains proline: {label} may mean hyperprolinaemia; consider clarifying which disorder it is",
            f"{label} stands for several disorders; one of them, hyperprolinaemia, is a contraindication to proline.",
            ("proline",),
            (possible.line,),
            (other_product(possible.draft),),
        )


def _contraindicated(conflict: Conflict) -> Finding:
    _, disease, stabiliser, _ = conflict.intolerance
    product = product_name(conflict.draft.drug)
    return Finding(
        f"{disease}, {stabiliser}",
        Indicator.CRITICAL,
        f"{product} contains {stabiliser}: {disease} is a contraindication",
        f"{product} contains {stabiliser}, which {disease} cannot tolerate.",
        (stabiliser,),
        (conflict.line,),
        (other_product(conflict.draft), RemoveOrder(conflict.draft.id, REMOVE)),
        "disease by words only" if conflict.by_text else "",
    )


def _not_known(conflict: Conflict) -> Finding:
    _, disease, stabiliser, _ = conflict.intolerance
    product = product_name(conflict.draft.drug)
    request = f"Product without {stabiliser} requested: {disease}."
    return Finding(
        f"{disease}, product not known",
        Indicator.WARNING,
        f"{product}: {disease} on record; consider naming a product without {stabiliser}",
        f"Whether {product} contains {stabiliser} is not known; {disease} would make that a contraindication.",
        (stabiliser,),
        (conflict.line,),
        (other_product(conflict.draft), AddNote(conflict.draft.id, f"Add note: product without {stabiliser}", request)),
    )


def _corn(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Finding]:
    draft = next((draft for draft in order.drafts if draft.drug.brand.lower().startswith(OCTAGAM)), None)
    if draft is None:
        return
    corn = next((allergy for allergy in facts.allergies("corn") if allergy.is_active), None)
    if corn is not None:
        product = product_name(draft.drug)
        yield Finding(
            "corn allergy, Octagam",
            Indicator.WARNING,
            f"{product}: corn allergy on record; consider another product",
            f"{product} is made with maltose from corn.",
            ("corn",),
            (f"Allergy: {corn.display} ({on(corn.recorded_on)})",),
            (other_product(draft),),
        )


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(
    order: OrderedDrug, facts: Facts, knowledge: Knowledge, found: list[Finding], unknown: list[NotKnown]
) -> Advice:
    worst = max(found, key=lambda finding: (finding.shown_level, finding.level))  # the first of the loudest
    level, before = lower_once(worst.level, (worst.lowered_because,) if worst.lowered_because else ())
    others = [finding for finding in found if finding is not worst]
    lines = (line for finding in (worst, *others) for line in finding.facts)
    also = f" Also: {listed([finding.row for finding in others])}." if others else ""
    lowered = f" One level lower: {worst.lowered_because}." if worst.lowered_because else ""
    offers = {offer.label: offer for finding in (worst, *others) for offer in finding.offers if offer is not None}
    return Advice(
        summary=shortened(worst.summary),
        indicator=level,
        explanation=Explanation(
            order=f"{order_line(order)} Product: {joined([product_name(draft.drug) for draft in order.drafts])}.",
            facts=(*dict.fromkeys(lines), *map(unchecked, unknown)),
            rule=f"{worst.rule}{also}{lowered}",
            basis=knowledge.basis(
                *dict.fromkeys(name for finding in (worst, *others[:1]) for name in finding.evidence)
            ),
            limits=LIMITS,
        ),
        evidence=worst.evidence[0],
        row=worst.row,
        suggestions=tuple(offers.values())[:AT_MOST],
        before_downgrade=before,
    )
