"""Which picture governs an order of immunoglobulin: the reason, the list, or both (book 1.7)."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis
from cards.neurology.governing import governing
from tests.cards.neurology.charts import diagnosis, named, patient, stated


def test_the_list_governs_where_no_reason_is_in_a_set() -> None:
    chart = patient(diagnosis("E11.42"))
    for reasons in ((), (stated("I10"),)):
        found = governing(chart, reasons)
        assert (found.picture.sets, found.is_stated) == ({"np_dpn"}, False)
        assert found.origin(found.of("np_dpn")[0]) == "problem list"


def test_a_reason_that_could_not_be_read_leaves_open_what_governs() -> None:
    chart, unread = patient(diagnosis("E11.42")), Diagnosis(is_stated_reason=True, is_unread=True)
    with pytest.raises(NotKnown, match="reason could not be read"):
        governing(chart, (unread,))
    assert governing(chart, (unread, stated("G54.1"))).is_stated


def test_a_reason_in_a_set_governs() -> None:
    found = governing(patient(diagnosis("E11.42")), (stated("G54.1"),))
    assert (found.picture.sets, found.is_stated) == ({"np_plex"}, True)
    assert found.origin(found.of("np_plex")[0]) == "stated reason"


def test_a_responsive_set_on_the_list_is_seen_beside_a_symmetric_reason() -> None:
    chart = patient(diagnosis("E11.44"))
    assert governing(chart, (stated("E11.42"),)).responsive("np_drpn")
    assert governing(chart, (stated("G62.9"),)).responsive("np_drpn")
    assert governing(chart, ()).responsive("np_drpn")
    every_open_set = tuple(stated(code) for code in ("E11.42", "G60.9", "G62.9"))
    assert governing(chart, every_open_set).responsive("np_drpn")


def test_a_responsive_set_on_the_list_is_seen_beside_a_reason_that_says_nothing_of_immunoglobulin() -> None:
    chart = patient(diagnosis("E11.44"))
    assert governing(chart, (stated("E11.43"),)).responsive("np_drpn")
    assert governing(chart, (stated("G51.0"), stated("E11.42"))).responsive("np_drpn")


def test_a_responsive_set_on_the_list_is_not_seen_beside_another_pattern() -> None:
    assert not governing(patient(diagnosis("E11.44")), (stated("G58.7"),)).responsive("np_drpn")


def test_words_for_a_symmetric_or_unspecified_neuropathy_leave_it_to_a_code_on_the_list() -> None:
    for text in ("diabetic polyneuropathy", "peripheral neuropathy"):
        reasons = (named(text, is_stated_reason=True),)
        assert not governing(patient(diagnosis("E11.42")), reasons).is_stated
        assert not governing(patient(diagnosis("G54.1")), reasons).is_stated
        assert governing(patient(), reasons).is_stated
        assert governing(patient(named("lumbosacral plexitis")), reasons).is_stated


def test_words_for_another_pattern_govern_over_the_list() -> None:
    plexitis = named("lumbosacral plexitis", is_stated_reason=True)
    assert governing(patient(diagnosis("E11.42")), (plexitis,)).picture.sets == {"np_plex"}
    assert governing(patient(diagnosis("E11.42")), (plexitis, stated("G62.9"))).is_stated
    assert governing(patient(diagnosis("G60.9")), (named("DPN", is_stated_reason=True), stated("E11.42"))).is_stated
