"""What an order of immunoglobulin is for (book 1.7, 4.3, 4.4)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.neurology.immunoglobulin_use import Use, is_suspected, purposes
from tests.cards.neurology.charts import UNKNOWN, diagnosis, named, patient, stated


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (("G61.0",), [Use.GBS]),
        (("G61.81",), [Use.CIDP]),
        (("G61.82",), [Use.MMN]),
        (("G70.01",), [Use.MYASTHENIA]),
        (("G70.80",), [Use.LAMBERT_EATON]),
        (("G25.82",), [Use.STIFF_PERSON]),
        (("M33.13",), [Use.DERMATOMYOSITIS]),
        (("D69.3",), [Use.ITP]),
        (("D83.9",), [Use.IMMUNODEFICIENCY]),
        (("M30.3",), [Use.KAWASAKI]),
        (("Z94.0",), [Use.OTHER]),
        (("E11.44",), [Use.RADICULOPLEXUS]),
        (("T45.AX5A", "G62.0"), [Use.CHECKPOINT_INHIBITOR]),
        (("G54.1",), [Use.PLEXUS]),
        (("D47.2", "G62.89"), [Use.PARAPROTEIN]),
        (("G58.7",), [Use.VASCULITIC]),
        (("E11.42",), [Use.SYMMETRIC]),
        (("G62.9",), [Use.UNSPECIFIED]),
        (("G51.0",), [Use.NONE]),
        ((), [Use.NONE]),
        (("E11.42", "G61.81"), [Use.CIDP]),
        (("E11.42", "E11.44"), [Use.RADICULOPLEXUS]),
        (("G62.9", "E11.42"), [Use.SYMMETRIC]),
        (("G54.1", "E11.42"), [Use.PLEXUS]),
        (("G61.81", "D69.3"), [Use.CIDP, Use.ITP]),
        (("G62.9", "D83.9"), [Use.IMMUNODEFICIENCY]),
    ],
)
def test_the_problem_list_tells_when_no_reason_is_stated(listed: tuple[str, ...], expected: list[Use]) -> None:
    found = purposes(patient(*map(diagnosis, listed)), ())
    assert [purpose.use for purpose in found] == expected


@pytest.mark.parametrize(
    ("reason", "listed", "expected"),
    [
        ("G61.0", ("D69.3",), [Use.GBS]),
        ("D69.3", ("G61.81",), [Use.ITP]),
        ("E11.44", ("G61.81",), [Use.RADICULOPLEXUS]),
        ("G54.1", ("G61.81",), [Use.PLEXUS]),
        ("E11.42", ("G61.81",), [Use.CIDP]),
        ("E11.42", ("D69.3",), [Use.SYMMETRIC]),
        ("G62.9", ("E11.42",), [Use.UNSPECIFIED]),
        ("I10", ("G61.81",), [Use.CIDP]),
        ("I10", (), [Use.NONE]),
        ("B02.22", ("D83.9",), [Use.IMMUNODEFICIENCY]),
        ("G90.9", ("G61.81",), [Use.CIDP]),
        ("R05.3", ("E11.44",), [Use.NONE]),
        ("G51.0", ("E11.42",), [Use.NONE]),
    ],
)
def test_a_stated_reason_governs_unless_it_is_open(reason: str, listed: tuple[str, ...], expected: list[Use]) -> None:
    found = purposes(patient(*map(diagnosis, listed)), (stated(reason),))
    assert [purpose.use for purpose in found] == expected


def test_reasons_of_all_open_sets_leave_the_question_open() -> None:
    reasons = tuple(stated(code) for code in ("E11.42", "G60.9", "G62.9"))
    assert [purpose.use for purpose in purposes(patient(diagnosis("G61.81")), reasons)] == [Use.CIDP]


def test_an_unread_problem_list_is_needed_only_without_a_telling_reason() -> None:
    facts = patient(conditions=UNKNOWN)
    assert purposes(facts, (stated("G61.0"),))[0].use is Use.GBS
    for reasons in ((), (stated("E11.42"),)):
        with pytest.raises(NotKnown):
            purposes(facts, reasons)


def test_a_first_page_tells_what_is_on_it() -> None:
    assert purposes(patient(diagnosis("G61.81"), is_complete=False), ())[0].use is Use.CIDP
    with pytest.raises(NotKnown):
        purposes(patient(diagnosis("G62.9"), is_complete=False), ())


def test_a_suspected_disease_is_no_purpose_yet_known_as_suspected() -> None:
    facts = patient(diagnosis("G61.81", is_suspected=True), diagnosis("E11.42"))
    assert [purpose.use for purpose in purposes(facts, ())] == [Use.SYMMETRIC]
    assert is_suspected(facts, ())
    assert is_suspected(facts, (stated("E11.42"),))
    assert not is_suspected(facts, (stated("E11.44"),)), "the stated reason governs"
    assert is_suspected(facts, (stated("G90.9"),)), "it says nothing of immunoglobulin"
    assert not is_suspected(facts, (), but_for=("cidp",))
    assert is_suspected(patient(), (stated("D83.9", is_suspected=True),))
    assert is_suspected(patient(diagnosis("G61.89")), ())
    assert not is_suspected(patient(diagnosis("E11.42")), ())
    assert not is_suspected(patient(diagnosis("G61.81")), ()), "confirmed"
    assert not is_suspected(patient(diagnosis("G62.9", is_suspected=True)), ()), "no established use"


def test_what_is_known_by_words_only_says_so() -> None:
    assert purposes(patient(diagnosis("G61.0", by_text=True)), ())[0].by_words
    assert not purposes(patient(diagnosis("G61.0")), ())[0].by_words
    assert not purposes(patient(), ())[0].by_words


@pytest.mark.parametrize("text", ["MG", "SPS", "PID"])
def test_a_short_name_stated_as_the_reason_is_an_established_use(text: str) -> None:
    found = purposes(patient(diagnosis("E11.42")), (named(text, is_stated_reason=True),))
    assert [(purpose.use, purpose.by_words) for purpose in found] == [(Use.OTHER, True)]
    assert purposes(patient(named(text)), ())[0].use is Use.NONE
