"""Several rows of a decision table on one card."""

from __future__ import annotations

from collections.abc import Iterator

from cards.errors import NotKnown
from cards.facts import Diagnosis
from cards.hits import Hit, Hits, by_code, hits, offers_of
from cards.opinion import CannotTell, Indicator, RemoveOrder

INFO = Hit("age", Indicator.INFO, "age 70", "65 years or older", ("Age 70",))
WARNING = Hit("rhythm", Indicator.WARNING, "heart block", "heart block current", ("I44.2 current",))
DOUBTED = Hit("infarction", Indicator.CRITICAL, "infarction", "within 30 days", ("I21.4",), ("no date",))


def unread() -> Iterator[Hit]:
    """A row whose data could not be had."""
    raise NotKnown("conditions", "not supplied")
    yield INFO


def test_the_loudest_hit_decides_and_the_first_of_equals() -> None:
    other = WARNING._replace(row="other")
    assert Hits((INFO, WARNING, other)).decisive is WARNING
    assert Hits((INFO, WARNING)).level is Indicator.WARNING
    assert Hits((INFO, WARNING)).before_downgrade is None


def test_a_doubted_hit_is_one_level_lower_and_says_why() -> None:
    found = Hits((WARNING, DOUBTED))
    assert found.decisive is DOUBTED
    assert (found.level, found.before_downgrade) == (Indicator.WARNING, Indicator.CRITICAL)
    assert found.rule == "Matched: heart block current; within 30 days. One level lower: no date."


def test_a_doubt_that_changes_nothing_is_not_mentioned() -> None:
    assert Hits((INFO, WARNING)).rule == "Matched: 65 years or older; heart block current."


def test_a_row_that_could_not_be_looked_at_keeps_no_other_from_speaking() -> None:
    found = hits([unread, lambda: [INFO], unread])
    assert found.found == (INFO,)
    assert found.facts == ("Age 70", "Could not be checked: conditions: not supplied")
    assert found.cannot_tell(book_is_silent=True) == CannotTell(
        "conditions: not supplied", ("conditions",), book_is_silent=True
    )


def test_what_could_not_be_had_is_said_in_the_words_of_the_card() -> None:
    found = Hits((), (NotKnown("conditions"), NotKnown("allergies"), NotKnown("conditions")))
    assert found.cannot_tell() == CannotTell("conditions and allergies", ("conditions", "allergies"))
    assert found.cannot_tell(between="; ").because == "conditions; allergies"


def test_of_two_offers_of_the_same_words_that_of_the_earlier_hit_is_made() -> None:
    first, second = RemoveOrder("draft-1", "Remove this draft"), RemoveOrder("draft-2", "Remove this draft")
    other = RemoveOrder("draft-3", "Remove another draft")
    earlier, later = WARNING._replace(offers=(first, None)), INFO._replace(offers=(second, other))
    assert offers_of((earlier, later)) == (first, other)


def test_diagnoses_stand_in_the_same_order_however_they_came() -> None:
    words, block, retention = Diagnosis(display="falls", by_text=True), Diagnosis(code="I44.2"), Diagnosis(code="R33.9")
    assert by_code([words, retention, block]) == by_code([block, words, retention]) == [block, retention, words]
