"""Diseases beside the stabiliser that endangers them."""

from __future__ import annotations

import pytest

from cards.errors import NotKnown
from cards.facts import Diagnosis
from cards.orders import Drug, Hook, MedicationOrder, OrderedDrug
from cards.pharmacology.infusion.stabiliser_intolerance import conflicts, diagnosis_line, possible_hyperprolinaemia
from tests.cards.neurology.charts import UNKNOWN, diagnosis, patient

HFI, BUCKET = diagnosis("E74.12"), diagnosis("E72.59")
NAMED = BUCKET._replace(concepts=BUCKET.concepts | {"hyperprolinaemia"}, display="hyperprolinaemia type I")


def ordered(*brands: str) -> OrderedDrug:
    drugs = [Drug("immunoglobulin", frozenset({"ivig"}), brand=brand) for brand in brands]
    return OrderedDrug(Hook.ORDER_SIGN, tuple(MedicationOrder(f"m{n}", drug) for n, drug in enumerate(drugs)))


def test_each_draft_is_looked_at() -> None:
    found = list(conflicts(ordered("Gammagard Liquid", "Flebogamma", ""), patient(HFI)))
    assert [(conflict.draft.id, conflict.is_inside) for conflict in found] == [("m1", True), ("m2", None)]


@pytest.mark.parametrize(
    ("d", "brand", "by_text"),
    [
        (HFI, "Flebogamma", False),
        (HFI._replace(by_text=True), "Flebogamma", True),
        (NAMED, "Privigen", False),
        (Diagnosis(frozenset({"hyperprolinaemia"}), code="59655002", by_text=True), "Privigen", False),
        (Diagnosis(frozenset({"hyperprolinaemia"}), display="hyperprolinaemia", by_text=True), "Privigen", True),
    ],
)
def test_whether_words_alone_name_the_disease(d: Diagnosis, brand: str, by_text: bool) -> None:
    [conflict] = conflicts(ordered(brand), patient(d))
    assert conflict.by_text is by_text
    assert ("words only" in conflict.line) is by_text


def test_a_coded_disease_goes_before_one_known_by_words() -> None:
    in_words = HFI._replace(code="", display="fructose intolerance", by_text=True)
    [fructose] = conflicts(ordered("Flebogamma"), patient(in_words, HFI))
    [proline] = conflicts(ordered("Privigen"), patient(NAMED._replace(code=""), NAMED))
    assert (fructose.diagnosis, proline.diagnosis) == (HFI, NAMED)


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        ("", "E74.12 (undated)"),
        ("fructose intolerance", "E74.12 fructose intolerance (undated)"),
        ("E74.12 fructose intolerance", "E74.12 fructose intolerance (undated)"),
    ],
)
def test_the_code_is_named_once(display: str, expected: str) -> None:
    assert diagnosis_line(HFI._replace(display=display)) == expected


def test_the_bucket_code_asks_only_without_the_word_and_with_proline() -> None:
    found = possible_hyperprolinaemia(ordered("Privigen"), patient(BUCKET))
    assert found is not None
    assert (found.is_inside, found.by_text) == (True, False)
    assert possible_hyperprolinaemia(ordered("Privigen"), patient(NAMED)) is None
    assert possible_hyperprolinaemia(ordered("Octagam"), patient(BUCKET)) is None
    assert possible_hyperprolinaemia(ordered("Privigen"), patient()) is None


def test_a_problem_list_that_could_not_be_had_is_not_known() -> None:
    with pytest.raises(NotKnown, match="refused"):
        list(conflicts(ordered("Privigen"), patient(conditions=UNKNOWN)))
