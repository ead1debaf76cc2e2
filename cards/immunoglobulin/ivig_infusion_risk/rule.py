"""Does this patient run a higher risk of thrombosis, kidney injury or meningitis from the infusion?

WHEN  intravenous immunoglobulin is signed
AND   immunoglobulin did harm before, a thrombosis is recent, the kidneys are unstable or clear little, or a product
      with sucrose meets another renal risk; or risk factors add up; or meningitis followed an infusion, or migraine
      meets a high dose
THEN  warn in the first four cases, inform in the others, with what the label says lowers the risk (book 4.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import TOLERANCE, Knowledge
from cards.opinion import (
    AddNote,
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    Suggestion,
    lower_once,
)
from cards.orders import OrderedDrug
from cards.pharmacology.infusion.immunoglobulin_product import contains, other_product
from cards.pharmacology.infusion.infusion_dose import largest_course
from cards.pharmacology.infusion.infusion_events import (
    harm_from_immunoglobulin,
    meningitis_from_immunoglobulin,
    recent_thrombosis,
    uneventful_courses,
)
from cards.pharmacology.infusion.infusion_risk_factors import SHOWN, SUCROSE, Factor, risk_factors
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.renal.recent_clearance import has_recent_creatinine, recent_clearance, recently_unstable
from cards.pharmacology.renal.renal_tests import is_creatinine_pending, offer_creatinine
from cards.suggested_orders import AT_MOST, order_test
from cards.wording import listed, number, on, shortened, unchecked

MENINGITIS = "meningitis"
LIMITS = "Limits: drugs and diagnoses elsewhere are not seen; many of these factors are common."
# What could not be had of these adds one factor for thrombosis at most; anything else may decide alone.
ONE_FACTOR_AT_MOST = ("procedures", "immunoglobulin_levels")


@dataclass(frozen=True, slots=True)
class Row:
    """The row that matched; `decides` is the fact that did, shown in place of a factor of its kind."""

    name: str
    level: Indicator
    rule: str
    decides: Factor | None = None
    lowered_because: str = ""


@dataclass(slots=True)
class Findings:
    """What was looked for: the factors, and what could not be had."""

    factors: list[Factor]
    unknown: list[NotKnown]

    def of(self, look: Callable[[], Row | None]) -> Row | None:
        """The row, or None; what is not known is noted."""
        try:
            return look()
        except NotKnown as error:
            if error.what not in {known.what for known in self.unknown}:
                self.unknown.append(error)
            return None

    @property
    def thrombotic(self) -> int:
        """How many factors count for thrombosis."""
        return sum(factor.is_thrombotic for factor in self.factors)


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The rows of 4.5: harm, the kidneys, sucrose; then the count; then meningitis."""
    found = Findings(*risk_factors(order, facts, knowledge))
    row = found.of(lambda: _harm(facts, knowledge)) or found.of(lambda: _kidneys(facts, knowledge)) or _sucrose(found)
    if row is None and uneventful_courses(facts) >= knowledge.value("uneventful_courses"):
        return NothingToAdd("many courses on record without an event", "long-term")
    row = row or _counted(found, knowledge)
    meningitis = found.of(lambda: _meningitis(order, facts, knowledge))
    if row is not None:
        return _advice(order, facts, knowledge, found, row, meningitis)
    if meningitis is not None:
        return _advice(order, facts, knowledge, found, meningitis, None)
    return _nothing(found, knowledge)


def _nothing(found: Findings, knowledge: Knowledge) -> Opinion:
    deciding = [error for error in found.unknown if error.what not in ONE_FACTOR_AT_MOST]
    minor = len(found.unknown) - len(deciding)
    could_add_up = minor and (
        found.thrombotic + minor >= knowledge.value("thrombosis_factors")
        or len(found.factors) + minor >= knowledge.value("all_factors")
    )
    if deciding or could_add_up:
        return CannotTell("; ".join(map(str, found.unknown)), tuple(error.what for error in found.unknown))
    return NothingToAdd(f"{len(found.factors)} risk factors, fewer than named", "fewer")


# -- rows -------------------------------------------------------------------------------------------------------------


def _harm(facts: Facts, knowledge: Knowledge) -> Row | None:
    after, window = int(knowledge.value("after_infusion")), int(knowledge.value("event_within"))
    recent = recent_thrombosis(facts, window)
    if recent is not None and recent.on is not None:
        days = facts.days_since(recent.on)
        name = f"thrombosis {days} days ago ({recent.label})"
        decides = Factor("thrombosis", name, f"Thrombosis: {recent.label} ({on(recent.on)})", is_thrombotic=True)
        return Row("recent thrombosis", Indicator.WARNING, f"A thrombotic event within {window} days.", decides)
    harm = harm_from_immunoglobulin(facts, after)
    if harm is None:
        return None
    kind = "acute kidney injury" if harm.is_a("acute_kidney_injury") else "thrombosis"
    line = f"After earlier immunoglobulin: {kind} {harm.label} ({on(harm.on)})"
    decides = Factor(
        "injury" if harm.is_a("acute_kidney_injury") else kind, f"{kind} after earlier IVIG ({harm.label})", line
    )
    return Row(
        "harm from earlier immunoglobulin", Indicator.WARNING, f"{kind.capitalize()} tied to earlier IVIG.", decides
    )


def _kidneys(facts: Facts, knowledge: Knowledge) -> Row | None:
    unstable = recently_unstable(facts, knowledge)
    if unstable:
        decides = Factor("injury", "unstable kidneys", f"Kidneys unstable: {unstable}", is_renal=True)
        return Row("unstable kidneys", Indicator.WARNING, "Renal function is unstable.", decides)
    clearance, limit = recent_clearance(facts, knowledge), knowledge.value("clearance_warned_below")
    if not clearance.is_below(limit):
        return None
    decides = Factor("kidney", clearance.shown, clearance.line, is_renal=True)
    rule = f"Creatinine clearance below {limit:g} mL/min, or dialysis."
    return Row("low clearance", Indicator.WARNING, rule, decides, clearance.lowered_because(limit))


def _sucrose(found: Findings) -> Row | None:
    product = next((factor for factor in found.factors if factor.kind == SUCROSE), None)
    if product is None or not any(factor.is_renal and factor is not product for factor in found.factors):
        return None
    return Row("sucrose product", Indicator.WARNING, "A product with sucrose and another renal risk factor.", product)


def _counted(found: Findings, knowledge: Knowledge) -> Row | None:
    thrombotic, every = knowledge.value("thrombosis_factors"), knowledge.value("all_factors")
    if found.thrombotic < thrombotic and len(found.factors) < every:
        return None
    rule = (
        f"Factors for thrombosis: {found.thrombotic}; further ones for the kidney: "
        f"{len(found.factors) - found.thrombotic}. Named from {thrombotic:g} for thrombosis or {every:g} together on."
    )
    return Row("factors", Indicator.INFO, rule)


def _meningitis(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Row | None:
    after = meningitis_from_immunoglobulin(facts, int(knowledge.value("after_infusion")))
    if after is not None:
        name, likelier = f"aseptic meningitis after earlier IVIG ({after.label}, {on(after.on)})", ""
    else:
        migraine = facts.current("migraine")
        dose = largest_course(order.drafts, facts) if migraine else None
        if dose is None or dose < knowledge.value("high_course") - TOLERANCE:
            return None
        name = f"migraine ({migraine[0].label}) and a course of {number(dose, 2)} g/kg"
        likelier = ": aseptic meningitis is likelier"
    rule = f"{name[:1].upper()}{name[1:]}{likelier}."
    return Row(MENINGITIS, Indicator.INFO, rule, Factor(MENINGITIS, name, name))


# -- the card ---------------------------------------------------------------------------------------------------------


def _advice(
    order: OrderedDrug, facts: Facts, knowledge: Knowledge, found: Findings, row: Row, beside: Row | None
) -> Advice:
    factors = _with_deciding(found.factors, row.decides)
    level, before = lower_once(row.level, (row.lowered_because,) if row.lowered_because else ())
    more = (f"{len(factors) - SHOWN} more factors",) if len(factors) > SHOWN else ()
    also = "" if beside is None else f" {beside.rule}"
    lowered = f" One level lower: {row.lowered_because}." if row.lowered_because else ""
    return Advice(
        summary=_summary(row, factors),
        indicator=level,
        explanation=Explanation(
            order=order_line(order),
            facts=(
                *(factor.line for factor in factors[:SHOWN]),
                *more,
                *_creatinine_line(facts, knowledge),
                *map(unchecked, found.unknown),
            ),
            rule=f"{row.rule}{also}{lowered}",
            basis=knowledge.basis("boxed", "octagam", "proderm"),
            limits=LIMITS,
        ),
        evidence="boxed",
        row=row.name,
        suggestions=_offers(order, facts, knowledge, factors),
        before_downgrade=before,
    )


def _with_deciding(factors: list[Factor], decides: Factor | None) -> list[Factor]:
    """The deciding fact first, in place of the factor of its kind."""
    if decides is None:
        return factors
    return [decides, *(factor for factor in factors if factor.kind != decides.kind)]


def _summary(row: Row, factors: list[Factor]) -> str:
    if row.decides is not None and row.name == MENINGITIS:
        return shortened(f"IVIG: {row.decides.name}; consider hydration, a slow rate, and watching for headache")
    factor = "factor" if len(factors) == 1 else "factors"
    names = listed([factor.name for factor in factors])
    return shortened(
        f"IVIG boxed warning: {len(factors)} thrombosis/renal risk {factor} ({names}); "
        "hydrate, slowest rate, lowest dose"
    )


def _creatinine_line(facts: Facts, knowledge: Knowledge) -> tuple[str, ...]:
    if has_recent_creatinine(facts, knowledge):
        return ()
    return (f"Creatinine: searched, none within {knowledge.value('creatinine_within'):g} days",)


def _offers(order: OrderedDrug, facts: Facts, knowledge: Knowledge, factors: list[Factor]) -> tuple[Suggestion, ...]:
    """Another product for one with sucrose; creatinine and urea where a renal risk has no recent creatinine; a note."""
    offers: list[Suggestion | None] = []
    offers += [other_product(draft) for draft in order.drafts if contains(draft.drug, SUCROSE)][:1]
    least, most = number(knowledge.value("first_rate_least")), number(knowledge.value("first_rate_most"))
    words = f"Hydrate; start at {least}-{most} mg/kg/min, slowest practicable rate."
    note = AddNote(order.last.id, "Add note: hydrate, start slowly", words, recommended=False)
    is_renal = any(factor.is_renal for factor in factors)
    if is_renal and not has_recent_creatinine(facts, knowledge) and not is_creatinine_pending(facts):
        offers += [offer_creatinine(), note, order_test("urea-nitrogen", "Order urea nitrogen (BUN)")]
    else:
        offers.append(note)
    return tuple(offer for offer in offers if offer is not None)[:AT_MOST]
