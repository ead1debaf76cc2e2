"""Which facts make thrombosis or kidney injury by immunoglobulin more likely? (book 4.5)

Each entry of the book's two lists is one factor; what stands in both counts once, for thrombosis.
Needs: patient, conditions, renal_function, body_size, procedures, service_requests, medication_orders,
medication_administrations, medication_dispenses, immunoglobulin_levels, toxicity_grades.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.neurology.grade import neuropathy_grade
from cards.neurology.phenotype import current_guillain_barre
from cards.orders import MedicationOrder, OrderedDrug, Route
from cards.pharmacology.current_orders import drafted_or_active, drug_line
from cards.pharmacology.exposure import exposures
from cards.pharmacology.infusion.immunoglobulin_level import latest_level
from cards.pharmacology.infusion.immunoglobulin_product import contains, product_name
from cards.pharmacology.renal.recent_clearance import recent_clearance
from cards.wording import joined, number, on

THROMBOSIS = ("venous_thromboembolism", "arterial_thromboembolism", "thromboembolism_history")
OESTROGEN = ("estrogen_ingredients", "estrogen_clinical_drugs")
VASCULAR = {
    "hypertension": ("hypertension",),
    "hyperlipidaemia": ("hyperlipidaemia", "lipid_disorder"),
    "diabetes": ("diabetes",),
    "smoking": ("smoking", "tobacco_use"),
}
BY_ANY_ROUTE = ("nsaid_ingredients", "calcineurin_inhibitor_ingredients")
BY_VEIN = ("aminoglycoside_ingredients", "vancomycin")
CONTRAST = "iodinated_contrast_ingredients"
LOCAL = frozenset(
    ["cream", "gel", "ointment", "ophthalmic", "eye", "otic", "ear", "nasal", "topical", "vaginal", "inhalation"]
)
SUCROSE = "sucrose"
SHOWN = 6  # lines of a card's detail; further factors are counted


class Factor(NamedTuple):
    """One fact. `kind` tells which entry of the lists; `name` is for the summary, `line` for the detail.

    `is_thrombotic`: counts for thrombosis; `is_renal`: stands in the renal list, be it in the other as well.
    """

    kind: str
    name: str
    line: str
    is_thrombotic: bool = False
    is_renal: bool = False


Read = Callable[[OrderedDrug, Facts, Knowledge], Iterator[Factor]]


def risk_factors(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> tuple[list[Factor], list[NotKnown]]:
    """(factors found, those for thrombosis first; what could not be had)."""
    found: dict[str, Factor] = {}
    unknown: dict[str, NotKnown] = {}
    for read in READ:
        try:
            for factor in read(order, facts, knowledge):
                found.setdefault(factor.kind, factor)
        except NotKnown as error:
            unknown.setdefault(error.what, error)
    return sorted(found.values(), key=lambda factor: not factor.is_thrombotic), list(unknown.values())


# -- thrombosis -------------------------------------------------------------------------------------------------------


def _age(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    age = facts.age
    if age >= knowledge.value("age_thrombosis_from"):
        yield Factor("age", f"age {age}", f"Age {age}", True, age > knowledge.value("age_renal_above"))


def _thrombosis(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    confirmed = [d for d in facts.diagnoses(*THROMBOSIS) if not d.is_suspected]
    yield from _coded("thrombosis", "thrombosis", confirmed, is_thrombotic=True)


def _thrombophilia(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    yield from _coded("thrombophilia", "thrombophilia", facts.current("thrombophilia"), is_thrombotic=True)


def _oestrogen(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    systemic = [order for order in drafted_or_active(facts, *OESTROGEN) if "vaginal" not in order.drug.display.lower()]
    for order in systemic[:1]:
        yield Factor("oestrogen", "oestrogen", f"Oestrogen: {drug_line(order)}", is_thrombotic=True)


def _immobility(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    immobile = facts.current("immobility")
    yield from _coded("immobility", "immobility", immobile, is_thrombotic=True)
    if not immobile:
        syndrome = [reason for reason in order.reasons if reason.is_a("gbs")] or list(current_guillain_barre(facts))
        grade = neuropathy_grade(facts, syndrome) if syndrome else None
        if grade is not None and grade.is_severe:
            line = f"Guillain-Barre syndrome ({syndrome[0].label}), {grade.line}"
            yield Factor("immobility", "severe Guillain-Barre syndrome", line, is_thrombotic=True)


def _catheter(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    coded = facts.current("central_catheter")
    yield from _coded("catheter", "central catheter", coded, is_thrombotic=True)
    placed = () if coded else tuple(p for p in facts.procedures("central_catheter") if p.is_done)
    for procedure in placed[:1]:
        line = f"Central catheter: {procedure.display} ({on(procedure.done_on)})"
        yield Factor("catheter", "central catheter", line, is_thrombotic=True)


def _hyperviscosity(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    coded = facts.current("hyperviscosity")
    for factor in _coded("hyperviscosity", "hyperviscosity", coded, is_thrombotic=True):
        yield factor._replace(is_renal=any(d.is_a("paraprotein") for d in coded))
    newest = None if coded else latest_level(facts, "igm")
    if newest is None or newest.comparator.startswith("<"):
        return
    if (newest.value or 0.0) >= knowledge.value("igm_from") - TOLERANCE:
        shown = f"IgM {newest.comparator}{number(newest.value or 0.0, 2)} {newest.unit}"
        yield Factor("hyperviscosity", shown, f"{shown} ({on(newest.on)})", is_thrombotic=True)


def _vascular(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    """Several vascular risks are one factor for thrombosis; diabetes outside of them is one for the kidney."""
    found = {name: current[0] for name, concepts in VASCULAR.items() if (current := facts.current(*concepts))}
    diabetes = found.get("diabetes")
    if len(found) >= knowledge.value("vascular_risks"):
        line = joined([f"{name} ({d.label})" for name, d in found.items()])
        yield Factor("vascular", joined(list(found)), f"Vascular risks: {line}", True, diabetes is not None)
    elif diabetes is not None:
        yield from _coded("diabetes", "diabetes", (diabetes,), is_renal=True)


# -- kidney -----------------------------------------------------------------------------------------------------------


def _kidney(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    try:
        clearance = recent_clearance(facts, knowledge)
    except NotKnown:
        yield from _coded_kidney_disease(facts)
        raise
    if clearance.is_below(knowledge.value("clearance_factor_below")):
        yield Factor("kidney", clearance.shown, clearance.line, is_renal=True)
    else:
        yield from _coded_kidney_disease(facts)


def _coded_kidney_disease(facts: Facts) -> Iterator[Factor]:
    yield from _coded("kidney", "kidney disease", facts.current("moderate_chronic_kidney_disease"), is_renal=True)


def _volume(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    yield from _coded("volume", "volume depletion", facts.current("volume_depletion"), is_renal=True)


def _sepsis(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    yield from _coded("sepsis", "sepsis", facts.current("sepsis"), is_renal=True)


def _paraprotein(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    if not any(d.is_a("paraprotein") for d in facts.current("hyperviscosity")):  # counted there
        yield from _coded("paraprotein", "paraprotein", facts.current("paraprotein"), is_renal=True)


def _nephrotoxic(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    for order in drafted_or_active(facts, *BY_ANY_ROUTE, *BY_VEIN):
        if _is_systemic(order):
            yield Factor("nephrotoxic", order.drug.name, f"Nephrotoxic drug: {drug_line(order)}", is_renal=True)


def _contrast(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    for draft in facts.basket.medications:
        if draft.drug.is_a(CONTRAST):
            yield Factor("nephrotoxic", draft.drug.name, f"Contrast: {drug_line(draft)}", is_renal=True)
    within = int(knowledge.value("contrast_within"))
    for exposure in exposures(facts, CONTRAST):
        if facts.is_within(exposure.on, within):
            line = f"Contrast: {exposure.drug.name} ({on(exposure.on)})"
            yield Factor("nephrotoxic", exposure.drug.name, line, is_renal=True)


def _sucrose(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Factor]:
    draft = next((draft for draft in order.drafts if contains(draft.drug, SUCROSE)), None)
    if draft is not None:
        name = f"{product_name(draft.drug)} with sucrose"
        yield Factor(SUCROSE, "sucrose product", f"Product: {name}", is_renal=True)


READ: tuple[Read, ...] = (
    _age,
    _thrombosis,
    _thrombophilia,
    _oestrogen,
    _immobility,
    _catheter,
    _hyperviscosity,
    _vascular,
    _kidney,
    _volume,
    _sepsis,
    _paraprotein,
    _nephrotoxic,
    _contrast,
    _sucrose,
)


def _coded(
    kind: str,
    name: str,
    found: list[Diagnosis] | tuple[Diagnosis, ...],
    *,
    is_thrombotic: bool = False,
    is_renal: bool = False,
) -> Iterator[Factor]:
    if found:
        d = max(found, key=lambda d: d.on.toordinal() if d.on else 0)
        line = f"{name.capitalize()}: {d.label} ({on(d.on)})"
        yield Factor(kind, f"{name} ({d.label})" if kind == "thrombosis" else name, line, is_thrombotic, is_renal)


def _is_systemic(order: MedicationOrder) -> bool:
    """Not to skin, eye, ear or airways; vancomycin and aminoglycosides not by mouth either."""
    if order.route in (Route.TOPICAL, Route.OTHER) or order.drug.dose_form in LOCAL:
        return False
    if not LOCAL.isdisjoint(order.drug.display.lower().split()):
        return False
    return not (order.route is Route.ORAL and order.drug.is_a(*BY_VEIN))
