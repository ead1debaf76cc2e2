"""The drug of a resource, in the shapes senders were seen to name it."""

import pytest

from cds_service.fhir.coding import Coding
from cds_service.fhir.medication import Product, medication_of, referred_medication
from cds_service.fhir.quantity import Quantity

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CODING = {"system": RXNORM, "code": "483450", "display": "pregabalin 75 MG Oral Capsule"}
CODED = Coding(**CODING)
CONCEPT = {"coding": [CODING], "text": "Lyrica 75"}
MEDICATION = {"resourceType": "Medication", "id": "m1", "code": CONCEPT}
AT_HAND = {"Medication/m1": MEDICATION, "urn:uuid:1": MEDICATION}


def product(resource) -> Product:
    return medication_of(resource, AT_HAND.get)


@pytest.mark.parametrize(
    "resource",
    [
        {"medicationCodeableConcept": CONCEPT},
        {"medicationCodeableConcept": [CONCEPT]},  # an array where FHIR has an object
        {"medicationReference": {"reference": "Medication/m1"}},
        {"medicationReference": {"reference": "urn:uuid:1"}},
        {"medicationReference": {"reference": "#c"}, "contained": [{"id": "x"}, {**MEDICATION, "id": "c"}]},
        {"medicationReference": {"reference": "#c"}, "contained": [{**MEDICATION, "id": "#c"}]},
        {"medicationReference": {"reference": "#c"}, "contained": {**MEDICATION, "id": "c"}},
        {"medication": {"concept": CONCEPT}},  # R5
        {"medication": {"reference": {"reference": "Medication/m1"}}},  # R5
        {"medication": CONCEPT},
        {"medication": {"reference": "Medication/m1"}},
        {"medication": " Medication/m1"},
        {"medicationReference": "Medication/m1"},
        {"medicationReference": "#c", "contained": [{**MEDICATION, "id": "c"}]},
    ],
)
def test_the_drug_is_found_wherever_it_is_named(resource):
    found = product(resource)
    assert found.codings == (CODED,)
    assert found.texts == ("Lyrica 75", "pregabalin 75 MG Oral Capsule")


def test_the_display_of_a_reference_is_one_of_the_texts():
    found = product({"medicationReference": {"reference": "Medication/m1", "display": "PREGABALIN 75 MG CAP"}})
    assert found.texts[-1] == "PREGABALIN 75 MG CAP"
    r5 = product({"medication": {"reference": {"reference": "Medication/x", "display": "PREGABALIN 75 MG CAP"}}})
    assert r5.texts == ("PREGABALIN 75 MG CAP",)


def test_a_reference_that_leads_nowhere_leaves_its_display():
    found = product({"medicationReference": {"reference": "Medication/unknown", "display": "pregabalin"}})
    assert found == Product(texts=("pregabalin",))
    missing = product({"medicationReference": {"reference": "#gone"}})
    assert missing == Product()


@pytest.mark.parametrize(
    "named",
    [
        {"medicationReference": {"identifier": {"value": "1"}, "display": "pregabalin"}},
        {"medicationReference": {"display": "pregabalin"}},
        {"medication": {"reference": {"display": "pregabalin"}}},
    ],
)
def test_a_reference_without_an_address_leaves_its_display(named):
    assert product(named) == Product(texts=("pregabalin",))


def test_concept_and_reference_may_come_together():
    found = product(
        {"medicationCodeableConcept": {"text": "Lyrica"}, "medicationReference": {"reference": "Medication/m1"}}
    )
    assert found.codings == (CODED,)
    assert found.texts[0] == "Lyrica"


def test_the_private_copy_of_a_medication_is_not_read():
    assert product({"_resolvedMedication": MEDICATION, "_medicationCodeableConcept": CONCEPT}) == Product()


@pytest.mark.parametrize(
    "resource",
    [
        {}, {"medicationCodeableConcept": None}, {"medicationCodeableConcept": 7}, {"medicationReference": []},
        {"medicationReference": "Medication/x"}, {"medicationReference": {"reference": 7}},
        {"medication": "pregabalin"}, {"medication": "urn:uuid:2"}, {"medication": 7}, {"medication": [[]]},
        {"medicationReference": {"reference": " "}},
    ],
)  # fmt: skip
def test_odd_shapes_name_nothing(resource):
    assert product(resource).codings == ()


def test_words_alone():
    assert product({"medicationCodeableConcept": {"text": "pregabalin 75 mg"}}).texts == ("pregabalin 75 mg",)
    assert product({"medicationCodeableConcept": "pregabalin 75 mg"}).texts == ("pregabalin 75 mg",)
    assert product({"medication": "pregabalin/placebo"}).texts == ("pregabalin/placebo",)


# -- ingredients -----------------------------------------------------------------------------------------------------

MG_PER_CAPSULE = {"numerator": {"value": 75, "unit": "mg"}, "denominator": {"value": 1, "unit": "capsule"}}


def ingredients(*entries, **more):
    medication = {"resourceType": "Medication", "id": "c", "ingredient": list(entries), **more}
    return product({"medicationReference": {"reference": "#c"}, "contained": [medication]}).ingredients


@pytest.mark.parametrize(
    "item",
    [
        {"itemCodeableConcept": CONCEPT},
        {"item": {"concept": CONCEPT}},  # R5
        {"itemCodeableConcept": CONCEPT, "isActive": True},
    ],
)
def test_the_ingredients_of_a_medication_are_read(item):
    (one,) = ingredients({**item, "strength": MG_PER_CAPSULE})
    assert one.codings == (CODED,)
    assert (one.amount, one.per) == (Quantity(75, "mg"), Quantity(1, "capsule"))


def test_strengths_of_other_versions():
    (r5,) = ingredients({"item": {"concept": CONCEPT}, "strengthRatio": MG_PER_CAPSULE})
    (stu3,) = ingredients({"itemCodeableConcept": CONCEPT, "amount": MG_PER_CAPSULE})
    (quantity,) = ingredients({"item": {"concept": CONCEPT}, "strengthQuantity": {"value": 75, "unit": "mg"}})
    assert r5.amount == stu3.amount == quantity.amount == Quantity(75, "mg")
    assert quantity.per is None


def test_excipients_are_left_out():
    assert ingredients({"itemCodeableConcept": {"text": "maltose"}, "isActive": False}) == ()


def test_an_ingredient_may_be_contained_too():
    entry = {"itemReference": {"reference": "#s"}}
    inside = ingredients(entry, contained=[{"resourceType": "Substance", "id": "s", "code": CONCEPT}])
    assert inside[0].codings == (CODED,)
    order = {
        "medicationReference": {"reference": "#c"},
        "contained": [
            {"resourceType": "Medication", "id": "c", "ingredient": [{"item": {"reference": {"reference": "#s"}}}]},
            {"resourceType": "Substance", "id": "s", "code": CONCEPT},
        ],
    }
    assert product(order).ingredients[0].codings == (CODED,)


def test_the_form_is_read():
    assert (
        product(
            {"medicationReference": {"reference": "#c"}, "contained": [{"id": "c", "form": {"text": "capsule"}}]}
        ).form
        == "capsule"
    )


@pytest.mark.parametrize(
    "entry",
    [None, 7, "x", {}, {"itemCodeableConcept": 7, "strength": "75 mg"}, {"itemReference": {"reference": "#no"}}],
)
def test_odd_ingredients_never_raise(entry):
    assert all(one.codings == () for one in ingredients(entry))


def test_only_a_reference_outside_needs_reading():
    assert referred_medication({"medicationReference": {"reference": "Medication/m1"}}) == "Medication/m1"
    assert referred_medication({"medication": {"reference": {"reference": "Medication/m1"}}}) == "Medication/m1"
    assert referred_medication({"medicationReference": {"reference": "#m1"}}) == ""
    assert referred_medication({"medicationCodeableConcept": CONCEPT}) == ""
