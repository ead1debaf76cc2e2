"""Suggestions in clinical words become whole, valid FHIR resources."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import orjson
import pytest

from cards.concepts import Code, load_value_sets
from cards.opinion import (
    AddNote,
    OrderService,
    ProposeDrug,
    RegimenLine,
    RemoveOrder,
    SetDate,
    SetDosage,
    SetDose,
    SetProduct,
    SetReason,
    SetSchedule,
    Suggestion,
)
from cards.orders import Amount
from cards.suggested_orders import order_test
from cds_service.hooks.r4_check import r4_problem
from cds_service.hooks.suggestions import Occasion, write_suggestions

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ID = "MedicationRequest/draft-1"


def draft(**changes: Any) -> dict[str, Any]:
    """A draft as EHRs send them, with elements that a suggestion has no business with."""
    return {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "483450"}], "text": "pregabalin 75 MG"},
        "subject": {"reference": "Patient/np-1"},
        "dosageInstruction": [
            {
                "text": "1 capsule twice daily",
                "route": {"text": "oral"},
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "capsule", "code": "{pill}"}}],
            }
        ],
        "dispenseRequest": {"numberOfRepeatsAllowed": 5},
    } | changes


def occasion(resource: dict[str, Any] | None) -> Occasion:
    return Occasion("np-1", "enc-9", lambda reference: resource if reference == ID else None)


def action(suggestion: Suggestion, resource: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one action that a suggestion becomes."""
    (written,) = write_suggestions((suggestion,), occasion(resource or draft()))
    (only,) = written["actions"]
    return dict(only)


def test_a_test_is_created_as_a_whole_valid_service_request() -> None:
    created = action(order_test("hbsag", "Order HBsAg", urgent=True))
    assert created["type"] == "create"
    assert created["description"] == "Order HBsAg"
    resource = created["resource"]
    assert resource["subject"] == {"reference": "Patient/np-1"}
    assert resource["encounter"] == {"reference": "Encounter/enc-9"}
    assert resource["priority"] == "stat"
    assert resource["code"]["coding"][0]["code"] == "5195-3"
    assert not r4_problem(resource)


def test_a_call_without_encounter_creates_orders_without_one() -> None:
    (written,) = write_suggestions((order_test("hbsag", "Order HBsAg"),), Occasion("np-1", None, lambda _: None))
    assert "encounter" not in written["actions"][0]["resource"]


def test_a_service_that_has_no_code_is_ordered_by_its_words() -> None:
    resource = action(OrderService("Order nerve conduction studies", "EMG and nerve conduction studies"))["resource"]
    assert resource["code"] == {"text": "EMG and nerve conduction studies"}
    assert not r4_problem(resource)


def test_a_test_several_times_a_day_says_how_often() -> None:
    resource = action(order_test("glucose-capillary", "Order capillary glucose", times_a_day=4))["resource"]
    assert resource["occurrenceTiming"] == {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}}
    assert not r4_problem(resource)


def test_a_proposed_drug_has_no_dose() -> None:
    resource = action(ProposeDrug("Draft an antiviral", "Entecavir or tenofovir"))["resource"]
    assert "dosageInstruction" not in resource
    assert not r4_problem(resource)


def test_an_order_is_removed_by_reference_and_without_resource() -> None:
    removed = action(RemoveOrder(ID, "Remove the draft"))
    assert removed == {"type": "delete", "description": "Remove the draft", "resourceId": ID}


def test_a_new_dosage_changes_the_dosage_and_nothing_else() -> None:
    before = draft()
    changed = action(SetDosage(ID, "100 mg three times daily", (RegimenLine(100, 3),)), before)["resource"]
    assert {key: value for key, value in changed.items() if key != "dosageInstruction"} == {
        key: value for key, value in draft().items() if key != "dosageInstruction"
    }
    (line,) = changed["dosageInstruction"]
    assert line["text"] == "100 mg three times daily"
    assert line["route"] == {"text": "oral"}
    assert line["timing"]["repeat"] == {"frequency": 3, "period": 1, "periodUnit": "d"}
    assert line["doseAndRate"][0]["doseQuantity"]["value"] == 100
    assert before == draft(), "the sender's own resource is left alone"
    assert not r4_problem(changed)


@pytest.mark.parametrize(
    ("additional", "instruction", "kept"),
    [
        ([{"text": "with food"}], "Take with food", {"additionalInstruction", "patientInstruction"}),
        ({"coding": [{"display": "Swallow whole"}]}, None, {"additionalInstruction"}),
        ([{"text": "with breakfast and dinner"}], "Swallow whole, twice daily", set()),
        ([{"text": "2 capsules together"}], "Increase slowly", set()),
        ([{"coding": [{"code": "311504000"}]}], "", set()),  # no words: nobody knows what it says
        (None, ["not a text"], set()),
    ],
)
def test_instructions_that_say_neither_how_much_nor_when_are_kept(
    additional: Any, instruction: Any, kept: set[str]
) -> None:
    before = draft()
    before["dosageInstruction"][0] |= {"additionalInstruction": additional, "patientInstruction": instruction}
    lines = (RegimenLine(50, 3, days=7), RegimenLine(100, 3))
    for line in action(SetDosage(ID, "label", lines), before)["resource"]["dosageInstruction"]:
        assert line.keys() & {"additionalInstruction", "patientInstruction"} == kept


def test_of_several_instructions_those_about_the_dose_go() -> None:
    before = draft()
    before["dosageInstruction"][0]["additionalInstruction"] = [{"text": "with food"}, {"text": "at bedtime"}]
    (line,) = action(SetDosage(ID, "label", (RegimenLine(100, 3),)), before)["resource"]["dosageInstruction"]
    assert line["additionalInstruction"] == [{"text": "with food"}]


def test_hours_of_the_clock_are_written_as_times_of_day() -> None:
    line = RegimenLine(10, 3, times_of_day=("08:00", "12:00", "16:00"))
    changed = action(SetDosage(ID, "by day", (line,)))["resource"]
    (written,) = changed["dosageInstruction"]
    assert written["text"] == "10 mg three times daily at 08:00, 12:00 and 16:00"
    assert written["timing"]["repeat"]["timeOfDay"] == ["08:00:00", "12:00:00", "16:00:00"]
    assert not r4_problem(changed)


def one_line(**changes: Any) -> dict[str, Any]:
    """A draft with one dose line, 150 mg twice daily but for these changes."""
    dosage = {
        "text": "150 mg twice daily",
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 150, "unit": "mg"}}],
    }
    return draft(dosageInstruction=[dosage | changes])


def timed(**repeat: Any) -> dict[str, Any]:
    return {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", **repeat}}}


TWO_WEEKS = {"boundsDuration": {"value": 14, "unit": "d", "code": "d"}}
KEPT: tuple[dict[str, Any], ...] = (
    timed(**TWO_WEEKS),
    timed(boundsRange={"low": {"value": 7}, "high": {"value": 14}}),
    timed(boundsPeriod={"start": "2026-07-01"}),
    timed(boundsPeriod={"start": "2026-07-01", "end": "2026-07-14"}),
    timed(when=["MORN", "EVE"], offset=30),
    timed(timeOfDay=["08:00:00", "20:00:00"]),
    {"timing": {"id": "t", "code": {"text": "BID"}, "repeat": timed()["timing"]["repeat"]}},
    {"id": "line-1", "sequence": 1, "extension": [{"url": "https://ehr.example/x"}], "asNeededBoolean": False},
    {"route": {"text": "oral"}, "site": {"text": "mouth"}, "method": {"text": "swallow"}},
    {"doseAndRate": [{"type": {"text": "ordered"}, "doseQuantity": {"value": 150, "unit": "mg"}}]},
)


@pytest.mark.parametrize("own", KEPT, ids=str)
def test_one_line_in_the_place_of_one_changes_the_dose_and_how_often(own: dict[str, Any]) -> None:
    before = one_line(**own)
    update = action(SetDosage(ID, "label", (RegimenLine(75, 2),)), before)
    (was,), (now,) = before["dosageInstruction"], update["resource"]["dosageInstruction"]
    assert now["doseAndRate"][0].pop("doseQuantity")["value"] == 75
    assert was["doseAndRate"][0].pop("doseQuantity")["value"] == 150
    assert now.pop("text").startswith("75 mg twice daily")
    assert was.pop("text")
    assert now == was
    assert update["description"] == "label"


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"patientInstruction": "Take 2 capsules"}, "instructions"),
        ({"additionalInstruction": [{"text": "with food"}, {"text": "2 at bedtime"}]}, "instructions"),
        ({"maxDosePerPeriod": {"numerator": {"value": 300, "unit": "mg"}}}, "a maximum dose"),
        (timed(timeOfDay=["08:00:00", "20:00:00"]), "times of day"),
        (timed(when=["MORN", "EVE"]), "times of day"),
        (timed(dayOfWeek=["mon"]), "days of the week"),
        (timed(count=28), "a number of doses"),
        ({"patientInstruction": "Take 2", **timed(count=28)}, "instructions and a number of doses"),
    ],
)
def test_what_may_contradict_the_new_dose_goes_and_the_description_says_so(own: dict[str, Any], says: str) -> None:
    update = action(SetDosage(ID, "label", (RegimenLine(75, 3),)), one_line(**own))
    assert update["description"] == f"label; not kept from the order: {says}"
    (line,) = update["resource"]["dosageInstruction"]
    assert line["timing"]["repeat"] == {"frequency": 3, "period": 1, "periodUnit": "d"}
    assert not line.keys() & {"patientInstruction", "maxDosePerPeriod"}


def test_of_a_dose_said_in_several_ways_the_new_one_is_said_once() -> None:
    ways = [{"type": {"text": kind}, "doseQuantity": {"value": 1}} for kind in ("calculated", "ordered")]
    update = action(SetDosage(ID, "label", (RegimenLine(75, 2),)), one_line(doseAndRate=ways))
    (line,) = update["resource"]["dosageInstruction"]
    assert [way.keys() for way in line["doseAndRate"]] == [{"doseQuantity"}]


def test_a_timing_code_goes_with_the_frequency_that_it_says() -> None:
    own = {"timing": {"code": {"text": "BID"}, "repeat": {"boundsPeriod": {"end": "2026-07-14T08:00:00Z"}}}}
    update = action(SetDosage(ID, "label", (RegimenLine(75, 3),)), one_line(**own))
    (line,) = update["resource"]["dosageInstruction"]
    assert line["text"] == "75 mg three times daily until 2026-07-14"
    assert line["timing"] == {"repeat": {**own["timing"]["repeat"], **THREE_A_DAY}}


@pytest.mark.parametrize(
    "own",
    [{"code": {"text": "TID"}, "repeat": {"frequency": 2}}, {"repeat": {"frequency": 2, "timeOfDay": ["08:00:00"]}}],
    ids=["a frequency without a period", "one time of day"],
)
def test_what_says_another_number_of_times_a_day_than_the_frequency_beside_it_goes(own: dict[str, Any]) -> None:
    (line,) = action(SetDosage(ID, "label", (RegimenLine(75, 2),)), one_line(timing=own))["resource"][
        "dosageInstruction"
    ]
    assert line["timing"] == timed()["timing"]


THREE_A_DAY = {"frequency": 3, "period": 1, "periodUnit": "d"}


def test_days_read_from_words_are_written_down() -> None:
    suggestion = SetDosage(ID, "label", (RegimenLine(75, 2, days=14),))
    (line,) = action(suggestion, one_line(timing={}))["resource"]["dosageInstruction"]
    assert line["text"] == "75 mg twice daily for 14 days"
    assert line["timing"]["repeat"]["boundsDuration"]["value"] == 14
    (line,) = action(suggestion, one_line(**timed(boundsPeriod={"start": "2026-07-01"})))["resource"][
        "dosageInstruction"
    ]
    assert line["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-07-01", "end": "2026-07-14"}


@pytest.mark.parametrize(
    ("repeats", "kept", "description"),
    [
        ((TWO_WEEKS, TWO_WEEKS), {"boundsDuration"}, "label"),
        ((TWO_WEEKS, {}), set(), "label; not kept from the order: how long"),
        (({}, {}), set(), "label"),
    ],
)
def test_one_line_in_the_place_of_several_keeps_what_they_share(
    repeats: tuple[dict[str, Any], ...], kept: set[str], description: str
) -> None:
    lines = [{**one_line(**timed(**repeat))["dosageInstruction"][0], "id": "x"} for repeat in repeats]
    update = action(SetDosage(ID, "label", (RegimenLine(75, 2),)), draft(dosageInstruction=lines))
    (line,) = update["resource"]["dosageInstruction"]
    assert line["timing"]["repeat"].keys() - {"frequency", "period", "periodUnit"} == kept
    assert "id" not in line
    assert update["description"] == description


def test_several_lines_begin_on_the_first_day_of_the_draft() -> None:
    lines = (RegimenLine(50, 3, days=7), RegimenLine(100, 3))
    update = action(SetDosage(ID, "label", lines), one_line(**timed(boundsPeriod={"start": "2026-07-01"})))
    first, second = update["resource"]["dosageInstruction"]
    assert first["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-07-01", "end": "2026-07-07"}
    assert second["timing"]["repeat"] == THREE_A_DAY


def test_counts_of_the_ordered_product_keep_the_unit_of_the_draft() -> None:
    changed = action(SetDosage(ID, "label", (RegimenLine(150, 2, count=2),)))["resource"]
    dose = changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    assert dose == {"value": 2, "unit": "capsule", "code": "{pill}"}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (RegimenLine(10, 3, count=2, form="tablet"), "2 tablets (10 mg) three times daily"),
        (RegimenLine(60, 1, count=1, form="capsule"), "1 capsule (60 mg) once daily"),
        (RegimenLine(60, 1, count=2), "60 mg once daily"),  # "2 units" is no word for what is not known
        (RegimenLine(75, 1, when="HS"), "75 mg once daily at bedtime"),
        (RegimenLine(165, 1, days=7, when="PCV"), "165 mg once daily after the evening meal for 7 days"),
    ],
)
def test_the_sig_names_the_form_and_the_moment(line: RegimenLine, text: str) -> None:
    changed = action(SetDosage(ID, "label", (line,)))["resource"]
    assert changed["dosageInstruction"][0]["text"] == text


def test_another_product_replaces_the_drug_and_is_counted() -> None:
    product = load_value_sets().row("pregabalin", RXNORM, "483438")
    assert product is not None
    changed = action(SetDosage(ID, "label", (RegimenLine(100, 3, count=1, form="capsule"),), product))["resource"]
    concept = changed["medicationCodeableConcept"]
    assert concept["coding"] == [{"system": RXNORM, "code": product.code, "display": product.display}]
    assert concept["text"] == product.display, "the public sandbox reads the text as well"
    dose = changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    assert dose == {"value": 1, "unit": "capsule", "system": "http://unitsofmeasure.org", "code": "{capsule}"}
    assert not r4_problem(changed)


def test_another_product_takes_the_place_of_a_contained_medication() -> None:
    product = load_value_sets().row("pregabalin", RXNORM, "483438")
    resource = draft(contained=[{"resourceType": "Medication", "id": "med"}], medicationReference={"reference": "#med"})
    del resource["medicationCodeableConcept"]
    changed = action(SetDosage(ID, "label", (RegimenLine(100, 3, count=1, form="capsule"),), product), resource)[
        "resource"
    ]
    assert "medicationReference" not in changed
    assert "contained" not in changed, "nothing refers to it any more"
    assert not r4_problem(changed)
    other = {"resourceType": "Practitioner", "id": "doctor"}
    resource["contained"].append(other)
    change = SetDosage(ID, "label", (RegimenLine(100, 3, count=1, form="capsule"),), product)
    assert action(change, resource)["resource"]["contained"] == [other]


def test_an_r5_draft_keeps_its_shape() -> None:
    resource = draft(medication={"concept": {"text": "pregabalin"}})
    del resource["medicationCodeableConcept"]
    product = load_value_sets().row("pregabalin", RXNORM, "483438")
    changed = action(SetDosage(ID, "label", (RegimenLine(100, 3, count=1, form="capsule"),), product), resource)[
        "resource"
    ]
    assert changed["medication"]["concept"]["coding"][0]["code"] == "483438"
    assert "medicationCodeableConcept" not in changed
    reasoned = action(SetReason(ID, "State the reason", "polyneuropathy"), resource)["resource"]
    assert reasoned["reason"] == [{"concept": {"text": "polyneuropathy"}}]


@pytest.mark.parametrize("medication", ["pregabalin", ["pregabalin"], 5, None, {"concept": {"text": "pregabalin"}}])
def test_a_medication_beside_an_r4_name_does_not_go_on_naming_the_old_product(medication: Any) -> None:
    product = load_value_sets().row("pregabalin", RXNORM, "483438")
    resource = draft(medication=medication)
    changed = action(SetDosage(ID, "label", (RegimenLine(100, 3, count=1),), product), resource)["resource"]
    assert changed["medicationCodeableConcept"]["coding"][0]["code"] == "483438"
    assert "medication" not in changed
    reasoned = action(SetReason(ID, "State the reason", "polyneuropathy"), resource)["resource"]
    assert reasoned["reasonCode"] == [{"text": "polyneuropathy"}]


def test_an_stu3_draft_keeps_its_dose_on_the_line() -> None:
    two = draft(dosageInstruction=[{"doseQuantity": {"value": 1}}, {"doseQuantity": {"value": 2}}])
    (line,) = action(SetDosage(ID, "label", (RegimenLine(75, 2),)), two)["resource"]["dosageInstruction"]
    assert (line["doseQuantity"]["value"], line.get("doseAndRate")) == (75, None)
    resource = draft(dosageInstruction=[{"doseQuantity": {"value": 75, "unit": "mg"}}])
    changed = action(SetDosage(ID, "label", (RegimenLine(100, 3),)), resource)["resource"]
    assert "doseQuantity" in changed["dosageInstruction"][0]
    assert "doseAndRate" not in changed["dosageInstruction"][0]


def test_two_phases_of_an_stu3_draft_have_their_doses_on_the_line() -> None:
    resource = draft(dosageInstruction=[{"doseQuantity": {"value": 75, "unit": "mg"}}])
    changed = action(SetDosage(ID, "label", (RegimenLine(50, 3, days=7), RegimenLine(100, 3))), resource)["resource"]
    assert [one["doseQuantity"]["value"] for one in changed["dosageInstruction"]] == [50, 100]
    assert not any("doseAndRate" in one for one in changed["dosageInstruction"])


def test_two_phases_are_numbered_and_the_first_is_bounded() -> None:
    lines = (RegimenLine(50, 3, days=7), RegimenLine(100, 3))
    first, second = action(SetDosage(ID, "label", lines))["resource"]["dosageInstruction"]
    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert first["timing"]["repeat"]["boundsDuration"]["value"] == 7
    assert first["text"] == "50 mg three times daily for 7 days"
    assert "boundsDuration" not in second["timing"]["repeat"]


def test_a_product_is_renamed_and_the_dosage_stays() -> None:
    code = Code(RXNORM, "42697", "Gammagard", True, ("test",))
    change = SetProduct(ID, "Change to Gammagard Liquid", "Gammagard Liquid", code)
    contained = draft(medicationReference={"reference": "#m"}, contained=[{"resourceType": "Medication", "id": "m"}])
    del contained["medicationCodeableConcept"]
    for before in (draft(), contained):
        after = action(change, before)["resource"]
        coding = {"system": RXNORM, "code": "42697", "display": "Gammagard"}
        assert after["medicationCodeableConcept"] == {"coding": [coding], "text": "Gammagard Liquid"}
        assert after["dosageInstruction"] == before["dosageInstruction"]
        assert not r4_problem(after)
        assert not {"medicationReference", "contained"} & set(after)
    assert action(SetProduct(ID, "Change", "Gammagard Liquid"))["resource"]["medicationCodeableConcept"] == {
        "text": "Gammagard Liquid"
    }


def test_a_service_is_planned_for_another_day_unless_it_is_a_series() -> None:
    service = {
        "resourceType": "ServiceRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/np-1"},
    }
    change = SetDate(ID, "Plan it for 2026-07-02", date(2026, 7, 2))
    changed = action(change, {**service, "occurrenceDateTime": "2026-06-15T08:00:00Z"})["resource"]
    assert changed == {**service, "occurrenceDateTime": "2026-07-02"}
    assert not r4_problem(changed)
    series = {**service, "occurrenceTiming": {"event": ["2026-06-15", "2026-06-17"]}}
    assert write_suggestions((change,), occasion(series)) == []


def test_another_dose_keeps_timing_route_and_all_other_lines() -> None:
    weekly = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", "count": 4}}
    rate = {"rateQuantity": {"value": 100, "unit": "mL/h"}, "doseQuantity": {"value": 7460, "unit": "mg"}}
    own = {"text": "7460 mg weekly", "timing": weekly, "route": {"text": "IV"}, "doseAndRate": [rate]}
    other = {"text": "premedication as usual"}
    resource = draft(dosageInstruction=[own, other])
    changed = action(SetDose(ID, "label", 746, "mg", "746 mg weekly"), resource)["resource"]
    dose = {"value": 746, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    assert changed["dosageInstruction"] == [
        {**own, "text": "746 mg weekly", "doseAndRate": [{**rate, "doseQuantity": dose}]},
        other,
    ]
    assert resource["dosageInstruction"] == [own, other], "the sender's own resource is left alone"
    assert not r4_problem(changed)


def test_another_dose_takes_the_place_of_a_range_or_of_an_stu3_dose() -> None:
    in_range = draft(dosageInstruction=[{"doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}]}])
    (line,) = action(SetDose(ID, "label", 337.5, "mg/m2"), in_range)["resource"]["dosageInstruction"]
    assert line["doseAndRate"][0]["doseQuantity"]["value"] == 337.5
    assert "doseRange" not in line["doseAndRate"][0]
    assert "text" not in line
    for own in ({"doseQuantity": {"value": 7460, "unit": "mg"}}, {"doseRange": {"high": {"value": 7460}}}):
        (line,) = action(SetDose(ID, "label", 746, "mg"), draft(dosageInstruction=[own]))["resource"][
            "dosageInstruction"
        ]
        dose = {"value": 746, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
        assert line == {"doseQuantity": dose}


@pytest.mark.parametrize(
    "suggestion",
    [
        SetDosage(ID, "label", (RegimenLine(100, 3),)),
        SetDose(ID, "label", 100, "mg", "100 mg"),
        SetSchedule(ID, "label", 1, 1, "d", days=5),
    ],
    ids=str,
)
def test_an_r5_draft_does_not_go_on_saying_the_old_dose_in_words(suggestion: Suggestion) -> None:
    changed = action(suggestion, draft(renderedDosageInstruction="50 mg twice daily"))["resource"]
    assert changed.keys() == draft().keys()


def test_a_schedule_changes_the_timing_and_keeps_the_dose() -> None:
    resource = draft(
        dosageInstruction=[
            {
                "text": "0.4 g/kg every 0 weeks",
                "patientInstruction": "every 0 weeks",
                "doseAndRate": [{"doseQuantity": {"value": 30, "unit": "g"}}],
            }
        ]
    )
    suggestion = SetSchedule(ID, "Single course of 5 days", 1, 1, "d", days=5, count=5, text="once daily for 5 days")
    (line,) = action(suggestion, resource)["resource"]["dosageInstruction"]
    assert line["timing"]["repeat"] == {
        "boundsDuration": {"value": 5, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"},
        "count": 5,
        "frequency": 1,
        "period": 1,
        "periodUnit": "d",
    }
    assert line["doseAndRate"] == [{"doseQuantity": {"value": 30, "unit": "g"}}]
    assert line["text"] == "once daily for 5 days"
    assert "patientInstruction" not in line, "it said the opposite"


COURSE = SetSchedule(ID, "Course", 1, 1, "d", days=5, count=5, text="30 g daily x5", dose=Amount(30, 30, "g"))
GRAMS = {"value": 30, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}


@pytest.mark.parametrize(
    ("own", "changed"),
    [
        ({"doseAndRate": [{"doseQuantity": {"value": 2}}]}, {"doseAndRate": [{"doseQuantity": GRAMS}]}),
        (
            {"doseAndRate": [{"doseRange": {"high": {"value": 2}}, "rateQuantity": {"value": 3}}]},
            {"doseAndRate": [{"rateQuantity": {"value": 3}, "doseQuantity": GRAMS}]},
        ),
        ({}, {"doseAndRate": [{"doseQuantity": GRAMS}]}),
        ({"doseQuantity": {"value": 2}}, {"doseQuantity": GRAMS}),
    ],
    ids=["a dose", "a range beside a rate", "no dose", "STU3"],
)
def test_a_changed_dose_keeps_the_rate_beside_it(own: dict[str, Any], changed: dict[str, Any]) -> None:
    (line,) = action(COURSE, draft(dosageInstruction=[own]))["resource"]["dosageInstruction"]
    assert {name: line[name] for name in changed} == changed


@pytest.mark.parametrize(("ends", "left"), [(True, 0), (False, 5)])
def test_a_single_course_may_end_the_refills(ends: bool, left: int) -> None:
    changed = action(COURSE._replace(ends_refills=ends))["resource"]
    assert changed["dispenseRequest"] == {"numberOfRepeatsAllowed": left}


def test_a_changed_dose_may_have_decimals() -> None:
    suggestion = COURSE._replace(dose=Amount(0.4, 0.4, "g/kg"))
    (line,) = action(suggestion, draft())["resource"]["dosageInstruction"]
    assert line["doseAndRate"][0]["doseQuantity"]["value"] == 0.4


@pytest.mark.parametrize(
    ("start", "bounds"),
    [
        ("2026-06-29", {"start": "2026-06-29", "end": "2026-07-03"}),
        ("2026-06-16T08:00:00+02:00", {"start": "2026-06-16T08:00:00+02:00", "end": "2026-06-20"}),
        ("2026-06", None),
        ("9999-12-31", None),
        (None, None),
    ],
)
def test_a_course_begins_on_the_day_that_the_draft_names(start: str | None, bounds: Any) -> None:
    line = {"timing": {"repeat": {"boundsPeriod": {"start": start}}}}
    (changed,) = action(COURSE, draft(dosageInstruction=[line]))["resource"]["dosageInstruction"]
    assert changed["timing"]["repeat"].get("boundsPeriod") == bounds
    assert ("boundsDuration" in changed["timing"]["repeat"]) == (bounds is None)


@pytest.mark.parametrize(
    ("duration", "unit", "is_kept"),
    [(4, "h", True), (90, "min", True), (5, "d", False), (0, "h", False), (None, "h", False)],
)
def test_how_long_an_infusion_takes_is_kept(duration: int | None, unit: str, is_kept: bool) -> None:
    line = {"timing": {"repeat": {"duration": duration, "durationUnit": unit}}}
    (changed,) = action(COURSE, draft(dosageInstruction=[line]))["resource"]["dosageInstruction"]
    assert changed["timing"]["repeat"].get("duration") == (duration if is_kept else None)


def test_a_note_and_a_reason_are_added_to_those_there() -> None:
    resource = draft(note=[{"text": "first"}], reasonCode={"text": "an object for a list"})
    assert action(AddNote(ID, "label", "second"), resource)["resource"]["note"] == [
        {"text": "first"},
        {"text": "second"},
    ]
    reasons = action(SetReason(ID, "label", "polyneuropathy"), resource)["resource"]["reasonCode"]
    assert reasons == [{"text": "an object for a list"}, {"text": "polyneuropathy"}]


def test_decimals_of_the_draft_go_back_as_they_came() -> None:
    text = '{"resourceType": "MedicationRequest", "id": "draft-1", "note": [], "x": 1.10}'
    resource = json.loads(text, parse_float=orjson.Fragment)
    changed = action(AddNote(ID, "label", "second"), resource)["resource"]
    assert b'"x":1.10' in orjson.dumps(changed)


@pytest.mark.parametrize(
    "suggestion", [RemoveOrder(ID, "label"), AddNote(ID, "label", "note"), SetDosage(ID, "l", (RegimenLine(1, 1),))]
)
def test_a_draft_that_cannot_be_addressed_is_neither_changed_nor_removed(suggestion: Suggestion) -> None:
    assert write_suggestions((suggestion,), Occasion("np-1", None, lambda _: None)) == []


def test_at_most_three_suggestions_each_with_its_own_uuid() -> None:
    many = tuple(AddNote(ID, f"label {n}", "note") for n in range(5))
    written = write_suggestions(many, occasion(draft()))
    assert [one["label"] for one in written] == ["label 0", "label 1", "label 2"]
    assert len({one["uuid"] for one in written}) == 3


def test_where_resources_are_checked_a_wrong_one_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(resource: dict[str, Any]) -> str:
        return "intent: missing" if resource["resourceType"] == "ServiceRequest" else ""

    good, bad = AddNote(ID, "good", "note"), OrderService("bad", "a test")
    written = write_suggestions((bad, good), occasion(draft()), refuse)
    assert [one["label"] for one in written] == ["good"]
    assert caplog.messages == ["suggestion left out"]


def test_a_suggestion_that_cannot_be_written_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def odd(reference: str) -> dict[str, Any]:
        return draft(note=object()) if reference == ID else draft()

    written = write_suggestions(
        (AddNote(ID, "odd", "note"), AddNote("MedicationRequest/2", "good", "note")), Occasion("np-1", None, odd)
    )
    assert [one["label"] for one in written] == ["good"]
    assert caplog.messages == ["suggestion left out"]
    assert caplog.records[0].error == "TypeError"  # type: ignore[attr-defined]


def test_where_resources_are_checked_a_draft_that_was_wrong_before_may_still_be_changed_or_removed() -> None:
    changes = AddNote(ID, "label", "note"), RemoveOrder(ID, "Remove it")
    assert len(write_suggestions(changes, occasion(draft()), lambda _: "subject: missing")) == 2


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        ({"resourceType": "ServiceRequest", "status": "draft", "subject": {"reference": "Patient/1"}}, "intent"),
        ({"resourceType": "Nonsense"}, "resourceType"),
        ({}, "resourceType"),
    ],
)
def test_the_check_names_what_is_wrong_and_no_value(resource: dict[str, Any], says: str) -> None:
    assert says in r4_problem(resource)
    assert "Patient/1" not in r4_problem(resource)
