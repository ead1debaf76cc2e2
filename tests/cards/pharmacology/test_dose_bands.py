"""Which table of bands belongs to an ordered drug, and what its bands look like."""

from __future__ import annotations

import pytest

from cards.catalogue import load_catalogue, shared_tables
from cards.knowledge import Knowledge, Thresholds, load_thresholds
from cards.orders import Drug, Formulation, Hook, OrderedDrug
from cards.pharmacology.dose_bands import DoseBands, bands_of, tables_by_quantity
from cards.pharmacology.dose_row import dose_row
from tests.cards.pharmacology.charts import GABAPENTIN_MAXIMUM, PREGABALIN_MAXIMUM, order

CATALOGUE = load_catalogue()
RULES = {card.rule: card.knowledge for card in CATALOGUE.cards}


def ordered(name: str, formulation: Formulation = Formulation.IMMEDIATE) -> tuple[OrderedDrug, list[Knowledge]]:
    """A drug and the rules that it triggers on signing."""
    drug = Drug(name, frozenset({name}), formulation=formulation)
    rules = [card.knowledge for card in CATALOGUE.triggered_by(drug.concepts, Hook.ORDER_SIGN)]
    return OrderedDrug(Hook.ORDER_SIGN, (order(drug=drug),)), rules


def known(bands: DoseBands | None) -> DoseBands:
    """The table, which must be there."""
    assert bands is not None
    return bands


def test_the_label_maximum_goes_before_other_tables() -> None:
    found = known(bands_of(*ordered("pregabalin")))
    assert (found.name, found.table) == ("maximum", RULES["pregabalin-dose-exceeds-renal-max"].threshold("maximum"))
    assert found.source.startswith("Lyrica")


def test_extended_release_has_its_own_maximum() -> None:
    found = known(bands_of(*ordered("pregabalin", Formulation.EXTENDED)))
    assert found.words == "maximum extended release"


def test_a_form_without_a_table_gets_band_edges_or_nothing() -> None:
    found = known(bands_of(*ordered("gabapentin", Formulation.ENACARBIL)))
    assert [piece.high for piece in found.pieces] == [None] * len(found.pieces)
    assert bands_of(*ordered("gabapentin", Formulation.EXTENDED)) is not None


def test_a_drug_without_maxima_gets_the_edges_of_its_first_rule() -> None:
    order, rules = ordered("duloxetine")
    found = known(bands_of(order, rules))
    assert found.table == RULES["duloxetine-dose-range"].threshold("normal_clearance")
    assert known(bands_of(order, rules[1:])).name == "renal_bands"
    assert next(piece.words for piece in found.pieces) == "60 and above"
    assert not any(band.is_stated for band in found.table.bands)


def test_a_drug_whose_rules_have_no_table_gets_none() -> None:
    assert bands_of(*ordered("rituximab")) is None
    assert bands_of(*ordered("ivig")) is None


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (PREGABALIN_MAXIMUM, ["60 and above", "30 to below 60", "15 to below 30", "below 15"]),
        (GABAPENTIN_MAXIMUM, ["60 and above", "above 30 to below 60", "above 15 to 30", "15 and below"]),
    ],
)
def test_the_edges_in_words_say_to_which_band_they_belong(table: object, words: list[str]) -> None:
    bands = DoseBands("maximum", table, "")  # type: ignore[arg-type]
    assert [piece.words for piece in bands.pieces] == words


def test_every_edge_belongs_to_one_of_its_two_bands() -> None:
    bands = DoseBands("maximum", GABAPENTIN_MAXIMUM, "")
    assert [(piece.includes_start, piece.includes_end) for piece in bands.pieces] == [
        (True, False),
        (False, False),
        (False, True),
        (True, True),
    ]


def test_a_band_above_an_edge_without_one_above_it_is_open() -> None:
    table = GABAPENTIN_MAXIMUM.model_copy(update={"bands": GABAPENTIN_MAXIMUM.bands[1:2]})
    assert [piece.words for piece in DoseBands("maximum", table, "").pieces] == ["above 30"]


def test_a_range_keeps_both_ends_and_a_band_without_a_number_none() -> None:
    knowledge = RULES["pregabalin-above-indication-ceiling"]
    tables = {bands.name: bands.pieces for bands in tables_by_quantity(knowledge)}
    assert [(piece.low, piece.high) for piece in tables["start"]] == [(150, 150), (75, 75), (25, 50), (25, 25)]
    assert [(piece.low, piece.high) for piece in tables["start_extended_release"]][-1] == (None, None)


def test_only_the_bands_below_the_clearance_from_which_doses_fall_are_falling() -> None:
    found = known(bands_of(*ordered("gabapentin")))
    assert [piece.is_falling for piece in found.pieces] == [False, False, False, True]
    assert found.row.at(7.5) == 150


def test_what_is_drawn_is_what_the_rules_compute() -> None:
    """The line of every table, sampled, against the reading that the rules use."""
    for knowledge in RULES.values():
        for bands in tables_by_quantity(knowledge):
            row = dose_row(knowledge, bands.name)
            for piece in bands.pieces:
                if piece.high is not None:
                    middle = (piece.start + (piece.end or piece.start + 50)) / 2
                    share = middle / (piece.end or 1) if piece.is_falling else 1
                    assert row.at(middle) == pytest.approx(piece.high * share)


def test_a_shared_table_falls_where_its_own_number_says_so() -> None:
    file: Thresholds = load_thresholds(shared_tables()["gabapentinoid_target"])
    falling = {bands.name: bands.full_at for bands in tables_by_quantity(file)}
    assert falling["gabapentin"] == 15
    assert {full for name, full in falling.items() if name != "gabapentin"} == {None}
