"""Does the label advise against duloxetine because of liver disease, heavy alcohol use or the kidneys?

WHEN  duloxetine is ordered, for whatever indication
AND   chronic liver disease, a high ALT or an alcohol use disorder is current, or the clearance is below 30 mL/min
THEN  warn and offer to remove the draft; info for steatosis alone, for liver disease in a long stable treatment with
      normal ALT, and for a full-dose start at a clearance of 30 to 60 mL/min (book 3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.hepatology.liver_disease import ADVANCED, CHRONIC, Transaminase, transaminase
from cards.hits import Hit, Hits, by_code, hits
from cards.knowledge import Band, Knowledge, Threshold
from cards.opinion import Advice, Explanation, Indicator, NothingToAdd, Opinion
from cards.orders import OrderedDrug
from cards.pharmacology.daily_dose import daily_dose
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.removal import offer_removal
from cards.pharmacology.renal.creatinine_clearance import About
from cards.pharmacology.renal.renal_function import renal_function
from cards.pharmacology.renal.renal_state import RenalFunction, RenalState
from cards.pharmacology.renal.renal_wording import band_words, doubt_lines, downgrades
from cards.pharmacology.therapy_history import is_long_renewal, therapy_history
from cards.wording import listed, number, on

AGAINST = "label advises against use with"
ALTERNATIVES = "Alternatives: pregabalin or gabapentin in a dose for the kidneys, topical lidocaine."
OF_THE_LIVER = ("advanced liver disease", "chronic liver disease", "ALT", "steatosis")
IN_ITS_OWN_WORDS = ("steatosis", "lower start")  # rows that say more than what the label advises against
LIMITS = "Limits: drinking and liver disease that are not coded are missed; interactions are not checked."


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """Every row of 3.1 that matches, on one card; the loudest decides."""
    found = hits([partial(row, order, facts, knowledge) for row in ROWS])
    stable = _long_stable(order, facts, knowledge) if any(hit.row in OF_THE_LIVER for hit in found.found) else ()
    if stable:
        found = found._replace(found=tuple(_softened(hit, stable) for hit in found.found))
    if found.found:
        return _advice(order, found, knowledge)
    if found.unknown:
        return found.cannot_tell(book_is_silent=True)
    return NothingToAdd("no liver disease, heavy alcohol use or renal impairment that the label names")


# -- the decision table ---------------------------------------------------------------------------------------------


def _liver(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    advanced = facts.current(*ADVANCED)
    found = advanced or facts.current(*CHRONIC)
    if found:
        row = "advanced liver disease" if advanced else "chronic liver disease"
        rule = "cirrhosis, portal hypertension or hepatic failure" if advanced else "other chronic liver disease"
        yield Hit(row, Indicator.WARNING, "liver disease", rule, (_coded(found),), _by_words(found))


def _enzymes(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    alt = _alt(facts, knowledge)
    times = knowledge.value("alt_raised")
    if alt is not None and alt.is_above(times):
        rule = f"ALT above {number(times)} times the upper limit of normal"
        doubts = ("the upper limit of normal is assumed",) if alt.is_assumed else ()
        yield Hit("ALT", Indicator.WARNING, "liver disease", rule, (alt.text,), doubts)


def _steatosis(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    found = facts.current("hepatic_steatosis")
    if found:
        what = f"hepatic steatosis ({found[0].label}); {AGAINST} chronic liver disease"
        yield Hit("steatosis", Indicator.INFO, what, "steatosis without more", (_coded(found),))


def _alcohol(_: OrderedDrug, facts: Facts, __: Knowledge) -> Iterator[Hit]:
    found = facts.current("alcohol_use_disorder")
    if found:
        rule = "alcohol use disorder, not in remission"
        yield Hit("alcohol", Indicator.WARNING, "heavy alcohol use", rule, (_coded(found),), _by_words(found))


def _kidneys(_: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    """Severe renal impairment. The row takes a stale clearance as it is (book 3.1), and the card says its age."""
    renal, bands, stage_5 = renal_function(facts), knowledge.threshold("renal_bands"), _stage_5(facts)
    shown = (*renal.facts, *doubt_lines(renal, bands))
    if renal.is_in_lowest_band:
        what = f"severe renal impairment ({renal.shown(bands)})"
        doubts = downgrades(renal, bands, takes_stale=True)
        yield Hit("renal", Indicator.WARNING, what, "dialysis or end-stage renal disease", shown, doubts)
    elif stage_5:
        what = f"severe renal impairment ({stage_5[0].label})"
        facts_used = (_coded(stage_5), *shown)
        yield Hit("renal", Indicator.WARNING, what, "kidney disease stage 5", facts_used, _by_words(stage_5))
    elif _band(renal, bands) is bands.lowest:
        rule = f"CrCl below {number(bands.bands[-2].edge)} mL/min"
        doubts = downgrades(renal, bands, takes_stale=True)
        yield Hit("renal", Indicator.WARNING, renal.shown(bands), rule, shown, doubts)


def _full_start(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Iterator[Hit]:
    renal, bands, dose = renal_function(facts), knowledge.threshold("renal_bands"), daily_dose(order)
    full = knowledge.value("full_start")
    if renal.is_in_lowest_band or dose.status == "unknown" or dose.start_mg < full:
        return
    band = _band(renal, bands)
    if band in (None, bands.lowest, bands.highest):
        return
    if therapy_history(facts, order, *knowledge.triggers).is_new_start:
        where = band_words(renal.band(bands), bands, renal)
        rule = f"{where}, new start at {number(full)} mg/day or more: lower start, gradual increase"
        start = f"new start of {number(dose.start_mg)} mg/day at {renal.shown(bands)}"
        what = f"{start}; consider a lower start and gradual increase"
        yield Hit("lower start", Indicator.INFO, what, rule, renal.facts)


ROWS: tuple[Callable[[OrderedDrug, Facts, Knowledge], Iterator[Hit]], ...] = (
    _liver,
    _enzymes,
    _alcohol,
    _kidneys,
    _full_start,
    _steatosis,
)


def _band(renal: RenalFunction, bands: Threshold) -> Band | None:
    """The band of the clearance; None: none on file. Raises NotKnown when it is unknown or its range crosses a band."""
    if renal.has_conflict(bands, About.STAND_IN, About.BOUND):
        raise NotKnown("renal_function", "the conclusion does not hold over the range of the estimate")
    if renal.state is RenalState.UNKNOWN:
        raise NotKnown("renal_function", renal.why)
    return None if renal.clearance is None else renal.band(bands)


def _stage_5(facts: Facts) -> tuple[Diagnosis, ...]:
    """Stage 5 by its code; the clearance tells a failing kidney where the problem list could not be had."""
    try:
        return facts.current("chronic_kidney_disease_stage_5")
    except NotKnown:
        return ()


def _long_stable(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> tuple[str, ...]:
    """What shows a renewal after long treatment, not at a higher dose, with a normal ALT. Unknown counts as no."""
    try:
        history, alt = therapy_history(facts, order, *knowledge.triggers), _alt(facts, knowledge)
        longer = knowledge.value("stable_renewal")
        if alt is None or alt.is_above(1) or not is_long_renewal(history, daily_dose(order), longer_than_days=longer):
            return ()
    except NotKnown:
        return ()
    return (f"Renewal, dose unchanged for {history.days_on} days: for information only", alt.text)


def _softened(hit: Hit, because: tuple[str, ...]) -> Hit:
    if hit.row not in OF_THE_LIVER:
        return hit
    return hit._replace(level=Indicator.INFO, facts=(*hit.facts, *because))


def _alt(facts: Facts, knowledge: Knowledge) -> Transaminase | None:
    within = int(knowledge.value("alt_within"))
    return transaminase(facts, within_days=within, usual_limit=knowledge.value("alt_upper_limit"))


def _coded(found: tuple[Diagnosis, ...]) -> str:
    return listed([f"{d.label} current ({on(d.on)})" for d in by_code(found)])


def _by_words(found: tuple[Diagnosis, ...]) -> tuple[str, ...]:
    return ("diagnosis recognised by its words only",) if all(d.by_text for d in found) else ()


# -- the card -------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, found: Hits, knowledge: Knowledge) -> Advice:
    against = list(dict.fromkeys(hit.what for hit in found.found if hit.row not in IN_ITS_OWN_WORDS))
    return Advice(
        summary=f"Duloxetine: {f'{AGAINST} {listed(against)}' if against else found.decisive.what}",
        indicator=found.level,
        before_downgrade=found.before_downgrade,
        explanation=Explanation(
            order=order_line(order),
            facts=found.facts,
            rule=f"{found.rule} {ALTERNATIVES}",
            basis=knowledge.basis("label", "book"),
            limits=LIMITS,
        ),
        evidence="label",
        row=found.decisive.row,
        suggestions=() if {hit.row for hit in found.found} == {"lower start"} else offer_removal(order),
    )
