"""Does the record hold a contraindication to this immunoglobulin?

WHEN  intravenous immunoglobulin is ordered, at any age
AND   an allergy to human immunoglobulin, IgA deficiency, hereditary fructose intolerance, hyperprolinaemia or a corn
      allergy is on record, the last three where the product holds sorbitol, proline or corn, or is not known
THEN  say so, as loud as the evidence for harm, and offer a product without it or a test (book 4.6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cards.errors import NotKnown
from cards.facts import Facts
from cards.hits import Hit, Hits, hits, offers_of
from cards.knowledge import Knowledge
from cards.opinion import AddNote, Advice, Explanation, Indicator, NothingToAdd, Opinion, RemoveOrder
from cards.orders import OrderedDrug
from cards.pharmacology.infusion.iga_deficiency import AntiIga, anti_iga, iga_deficiency
from cards.pharmacology.infusion.immunoglobulin_allergy import ImmunoglobulinAllergy, Kind, immunoglobulin_allergy
from cards.pharmacology.infusion.immunoglobulin_product import other_product, product_name
from cards.pharmacology.infusion.stabiliser_intolerance import Conflict, conflicts, possible_hyperprolinaemia
from cards.pharmacology.order_wording import order_line
from cards.suggested_orders import AT_MOST, order_test
from cards.wording import joined, listed, on, shortened, unchecked

LIMITS = "Limits: sees only this record; allergies in free text or elsewhere are not seen."
LOW_IGA = "Product with a low IgA content requested: IgA deficiency."
REMOVE = "Remove this IVIG draft"
OCTAGAM = "octagam"


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Every row of 4.6; the loudest speaks, the others are named beside it."""
    found = hits([partial(row, order, facts, knowledge) for row in ROWS])
    if found.found:
        return _advice(order, knowledge, found)
    if found.unknown:
        is_allergy_alone = all(one.what == "allergies" for one in found.unknown)
        return found.cannot_tell(book_is_silent=is_allergy_alone, between="; ")
    return NothingToAdd("no contraindication on record")


# -- rows -------------------------------------------------------------------------------------------------------------


def _allergy(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    found = immunoglobulin_allergy(facts)
    if found is None:
        return
    product, by_text = product_name(order.drug), ("allergy by words only",) if found.allergy.by_text else ()
    remove = RemoveOrder(order.last.id, REMOVE)
    contraindicated = "Anaphylaxis or a high-criticality allergy to human immunoglobulin is a contraindication."
    if found.kind is Kind.ANAPHYLAXIS or found.kind is Kind.HIGH:
        what = "anaphylaxis" if found.kind is Kind.ANAPHYLAXIS else "high-criticality allergy"
        yield Hit(
            "anaphylaxis",
            Indicator.CRITICAL,
            f"{product}: {what} to human immunoglobulin is a contraindication",
            contraindicated,
            (found.line,),
            by_text,
            evidence=("label",),
            offers=(remove,),
        )
    elif found.kind is Kind.MILD:
        yield Hit(
            "mild allergy",
            Indicator.INFO,
            f"{product}: mild allergy to human immunoglobulin on record ({found.reaction}); consider a slow start",
            f"{contraindicated} A mild reaction is none by itself.",
            (found.line,),
            evidence=("label",),
        )
    else:
        what = "with a systemic reaction" if found.is_systemic else "without criticality or reaction"
        yield Hit(
            "unclear allergy",
            Indicator.WARNING,
            f"{product}: allergy to human immunoglobulin {what} on record; consider clarifying the reaction",
            f"{contraindicated} How severe this one was is not recorded.",
            (found.line,),
            evidence=("label",),
            offers=(remove,),
        )


def _iga(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
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
        yield Hit(
            "IgA deficiency with antibodies or reaction",
            Indicator.CRITICAL,
            f"{product}: IgA deficiency ({found.shown}) with {beside} is a contraindication",
            "IgA deficiency with anti-IgA antibodies, or with a past systemic reaction to immunoglobulin.",
            lines if reaction is None else (*lines, reaction.line),
            ("allergy by words only",) if is_worded else (),
            evidence=("iga_us", "iga_eu"),
            offers=(RemoveOrder(draft.id, REMOVE), note),
        )
    elif antibodies is not AntiIga.ORDERED:  # book 0.7.5: ordered, the concern is answered
        test = None if antibodies is AntiIga.NEGATIVE else order_test("anti-iga", "Order anti-IgA antibody")
        check = "a low-IgA product" if test is None else "checking anti-IgA, or a low-IgA product"
        yield Hit(
            "IgA deficiency alone",
            Indicator.WARNING,
            f"{product}: IgA deficiency ({found.shown}); consider {check}",
            "IgA deficiency alone: antibodies against IgA would make it a contraindication.",
            lines,
            evidence=("iga_us", "iga_eu"),
            offers=(test, note),
        )


def _past_reaction(facts: Facts) -> ImmunoglobulinAllergy | None:
    """An allergy to immunoglobulin with a systemic reaction; None when none is known."""
    try:
        found = immunoglobulin_allergy(facts)
    except NotKnown:
        return None
    return found if found is not None and found.is_systemic else None


def _metabolic(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    for conflict in conflicts(order, facts):
        yield _contraindicated(conflict) if conflict.is_inside else _not_known(conflict)
    possible = possible_hyperprolinaemia(order, facts)
    if possible is not None:
        product, label = product_name(possible.draft.drug), possible.diagnosis.label
        yield Hit(
            f"{label}, proline",
            Indicator.INFO,
            f"{product} contains proline: {label} may mean hyperprolinaemia; consider clarifying which disorder it is",
            f"{label} stands for several disorders; one of them, hyperprolinaemia, is a contraindication to proline.",
            (possible.line,),
            evidence=("proline",),
            offers=(other_product(possible.draft),),
        )


def _contraindicated(conflict: Conflict) -> Hit:
    _, disease, stabiliser, _ = conflict.intolerance
    product = product_name(conflict.draft.drug)
    return Hit(
        f"{disease}, {stabiliser}",
        Indicator.CRITICAL,
        f"{product} contains {stabiliser}: {disease} is a contraindication",
        f"{product} contains {stabiliser}, which {disease} cannot tolerate.",
        (conflict.line,),
        ("disease by words only",) if conflict.by_text else (),
        evidence=(stabiliser,),
        offers=(other_product(conflict.draft), RemoveOrder(conflict.draft.id, REMOVE)),
    )


def _not_known(conflict: Conflict) -> Hit:
    _, disease, stabiliser, _ = conflict.intolerance
    product = product_name(conflict.draft.drug)
    request = f"Product without {stabiliser} requested: {disease}."
    note = AddNote(conflict.draft.id, f"Add note: product without {stabiliser}", request)
    return Hit(
        f"{disease}, product not known",
        Indicator.WARNING,
        f"{product}: {disease} on record; consider naming a product without {stabiliser}",
        f"Whether {product} contains {stabiliser} is not known; {disease} would make that a contraindication.",
        (conflict.line,),
        evidence=(stabiliser,),
        offers=(other_product(conflict.draft), note),
    )


def _corn(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    draft = next((draft for draft in order.drafts if draft.drug.brand.lower().startswith(OCTAGAM)), None)
    if draft is None:
        return
    corn = next((allergy for allergy in facts.allergies("corn") if allergy.is_active), None)
    if corn is not None:
        product = product_name(draft.drug)
        yield Hit(
            "corn allergy, Octagam",
            Indicator.WARNING,
            f"{product}: corn allergy on record; consider another product",
            f"{product} is made with maltose from corn.",
            (f"Allergy: {corn.display} ({on(corn.recorded_on)})",),
            evidence=("corn",),
            offers=(other_product(draft),),
        )


ROWS: tuple[Callable[[OrderedDrug, Facts, Knowledge], Iterator[Hit]], ...] = (_allergy, _iga, _metabolic, _corn)


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, knowledge: Knowledge, found: Hits) -> Advice:
    worst = found.decisive
    others = [hit for hit in found.found if hit is not worst]
    lines = dict.fromkeys(line for hit in (worst, *others) for line in hit.facts)
    other_rows = [hit.row for hit in others if hit.row != worst.row]
    also = f" Also: {listed(other_rows)}." if other_rows else ""
    lowered = f" One level lower: {joined(worst.doubts)}." if worst.doubts else ""
    return Advice(
        summary=shortened(worst.what),
        indicator=found.level,
        explanation=Explanation(
            order=f"{order_line(order)} Product: {joined([product_name(draft.drug) for draft in order.drafts])}.",
            facts=(*lines, *map(unchecked, found.unknown)),
            rule=f"{worst.rule}{also}{lowered}",
            basis=knowledge.basis(*dict.fromkeys(name for hit in (worst, *others[:1]) for name in hit.evidence)),
            limits=LIMITS,
        ),
        evidence=worst.evidence[0],
        row=worst.row,
        suggestions=offers_of((worst, *others))[:AT_MOST],
        before_downgrade=found.before_downgrade,
    )
