"""Asks every triggered card for its opinion; then silence, suppression, order and cap (book 0.4, 0.7, 1.10).

A card that is silent at a site is asked as well, and changes nothing for the others: what they leave of each other is
worked out without it, and what would be left of it as if it could be seen.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeGuard

from cards import site_settings
from cards.already_drafted import not_yet_drafted
from cards.catalogue import Card, Catalogue
from cards.errors import NotKnown
from cards.facts import Facts
from cards.knowledge import Concern, Silence, Speaks
from cards.opinion import Advice, CannotTell, Indicator, NothingToAdd, Opinion, Suggestion
from cards.orders import Hook, Ordered, OrderedDrug
from cards.pharmacology.daily_dose import daily_dose
from cards.site_settings import Tables

ADULT_AGE = 18  # book 0.7.1: the legal age of adulthood, no threshold of a card

_CONCERNS = list(Concern)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manners:
    """What a site may choose about how many cards are shown (book 1.10.3)."""

    at_most: int = 5
    at_most_info: int = 2


USUAL_MANNERS = Manners()


class Considered(NamedTuple):
    """One card asked about one ordered drug or service. `kept_back` says why its advice is not shown; empty: shown.

    `is_without_offers`: shown without its suggestions, because another card questions the order as a whole.
    """

    card: Card
    order: Ordered
    opinion: Opinion
    kept_back: str = ""
    is_without_offers: bool = False

    @property
    def is_left(self) -> bool:
        """Is this advice that nothing keeps back?"""
        return isinstance(self.opinion, Advice) and not self.kept_back

    @property
    def is_silent(self) -> bool:
        """Is the card one that nobody is shown, whatever it says?"""
        return self.card.is_silent

    @property
    def is_shown(self) -> bool:
        """Will this become a card?"""
        return self.is_left and not self.is_silent

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What the card offers."""
        return () if self.is_without_offers or not isinstance(self.opinion, Advice) else self.opinion.suggestions


class Question(NamedTuple):
    """One card to be asked about one ordered drug or service. `moot` says why it need not be; empty: ask."""

    card: Card
    order: Ordered
    moot: str = ""


def questions(catalogue: Catalogue, ordered: Iterable[Ordered]) -> tuple[Question, ...]:
    """What the orders alone make us ask; decided before any data is looked at."""
    return tuple(
        Question(card, order, _moot(card, order))
        for order in ordered
        for card in catalogue.triggered_by(order.concepts, order.hook)
    )


def consult(
    asked: Iterable[Question],
    facts: Facts,
    manners: Manners = USUAL_MANNERS,
    tables: Tables | None = None,
) -> tuple[Considered, ...]:
    """Every opinion about every ordered drug: shown advice first, most urgent first; then the rest, silent cards last.

    `tables` are the shared tables in which a site has set numbers; None: it has set none, anywhere.
    """
    with site_settings.in_force(tables):
        considered = [_consider(question, facts) for question in asked]
    if not any(one.is_silent for one in considered):
        return _in_company(considered, manners)
    seen = _in_company([one for one in considered if not one.is_silent], manners)
    as_if_seen = _in_company(considered, manners)
    return (*seen, *[one for one in as_if_seen if one.is_silent])


def _in_company(considered: Sequence[Considered], manners: Manners) -> tuple[Considered, ...]:
    """What these cards leave of each other, most urgent first."""
    left = _suppress(considered)
    left.sort(key=_urgency)
    return tuple(_cap(_one_per_call(left), manners))


def _moot(card: Card, order: Ordered) -> str:
    of_dose = card.knowledge.hooks[order.hook] is Speaks.COMPLETE_DOSAGE
    if of_dose and isinstance(order, OrderedDrug) and daily_dose(order).status != "known":
        return "the draft has no complete dosage yet"
    return ""


def _consider(question: Question, facts: Facts) -> Considered:
    card, order, moot = question
    if moot:
        return Considered(card, order, NothingToAdd(moot))
    try:
        silence = _global_silence(card, facts)
        if silence:
            return Considered(card, order, NothingToAdd(silence))
        opinion = _as_sure_as_the_name(card, order, facts.limited_to(card.knowledge.needs))
    except NotKnown as unknown:
        opinion = CannotTell(because=str(unknown), missing=(unknown.what,))
    except Exception as error:  # noqa: BLE001 - the one catch-all: a rule that fails must not take others with it
        _log.error("rule failed", extra={"rule": card.rule, "error": type(error).__name__, "at": _place(error)})
        opinion = CannotTell(because="this rule failed", failed=True)
    if not isinstance(opinion, Advice):
        return Considered(card, order, opinion)
    if opinion.suggestions:
        opinion = opinion._replace(suggestions=not_yet_drafted(opinion.suggestions, facts.basket))
    return Considered(card, order, opinion, _kept_back_at(card, order.hook, opinion))


def _as_sure_as_the_name(card: Card, order: Ordered, facts: Facts) -> Opinion:
    """The card's opinion; critical only where the drafts known by code alone make it so (book 1.9)."""
    opinion = _asked(card, order, facts)
    if not (order.by_text and _is_critical(opinion)):
        return opinion
    try:
        is_certain = order.coded is not None and _is_critical(_asked(card, order.coded, facts))
    except NotKnown:
        is_certain = False
    if is_certain:
        return opinion
    said = opinion.explanation
    return opinion._replace(
        indicator=Indicator.WARNING,
        before_downgrade=Indicator.CRITICAL,
        explanation=said._replace(rule=f"{said.rule} One level lower: what is ordered is recognised by its name only."),
    )


def _is_critical(opinion: Opinion) -> TypeGuard[Advice]:
    return isinstance(opinion, Advice) and opinion.indicator is Indicator.CRITICAL


def _asked(card: Card, order: Ordered, facts: Facts) -> Opinion:
    """The card's opinion; advice that rests on numbers of the site's says so."""
    if not site_settings.is_any():
        return card.advise(order, facts, card.knowledge)
    with site_settings.noted() as used:
        opinion = card.advise(order, facts, card.knowledge)
    if not used or not isinstance(opinion, Advice):
        return opinion
    said = opinion.explanation
    return opinion._replace(explanation=said._replace(rule=f"{said.rule} Site setting: {'; '.join(used)}."))


def _global_silence(card: Card, facts: Facts) -> str:
    """Why all rules of this kind are silent for this patient (book 0.7); empty when they are not."""
    knowledge = card.knowledge
    try:
        if facts.patient.is_deceased:
            return "the patient is recorded as deceased"
        if knowledge.ages == "adults" and facts.age < ADULT_AGE:
            return "under 18 years"
    except NotKnown:
        pass  # what needs the patient or the age will say so itself
    if knowledge.in_hospice == "silent" and facts.once(_in_hospice):
        return "hospice care"
    if knowledge.highest_level is not Indicator.CRITICAL and facts.once(_in_comfort_care):
        return "palliative care encounter; this rule can reach warning at most"
    return ""


def _in_hospice(facts: Facts) -> bool:
    encounter = facts.encounter
    return (encounter is not None and encounter.is_hospice) or _has(facts, "hospice")


def _in_comfort_care(facts: Facts) -> bool:
    encounter = facts.encounter
    return (encounter is not None and encounter.is_palliative) or _has(facts, "palliative_care")


def _has(facts: Facts, concept: str) -> bool:
    try:
        return facts.has(concept)
    except NotKnown:
        return False  # an unread problem list silences nothing


def _kept_back_at(card: Card, hook: Hook, advice: Advice) -> str:
    """Why the hook policy keeps this advice back (book 0.4)."""
    if card.knowledge.hooks[hook] is not Speaks.WARNING_AND_UP:
        return ""
    if advice.row_level >= Indicator.WARNING or advice.speaks_at_signing:
        return ""
    return f"info rows of this rule are silent at {hook}"


def _suppress(considered: Sequence[Considered]) -> list[Considered]:
    """What cards about the same concern leave of each other (book 1.10.1; the conditions: knowledge.Silence)."""
    silences = [
        (silence, one.card.rule)
        for one in considered
        if one.is_left
        for silence in one.card.knowledge.silences
        if _level(one) >= silence.lowest_level
    ]
    return [_under(silences, one) for one in considered] if silences else list(considered)


def _under(silences: Iterable[tuple[Silence, str]], one: Considered) -> Considered:
    """One card under the silences of the others: as it is, without its suggestions, or kept back."""
    if not isinstance(one.opinion, Advice) or one.kept_back:
        return one
    for silence, by in silences:
        if silence.rule != one.card.rule:
            continue
        is_spared = _level(one) is Indicator.CRITICAL or (silence.spares_extreme and one.opinion.is_extreme)
        if not is_spared:
            return one._replace(kept_back=f"said by {by}")
        if silence.withholds_suggestions:
            one = one._replace(is_without_offers=True)
    return one


def _one_per_call(considered: Iterable[Considered]) -> Iterable[Considered]:
    """Of a rule that speaks of what its orders have in common, the most urgent card only (book 1.10.4)."""
    said: dict[str, str] = {}
    for one in considered:
        if one.is_left and one.card.knowledge.one_per_call:
            if one.card.rule in said:
                yield one._replace(kept_back=f"said for {said[one.card.rule]}")
                continue
            said[one.card.rule] = one.order.name
        yield one


def _urgency(one: Considered) -> tuple[bool, int, int, str]:
    return (not one.is_left, -_level(one), _CONCERNS.index(one.card.knowledge.concern), one.card.rule)


def _cap(considered: Iterable[Considered], manners: Manners) -> Iterable[Considered]:
    """At most so many cards and so many infos; critical and warning are never dropped (book 1.10.3)."""
    shown = infos = 0
    for one in considered:
        if not one.is_left:
            yield one
            continue
        if _level(one) is Indicator.INFO:
            if infos >= manners.at_most_info or shown >= manners.at_most:
                yield one._replace(kept_back="more cards than a person reads")
                continue
            infos += 1
        shown += 1
        yield one


def _place(error: Exception) -> str:
    """Where it failed; the message itself could hold a patient's value and is not logged."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _level(one: Considered) -> Indicator:
    return one.opinion.indicator if isinstance(one.opinion, Advice) else Indicator.INFO
