"""Which product gives a dose in whole counts (decisions: dose arithmetic)."""

from __future__ import annotations

import pytest

from cards.concepts import Strength
from cards.opinion import RegimenLine
from cards.orders import Amount, Drug
from cards.pharmacology.product import Regimen, giveable
from tests.cards.pharmacology.charts import CAPSULE_75, PREGABALIN, a_day, line, mg, order

LYRICA_75 = CAPSULE_75._replace(brand="Lyrica")
ER_165 = Drug(
    "pregabalin", PREGABALIN.concepts | {"pregabalin_extended_release"}, strength=Strength(165, "mg", "tablet")
)
SOLUTION = PREGABALIN._replace(strength=Strength(20, "mg", "mL"))


def offered(drug: Drug, *doses: float, dose: Amount | None = None) -> Regimen | None:
    """What gives these doses in place of a draft of this drug, which is counted unless `dose` is given."""
    draft = order(line(dose or Amount(1, 1, "count"), a_day(2)), drug=drug)
    return giveable(draft, "pregabalin", [RegimenLine(mg, 2) for mg in doses])


def product(regimen: Regimen | None) -> str:
    """Name of the product offered; empty: the ordered one is kept."""
    assert regimen is not None
    return "" if regimen.product is None else regimen.product.display


def counts(regimen: Regimen | None) -> list[float | None]:
    """Counts of its lines."""
    assert regimen is not None
    return [line.count for line in regimen.lines]


def test_the_ordered_product_is_kept_where_whole_counts_make_the_dose() -> None:
    assert (product(offered(CAPSULE_75, 150)), counts(offered(CAPSULE_75, 150))) == ("", [2])


@pytest.mark.parametrize(("per", "form"), [("capsule", "capsule"), ("unit", "")])
def test_what_is_counted_is_named_where_the_order_says(per: str, form: str) -> None:
    kept = offered(PREGABALIN._replace(strength=Strength(75, "mg", per)), 150)
    assert kept is not None
    assert [(line.count, line.form) for line in kept.lines] == [(2, form)]


def test_a_draft_written_in_milligrams_stays_in_milligrams() -> None:
    kept = offered(CAPSULE_75, 150, dose=mg(75))
    assert (product(kept), counts(kept)) == ("", [None])


def test_a_strength_that_is_no_mass_counts_nothing() -> None:
    other = offered(PREGABALIN._replace(strength=Strength(75, "mmol", "capsule")), 150)
    assert product(other) == "pregabalin 150 MG Oral Capsule"


def test_else_the_product_that_needs_the_fewest_pieces_is_named() -> None:
    other = offered(CAPSULE_75, 100)
    assert (product(other), counts(other)) == ("pregabalin 100 MG Oral Capsule", [1])


def test_of_products_of_one_strength_the_plain_one_is_named() -> None:
    duloxetine = Drug("duloxetine", frozenset({"duloxetine"}), strength=Strength(40, "mg", "capsule"))
    draft = order(line(Amount(1, 1, "count"), a_day(3)), drug=duloxetine)
    other = giveable(draft, "duloxetine", [RegimenLine(60, 1)])
    assert product(other) == "duloxetine 60 MG Delayed Release Oral Capsule", "no sprinkle capsule"


def test_one_product_gives_all_lines() -> None:
    both = offered(CAPSULE_75, 50, 100)
    assert (product(both), counts(both)) == ("pregabalin 50 MG Oral Capsule", [1, 2])


def test_a_brand_stays_with_its_brand() -> None:
    assert product(offered(LYRICA_75, 100)) == "pregabalin 100 MG Oral Capsule [Lyrica]"


def test_a_brand_that_does_not_make_the_dose_gives_way_to_the_generic() -> None:
    assert product(offered(CAPSULE_75._replace(brand="Alzain"), 100)) == "pregabalin 100 MG Oral Capsule"


def test_extended_release_stays_extended_release() -> None:
    assert product(offered(ER_165, 82.5)) == "24 HR pregabalin 82.5 MG Extended Release Oral Tablet"
    assert counts(offered(ER_165, 330)) == [2]


def test_a_dose_that_no_product_can_give_is_not_offered() -> None:
    assert offered(CAPSULE_75, 40) is None
    assert offered(ER_165, 100) is None


@pytest.mark.parametrize("drug", [PREGABALIN, SOLUTION])
def test_no_product_or_a_liquid_keeps_milligrams(drug: Drug) -> None:
    assert (product(offered(drug, 110)), counts(offered(drug, 110))) == ("", [None])


def test_a_strength_in_doubt_is_not_counted_with() -> None:
    assert offered(CAPSULE_75._replace(strength_conflict=True), 75) is None


def test_a_piece_of_unnamed_form_may_become_a_capsule() -> None:
    assert product(offered(PREGABALIN._replace(strength=Strength(75, "mg", "unit")), 100)).endswith("Oral Capsule")


def test_a_strength_in_another_unit_makes_no_counts() -> None:
    assert offered(PREGABALIN._replace(strength=Strength(75, "[IU]", "tablet")), 82) is None
