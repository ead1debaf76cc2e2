"""The words of every card that any case brings about: short, plain, dated, with units; options, never orders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import pytest

from cards.consult import Considered
from cards.opinion import Advice
from cards.wording import DETAIL_LIMIT, SUMMARY_LIMIT
from cds_service.errors import DataNotAvailable
from cds_service.hooks.markdown import detail
from tests.situations.asking import ask
from tests.situations.reading import Case, all_cases

# Words that give orders, wherever they stand.
ORDERS = re.compile(r"\b(?:must|do not|don't|never give|stop (?:the|this|it)|you should)\b", re.IGNORECASE)
# A named source may speak in its own words: "Label: discontinue", "AAN: do not use".
OF_A_SOURCE = re.compile(
    r"(?:label|boxed warning|information|SmPC|guideline|ASCO|AAN|EAN|EFNS|ADA|AGA|Beers|Cochrane|JBDS|leaflet)"
    r"[^.;]*[:(,\"]",
    re.IGNORECASE,
)
MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
NOT_ISO = re.compile(rf"\b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}\b|\b\d{{1,2}} {MONTH}\b|\b{MONTH} \d{{1,2}}\b")
# What is counted or measured stands behind the number, else a word that says what it is stands before.
UNIT = re.compile(
    r"\s?-?(?:mg|g|kg|ug|mL|%|mmol|mmHg|ms|cm|m2|days?|weeks?|hours?|months?|years?|doses?|courses?|infusions?|drafts?|checks?"
    r"|times|thrombosis/renal risk factors?|x |h )"
)
NAMED = re.compile(r"(?:[Gg]rade|age|day|days|day \d+ and|course|Beers|≥|\+|x) ?$")
NO_QUANTITY = re.compile(
    r"\d{4}-\d\d(?:-\d\d)?|, 20\d\d\)|\b[A-Z]\d[\d.A-Z]*|\"[^\"]*\"|cannot be interpreted \([^)]*\)"
)  # dates, codes, quotes
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)?")

# One way to write each thing, the one that stands behind the other.
STYLE = {
    r"\bmg/d\b": "mg/day",
    r"\bmcg\b": "ug",
    r"\bml/min\b": "mL/min",
    r"\b(?:pt|pts)\b": "patient",
    r"\b(?:hrs?|yrs?)\b": "hours, years",
    r"\bcreat\b": "creatinine",
    r"\bCrCL\b": "CrCl",
    r"\b(?:w/|b/c)": "with, because",
    r"\b(?:hemo|anemia|immune globulin|glycemi)": "haemo-, anaemia, immunoglobulin, glycaemi-",
    r"\b(?:Rx|Hx|Dx)\b": "written out",
    r"\bapprox\b": "about",
    r"\betc\b": "named or left out",
    r"(?<!\w)[a-z]+_[a-z]": "words, not names of our own code",
}


class Said(NamedTuple):
    """Advice that a case brings about."""

    case: Case
    considered: Considered
    advice: Advice

    @property
    def sentences(self) -> Iterator[str]:
        """Every sentence of the card, the labels of its suggestions too."""
        said = self.advice.explanation
        labels = [suggestion.label for suggestion in self.advice.suggestions]
        for text in (self.advice.summary, said.order, *said.facts, said.rule, said.basis, said.limits, *labels):
            yield from re.split(r"(?<=[.;])\s+", text)


@cache
def everything_said() -> tuple[Said, ...]:
    """What the cards say in all of their cases."""
    found = []
    for case in all_cases():
        for hook in case.expected:
            with suppress(DataNotAvailable):
                considered = ask(case.situation, hook, rule=case.rule).considered
                found += [Said(case, one, one.opinion) for one in considered if isinstance(one.opinion, Advice)]
    return tuple(found)


def wrong(found: Iterator[str]) -> str:
    """What is wrong, each once, for the message of a failed test."""
    return "\n".join(sorted(set(found)))


def test_a_summary_fits_without_being_cut() -> None:
    assert not wrong(
        f"{said.case.rule}: {said.advice.summary}"
        for said in everything_said()
        if not 0 < len(said.advice.summary) <= SUMMARY_LIMIT
    )


def test_a_detail_fits_without_losing_a_fact() -> None:
    assert not wrong(
        f"{said.case.id}: {len(text)} characters"
        for said in everything_said()
        if not 0 < len(text := detail(said.advice.explanation, 10 * DETAIL_LIMIT)) <= DETAIL_LIMIT
    )


def test_a_card_offers_and_never_orders() -> None:
    assert not wrong(
        f"{said.case.rule}: {sentence}"
        for said in everything_said()
        for sentence in said.sentences
        if (found := ORDERS.search(sentence)) and not OF_A_SOURCE.search(sentence[: found.start()])
    )


def test_dates_are_written_as_iso() -> None:
    assert not wrong(
        f"{said.case.rule}: {sentence}"
        for said in everything_said()
        for sentence in said.sentences
        if NOT_ISO.search(sentence)
    )


def test_a_number_in_a_summary_says_what_it_counts() -> None:
    assert not wrong(f"{said.case.rule}: {said.advice.summary}" for said in everything_said() if _bare_number(said))


def _bare_number(said: Said) -> bool:
    text = NO_QUANTITY.sub("", said.advice.summary)
    return any(
        not UNIT.match(text, found.end()) and not NAMED.search(text[: found.start()]) for found in NUMBER.finditer(text)
    )


@pytest.mark.parametrize(("wrong_word", "right"), STYLE.items())
def test_each_thing_is_written_in_one_way(wrong_word: str, right: str) -> None:
    assert not wrong(
        f"{said.case.rule}: write {right}: {sentence}"
        for said in everything_said()
        for sentence in said.sentences
        if re.search(wrong_word, sentence)
    )


def test_a_card_names_its_drug_where_several_are_drafted() -> None:
    assert not wrong(
        f"{said.case.id}: {said.advice.summary}"
        for said in everything_said()
        if len(said.case.situation.orders) + len(said.case.situation.services) > 1
        and said.considered.order.name.casefold() not in _all(said)
    )


def _all(said: Said) -> str:
    return f"{said.advice.summary} {said.advice.explanation.order}".casefold()
