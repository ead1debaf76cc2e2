"""Why the cards are these: every opinion with its branch, its facts and what it looked at; the numbers worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cards import site_settings
from cards.consult import Considered
from cards.opinion import Advice, CannotTell
from cards.site_settings import Tables
from cds_service.fhir.bundle import Answer
from cds_service.pages.charts.dose import DosePart, dose_parts
from cds_service.pages.charts.renal import RenalPart, renal_part
from cds_service.playground.chart_lines import chart_line
from cds_service.review import Review

_MOST_RECORDS = 3
_SILENT = "silent at this site: kept in the ledger, never shown"


class Look(NamedTuple):
    """One data request that a rule read: its name in words, and what was found."""

    need: str
    found: str


class OpinionShown(NamedTuple):
    """One rule's opinion of one ordered drug. `verdict`: shown, kept back, nothing to add, cannot tell or failed.

    `said` is the summary, or why nothing is said; `because` why advice is kept back; `missing` the data requests that
    could not be had.
    """

    title: str
    topic: str
    order: str
    verdict: str
    said: str
    level: str = ""
    because: str = ""
    branch: str = ""
    facts: tuple[str, ...] = ()
    rule: str = ""
    basis: str = ""
    missing: tuple[str, ...] = ()
    looked_at: tuple[Look, ...] = ()


def opinions_of(review: Review) -> list[OpinionShown]:
    """Every opinion, in the order of the cards; the silent ones after them."""
    answers = {} if review.collected is None else review.collected.answers
    return [_opinion(one, answers) for one in review.considered]


class Working(NamedTuple):
    """The numbers worked out: the dose of each ordered drug, and the renal function where a rule looked at it."""

    doses: tuple[DosePart, ...] = ()
    kidneys: RenalPart | None = None


def working_of(reviews: Iterable[Review], tables: Tables | None) -> Working:
    """What was worked out in these reviews, each dose once. `tables`: shared tables in which the site set numbers."""
    doses: dict[str, DosePart] = {}
    kidneys = None
    with site_settings.in_force(tables):
        for review in reviews:
            if review.facts is not None:
                doses |= {part.name: part for part in dose_parts(review.considered, review.facts)}
                kidneys = kidneys or renal_part(review.considered, review.facts)
    return Working(tuple(doses.values()), kidneys)


def _opinion(one: Considered, answers: Mapping[str, Answer]) -> OpinionShown:
    knowledge = one.card.knowledge
    shown = OpinionShown(knowledge.title, knowledge.topic, one.order.name, "nothing to add", "")
    shown = shown._replace(looked_at=tuple(_looks(knowledge.needs, answers)))
    match one.opinion:
        case Advice() as advice:
            explained = advice.explanation
            return shown._replace(
                verdict="shown" if one.is_shown else "kept back" if one.kept_back else "silent",
                said=advice.summary,
                level=str(advice.indicator),
                because=one.kept_back or (_SILENT if one.is_silent else ""),
                branch=advice.row,
                facts=explained.facts,
                rule=explained.rule,
                basis=explained.basis,
            )
        case CannotTell() as unknown:
            verdict = "failed" if unknown.failed else "cannot tell"
            return shown._replace(verdict=verdict, said=unknown.because, missing=tuple(map(_words, unknown.missing)))
        case silent:
            return shown._replace(said=silent.because, branch=silent.row)


def _looks(needs: Iterable[str], answers: Mapping[str, Answer]) -> Iterator[Look]:
    for need in needs:
        answer = answers.get(need)
        if answer is not None:
            yield Look(_words(need), _found(answer))


def _found(answer: Answer) -> str:
    if answer.state == "unknown":
        return f"could not be had: {answer.why}" if answer.why else "could not be had"
    if answer.state == "absent":
        return "searched, none on file"
    lines = sorted(map(chart_line, answer.resources), key=lambda line: line.day, reverse=True)
    if all(not line.day for line in lines):
        return "on file"
    newest = "; ".join(" ".join(filter(None, (line.day, line.what, line.value))) for line in lines[:_MOST_RECORDS])
    more = len(lines) - _MOST_RECORDS
    return newest + (f"; {more} more" if more > 0 else "")


def _words(need: str) -> str:
    return need.replace("_", " ")
