"""Units of doses and strengths of products as senders write them."""

import pytest

from cards.concepts import Strength, load_value_sets
from cds_service.chart.amounts import are_same, ingredient_strength, stated_strength, unit_of
from cds_service.fhir.medication import Ingredient
from cds_service.fhir.quantity import Quantity

VALUE_SETS = load_value_sets()


@pytest.mark.parametrize(
    "written",
    [
        "{pill}",
        "{tablet}",
        "{Capsule}",
        "{tbl}",
        "tablet",
        "Tablets",
        "TAB",
        "CAP",
        "caplet",
        "tbl",
        "1",
        "ea",
        "each",
        "",
        "Stück",
        "Kapseln",
        "comprimé",
        "stuk",
        "tabletti",
        "{Piece}",
        "Tablet (unit of presentation)",
        "Capsule - unit of product usage (qualifier value)",
        "Capsule, hard",
    ],
)
def test_pieces_of_the_product_are_counted(written):
    assert unit_of(written, VALUE_SETS) == "count"


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("mg", "mg"), ("MG", "mg"), ("milligram", "mg"), ("mcg", "ug"), ("µg", "ug"), ("gram", "g"), ("ml", "mL"),
        ("mg/kg", "mg/kg"), ("g/kg", "g/kg"), ("mg/m2", "mg/m2"), ("[IU]", "[IU]"), ("patch", "patch"),
        ("{patch}", "{patch}"), ("unit", "unit"), ("dose", "dose"), ("Tropfen", "Tropfen"), ("tippa", "tippa"),
        ("half tablet", "half tablet"), ("tablet (half)", "tablet (half)"),
    ],
)  # fmt: skip
def test_other_units_are_ucum_where_it_is_known_else_as_written(written, unit):
    assert unit_of(written, VALUE_SETS) == unit


@pytest.mark.parametrize(
    ("text", "value", "unit", "per"),
    [
        ("pregabalin 75 MG Oral Capsule", 75, "mg", "capsule"),
        ("75 mg capsule", 75, "mg", "capsule"),
        ("Pregabalin 300mg capsules", 300, "mg", "capsule"),  # no space: UK
        ("gabapentin 600mg", 600, "mg", "unit"),
        ("pregabalin 20 MG/ML Oral Solution", 20, "mg", "mL"),
        ("gabapentin 250 mg/5 mL oral solution", 50, "mg", "mL"),
        ("Methotrexate 10mg/0.2ml solution for injection", 50, "mg", "mL"),
        ("100 ML immunoglobulin G, human 100 MG/ML Injection", 100, "mg", "mL"),
        ("24 HR pregabalin 82.5 MG Extended Release Oral Tablet", 82.5, "mg", "tablet"),
        ("pregabalin 82,5 mg tablet", 82.5, "mg", "tablet"),  # a decimal comma
        ("metformin 1,000 mg tablet", 1000, "mg", "tablet"),
        ("levothyroxine 50 micrograms tablets", 50, "ug", "tablet"),
        ("levothyroxine 50 mcg tab", 50, "ug", "tablet"),
        ("pregabalin 75 mg per capsule", 75, "mg", "capsule"),
        ("pregabalin 75 mg capsule (75 mg)", 75, "mg", "capsule"),
        ("pregabalin 150 mg in 2 capsules", 75, "mg", "capsule"),
    ],
)
def test_the_strength_in_a_products_name(text, value, unit, per):
    assert stated_strength(text) == Strength(value, unit, per)


@pytest.mark.parametrize(
    "text",
    [
        "pregabalin",
        "Codeine 30mg/500mg tablets",  # two ingredients
        "Acetaminophen 325 MG / Oxycodone Hydrochloride 10 MG Oral Tablet",
        "Fentanyl 25micrograms/hour transdermal patches",
        "Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler",
        "Diclofenac Sodium 0.01 MG/MG Topical Gel",
        "pregabalin 75 mg oral solution",  # in how much of it?
        "Octagam 10%",
        "vitamin D 1000 IU",
        "0 mg capsule",
        "rituximab 10 mg/0 mL",
        "12.5.3 mg",
        "",
        "Tramacet 37.5/325 mg",  # a combination
        "Limbitrol 12.5 / 5 mg",
        "Targin 10+5 mg",
        "Urbason 1.000 mg",  # a thousand, or one?
    ],
)
def test_no_strength_is_guessed(text):
    assert stated_strength(text) is None


def of(amount, per, form=""):
    return ingredient_strength(Ingredient((), "", amount, per), form, VALUE_SETS)


@pytest.mark.parametrize(
    ("amount", "per", "strength"),
    [
        (Quantity(75, "mg"), Quantity(1, "{capsule}"), Strength(75, "mg", "capsule")),
        (Quantity(75, "milligram"), Quantity(1, "TAB"), Strength(75, "mg", "tablet")),
        (Quantity(75, "mg"), Quantity(1, "1"), Strength(75, "mg", "unit")),
        (Quantity(75, "mg"), None, Strength(75, "mg", "unit")),
        (Quantity(75, "mg"), Quantity(None, ""), Strength(75, "mg", "unit")),
        (Quantity(500, "mg"), Quantity(50, "mL"), Strength(10, "mg", "mL")),
        (Quantity(0.5, "g"), Quantity(50, "ml"), Strength(0.01, "g", "mL")),
        (Quantity(500, "mg"), Quantity(1, "{vial}"), None),
        (Quantity(500, "mg"), Quantity(0, "mL"), None),
        (Quantity(0, "mg"), None, None),
        (Quantity(None, "mg"), None, None),
        (Quantity(10, "[IU]"), Quantity(1, "mL"), None),
        (None, Quantity(1, "mL"), None),
    ],
)
def test_the_strength_of_an_ingredient(amount, per, strength):
    assert of(amount, per) == strength


def test_the_form_says_what_is_counted():
    assert of(Quantity(75, "mg"), Quantity(1, ""), "Oral capsule") == Strength(75, "mg", "capsule")


def test_strengths_agree_within_rounding_and_in_kind():
    assert are_same(Strength(1, "g", "tablet"), Strength(1000, "mg", "unit"))
    assert are_same(Strength(100, "ug", "mL"), Strength(0.1, "mg", "mL"))
    assert not are_same(Strength(75, "mg", "capsule"), Strength(150, "mg", "capsule"))
    assert not are_same(Strength(20, "mg", "mL"), Strength(20, "mg", "tablet"))
