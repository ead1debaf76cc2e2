"""An order typed in one line becomes the MedicationRequest that was meant, or is refused with what is understood."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest

from cards.concepts import load_value_sets
from cds_service.order_text import OrderNotUnderstood, dosage_from_text, draft_from_text

TODAY = date(2026, 6, 15)
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


def draft(text: str) -> dict[str, Any]:
    """The order as a resource, checked against the R4B model."""
    order = draft_from_text(text, patient_id="103", value_sets=load_value_sets(), today=TODAY)
    MedicationRequest.model_validate(order)
    return order


def line(text: str) -> dict[str, Any]:
    """The one dose line of a text."""
    [found] = dosage_from_text(text)
    return found


def repeat(text: str) -> dict[str, Any]:
    """The timing of "10 mg" and these words."""
    found: dict[str, Any] = line(f"10 mg {text}")["timing"]["repeat"]
    return found


def code(text: str) -> str | None:
    """The code of the drug of "<text> 10 mg once daily"."""
    codings = draft(f"{text} 10 mg once daily")["medicationCodeableConcept"].get("coding")
    return codings[0]["code"] if codings else None


def test_an_order_is_a_draft_of_today_for_the_patient() -> None:
    order = draft("pregabalin 75 mg twice daily")
    assert {name: order[name] for name in ("resourceType", "status", "intent", "subject", "authoredOn")} == {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/103"},
        "authoredOn": "2026-06-15",
    }
    [dosage] = order["dosageInstruction"]
    assert dosage["text"] == "75 mg twice daily"
    assert dosage["doseAndRate"] == [
        {"doseQuantity": {"value": 75, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}
    ]
    assert dosage["timing"] == {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}


# -- the drug -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rxnorm"),
    [("pregabalin", "187832"), ("Gabapentin", "25480"), ("rituximab", "121191"), ("Truxima", "2105827"),
     ("IVIG", "5666"), ("Octagam 10%", "1809499"), ("keytruda", None), ("moonshine", None)],
)  # fmt: skip
def test_a_drug_is_coded_where_its_name_means_one_substance_or_brand(text: str, rxnorm: str | None) -> None:
    assert code(text) == rxnorm


@pytest.mark.parametrize(
    ("product", "rxnorm"),
    [("pregabalin 75 mg capsule", "483450"), ("Lyrica 75 mg capsule", "607038"),
     ("pregabalin 20 mg/mL oral solution", "898715"), ("gabapentin 0.6 g tablet", "310433"),
     ("pregabalin ER 330 mg tablet", "1988977"), ("pregabalin 80 mg capsule", None)],
)  # fmt: skip
def test_a_product_is_coded_by_name_strength_and_form(product: str, rxnorm: str | None) -> None:
    concept = draft(f"{product}, 1 capsule twice daily")["medicationCodeableConcept"]
    assert [coding["code"] for coding in concept.get("coding", ())] == ([rxnorm] if rxnorm else [])
    assert concept["text"]


def test_a_name_that_stands_for_products_only_takes_the_one_that_makes_the_dose() -> None:
    def display(dose: str) -> str:
        concept = draft(f"pregabalin ER {dose} once daily")["medicationCodeableConcept"]
        return str(concept["coding"][0]["display"]) if "coding" in concept else ""

    assert "330 MG" in display("660 mg")
    assert "165 MG" in display("165 mg")
    assert display("100 mg") == ""
    assert display("0.1 g") == ""


# -- dose and timing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [("1 capsule daily", 1, "{capsule}"), ("2 tablets daily", 2, "{tablet}"), ("2 patches daily", 2, "{patch}"),
     ("5 ml daily", 5, "mL"), ("100 mcg daily", 100, "ug"), ("0.4 g/kg daily", 0.4, "g/kg"),
     ("5 IU/kg daily", 5, "[IU]/kg"),
     ("375 mg/m2 weekly", 375, "mg/m2"), ("10 units daily", 10, "[IU]"), ("2.5 mg daily", 2.5, "mg")],
)  # fmt: skip
def test_a_dose_is_written_in_ucum(text: str, value: float, unit: str) -> None:
    quantity = line(text)["doseAndRate"][0]["doseQuantity"]
    assert (quantity["value"], quantity["code"]) == (value, unit)


@pytest.mark.parametrize("text", ["50-75 mg daily", "50 to 75 mg daily", "50 – 75 mg daily"])
def test_a_range_keeps_both_ends(text: str) -> None:
    dose = line(text)["doseAndRate"][0]["doseRange"]
    assert (dose["low"]["value"], dose["high"]["value"]) == (50, 75)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("daily", DAILY),
        ("qd", DAILY),
        ("once daily", DAILY),
        ("every day", DAILY),
        ("twice a day", DAILY | {"frequency": 2}),
        ("bid", DAILY | {"frequency": 2}),
        ("three times daily", DAILY | {"frequency": 3}),
        ("3 times per day", DAILY | {"frequency": 3}),
        ("TID", DAILY | {"frequency": 3}),
        ("qid", DAILY | {"frequency": 4}),
        ("every 12 hours", DAILY | {"period": 12, "periodUnit": "h"}),
        ("q8h", DAILY | {"period": 8, "periodUnit": "h"}),
        ("every 8 h", DAILY | {"period": 8, "periodUnit": "h"}),
        ("every 8 hrs", DAILY | {"period": 8, "periodUnit": "h"}),
        ("q3w", DAILY | {"period": 3, "periodUnit": "wk"}),
        ("q21d", DAILY | {"period": 21}),
        ("t.i.d.", DAILY | {"frequency": 3}),
        ("every other day", DAILY | {"period": 2}),
        ("every 4 weeks", DAILY | {"period": 4, "periodUnit": "wk"}),
        ("weekly", DAILY | {"periodUnit": "wk"}),
        ("monthly", DAILY | {"periodUnit": "mo"}),
        ("2 times a week", {"frequency": 2, "period": 1, "periodUnit": "wk"}),
        ("at bedtime", DAILY | {"when": ["HS"]}),
        ("qhs", DAILY | {"when": ["HS"]}),
        ("every night", DAILY | {"when": ["HS"]}),
        ("qam", DAILY | {"when": ["MORN"]}),
        ("once daily in the evening", DAILY | {"when": ["EVE"]}),
        ("every morning", DAILY | {"when": ["MORN"]}),
        ("in the morning at bedtime", DAILY | {"when": ["MORN", "HS"]}),
        ("once", {"count": 1}),
        ("weekly for 4 doses", DAILY | {"periodUnit": "wk", "count": 4}),
        ("weekly x4", DAILY | {"periodUnit": "wk", "count": 4}),
        ("weekly x 4 doses", DAILY | {"periodUnit": "wk", "count": 4}),
        ("over 5 days", {"duration": 5, "durationUnit": "d"}),
        ("once over 4.5 hours", {"count": 1, "duration": 4.5, "durationUnit": "h"}),
    ],
)
def test_timing_is_read_as_it_is_said(text: str, expected: dict[str, Any]) -> None:
    assert repeat(text) == expected


def test_a_dose_a_day_is_one_dose_every_day() -> None:
    assert line("300 mg/d")["timing"]["repeat"] == line("300 mg/day")["timing"]["repeat"] == DAILY


def test_how_long_stands_in_the_bounds() -> None:
    assert repeat("daily for 5 days")["boundsDuration"] == {
        "value": 5, "unit": "day", "system": "http://unitsofmeasure.org", "code": "d",
    }  # fmt: skip
    assert repeat("weekly, for 2 months")["boundsDuration"]["code"] == "mo"


@pytest.mark.parametrize(
    ("words", "route"),
    [("IV", "Intravenous"), ("by mouth", "Oral"), ("PO", "Oral"), ("SC", "Subcutaneous"), ("IM", "Intramuscular"),
     ("topically", "Topical")],
)  # fmt: skip
def test_routes_are_spelled_out(words: str, route: str) -> None:
    assert line(f"10 mg {words} once daily")["route"] == {"text": route}


def test_as_needed_may_say_what_for_and_how_much_at_most() -> None:
    assert line("10 mg daily as needed")["asNeededBoolean"] is True
    assert line("10 mg q6h PRN")["asNeededBoolean"] is True
    [given] = draft("tramadol 50 mg q6h, prn for pain")["dosageInstruction"]
    assert given["asNeededCodeableConcept"] == {"text": "pain"}
    found = line("100 mg every 6 hours as needed for pain, max 300 mg per 24 hours")
    assert found["asNeededCodeableConcept"] == {"text": "pain"}
    assert found["maxDosePerPeriod"]["numerator"]["value"] == 300
    assert (found["maxDosePerPeriod"]["denominator"]["value"], found["maxDosePerPeriod"]["denominator"]["code"]) == (
        24,
        "h",
    )
    assert line("10 mg daily, max 20 mg per day")["maxDosePerPeriod"]["denominator"]["value"] == 1


def test_after_and_with_something_are_kept_as_words() -> None:
    assert line("100 mg after dialysis")["additionalInstruction"] == [{"text": "after dialysis"}]
    assert "timing" not in line("100 mg after dialysis")
    assert line("10 mg daily with food")["additionalInstruction"] == [{"text": "with food"}]


def test_lines_are_added_by_and_and_follow_each_other_by_then() -> None:
    both = dosage_from_text("75 mg twice daily and 150 mg at bedtime")
    assert [found["text"] for found in both] == ["75 mg twice daily", "150 mg at bedtime"]
    assert not any("sequence" in found for found in both)
    order = draft("gabapentin 100 mg at bedtime for 7 days, then 300 mg three times daily")
    assert [(found["sequence"], found["text"]) for found in order["dosageInstruction"]] == [
        (1, "100 mg at bedtime for 7 days"),
        (2, "300 mg three times daily"),
    ]


# -- the order as a whole ---------------------------------------------------------------------------------------------


def test_supply_refills_quantity_and_reason() -> None:
    order = draft("pregabalin 75 mg twice daily, 30-day supply, 5 refills, quantity 60 capsules, because E11.42")
    assert order["dispenseRequest"]["expectedSupplyDuration"]["value"] == 30
    assert order["dispenseRequest"]["numberOfRepeatsAllowed"] == 5
    assert order["dispenseRequest"]["quantity"]["value"] == 60
    assert order["reasonCode"] == [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.42"}]}]
    assert draft("pregabalin 75 mg daily, no refills")["dispenseRequest"] == {"numberOfRepeatsAllowed": 0}


def test_a_reason_may_be_a_snomed_code_or_words() -> None:
    assert draft("pregabalin 75 mg daily, because 49455004")["reasonCode"][0]["coding"][0]["code"] == "49455004"
    assert draft("pregabalin 75 mg daily, because fibromyalgia")["reasonCode"] == [{"text": "fibromyalgia"}]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("", ""),
        ("pregabalin", "pregabalin"),
        ("75 mg twice daily", "75 mg twice daily"),
        ("pregabalin 75 mg fortnightly", "fortnightly"),
        ("pregabalin 75 mg capsule", "pregabalin 75 mg capsule"),
        ("pregabalin 75 mg capsule, take some", "take some"),
        ("pregabalin 75 mg twice daily, whenever", "whenever"),
        ("pregabalin 75 mg daily, 30-day supply or so", "30-day supply or so"),
        ("pregabalin 75 mg daily, then lots", "lots"),
        ("pregabalin 75 mg q3", "q3"),
        ("pregabalin 75 mg qh", "qh"),
        ("IVIG 2 g/kg over 5 weeks", "over 5 weeks"),
        ("IVIG 20 g twice daily x 5", "x 5"),
        ("IVIG 20 g x5, twice daily", "twice daily"),
        ("IVIG 20 g x5 twice daily", "x5"),
        ("IVIG 20 g daily x 2 vials", "vials"),
    ],
)
def test_what_is_not_understood_is_named_beside_what_is(text: str, rest: str) -> None:
    with pytest.raises(OrderNotUnderstood) as caught:
        draft(text)
    assert f"not understood in the order: '{rest}'" in str(caught.value)
    assert "timing: once" in str(caught.value)


def test_instructions_without_a_line_are_refused() -> None:
    with pytest.raises(OrderNotUnderstood):
        dosage_from_text("  ")


@pytest.mark.parametrize(
    "order",
    [
        "gabapentin 1,200 mg three times daily",
        "gabapentin 1.200 mg three times daily",
        "gabapentin 1.200mg daily",
        "gabapentin 10 000 mg daily",
        "gabapentin 1'200 mg daily",
        "gabapentin 1_200 mg daily",
        "rituximab 1,000 mg IV once",
        "pregabalin 0,15 g twice daily",
        "IVIG 0,4 g/kg daily for 5 days",
        "midodrine 2,5 mg three times daily",
        "pregabalin .5 g daily",
        "pregabalin 75/150 mg daily",
        "amitriptyline 1/2 tablet at night",
        "amitriptyline 25 mg tablet, 1/2 tablet at night",
        "amitriptyline ½ tablet 25 mg at night",
        "amitriptyline 2x25 mg at night",
        "amitriptyline 2 × 25 mg at night",
        "pregabalin -75 mg twice daily",
        "gabapentin <300 mg daily",
        "gabapentin ≤ 600 mg daily",
        "pregabalin ca. 75 mg daily",
        "gabapentin 1 200 mg tablet, 1 tablet daily",
        "pregabalin 75 mg daily, max 1.200 mg per day",
        "pregabalin 150-75 mg daily",
        "stop pregabalin 300 mg daily",
        "Do not give pregabalin 75 mg daily",
        "gabapentin up to 600 mg daily",
        "gabapentin max 300 mg daily",
        "pregabalin half 75 mg daily",
        "amitriptyline two 25 mg at night",
        "pregabalin " + "9" * 400 + " mg daily",
        "pregabalin 75 mg every 999999999 hours",
    ],
)
def test_a_dose_that_can_be_read_in_two_ways_is_refused(order: str) -> None:
    with pytest.raises(OrderNotUnderstood) as caught:
        draft(order)
    assert len(caught.value.summary) < 200


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("gabapentin 1,200 mg daily", "write numbers as 1200 or 0.5"),
        ("stop pregabalin 300 mg daily", "'stop' is no part of a drug's name"),
        ("pregabalin 999999999 mg daily", "too large"),
        ("pregabalin 150-75 mg daily", "from less to more"),
        ("pregabalin 75 mg bid tid", "said otherwise before"),
        ("rituximab 1 g IV daily once", "one single dose"),
    ],
)
def test_why_an_order_is_refused_stands_in_the_first_line(order: str, says: str) -> None:
    with pytest.raises(OrderNotUnderstood) as caught:
        draft(order)
    assert says in caught.value.summary
    assert str(caught.value).startswith(caught.value.summary)


@pytest.mark.parametrize(
    ("order", "name", "value"),
    [
        ("gabapentin 1200 mg three times daily", "gabapentin", 1200),
        ("vitamin B12 1000 mcg daily", "vitamin B12", 1000),
        ("immunoglobulin 10 % 300 mL daily", "immunoglobulin 10 %", 300),
        ("Octagam 10% 30 g daily", "Octagam 10%", 30),
        ("IVIG (10 %) 30 g daily", "IVIG (10 %)", 30),
        ("5-fluorouracil 500 mg daily", "5-fluorouracil", 500),
        ("rituximab (Truxima) 1000 mg daily", "rituximab (Truxima)", 1000),
        ("Gammagard S/D 30 g daily", "Gammagard S/D", 30),
        ("levodopa + carbidopa 100 mg daily", "levodopa + carbidopa", 100),
        ("IVIG 0.400 g/kg daily", "IVIG", 0.4),
        ("amoxicillin 0.5 tablet daily", "amoxicillin", 0.5),
    ],
)
def test_numbers_and_signs_that_belong_to_a_name_are_taken(order: str, name: str, value: float) -> None:
    found = draft(order)
    assert found["medicationCodeableConcept"]["text"] == name
    assert found["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == value


@pytest.mark.parametrize(
    ("shouted", "said"),
    [
        ("75 MG Twice Daily", "75 mg twice daily"),
        ("75MG every 8 HOURS", "75 mg every 8 hours"),
        ("75 Mg Every Other Day for 5 Days", "75 mg every other day for 5 days"),
        ("0.4 G/KG Weekly Over 4 Hours", "0.4 g/kg weekly over 4 hours"),
        ("375 MG/M2 Once Weekly For 4 Doses", "375 mg/m2 once weekly for 4 doses"),
        ("2 CAPSULES THREE TIMES A DAY", "2 capsules three times a day"),
        ("5 ML bid, Max 20 ML per 24 HOURS", "5 mL bid, max 20 mL per 24 hours"),
        ("75 mg daily AND 150 mg at bedtime", "75 mg daily and 150 mg at bedtime"),
        ("75 mg daily Then 150 mg daily", "75 mg daily then 150 mg daily"),
    ],
)
def test_capitals_do_not_matter(shouted: str, said: str) -> None:
    def without_words(text: str) -> list[dict[str, Any]]:
        return [{name: part for name, part in one.items() if name != "text"} for one in dosage_from_text(text)]

    assert without_words(shouted) == without_words(said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("once weekly", {"periodUnit": "wk"}),
        ("once monthly", {"periodUnit": "mo"}),
        ("once every 3 weeks", {"period": 3, "periodUnit": "wk"}),
        ("twice weekly", {"frequency": 2, "periodUnit": "wk"}),
        ("weekly once a week", {"periodUnit": "wk"}),
    ],
)
def test_once_a_period_is_no_single_dose(text: str, expected: dict[str, Any]) -> None:
    assert repeat(text) == DAILY | expected


@pytest.mark.parametrize(
    "text",
    ["bid tid", "daily twice daily", "every 8 hours daily", "once then daily", "once daily once", "daily for 1 dose",
     "once in the morning", "daily for 5 days for 7 days", "twice daily by mouth IV"],
)  # fmt: skip
def test_what_is_said_twice_and_differently_is_refused(text: str) -> None:
    with pytest.raises(OrderNotUnderstood):
        line(f"10 mg {text}")
