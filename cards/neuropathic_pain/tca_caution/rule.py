"""Does heart, age, autonomic disease, another drug or the dose speak against this tricyclic?

WHEN  a tricyclic is ordered, for whatever indication
AND   an MAO inhibitor, a fresh infarction, conduction or QTc, glaucoma, retention, autonomic disease, falls, dementia
      or age speaks against it, or on signing its dose for neuropathic pain is above 75 mg/day
THEN  show all of it on one card: critical for the label's contraindications, info for age alone and for a dose up to
      150 mg/day, warning for the rest; offer to remove the draft, or the lower dose (book 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cards.bounds import is_at_least
from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.hits import Hit, Hits, by_code, hits
from cards.knowledge import Dose, Knowledge
from cards.neurology.phenotype import pain_indication
from cards.opinion import Advice, CannotTell, Explanation, Indicator, NothingToAdd, Opinion, Suggestion
from cards.orders import OrderedDrug
from cards.pharmacology.daily_dose import daily_dose
from cards.pharmacology.dose_offer import offer_dosage
from cards.pharmacology.dose_wording import dose_order_line
from cards.pharmacology.doxepin import is_sleeping_aid
from cards.pharmacology.mao_inhibitor import REVERSIBLE, recent_mao_inhibitor
from cards.pharmacology.removal import offer_removal
from cards.pharmacology.therapy_history import is_long_renewal, therapy_history
from cards.suggested_orders import AT_MOST
from cards.wording import listed, number, on

# The source of each row; of the others it is the rule book.
SOURCES = {
    "MAO inhibitor": "label",
    "reversible MAO inhibitor": "fda",
    "infarction": "label",
    "frail": "beers",
    "age": "beers",
    "dose": "seed",
}
BEERS = "strong anticholinergic, avoid in older adults per Beers 2023"
LIMITS = "Limits: sees only this record; an ECG that is not coded is missed, interactions are not checked further."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Every row of 3.3 that matches, on one card; the loudest decides."""
    silent = _not_meant(order)
    if silent is not None:
        return silent
    found = hits([partial(row, order, facts, knowledge) for row in ROWS])
    rows = {hit.row for hit in found.found}
    if rows == {"age"} and _is_stable_renewal(order, facts, knowledge):
        found, rows = found._replace(found=()), set()
    if not rows:
        return found.cannot_tell() if found.unknown else NothingToAdd("nothing speaks against the tricyclic")
    if rows == {"age"} and found.unknown and order.is_signing:
        return found.cannot_tell()  # age alone is silent on signing, but not what could not be checked
    return _advice(order, found, knowledge)


def _not_meant(order: OrderedDrug) -> NothingToAdd | CannotTell | None:
    """Doxepin in the dose of a sleeping aid is outside the rule."""
    dose = daily_dose(order)
    is_low = is_sleeping_aid(order.drug, dose)
    if is_low is None:
        return CannotTell(f"daily dose of doxepin: {dose.why}", ("order",))
    return NothingToAdd("doxepin in a low dose") if is_low else None


# -- the decision table ---------------------------------------------------------------------------------------------


def _mao_inhibitor(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    days, day = (int(knowledge.value(name)) for name in ("mao_inhibitor_washout", "reversible_mao_inhibitor_washout"))
    undated = int(knowledge.value("undated_stop_within"))
    use = recent_mao_inhibitor(order, facts, washout_days=days, reversible_days=day, undated_days=undated)
    if use is not None:
        row, window = ("reversible MAO inhibitor", day) if use.drug.is_a(REVERSIBLE) else ("MAO inhibitor", days)
        rule = f"{row} current or stopped within {window} day{'s' if window > 1 else ''}"
        where = "Drafted" if use.is_drafted else "On record"
        yield Hit(row, Indicator.CRITICAL, f"{use.text} ({row})", rule, (f"{where}: {use.text}",), use.doubts)


def _infarction(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    """By its day; a current one without a date may be fresh, and is one level lower."""
    days = int(knowledge.value("infarction_within"))
    known = [d for d in facts.diagnoses("acute_myocardial_infarction") if not d.is_suspected]
    fresh = [d for d in known if d.on is not None and facts.is_within(d.on, days)]
    undated = [d for d in known if d.on is None and d.is_current]
    for d in by_code(fresh or undated)[:1]:
        ago = f"{facts.days_since(d.on)} days ago" if d.on is not None else "of unknown date"
        doubts = (*_by_words(d), *(() if fresh else ("date of the infarction not recorded",)))
        rule = f"myocardial infarction within {days} days"
        what = f"myocardial infarction {ago} ({d.label})"
        yield Hit("infarction", Indicator.CRITICAL, what, rule, (_coded(d),), doubts)


def _conduction(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    yield from _current(facts, "conduction", "heart rhythm disorder", "heart_block_long_qt")


def _qtc(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    edge, days = knowledge.value("long_qtc"), int(knowledge.value("qtc_within"))
    result = facts.latest("qtc", within_days=days)
    if result is not None and is_at_least(result, edge, need="qtc"):
        what = f"QTc {result.comparator}{number(result.value or edge)} ms"
        rule = f"QTc {number(edge)} ms or more within {days} days"
        yield Hit("QTc", Indicator.WARNING, what, rule, (f"{what} on {on(result.on)}",))


def _glaucoma(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    yield from _current(facts, "glaucoma", "angle-closure glaucoma", "angle_closure_glaucoma")


def _retention(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    yield from _current(facts, "retention", "urinary retention", "urinary_retention")


def _autonomic(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    what = "autonomic neuropathy or orthostatic hypotension"
    yield from _current(facts, "autonomic", what, "np_auton", "orthostatic_hypotension")


def _frail(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    """Falls, dementia and delirium, which count from an age on. A fall counts by its day."""
    within, edge = int(knowledge.value("fall_within")), knowledge.value("older_from")
    mind = facts.current("dementia_or_delirium")
    falls = [d for d in facts.diagnoses("falls") if not d.is_suspected and d.on and facts.is_within(d.on, within)]
    for d in (*by_code(falls)[:1], *by_code(mind)[:1]):
        if facts.age >= edge:
            what = f"age {facts.age} with {'a fall' if d in falls else 'dementia or delirium'} ({d.label})"
            rule = f"age {number(edge)} or more with a fall within {within} days, dementia or delirium"
            yield Hit("frail", Indicator.WARNING, what, rule, (_coded(d),), _by_words(d))


def _age(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    edge = knowledge.value("older_from")
    if facts.age >= edge:
        yield Hit("age", Indicator.INFO, f"age {facts.age}", f"age {number(edge)} or more", (f"Age {facts.age}",))


def _dose(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    """The daily dose for neuropathic pain; looked at on signing only."""
    dose = daily_dose(order)
    if not order.is_signing or dose.status == "unknown":
        return
    high, very_high = knowledge.value("high_dose"), knowledge.value("very_high_dose")
    mg = dose.final_mg if dose.is_taper else dose.peak_mg
    indication = pain_indication(facts, order.reasons) if mg > high else None
    if indication is not None and indication.sets:
        edge, level = (very_high, Indicator.WARNING) if mg > very_high else (high, Indicator.INFO)
        doubts = ("dose read from free text",) if dose.status == "parsed-text" else ()
        rule = f"above {number(edge)} mg/day for neuropathic pain"
        known = (f"Indication: {listed([d.label for d in indication.diagnoses])}",) if indication.diagnoses else ()
        yield Hit("dose", level, f"{number(mg)} mg/day, {rule}", rule, known, doubts)


ROWS: tuple[Callable[[OrderedDrug, Facts, Knowledge], Iterator[Hit]], ...] = (
    _mao_inhibitor,
    _infarction,
    _conduction,
    _qtc,
    _glaucoma,
    _retention,
    _autonomic,
    _frail,
    _dose,
    _age,
)


def _current(facts: Facts, row: str, what: str, *concepts: str) -> Iterator[Hit]:
    """A diagnosis that warns while it is current."""
    found = by_code(facts.current(*concepts))
    if found:
        lines, doubts = tuple(_coded(d) for d in found), _by_words(found[0])
        yield Hit(row, Indicator.WARNING, f"{what} ({found[0].label})", f"{what} current", lines, doubts)


def _is_stable_renewal(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> bool:
    """Has this very drug been taken at this dose for long? Then the patient's age is no news. Unknown counts as no."""
    try:
        history = therapy_history(facts, order, *knowledge.triggers, name=order.drug.name)
    except NotKnown:
        return False
    return is_long_renewal(history, daily_dose(order), longer_than_days=knowledge.value("stable_renewal"))


def _coded(d: Diagnosis) -> str:
    return f"{d.label} ({on(d.on)})"


def _by_words(d: Diagnosis) -> tuple[str, ...]:
    return ("diagnosis recognised by its words only",) if d.by_text else ()


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, found: Hits, knowledge: Knowledge) -> Advice:
    drug, rows = order.drug.name.capitalize(), {hit.row for hit in found.found}
    loudest = [hit.what for hit in found.found if (hit.shown_level, hit.level) == (found.level, found.decisive.level)]
    is_older = not rows.isdisjoint(("age", "frail"))
    return Advice(
        summary=f"{drug}: {listed(loudest, 1)}{f'; {BEERS}' if is_older else ''}",
        indicator=found.level,
        before_downgrade=found.before_downgrade,
        explanation=Explanation(
            order=dose_order_line(order, daily_dose(order)),
            facts=found.facts,
            rule=found.rule,
            basis=knowledge.basis(*dict.fromkeys((*(_source(hit.row) for hit in found.found), "aan"))),
            limits=LIMITS,
        ),
        evidence=_source(found.decisive.row),
        row=found.decisive.row,
        suggestions=_offers(order, found, knowledge),
        speaks_at_signing="dose" in rows,
    )


def _source(row: str) -> str:
    return SOURCES.get(row, "book")


def _offers(order: OrderedDrug, found: Hits, knowledge: Knowledge) -> tuple[Suggestion, ...]:
    """The lower dose where only the dose or the age speaks; removal where anything but the dose does."""
    offers: list[Suggestion] = []
    others = [hit for hit in found.found if hit.row != "dose"]
    if len(others) < len(found.found) and all(hit.row == "age" for hit in others):
        ingredient = next((name for name in ("amitriptyline", "nortriptyline") if order.drug.is_a(name)), "tricyclic")
        most = Dose(mg=knowledge.value("high_dose"), per_day=1, when="HS")
        why = f"At most {number(most.mg)} mg/day, at bedtime"
        dosage = offer_dosage(order, ingredient, [most], why, recommended=found.level is Indicator.WARNING)
        offers += [] if dosage is None else [dosage]
    if others:
        offers += offer_removal(order, recommended=found.level is Indicator.CRITICAL)
    return tuple(offers[:AT_MOST])
