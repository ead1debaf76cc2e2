"""Orders as senders write them → the orders that rules are asked about."""

from datetime import UTC, date, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cards.concepts import load_value_sets
from cards.orders import Amount, Cap, DoseLine, MedicationOrder, Route, ServiceOrder
from cards.pharmacology.daily_dose import order_dose
from cds_service.chart.orders import is_reviewed, read_discontinuation, read_medication_order, read_service_order

VALUE_SETS = load_value_sets()
RXNORM, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://unitsofmeasure.org"
PREGABALIN_75 = {"coding": [{"system": RXNORM, "code": "483450", "display": "pregabalin 75 MG Oral Capsule"}]}
PREGABALIN = {"coding": [{"system": RXNORM, "code": "187832"}], "text": "pregabalin"}
SOLUTION = {"coding": [{"system": RXNORM, "code": "898715"}]}  # 20 mg/mL
TWICE = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}


def quantity(value: object, unit: str | None = None) -> dict:
    return {"value": value} if unit is None else {"value": value, "system": UCUM, "code": unit}


def dose_line(value: object, unit: str | None = None, **more: object) -> dict:
    return {"timing": TWICE, "doseAndRate": [{"doseQuantity": quantity(value, unit)}], **more}


def request(*lines: dict, **more: object) -> dict:
    return {
        "resourceType": "MedicationRequest",
        "id": "103",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": PREGABALIN_75,
        "dosageInstruction": list(lines),
        **more,
    }


def read(resource: dict, *, is_draft: bool = True, zone: timezone = UTC) -> MedicationOrder:
    order = read_medication_order(resource, value_sets=VALUE_SETS, zone=zone, resolve=lambda _: None, is_draft=is_draft)
    assert order is not None
    return order


def on_record(resource: dict) -> MedicationOrder | None:
    return read_medication_order(resource, value_sets=VALUE_SETS, zone=UTC, resolve=lambda _: None)


def line(value: object, unit: str | None = None, concept: dict = PREGABALIN_75, **more: object) -> DoseLine:
    return read(request(dose_line(value, unit, **more), medicationCodeableConcept=concept)).lines[0]


# -- which drafts are reviewed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draft",
    [
        {},  # the sandbox sends no intent
        {"status": "draft"},
        {"status": "active"},  # signed again after a revision
        {"status": "Draft "},
        {"intent": "order"},
        {"intent": "original-order"},
        {"intent": "reflex-order"},
        {"intent": "filler-order"},
        {"intent": "instance-order"},
        {"doNotPerform": False},
        {"status": None, "intent": None},
    ],
)
def test_a_draft_order_is_reviewed(draft):
    assert is_reviewed(draft)


@pytest.mark.parametrize(
    "draft",
    [
        {"doNotPerform": True},
        *({"status": status} for status in ("on-hold", "cancelled", "completed", "entered-in-error", "stopped",
            "unknown", "revoked")),
        *({"intent": intent} for intent in ("proposal", "plan", "option", "directive")),
    ],
)  # fmt: skip
def test_plans_refusals_and_orders_that_are_over_are_not_reviewed(draft):
    assert not is_reviewed(draft)
    order = request(**draft)
    assert read_medication_order(order, value_sets=VALUE_SETS, zone=UTC, resolve=lambda _: None, is_draft=True) is None


# -- the order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "ends"), [("stopped", True), ("cancelled", True), ("draft", False), ("on-hold", False)]
)
def test_a_draft_that_takes_an_order_back(status, ends):
    draft = request(dose_line(75, "mg"), status=status, priorPrescription={"reference": "MedicationRequest/77"})
    ended = read_discontinuation(draft, value_sets=VALUE_SETS, zone=UTC, resolve=lambda _: None)
    assert (ended is not None) == ends
    if ended is not None:
        assert (ended.status, ended.drug.name, ended.replaces) == ("stopped", "pregabalin", {"MedicationRequest/77"})


def test_a_whole_order():
    order = read(
        request(
            dose_line(1, "{capsule}", sequence=1, text="1 capsule twice daily", route={"text": "Oral"}),
            authoredOn="2026-06-15T08:00:00Z",
            reasonCode=[{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.42"}]}],
            dispenseRequest={
                "expectedSupplyDuration": quantity(30, "d"),
                "numberOfRepeatsAllowed": 5,
                "quantity": {"value": 60, "unit": "capsule"},
            },
            priorPrescription={"reference": "MedicationRequest/9"},
            note=[{"text": "take with\nfood"}, {"text": "call first"}],
        )
    )
    assert (order.id, order.status, order.is_draft, order.is_selected) == (
        "MedicationRequest/103", "draft", True, True,
    )  # fmt: skip
    assert order.drug.is_a("pregabalin")
    assert (order.route, order.lines[0].route) == (Route.ORAL, Route.ORAL)
    assert (order.authored_on, order.ended_on) == (date(2026, 6, 15), None)
    assert [reason.code for reason in order.reasons] == ["E11.42"]
    assert (order.supply_days, order.refills, order.quantity) == (30, 5, Amount(60, 60, "count"))
    assert (order.replaces, order.note) == ({"MedicationRequest/9"}, "take with food call first")
    assert order.lines[0].amount == Amount(1, 1, "count")
    assert order_dose(order).final_mg == 150


def test_an_order_with_nothing_in_it():
    """The CDS Hooks sandbox fires before any drug is chosen."""
    order = read({"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"})
    assert (order.drug.concepts, order.lines) == (frozenset(), ())


def test_an_order_without_an_id():
    assert read(request(id=None)).id == ""


def test_the_sandbox_counts_pills():
    order = read(request(dose_line(2, "{pill}"), category={"text": "outpatient"}))
    assert (order.lines[0].amount, order_dose(order).final_mg) == (Amount(2, 2, "count"), 300)


def test_days_are_those_of_the_sites_zone():
    sydney = timezone(timedelta(hours=10))
    assert read(request(authoredOn="2026-06-14T20:00:00Z"), zone=sydney).authored_on == date(2026, 6, 15)
    assert read(request(dateWritten="2026-06-14")).authored_on == date(2026, 6, 14)  # DSTU2


@pytest.mark.parametrize(("repeats", "refills"), [(0, 0), (5, 5), ("3", 3), (None, None), ("many", None), (True, None)])
def test_refills(repeats, refills):
    assert read(request(dispenseRequest={"numberOfRepeatsAllowed": repeats})).refills == refills


@pytest.mark.parametrize(
    ("dispense", "days"),
    [
        ({"expectedSupplyDuration": {"value": 4, "unit": "weeks"}}, 28),
        ({"expectedSupplyDuration": {"value": 30}}, None),
        ({"expectedSupplyDuration": 30}, None),
        ([{"expectedSupplyDuration": quantity(7, "d")}], 7),
        (None, None),
    ],
)
def test_the_supply_in_days(dispense, days):
    assert read(request(dispenseRequest=dispense)).supply_days == days


@pytest.mark.parametrize(
    ("amount", "read_as"),
    [
        ({"value": 60}, Amount(60, 60, "count")),
        ({"value": 480, "unit": "mL"}, Amount(480, 480, "mL")),
        ({"unit": "mL"}, None),
        (60, None),
    ],
)
def test_the_quantity_dispensed(amount, read_as):
    assert read(request(dispenseRequest={"quantity": amount})).quantity == read_as


@pytest.mark.parametrize(
    ("element", "replaces"),
    [
        ({"priorPrescription": {"reference": "https://ehr.example/fhir/MedicationRequest/9/_history/1"}},
            {"MedicationRequest/9"}),
        ({"priorPrescription": {"reference": "9"}}, {"MedicationRequest/9"}),
        ({"basedOn": [{"reference": "urn:uuid:9"}, {"reference": "CarePlan/1"}]}, {"MedicationRequest/9",
            "CarePlan/1"}),
        ({"replaces": {"reference": "MedicationRequest/9"}}, {"MedicationRequest/9"}),
        ({"priorPrescription": [None, 7, {"identifier": {"value": "1"}}]}, set()),
    ],
)  # fmt: skip
def test_what_an_order_replaces(element, replaces):
    assert read(request(**element)).replaces == replaces


@pytest.mark.parametrize(
    "note", ["call first", {"text": "call first"}, [{"text": "call first"}], ["call first", None, {}]]
)
def test_notes_in_every_shape(note):
    assert read(request(note=note)).note == "call first"


def test_a_stated_reason_may_be_an_object():
    reason = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M79.7"}]}
    assert [one.is_a("fibromyalgia") for one in read(request(reasonCode=reason)).reasons] == [True]


# -- doses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["{pill}", "{tablet}", "{capsule}", "{Capsule}", "1"])
def test_counts_of_the_product_in_ucum(unit):
    assert line(1, unit).amount == Amount(1, 1, "count")


@pytest.mark.parametrize("unit", ["tablet(s)", "cap(s)", "CAPSULE(S)", "Tab(s)", "TABS"])
def test_counts_of_the_product_in_words(unit):
    order = read(request({"timing": TWICE, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": unit}}]}))
    assert order.lines[0].amount == Amount(1, 1, "count")


def test_counts_of_the_product_in_other_code_systems():
    snomed = {"value": 1, "unit": "tablet", "system": "http://snomed.info/sct", "code": "428673006"}
    form = {
        "value": 1,
        "unit": "TAB",
        "system": "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm",
        "code": "TAB",
    }
    for written in (snomed, form):
        order = read(request({"timing": TWICE, "doseAndRate": [{"doseQuantity": written}]}))
        assert order.lines[0].amount == Amount(1, 1, "count")


def test_a_number_without_a_unit_is_a_count_when_it_can_be_nothing_else():
    assert line(1).amount == Amount(1, 1, "count")  # Synthea
    assert line(10).amount == Amount(10, 10, "count")
    assert line(2, concept=PREGABALIN).amount == Amount(2, 2, "count")


@pytest.mark.parametrize(
    ("value", "concept"),
    [(75, PREGABALIN_75), (150, PREGABALIN_75), (37.5, PREGABALIN_75), (11, PREGABALIN_75), (5, SOLUTION)],
)
def test_a_number_without_a_unit_that_may_be_the_amount_is_not_guessed(value, concept):
    read_line = line(value, concept=concept)
    assert read_line.amount is None
    assert read_line.unreadable == "a dose without a unit that can be a count or an amount"


@pytest.mark.parametrize(
    ("unit", "read_as"),
    [("mg", "mg"), ("g/kg", "g/kg"), ("mg/kg", "mg/kg"), ("mg/m2", "mg/m2"), ("mL", "mL"), ("{patch}", "{patch}")],
)
def test_other_units_are_kept(unit, read_as):
    assert line(75, unit).amount == Amount(75, 75, read_as)


def test_the_words_of_a_unit_become_its_code():
    order = read(request({"timing": TWICE, "doseQuantity": {"value": 75, "unit": "milligram"}}))
    assert order.lines[0].amount == Amount(75, 75, "mg")


def test_ranges_caps_and_conditions():
    read_line = read(
        request(
            {
                "timing": TWICE,
                "doseAndRate": [{"doseRange": {"low": quantity(50, "mg"), "high": quantity(100, "mg")}}],
                "asNeededBoolean": True,
                "maxDosePerPeriod": {"numerator": quantity(2, "{capsule}"), "denominator": quantity(24, "h")},
                "additionalInstruction": [{"text": "after dialysis"}],
            }
        )
    ).lines[0]
    assert read_line.amount == Amount(50, 100, "mg")
    assert (read_line.as_needed, read_line.after_dialysis) == (True, True)
    assert read_line.cap == Cap(Amount(2, 2, "count"), 1)


@pytest.mark.parametrize("value", [0, -75])
def test_zero_and_negative_doses_reach_the_rules(value):
    assert line(value, "mg").amount == Amount(value, value, "mg")


def test_impossible_timings_reach_the_rules():
    never = {"repeat": {"frequency": 1, "period": 0, "periodUnit": "wk"}}
    timing = line(30, "g", timing=never).timing
    assert timing is not None
    assert (timing.frequency, timing.period, timing.period_unit) == (1, 0, "wk")


def test_text_alone_is_parsed_or_unreadable():
    parsed = read(request({"text": "Take 1 capsule by mouth twice daily"}))
    assert (parsed.lines[0].from_text, order_dose(parsed).status, order_dose(parsed).final_mg) == (
        True,
        "parsed-text",
        150,
    )
    unread = read(request({"text": "Take 1 capsule twice daily with food"}))
    assert (order_dose(unread).status, bool(unread.lines[0].unreadable)) == ("unknown", True)


def test_code_and_text_that_disagree_make_a_counted_dose_unknown():
    wrong = {**PREGABALIN_75, "text": "pregabalin 150 MG Oral Capsule"}
    assert order_dose(read(request(dose_line(1, "{capsule}"), medicationCodeableConcept=wrong))).status == "unknown"
    assert order_dose(read(request(dose_line(75, "mg"), medicationCodeableConcept=wrong))).final_mg == 150


BARE = {"timing": {"repeat": {"count": 20}}}  # how often is left to the words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1, "{capsule}", "take 5 capsules twice daily"),
        (1, "CAP", "take 5 capsules twice daily"),
        (75, "mg", "take 2 capsules twice daily"),
        (2, "{capsule}", "75 mg twice daily"),
        (1, "{capsule}", "take 1-2 capsules twice daily"),
        (75, "MG", "150 mg twice daily"),
    ],
)
def test_text_and_dose_that_disagree_make_the_dose_unknown(value, unit, text):
    read_line = line(value, unit, text=text, **BARE)
    assert (read_line.unreadable, read_line.only_timing_unreadable) == ("the text and the dose disagree", False)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1, "CAP", "take 1 capsule twice daily"),
        (75, "mg", "take 1 capsule twice daily"),
        (2, "{capsule}", "150 mg twice daily"),
        (75, "{puff}", "take 2 capsules twice daily"),  # nothing to compare
    ],
)
def test_text_and_dose_that_agree_complete_each_other(value, unit, text):
    assert line(value, unit, text=text, **BARE).unreadable == ""


@pytest.mark.parametrize(
    ("value", "code", "words", "is_clear"),
    [
        (150, "mg", "Milligram", True),
        (1, "{tbl}", "Tablet(s)", True),
        (1, "1", "capsule", True),
        (150, "mg", "per sig", True),  # words that name no unit we know
        (1, "{puff}", "capsule", True),
        (150, "g", "mg", False),
        (75, "{capsule}", "mg", False),
        (1, "mg", "capsule", False),
    ],
)
def test_a_unit_whose_code_and_words_disagree_is_not_understood(value, code, words, is_clear):
    dose = {"value": value, "unit": words, "system": "http://unitsofmeasure.org", "code": code}
    read_line = read(request({"doseAndRate": [{"doseQuantity": dose}], **BARE})).lines[0]
    assert read_line.unreadable == ("" if is_clear else "the unit's code and its words disagree")


def test_what_a_dose_by_body_size_comes_to_is_read():
    ordered = {"type": {"text": "ordered"}, "doseQuantity": quantity(1, "mg/kg")}
    calculated = {"type": {"text": "calculated"}, "doseQuantity": quantity(80, "mg")}
    read_line = read(request({"doseAndRate": [ordered, calculated]})).lines[0]
    assert (read_line.amount, read_line.calculated) == (Amount(1, 1, "mg/kg"), Amount(80, 80, "mg"))
    assert line(75, "mg").calculated is None


def test_words_are_fit_to_be_shown():
    read_line = line(75, "mg", text="75 mg\r\ntwice\u200b daily", patientInstruction="as\tsaid")
    assert (read_line.text, read_line.patient_instruction) == ("75 mg twice daily", "as said")


# -- vectors of the book (1.11) --------------------------------------------------------------------------------------


def at(value: float, unit: str, repeat: dict, **more: object) -> dict:
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(value, unit)}], **more}


DAY = {"period": 1, "periodUnit": "d"}
WEEK = {"boundsDuration": quantity(7, "d")}
MONTH = {"boundsDuration": quantity(30, "d")}


@pytest.mark.parametrize(
    ("lines", "mg"),
    [
        (
            [at(75, "mg", {"frequency": 2, **DAY}), at(150, "mg", {"frequency": 1, **DAY, "when": ["HS"]})],
            (300, 300, 300),
        ),
        (
            [
                at(50, "mg", {"frequency": 3, **DAY, **WEEK}, sequence=1),
                at(100, "mg", {"frequency": 3, **DAY}, sequence=2),
            ],
            (150, 300, 300),
        ),
        ([at(1, "{capsule}", {"frequency": 1, "period": 12, "periodUnit": "h"})], (150, 150, 150)),
        ([{"timing": {"code": {"text": "QOD"}}, "doseAndRate": [{"doseQuantity": quantity(150, "mg")}]}], (75, 75, 75)),
        ([at(75, "mg", {"frequency": 2, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "wed", "fri"]})], None),
        ([at(75, "mg", {"timeOfDay": ["08:00:00", "20:00:00"]})], (150, 150, 150)),
    ],
)
def test_daily_doses_of_the_book(lines, mg):
    dose = order_dose(read(request(*lines)))
    assert (dose.start_mg, dose.final_mg, dose.peak_mg) == pytest.approx(mg or (450 / 7,) * 3)


def test_a_code_that_contradicts_the_repeat_makes_the_dose_unknown():
    timing = {"code": {"text": "BID"}, "repeat": {"frequency": 3, **DAY}}
    assert order_dose(read(request(dose_line(75, "mg", timing=timing)))).status == "unknown"


# -- orders on record ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "read_as"),
    [("active", "active"), ("on-hold", "on-hold"), ("completed", "completed"), ("stopped", "stopped"), ("ended",
        "completed"), (None, "unknown")],
)  # fmt: skip
def test_the_status_of_an_order_on_record(status, read_as):
    order = on_record(request(status=status))
    assert order is not None
    assert (order.status, order.is_draft) == (read_as, False)


@pytest.mark.parametrize(
    "element",
    [{"status": "entered-in-error"}, {"status": "cancelled"}, {"status": "draft"}, {"status": "active",
        "intent": "plan"},
     {"status": "active", "doNotPerform": True}],
)  # fmt: skip
def test_what_was_never_given_is_no_order_on_record(element):
    assert on_record(request(**element)) is None


BOUNDS = {"boundsPeriod": {"start": "2026-01-01", "end": "2026-03-31"}}
REVERSED = {"boundsPeriod": {"start": "2026-01-01", "end": "2025-03-31"}}


@pytest.mark.parametrize(
    ("resource", "ended_on"),
    [
        (request(at(75, "mg", BOUNDS), status="completed"), date(2026, 3, 31)),
        (request(at(75, "mg", BOUNDS), at(75, "mg", DAY), status="completed"), None),  # one line without an end
        (request(at(75, "mg", REVERSED), status="completed"), None),  # a slip of the year?
        (request(at(75, "mg", WEEK), status="completed", authoredOn="2026-01-01"), date(2026, 1, 8)),
        (request(at(75, "mg", WEEK), status="completed"), None),  # a week from when?
        (request(at(75, "mg", WEEK), at(50, "mg", WEEK), status="active", authoredOn="2026-01-01"), date(2026, 1, 8)),
        (request(at(75, "mg", WEEK), at(50, "mg", MONTH), status="active", authoredOn="2026-01-01"), None),  # in turn?
        (
            request(
                at(75, "mg", WEEK, sequence=1), at(50, "mg", WEEK, sequence=2), status="active", authoredOn="2026-01-01"
            ),
            None,
        ),
        (request({"text": "x"}, status="completed"), None),
        (request(status="stopped", statusChanged="2026-02-01"), date(2026, 2, 1)),  # R5
        (request(at(75, "mg", BOUNDS), status="stopped", statusChanged="2026-02-01"), date(2026, 2, 1)),
        (request(status="active", statusChanged="2026-02-01"), None),
        (request(status="stopped", dateEnded="2026-02-01"), date(2026, 2, 1)),  # DSTU2
        (request(status="active", effectiveDosePeriod={"end": "2026-02-01"}), date(2026, 2, 1)),  # R5
        (request(at(75, "mg", {"boundsDuration": quantity(1e9, "d")}), status="active", authoredOn="2026-01-01"), None),
    ],
)
def test_the_day_an_order_ended(resource, ended_on):
    order = on_record(resource)
    assert order is not None
    assert order.ended_on == ended_on


def test_the_last_day_on_which_it_may_be_dispensed_is_kept_apart_from_its_end():
    order = on_record(request(status="stopped", dispenseRequest={"validityPeriod": {"end": "2026-02-01"}}))
    assert (order.ended_on, order.valid_until) == (None, date(2026, 2, 1))
    assert on_record(request(status="stopped", dispenseRequest={"numberOfRepeatsAllowed": 1})).valid_until is None


# -- service requests ------------------------------------------------------------------------------------------------


def service(is_draft: bool = True, **element: object) -> ServiceOrder | None:
    resource = {"resourceType": "ServiceRequest", "id": "7", **element}
    return read_service_order(resource, value_sets=VALUE_SETS, zone=UTC, resolve=lambda _: None, is_draft=is_draft)


def loinc(code: str) -> dict:
    return {"coding": [{"system": "http://loinc.org", "code": code, "display": "HBsAg"}]}


@pytest.mark.parametrize("code", [loinc("5195-3"), {"concept": loinc("5195-3")}])  # R4, R5
def test_a_drafted_test_is_known_by_its_code(code):
    order = service(code=code, authoredOn="2026-06-15", occurrenceDateTime="2026-06-18")
    assert order is not None
    assert ("hbsag" in order.concepts, order.by_text, order.code, order.display) == (True, False, "5195-3", "HBsAg")
    assert (order.id, order.status, order.is_draft) == ("ServiceRequest/7", "draft", True)
    assert (order.authored_on, order.planned_on) == (date(2026, 6, 15), date(2026, 6, 18))


def test_a_test_or_a_procedure_known_by_its_words_is_marked():
    order = service(code={"text": "Plasma exchange"}, status="active")
    assert order is not None
    assert ("plasma_exchange" in order.concepts, order.by_text) == (True, True)


@pytest.mark.parametrize(
    "element",
    [
        {"occurrencePeriod": {"start": "2026-06-18"}},
        {"occurrenceTiming": {"event": ["2026-06-18"]}},
        {"occurrenceTiming": {"repeat": {"boundsPeriod": {"start": "2026-06-18"}}}},
    ],
)
def test_the_day_a_service_is_planned_for(element):
    order = service(code={"text": "x"}, **element)
    assert order is not None
    assert order.planned_on == date(2026, 6, 18)


@pytest.mark.parametrize(
    "element", [{"status": "revoked"}, {"status": "entered-in-error"}, {"intent": "proposal"}, {"doNotPerform": True}]
)
def test_a_service_that_is_withdrawn_or_only_proposed_is_no_order(element):
    assert service(code=loinc("5195-3"), **element) is None
    assert service(is_draft=False, code=loinc("5195-3"), **{"status": "active", **element}) is None


def test_a_test_drafted_on_record_counts_as_ordered():
    order = service(is_draft=False, code=loinc("5195-3"), status="draft")
    assert order is not None
    assert (order.status, order.is_draft) == ("draft", False)


def test_a_service_without_a_code():
    order = service()
    assert order is not None
    assert (order.concepts, order.display) == (frozenset(), "")


# -- nothing raises --------------------------------------------------------------------------------------------------

PLAIN = st.sampled_from([None, True, 0, -1, 2.5, "", "mg", "d", "75", "2026-06", "#1", "Condition/1"])
NAMES = [
    "value", "unit", "code", "coding", "text", "reference", "display", "doseQuantity", "repeat", "system", "concept"
]  # fmt: skip
ODD = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=5,
)
ELEMENTS = [
    "id", "medicationCodeableConcept", "medicationReference", "medication", "dosageInstruction", "dispenseRequest",
    "reason",
    "reasonCode", "reasonReference", "note", "contained", "authoredOn", "priorPrescription", "basedOn", "code",
    "occurrenceTiming", "occurrencePeriod", "effectiveDosePeriod",
]  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(ELEMENTS), ODD, max_size=5))
def test_no_shape_raises(resource):
    order = read_medication_order(resource, value_sets=VALUE_SETS, zone=UTC, resolve=lambda _: None, is_draft=True)
    assert order is not None
    assert order_dose(order).status in ("known", "parsed-text", "unknown")
    assert service(**resource) is not None
