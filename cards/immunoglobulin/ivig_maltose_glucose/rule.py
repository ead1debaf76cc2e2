"""Could maltose in the immunoglobulin mislead a glucose meter of this patient?

WHEN  an immunoglobulin product that is stabilised with maltose is signed
AND   insulin or a sulfonylurea is taken, or glucose is measured at the point of care; or diabetes is on record
THEN  warn in the first two cases, inform in the last, and offer a note and a laboratory glucose (book 4.7).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cards.errors import NotKnown
from cards.facts import Facts
from cards.hits import Hit, Hits, hits
from cards.knowledge import Knowledge
from cards.opinion import AddNote, Advice, Explanation, Indicator, NothingToAdd, Opinion, Suggestion
from cards.orders import MedicationOrder, OrderedDrug
from cards.pharmacology.current_orders import drafted_or_active, drug_line
from cards.pharmacology.infusion.immunoglobulin_product import contains, product_name
from cards.pharmacology.order_wording import order_line
from cards.suggested_orders import order_test
from cards.wording import on, shortened, unchecked

MALTOSE = "maltose"
LOWERS_GLUCOSE = ("insulin", "sulfonylurea")
POINT_OF_CARE = "point_of_care_glucose"
LABORATORY = "glucose"
AT_RISK = "insulin, sulfonylurea or glucose at the point of care"
LIMITS = "Limits: the meters in use and drugs from elsewhere are not seen."
NOTE = "Contains maltose: measure glucose by a glucose-specific method during and after the infusion."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The product, then what is measured and given, then the diagnosis."""
    draft = next((draft for draft in order.drafts if contains(draft.drug, MALTOSE)), None)
    if draft is None:
        return NothingToAdd("no product that is known to hold maltose")
    found = hits([partial(row, facts) for row in (_treatment, _measurement)])
    if not found.found:  # diabetes is looked at only where nothing louder speaks
        diabetes = hits([partial(_diabetes, facts)])
        found = Hits(diabetes.found, (*found.unknown, *diabetes.unknown))
    if found.found:
        return _advice(order, draft, facts, knowledge, found)
    if found.unknown:
        return found.cannot_tell(between="; ")
    return NothingToAdd("neither diabetes, insulin, sulfonylurea nor glucose at the point of care")


def _treatment(facts: Facts) -> Iterator[Hit]:
    for order in drafted_or_active(facts, *LOWERS_GLUCOSE)[:1]:
        yield Hit(AT_RISK, Indicator.WARNING, "", AT_RISK, (f"Lowers glucose: {drug_line(order)}",))


def _measurement(facts: Facts) -> Iterator[Hit]:
    drafted = facts.basket_services(POINT_OF_CARE)
    orders = drafted or tuple(order for order in facts.service_orders(POINT_OF_CARE) if order.status == "active")
    for order in orders[:1]:
        line = f"Glucose at the point of care: {order.display} ({'drafted' if drafted else on(order.authored_on)})"
        yield Hit(AT_RISK, Indicator.WARNING, "", AT_RISK, (line,))


def _diabetes(facts: Facts) -> Iterator[Hit]:
    for d in facts.current("diabetes")[:1]:
        yield Hit("diabetes only", Indicator.INFO, "", "diabetes only", (f"Diabetes: {d.label} ({on(d.on)})",))


def _advice(order: OrderedDrug, draft: MedicationOrder, facts: Facts, knowledge: Knowledge, found: Hits) -> Advice:
    product, row = product_name(draft.drug), found.decisive
    return Advice(
        summary=shortened(
            f"{product} contains maltose: some glucose meters read falsely high (GDH-PQQ); "
            "use a glucose-specific method"
        ),
        indicator=found.level,
        explanation=Explanation(
            order=f"{order_line(order)} Product: {product}.",
            facts=(*(line for hit in found.found for line in hit.facts), *map(unchecked, found.unknown)),
            rule=f"{product} is stabilised with maltose; {row.rule}. The danger is insulin given for a false value.",
            basis=knowledge.basis("label", "fda"),
            limits=LIMITS,
        ),
        evidence="label",
        row=row.row,
        suggestions=_offers(draft, facts, knowledge),
    )


def _offers(draft: MedicationOrder, facts: Facts, knowledge: Knowledge) -> tuple[Suggestion, ...]:
    offers: list[Suggestion] = []
    if MALTOSE not in draft.note.lower():
        offers.append(AddNote(draft.id, "Add note: glucose by a glucose-specific method", NOTE))
    if not _is_laboratory_glucose_ordered(facts, int(knowledge.value("ordered_within"))):
        offers.append(order_test("glucose-plasma", "Order laboratory (venous) glucose"))
    return tuple(offers)


def _is_laboratory_glucose_ordered(facts: Facts, within_days: int) -> bool:
    """In the basket or ordered lately; glucose by meter is none. An unreadable record counts as not ordered."""
    try:
        recorded = facts.service_orders(LABORATORY)
    except NotKnown:
        recorded = ()
    lately = [
        o for o in recorded if o.status == "active" and o.authored_on and facts.is_within(o.authored_on, within_days)
    ]
    return any(POINT_OF_CARE not in order.concepts for order in (*facts.basket_services(LABORATORY), *lately))
