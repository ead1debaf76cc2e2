"""Is the neuropathy phenotype one that intravenous immunoglobulin is used for?

WHEN  intravenous immunoglobulin is ordered, for no other use than a neuropathy and for no established one
AND   the stated reason, else the problem list, shows a phenotype without established benefit, or none
THEN  say so, never louder than a warning, with what speaks for it, what would change the answer, and what would tell
      the pattern; say on signing when the problem list could not be read (book 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cards.errors import NotKnown
from cards.facts import Diagnosis, Facts
from cards.knowledge import Knowledge
from cards.neurology.attribution_wording import short_names
from cards.neurology.diagnosis_wording import coded_as, first_in_full
from cards.neurology.governing import SILENT_ABOUT_USE, SYMMETRIC, Governing, governing
from cards.neurology.grade import NeuropathyGrade, grades, neuropathy_grade
from cards.neurology.immunoglobulin_use import stated_in_short
from cards.neurology.phenotype import (
    IN_WORDS,
    current_picture,
    is_checkpoint_inhibitor_effect,
    positive_anti_mag,
    require_complete_problem_list,
    stated_picture,
)
from cards.neurology.relapse import has_relapsed
from cards.neurology.workup import EMG, LABORATORY, NEUROLOGY, named, workup
from cards.oncology.checkpoint_inhibitor import exposure_line
from cards.opinion import (
    Advice,
    CannotTell,
    Explanation,
    Indicator,
    NothingToAdd,
    Opinion,
    RemoveOrder,
    SetReason,
    Suggestion,
    lower_once,
)
from cards.orders import OrderedDrug
from cards.pharmacology.infusion.immunoglobulin_courses import prior_courses, prior_courses_line
from cards.pharmacology.order_wording import order_line
from cards.pharmacology.steroid.steroid_contraindication import steroid_contraindication
from cards.suggested_orders import AT_MOST, state_reason
from cards.wording import joined, listed, on

LIMITS = "Limits: sees only this record; the pattern is a clinical judgement."
IF_GIVEN = "If given: slow start, hydration, premedication."
ANY_NEUROPATHY = ("any_neuropathy", "neuropathic_symptoms", *IN_WORDS)
EMG_FIRST = (EMG, NEUROLOGY)
REMOVE, REASON = "remove", "reason"
FIRST_TEST = "vitamin_b12"
# Rows that a radiculoplexus neuropathy on record would not change: it governs, or comes after them.
BEFORE_OR_AT_RADICULOPLEXUS = ("5", "6", "8", "8a")
# Codes that are in their set by a second one (book 1.7): value set of the code → that of the second.
SECOND_CODES = {"np_symm_with_cause": "metabolic_or_toxic_cause", "np_drpn_with_diabetes": "diabetes"}


@dataclass(frozen=True, slots=True)
class Row:
    """The row that matched: level, words, the diagnoses it rests on, what is offered first, what it is based on."""

    name: str
    level: Indicator
    summary: str
    rule: str
    basis: tuple[str, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    facts: tuple[str, ...] = ()
    offers: tuple[str, ...] = EMG_FIRST
    lowered_because: tuple[str, ...] = ()
    states_reason: bool = True


def advise(order: OrderedDrug, facts: Facts, knowledge: Knowledge) -> Opinion:
    """The governing picture against the table of 4.1, first match."""
    stated = stated_picture(facts, order.reasons)
    if stated.shows("ig_other", suspected=True):
        return NothingToAdd("the stated reason is another use of immunoglobulin, if only a suspected one", "1")
    if stated.shows("np_imm", suspected=True) or stated_in_short(order.reasons):
        return NothingToAdd("the stated reason is an established indication", "2")
    try:
        on_list = current_picture(facts, beside=order.reasons)
        if stated.sets <= SILENT_ABOUT_USE and on_list.shows("ig_other"):
            return NothingToAdd("another use of immunoglobulin is on the problem list", "1")
        if on_list.shows("np_imm", suspected=True):
            return NothingToAdd("an established or suspected indication is on the problem list", "3")
        require_complete_problem_list(facts)
    except NotKnown as unknown:
        return _not_checked(order, knowledge, unknown)
    picture = governing(facts, order.reasons)
    found = _by_checkpoint_inhibitor(facts, picture) or _by_radiculoplexus(order, facts, picture)
    found = found or _by_plexus(facts, picture) or _by_other_pattern(facts, picture)
    return _advice(order, facts, knowledge, picture, found) if isinstance(found, Row) else found


# -- rows -------------------------------------------------------------------------------------------------------------


def _by_checkpoint_inhibitor(facts: Facts, picture: Governing) -> Row | NothingToAdd | None:
    diagnoses = picture.of("np_ici")
    beside = diagnoses or picture.responsive("np_ici")
    if not beside:
        return None
    grade = neuropathy_grade(facts, beside, on_checkpoint_inhibitor=True)
    if grade.is_severe:
        return NothingToAdd(f"checkpoint-inhibitor neuropathy, {grade.line}", "4")
    if not diagnoses and not grade.is_unread:
        return None
    if grade.value is None:
        return Row(
            "6",
            Indicator.INFO,
            "IVIG for checkpoint-inhibitor neuropathy of unknown grade: consider recording the grade first",
            f"Checkpoint-inhibitor neuropathy without a known current grade; IVIG has its place at {_severe()}.",
            ("asco",),
            beside,
            (grade.line,),
        )
    return Row(
        "5",
        Indicator.WARNING,
        f"IVIG for grade {grade.value} ICI neuropathy: guideline reserves it for {_severe()}",
        f"Checkpoint-inhibitor neuropathy below {_severe()}.",
        ("asco",),
        diagnoses,
        (grade.line,),
        (*EMG_FIRST, REMOVE),
    )


def _by_radiculoplexus(order: OrderedDrug, facts: Facts, picture: Governing) -> Row | NothingToAdd | CannotTell | None:
    diagnoses = picture.responsive("np_drpn")
    if not diagnoses:
        return None
    is_relapse = has_relapsed(diagnoses, order.reasons)
    try:
        courses = prior_courses(facts)
    except NotKnown as unknown:
        if is_relapse:
            return CannotTell(f"relapse recorded, earlier IVIG: {unknown.why}", (unknown.what,))
        courses = ()
    if courses and is_relapse:
        return NothingToAdd("relapse of diabetic radiculoplexus neuropathy after an earlier course", "7")
    if courses:
        return Row(
            "8a",
            Indicator.INFO,
            "IVIG again for diabetic radiculoplexus neuropathy: consider recording the response to the earlier course",
            "Earlier course, no relapse recorded: the documented response decides about another.",
            ("aan", "drpn_series"),
            diagnoses,
            offers=(*EMG_FIRST, REASON),
        )
    return Row(
        "8",
        Indicator.INFO,
        "IVIG for diabetic radiculoplexus neuropathy: limited evidence, single course",
        "Limited evidence: consider a single course and a reassessment. Corticosteroids, the usual alternative, raise "
        "glucose.",
        ("aan", "aanem", "drpn_series"),
        diagnoses,
        offers=(*EMG_FIRST, REASON),
    )


def _by_plexus(facts: Facts, picture: Governing) -> Row | None:
    diagnoses = picture.of("np_plex")
    if not diagnoses:
        return None
    grade = neuropathy_grade(facts, diagnoses)
    if not grade.is_severe:
        without = "without" if grade.value is not None else "with no recorded"
        summary = f"IVIG for plexus neuritis {without} {_severe()} deficit: not standard of care"
        disease = f"with no {_severe()} deficit on record"
        if grade.is_unread:
            summary = (
                f"IVIG for plexus neuritis whose grade could not be checked: not standard of care below {_severe()}"
            )
            disease = "whose grade could not be checked"
        return Row(
            "9",
            Indicator.WARNING,
            summary,
            f"Plexus disease, not coded as diabetic, {disease}; where treatment is needed, a steroid comes first.",
            ("aanem",),
            diagnoses,
            (grade.line,),
            (*EMG_FIRST, REMOVE, *LABORATORY),
        )
    return _by_steroid(facts, diagnoses, grade)


def _by_steroid(facts: Facts, diagnoses: tuple[Diagnosis, ...], grade: NeuropathyGrade) -> Row:
    first = Row(
        "11",
        Indicator.WARNING,
        f"IVIG for plexus neuritis of {_severe()}: consider a corticosteroid first",
        f"Plexus disease of {_severe()}: a corticosteroid comes first; an allergy to one preparation alone does not "
        "change that.",
        ("aanem",),
        diagnoses,
    )
    try:
        steroid = steroid_contraindication(facts)
    except NotKnown as unknown:
        because = f"Corticosteroid allergy or failure: could not be checked ({unknown.why})"
        return replace(first, facts=(grade.line, because), lowered_because=(because,))
    if not steroid.is_contraindicated:
        return replace(first, facts=(grade.line, f"Corticosteroid: possible ({steroid.because})"))
    return replace(
        first,
        name="10",
        level=Indicator.INFO,
        summary=f"IVIG for plexus neuritis of {_severe()}, corticosteroid no option: limited evidence",
        rule=f"Plexus disease of {_severe()} and a corticosteroid is no option.",
        facts=(grade.line, f"Corticosteroid: {steroid.because}"),
    )


def _by_other_pattern(facts: Facts, picture: Governing) -> Row | NothingToAdd:
    if picture.picture.shows("np_igm"):
        anti_mag = positive_anti_mag(facts)
        return Row(
            "12",
            Indicator.INFO,
            "IVIG for IgM paraprotein neuropathy: evidence insufficient (AAN Level U)",
            "IgM paraprotein or anti-MAG neuropathy.",
            ("aan",),
            picture.of("np_igm"),
            () if anti_mag is None else (f"Anti-MAG antibody: positive ({on(anti_mag.on)})",),
        )
    if picture.picture.shows("np_vasc"):
        return NothingToAdd("vasculitic neuropathy is outside the book", "13")
    symmetric = picture.of(*SYMMETRIC)
    if symmetric:
        return _symmetric(facts, symmetric)
    unspecified = picture.of("np_unspec")
    if unspecified:
        return Row(
            "16",
            Indicator.INFO,
            "IVIG: no immune-mediated indication recorded; add indication or phenotype",
            "Neuropathy without a recorded pattern: consider recording it, EMG/NCS first.",
            ("audit",),
            unspecified,
            offers=(EMG, FIRST_TEST, REASON, NEUROLOGY, *LABORATORY),
        )
    return Row(
        "17",
        Indicator.INFO,
        "IVIG: no immune-mediated indication recorded; add indication or phenotype",
        "No indication for immunoglobulin in the record.",
        ("audit",),
        picture.of("np_cranial", "np_auton", "np_phn_sci", "other_lic"),
        offers=(REASON, *EMG_FIRST, *LABORATORY),
        states_reason=False,
    )


def _symmetric(facts: Facts, diagnoses: tuple[Diagnosis, ...]) -> Row:
    codes = listed(list(dict.fromkeys(d.label for d in diagnoses)))
    first = Row(
        "14",
        Indicator.WARNING,
        f"IVIG for symmetric polyneuropathy ({codes}): not supported by guideline or label; check phenotype",
        "Symmetric polyneuropathy, no pattern on record that responds to immunoglobulin.",
        ("aanem", "jann", "geerts", "breiner", "first_line"),
        diagnoses,
        offers=(*EMG_FIRST, REMOVE),
    )
    try:
        is_repeated = bool(prior_courses(facts))
    except NotKnown:
        is_repeated = False  # both rows warn; the facts say that it could not be checked
    if not is_repeated:
        return first
    rule = f"{first.rule} If that course gave a documented response, re-examine the phenotype and use the override."
    return replace(first, name="15", rule=rule, offers=EMG_FIRST)


def _not_checked(order: OrderedDrug, knowledge: Knowledge, unknown: NotKnown) -> Opinion:
    """Row 18: said on signing only."""
    if not order.is_signing:
        return CannotTell(f"diagnosis: {unknown.why}", (unknown.what,), book_is_silent=True)
    return Advice(
        summary="IVIG: the diagnosis could not be checked; consider confirming the indication",
        indicator=Indicator.INFO,
        explanation=Explanation(
            order=order_line(order),
            facts=(f"Problem list: could not be checked ({unknown.why})",),
            rule="Without the problem list neither an indication nor its absence can be told.",
            basis=knowledge.basis("audit"),
            limits=LIMITS,
        ),
        evidence="audit",
        row="18",
        speaks_at_signing=True,
        unchecked=True,
    )


# -- words ------------------------------------------------------------------------------------------------------------


def _advice(order: OrderedDrug, facts: Facts, knowledge: Knowledge, picture: Governing, row: Row) -> Advice:
    by_words = ("recognised by words only",) if row.diagnoses and all(d.by_text for d in row.diagnoses) else ()
    level, before = lower_once(row.level, (*row.lowered_because, *by_words))
    offered = list(_offers(order, facts, row))
    further = named(offered[AT_MOST:])
    return Advice(
        summary=row.summary,
        indicator=level,
        explanation=Explanation(
            order=order_line(order),
            facts=tuple(fact for fact in _facts_used(order, facts, picture, row, by_words) if fact),
            rule=_rule(row, further),
            basis=knowledge.basis(*row.basis),
            limits=LIMITS,
        ),
        evidence=row.basis[0],
        row=row.name,
        suggestions=tuple(offered[:AT_MOST]),
        before_downgrade=before,
    )


def _rule(row: Row, further: str) -> str:
    others = () if row.name in BEFORE_OR_AT_RADICULOPLEXUS else ("asymmetric diabetic neuropathy",)
    decisive = ("CIDP", "GBS", "MMN", f"ICI neuropathy of {_severe()}", *others)
    change = f"Would change the answer: {', '.join(decisive)}."
    more = f" Further options: {further}." if further else ""
    return f"{row.rule} {change}{more} {IF_GIVEN}"


def _facts_used(
    order: OrderedDrug, facts: Facts, picture: Governing, row: Row, by_words: tuple[str, ...]
) -> Iterator[str]:
    """The deciding facts first: where the detail is too long, the last ones are left out."""
    others = [d for d in facts.current(*ANY_NEUROPATHY) if d.label not in {own.label for own in row.diagnoses}]
    suspected = [d for d in facts.diagnoses(*ANY_NEUROPATHY, "ig_other") if d.is_current and d.is_suspected]
    if row.diagnoses:
        yield f"Governing: {first_in_full(row.diagnoses, picture.origin(row.diagnoses[0]), *by_words)}"
    elif not row.facts:
        which = "that counts" if others or suspected else "recognised"
        yield f"Governing: problem list searched, no neuropathy and no other use of immunoglobulin {which}"
    if row.name in ("5", "6"):
        yield coded_as("Adverse effect", [d for d in facts.current() if is_checkpoint_inhibitor_effect(facts, d)])
    for of_code, second in SECOND_CODES.items():
        if any(d.is_a(of_code) for d in row.diagnoses):
            yield coded_as("Together with", facts.current(second))
    yield from row.facts
    yield prior_courses_line(facts)
    yield exposure_line(facts)
    if order.reasons and not (picture.is_stated or any(d.is_stated_reason for d in row.diagnoses)):
        stated = short_names(order.reasons)
        yield f"Stated reason {stated}: no confirmed, coded pattern and no use of immunoglobulin known here"
    codes = dict.fromkeys(d.label for d in others if not d.is_a("gbs"))
    yield f"Also coded: {joined(list(codes))}" if codes else ""
    yield coded_as("Past, not counted", [d for d in others if d.is_a("gbs")])
    yield coded_as("Suspected, not counted", suspected)


def _severe() -> str:
    return f"grade {grades().value('severe'):g}-{grades().value('worst'):g}"


# -- what is offered --------------------------------------------------------------------------------------------------


def _offers(order: OrderedDrug, facts: Facts, row: Row) -> Iterator[Suggestion]:
    """What the row offers and is not done already, the most decisive first."""
    for name in dict.fromkeys(row.offers):
        if name == REMOVE:
            if len(order.drafts) == 1:
                yield RemoveOrder(order.last.id, "Remove this IVIG draft")
        elif name == REASON:
            if not order.reasons:
                yield _reason(order.last.id, row)
        else:
            yield from workup(facts, (name,))


def _reason(order_id: str, row: Row) -> SetReason:
    if row.states_reason:
        d = row.diagnoses[0]
        return state_reason(order_id, d, f"State {d.label} as the reason")
    text = "Indication for immunoglobulin: to be completed"
    return SetReason(order_id, "State the indication on the order (to complete)", text, recommended=False)
