"""The translator of cases: valid FHIR from clinical words, and a clear complaint about words it does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cards.orders import Hook
from tests.situations.chart import Chart, build_chart
from tests.situations.days import day, fhir_day, is_day
from tests.situations.orders import drafted
from tests.situations.reading import (
    Case,
    CaseNotUnderstood,
    Situation,
    all_cases,
    book_patients,
    patient_of,
    read_cases,
)
from tests.situations.request import PATIENT_ID, drafts, fetch_request, hook_request, prefetch, transaction
from tests.situations.rewording import REWORDINGS, REWORDINGS_OF_THE_PRODUCT, reworded

AS_OF = date(2026, 6, 15)


def chart(**patient: Any) -> Chart:
    """The chart of a patient."""
    return build_chart(patient, patient_id=PATIENT_ID, as_of=AS_OF)


def one(need: str, **patient: Any) -> dict[str, Any]:
    """The one resource that a patient key makes."""
    [resource] = chart(**patient).resources[need]
    return resource


def resources(request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every resource of a request, bundles as a whole."""
    yield request["context"]["draftOrders"]
    yield from (answer for answer in request.get("prefetch", {}).values() if answer is not None)


def validate(resource: Mapping[str, Any]) -> None:
    """Raises when this is no R4B resource."""
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


# -- valid FHIR -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_every_case_is_valid_fhir(case: Case) -> None:
    for resource in resources(hook_request(case.situation, Hook.ORDER_SELECT)):
        if not _asks_the_impossible(resource):
            validate(resource)
    validate(transaction(case.situation))


def _asks_the_impossible(bundle: dict[str, Any]) -> bool:
    """Is an order given no times or every 0 days? FHIR forbids it, and it must reach the rules (book 1.5.6)."""
    lines = [line for entry in bundle.get("entry", ()) for line in entry["resource"].get("dosageInstruction", ())]
    numbers = [number for line in lines for number in line.get("timing", {}).get("repeat", {}).values()]
    return any(isinstance(number, int | float) and number <= 0 for number in numbers)


def test_the_patients_of_the_book_are_valid_fhir() -> None:
    assert set(book_patients()) == {*"ABCDEFGHI", "E-"}
    for patient in book_patients().values():
        validate(transaction(Situation(AS_OF, patient)))


def test_a_chart_for_a_server_keeps_its_ids_to_one_patient() -> None:
    situation = Situation(
        AS_OF, patient_of({"like": "A", "encounter": "outpatient"}), ("pregabalin 75 mg twice daily",)
    )
    entries = transaction(situation, patient_id="p-a")["entry"]
    assert [entry["request"]["url"] for entry in entries] == [
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in entries
    ]
    assert all(entry["resource"]["id"].startswith("p-a") for entry in entries)
    request = fetch_request(situation, Hook.ORDER_SIGN, server="http://127.0.0.1:8103", patient_id="p-a")
    assert "prefetch" not in request
    assert request["context"]["encounterId"] in {entry["resource"]["id"] for entry in entries}


@pytest.mark.parametrize("how", REWORDINGS | REWORDINGS_OF_THE_PRODUCT)
def test_a_rewording_changes_some_request_and_never_the_one_given(how: str) -> None:
    situation = Situation(
        AS_OF,
        patient_of({"like": "A", "also": {"conditions": ["J44.9"]}}),
        ("pregabalin 75 mg twice daily",),
    )
    request = hook_request(situation, Hook.ORDER_SIGN)
    assert reworded(request, how) != request
    assert request == hook_request(situation, Hook.ORDER_SIGN)


# -- what is in the request -----------------------------------------------------------------------------------------


def test_what_is_unknown_is_left_out_and_what_is_not_there_is_an_empty_answer() -> None:
    sent = prefetch(chart(renal_function="unknown", medications="unknown", hbv_markers="incomplete"))
    assert "renal_function" not in sent
    assert "medication_orders" not in sent
    assert sent["encounter"] is None
    assert sent["conditions"] == {"resourceType": "Bundle", "type": "searchset", "total": 0}
    assert sent["hbv_markers"]["link"][0]["relation"] == "next"
    assert "total" not in sent["hbv_markers"]


def test_an_incomplete_answer_may_hold_a_first_page() -> None:
    sent = prefetch(chart(incomplete=["conditions"], unknown="allergies", conditions=["E11.42"]))
    assert len(sent["conditions"]["entry"]) == 1
    assert sent["conditions"]["link"][0]["relation"] == "next"
    assert "allergies" not in sent


def test_selections_name_every_draft_but_those_that_are_context() -> None:
    orders = ("pregabalin 75 mg twice daily", {"order": "tramadol 50 mg twice daily", "selected": False})
    request = hook_request(Situation(AS_OF, {}, orders, ("hbsag",)), Hook.ORDER_SELECT)
    assert request["context"]["selections"] == ["MedicationRequest/draft-1", "ServiceRequest/service-draft-1"]
    assert "selections" not in hook_request(Situation(AS_OF, {}, orders), Hook.ORDER_SIGN)["context"]


def test_a_service_of_a_day_to_come_is_planned_then() -> None:
    [service] = drafts(Situation(AS_OF, {}, (), ("plasma_exchange, in 3 days",)))
    assert (service["authoredOn"], service["occurrenceDateTime"]) == ("2026-06-15", "2026-06-18")


# -- days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [("20 days ago", "2026-05-26"), ("in 3 days", "2026-06-18"), ("2 weeks ago", "2026-06-01"), ("today", "2026-06-15"),
     ("4 months ago", "2026-02-15"), ("1 year ago", "2025-06-15"), (2015, "2015"), ("2019-05", "2019-05"),
     (date(2020, 1, 31), "2020-01-31"), ("undated", None), (None, None)],
)  # fmt: skip
def test_days_are_seen_from_the_day_of_the_case(said: object, expected: str | None) -> None:
    assert fhir_day(said, AS_OF) == expected


def test_months_end_where_they_end() -> None:
    assert fhir_day("1 month ago", date(2026, 3, 31)) == "2026-02-28"
    assert fhir_day("in 1 month", date(2025, 12, 31)) == "2026-01-31"
    assert (day(2015, AS_OF), day("2019-05", AS_OF)) == (date(2015, 1, 1), date(2019, 5, 1))


def test_what_is_no_day_is_refused() -> None:
    assert not is_day("soon")
    with pytest.raises(ValueError, match="no day: 'soon'"):
        fhir_day("soon", AS_OF)


# -- facts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1.0 mg/dL, 20 days ago", {"value": 1, "unit": "mg/dL", "code": "mg/dL"}),
        ("181 umol/L", {"value": 181, "unit": "umol/L", "code": "umol/L"}),
        ("<0.2 mg/dL", {"value": 0.2, "comparator": "<"}),
        ("2.5, 20 days ago", {"value": 2.5}),
        ("2.5 furlongs", {"value": 2.5, "unit": "furlongs"}),
    ],
)
def test_a_quantity_is_sent_with_the_unit_it_is_said_in(said: str, expected: dict[str, Any]) -> None:
    quantity = one("renal_function", creatinine=said)["valueQuantity"]
    assert {name: quantity[name] for name in expected} == expected
    assert ("code" in quantity) == ("/" in said)


def test_the_code_of_a_result_fits_its_unit() -> None:
    assert one("renal_function", creatinine="1.0 mg/dL")["code"]["coding"][0]["code"] == "2160-0"
    assert one("renal_function", creatinine="88 umol/L")["code"]["coding"][0]["code"] == "14682-9"
    named = one("renal_function", creatinine={"value": "1.0 mg/dL", "code": "38483-4", "on": "3 days ago"})
    assert named["code"]["coding"][0]["code"] == "38483-4"
    assert named["effectiveDateTime"] == "2026-06-12"


@pytest.mark.parametrize(("said", "status"), [("pending", "registered"), ("cancelled", "cancelled")])
def test_a_result_that_is_not_there_has_a_status_and_no_value(said: str, status: str) -> None:
    result = one("hbv_markers", hbsag=said)
    assert result["status"] == status
    assert not [name for name in result if name.startswith("value")]


def test_a_qualitative_result_is_coded_and_a_comment_is_text() -> None:
    assert one("hbv_markers", hbsag="negative")["valueCodeableConcept"]["coding"][0]["code"] == "260385009"
    assert one("hbv_markers", hbsag="see comment")["valueString"] == "see comment"
    assert one("toxicity_grades", adverse_event_grade="3")["valueCodeableConcept"]["coding"][0]["code"] == "3"


def test_a_drug_that_was_handed_out_is_a_dispense() -> None:
    dispense = one("medication_dispenses", dispenses=["nivolumab, 26 days ago"])
    assert (dispense["resourceType"], dispense["status"]) == ("MedicationDispense", "completed")
    assert (
        one("medication_dispenses", dispenses=[{"drug": "nivolumab", "status": "preparation"}])["status"]
        == "preparation"
    )


def test_an_age_is_that_of_the_day_of_the_case() -> None:
    assert one("patient", age=60)["birthDate"] == "1966-03-07"
    assert "birthDate" not in one("patient", born="missing", sex="male")
    assert one("patient", born=1966)["birthDate"] == "1966"


def test_a_condition_is_coded_by_the_shape_of_its_code_or_named() -> None:
    def code(said: Any) -> Any:
        concept = one("conditions", conditions=[said])["code"]
        return concept["coding"][0]["code"] if "coding" in concept else concept["text"]

    assert [code(said) for said in ("E11.42", "49455004", "cidp", "tired legs")] == [
        "E11.42", "49455004", "G61.81", "tired legs",
    ]  # fmt: skip
    assert one("conditions", conditions=["G61.0, 5 days ago"])["onsetDateTime"] == "2026-06-10"


def test_what_a_patient_is_like_can_be_replaced_added_to_and_taken_away() -> None:
    patient = patient_of({"like": "A", "age": 76, "serum_creatinine": "none", "also": {"conditions": "J44.9"}})
    assert patient["age"] == 76
    assert patient["conditions"] == ["E11.42", "J44.9"]
    assert "serum_creatinine" not in patient
    assert "J44.9" not in patient_of("A")["conditions"]


def test_a_mapping_says_what_a_line_cannot() -> None:
    order = drafted(
        {"drug": "pregabalin", "lines": [{"dose": "50 mg", "times": 3, "days": 7, "sequence": 1},
                                         {"dose": "100 mg", "code": "BID", "sequence": 2, "after_dialysis": True}],
         "max_per_day": "300 mg", "as_needed": "pain", "ended": "3 days ago", "on": "9 days ago",
         "reason": ["G35", {"text": "burning feet"}]},
        number=2, patient_id=PATIENT_ID, as_of=AS_OF,
    )  # fmt: skip
    validate(order)
    first, second = order["dosageInstruction"]
    assert first["timing"]["repeat"]["boundsDuration"]["value"] == 7
    assert second["timing"]["code"]["coding"][0]["code"] == "BID"
    assert second["additionalInstruction"] == [{"text": "after dialysis"}]
    assert order["dispenseRequest"]["validityPeriod"] == {"start": "2026-06-06", "end": "2026-06-12"}
    assert [reason.get("text") for reason in order["reasonCode"]] == [None, "burning feet"]
    assert drafted(
        {"drug": "pregabalin", "by_name": True, "text": "as directed"}, number=1, patient_id=PATIENT_ID, as_of=AS_OF
    )["medicationCodeableConcept"] == {"text": "pregabalin"}


# -- complaints -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        ("{patient: {shoe_size: 44}}", "a patient has no 'shoe_size'"),
        ("{patient: {copper: 200}}", "no data request of data_requests.yaml asks for 'copper'"),
        ("{patient: {unknown: shoes}}", "no data request 'shoes'"),
        ("{patient: {conditions: [{code: G35, stage: 2}]}}", "a condition knows no 'stage'"),
        ("{patient: {hbsag: {value: negative, colour: blue}}}", "a result knows no 'colour'"),
        ("{patient: {conditions: [{code: G35, severity: awful}]}}", "awful"),
        ("{order: {drug: pregabalin, dosis: 1}}", "an order knows no 'dosis'"),
        ("{order: {drug: pregabalin, lines: [{dose: 5 mg, tines: 3}]}}", "a dose line knows no 'tines'"),
        ("{services: [{service: hbsag, asap: true}]}", "a service request knows no 'asap'"),
    ],
)
def test_a_case_with_a_word_that_is_not_known_is_refused(case: str, complaint: str, tmp_path: Path) -> None:
    [found] = read_cases(written(tmp_path, f"- {case[:-1]}, name: a case, expect: silent}}"))
    with pytest.raises((ValueError, KeyError), match=complaint):
        hook_request(found.situation, Hook.ORDER_SIGN)


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        ("{name: a, expect: silent, partient: A}", "'a'.*a case knows no 'partient'"),
        ("{name: a, expect: {advise: info}}", "expect knows no 'advise'"),
        ("{name: a, expect: loud}", "expect is silent"),
        ("{name: a, expect: silent, hook: order-dispatch}", "order-dispatch"),
        ("{name: a, expect: silent}\n- {name: a, expect: silent}", "two cases are named 'a'"),
    ],
)
def test_a_case_file_that_says_something_else_is_refused_by_name(case: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(CaseNotUnderstood, match=rf"some_card/cases\.yaml: .*{complaint}"):
        list(read_cases(written(tmp_path, f"- {case}")))


def test_each_hook_may_expect_something_else(tmp_path: Path) -> None:
    text = (
        "- {name: a, hook: [order-select, order-sign], expect: {order-select: silent, order-sign: {cannot_tell: true}}}"
    )
    [case] = read_cases(written(tmp_path, text))
    assert {hook.value: expected.kind for hook, expected in case.expected.items()} == {
        "order-select": "silent",
        "order-sign": "cannot_tell",
    }


def written(folder: Path, cases: str) -> Path:
    """A case file."""
    path = folder / "some_card" / "cases.yaml"
    path.parent.mkdir()
    path.write_text(f"as_of: 2026-06-15\ncases:\n{cases}\n", encoding="utf-8")
    return path
