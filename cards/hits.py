"""Several rows of a decision table on one card: every row that matches is a hit, and the loudest decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from cards.errors import NotKnown
from cards.facts import Diagnosis
from cards.opinion import CannotTell, Indicator, Suggestion
from cards.wording import joined


class Hit(NamedTuple):
    """One row that matched. `what` goes into the summary; `rule` says what the row asks for; `facts` what was found.

    `level` is that of the row; `doubts` lower it once (book 0.3). `evidence` and `offers` where each row has its own;
    an offer of None is none.
    """

    row: str
    level: Indicator
    what: str
    rule: str
    facts: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    offers: tuple[Suggestion | None, ...] = ()

    @property
    def shown_level(self) -> Indicator:
        """The level after the downgrade."""
        return self.level.lowered if self.doubts else self.level


class Hits(NamedTuple):
    """What the rows found, in their order, and what could not be had for the others."""

    found: tuple[Hit, ...]
    unknown: tuple[NotKnown, ...] = ()

    @property
    def decisive(self) -> Hit:
        """The loudest hit, the first of equals."""
        return max(self.found, key=lambda hit: (hit.shown_level, hit.level))

    @property
    def level(self) -> Indicator:
        """The level of the card."""
        return self.decisive.shown_level

    @property
    def before_downgrade(self) -> Indicator | None:
        """The level before 0.3 lowered it; None where it did not."""
        of_rows = max(hit.level for hit in self.found)
        return of_rows if of_rows > self.level else None

    @property
    def rule(self) -> str:
        """What matched, and what lowered the level: the Rule block of a card."""
        doubts = self.decisive.doubts if self.before_downgrade else ()
        lowered = f" One level lower: {joined(doubts)}." if doubts else ""
        return f"Matched: {'; '.join(dict.fromkeys(hit.rule for hit in self.found))}.{lowered}"

    @property
    def facts(self) -> tuple[str, ...]:
        """What was found and what could not be checked, each line once."""
        found = [line for hit in self.found for line in hit.facts]
        return tuple(dict.fromkeys((*found, *(f"Could not be checked: {one}" for one in self.unknown))))

    def cannot_tell(self, *, book_is_silent: bool = False, between: str = "") -> CannotTell:
        """The answer where no row matched and some could not be looked at. `between` parts them in place of "and"."""
        whys = list(dict.fromkeys(str(one) for one in self.unknown))
        why = between.join(whys) if between else joined(whys)
        return CannotTell(why, tuple(dict.fromkeys(one.what for one in self.unknown)), book_is_silent=book_is_silent)


def offers_of(found: Iterable[Hit]) -> tuple[Suggestion, ...]:
    """What these hits offer; of two offers of the same words that of the earlier hit."""
    offers: dict[str, Suggestion] = {}
    for hit in found:
        for offer in hit.offers:
            if offer is not None:
                offers.setdefault(offer.label, offer)
    return tuple(offers.values())


def by_code(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Coded ones before those known by words, then by code: the order of a server's answer is no order."""
    return sorted(diagnoses, key=lambda d: (d.by_text, d.code, d.display))


def hits(rows: Iterable[Callable[[], Iterable[Hit]]]) -> Hits:
    """Every row that matches. A row whose data could not be had does not keep the others from speaking."""
    found: list[Hit] = []
    unknown: list[NotKnown] = []
    for row in rows:
        try:
            found += row()
        except NotKnown as error:
            unknown.append(error)
    return Hits(tuple(found), tuple(unknown))
