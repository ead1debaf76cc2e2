"""What a prefetch value or a search answer proves: present, absent or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.bundle import Answer, read_answer, subject_id, unknown


def observation(number: int = 1, subject: str | None = "Patient/p1") -> dict:
    resource = {"resourceType": "Observation", "id": f"o{number}"}
    return resource if subject is None else {**resource, "subject": {"reference": subject}}


def bundle(*resources: dict, **more: object) -> dict:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources], **more}


def outcome(*severities: str) -> dict:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity} for severity in severities]}


def read(value: object, **more: object) -> Answer:
    return read_answer(value, patient_id="p1", types=("Observation",), **more)


def test_null_is_known_to_be_empty():
    assert read(None) == Answer("absent")


@pytest.mark.parametrize("entry", [{}, {"entry": []}, {"entry": None}, {"total": 0}])
def test_a_bundle_without_entries_is_known_to_be_empty(entry):
    assert read({"resourceType": "Bundle", **entry}) == Answer("absent")


def test_matches_are_present_in_their_order():
    answer = read(bundle(observation(1), observation(2), total=2))
    assert (answer.state, answer.is_complete, answer.why) == ("present", True, "")
    assert [resource["id"] for resource in answer.resources] == ["o1", "o2"]


def test_one_resource_instead_of_a_bundle_is_one_match_of_perhaps_several():
    assert read(observation()) == Answer("present", (observation(),), is_complete=False)


@pytest.mark.parametrize("kind", ["Patient", "Encounter"])
def test_one_resource_that_is_read_by_its_id_is_all_there_is(kind):
    answer = read_answer({"resourceType": kind, "id": "p1"}, patient_id="p1", types=(kind,))
    assert (answer.state, answer.is_complete) == ("present", True)


def test_a_bundle_that_does_not_say_that_it_is_one_is_read():
    assert read({"entry": [{"resource": observation()}]}).state == "present"


def test_an_entry_sent_as_an_object_is_read():
    assert read({"resourceType": "Bundle", "entry": {"resource": observation()}}).state == "present"


def test_a_resource_in_the_place_of_its_entry_is_read():
    answer = read({"resourceType": "Bundle", "total": 2, "entry": [observation(1), observation(2)]})
    assert (answer.state, answer.is_complete, len(answer.resources)) == ("present", True, 2)


@pytest.mark.parametrize("matches", [[observation()], [{"resource": observation()}]])
def test_matches_without_their_bundle_count_and_are_perhaps_not_all(matches):
    """As client libraries give them that take search results apart."""
    assert read(matches) == Answer("present", (observation(),), is_complete=False)


@pytest.mark.parametrize(
    "matches", [[], [None], ["x"], [{"id": "o1"}], [{"resourceType": "Flag"}], [outcome("warning")]]
)
def test_a_list_without_matches_proves_nothing(matches):
    answer = read(matches)
    assert (answer.state, bool(answer.why)) == ("unknown", True)


def test_nothing_but_another_patients_matches_is_unknown():
    answer = read([observation(1, "Patient/p2")])
    assert (answer.state, answer.foreign) == ("unknown", 1)


def test_the_patient_in_a_list_is_all_there_is():
    answer = read_answer([{"resourceType": "Patient", "id": "p1"}], patient_id="p1", types=("Patient",))
    assert (answer.state, answer.is_complete) == ("present", True)


def test_the_wrapper_of_cqf_ruler_is_opened():
    assert read({"response": {"status": "200 OK"}, "resource": bundle(observation())}).state == "present"
    assert read({"response": {"status": "404"}, "resource": None}).state == "unknown"


@pytest.mark.parametrize("severity", ["fatal", "error", "warning", "information"])
def test_an_outcome_instead_of_the_answer_means_that_the_query_failed(severity):
    assert read(outcome(severity)) == unknown("the query failed")


@pytest.mark.parametrize("severities", [("error",), ("fatal",), ("warning", "error"), ()])
def test_an_error_inside_a_bundle_means_that_the_query_failed(severities):
    assert read(bundle(outcome(*severities))) == unknown("the query failed")


@pytest.mark.parametrize("severities", [("error",), ("fatal",), ("warning", "error"), ()])
def test_matches_beside_an_error_count_and_are_not_all_there_is(severities):
    answer = read(bundle(observation(), outcome(*severities), total=1))
    assert answer == Answer("present", (observation(),), is_complete=False, why="the query failed")


def test_foreign_records_beside_an_error_are_no_matches():
    foreign = {**observation(), "subject": {"reference": "Patient/somebody-else"}}
    assert read(bundle(foreign, outcome("error"))) == unknown("the query failed")


def test_an_outcome_without_severity_does_not_say_that_the_query_worked():
    assert read(bundle({"resourceType": "OperationOutcome", "issue": [{"code": "processing"}]})).state == "unknown"


@pytest.mark.parametrize("severity", ["warning", "information"])
def test_a_bundle_with_only_a_harmless_outcome_is_known_to_be_empty(severity):
    assert read(bundle(outcome(severity), total=0)) == Answer("absent")


def test_a_harmless_outcome_beside_matches_changes_nothing():
    answer = read(bundle(observation(), outcome("warning"), total=1))
    assert (answer.state, answer.is_complete) == ("present", True)


NEXT = [{"relation": "self", "url": "a"}, {"relation": "next", "url": "https://ehr.example.org/next"}]


def test_a_first_page_with_matches_is_present_and_not_complete():
    answer = read(bundle(observation(), link=NEXT))
    assert (answer.state, answer.is_complete) == ("present", False)
    assert answer.next_url == "https://ehr.example.org/next"


def test_a_first_page_without_matches_proves_nothing():
    answer = read(bundle(link=NEXT))
    assert (answer.state, answer.why) == ("unknown", "only part of the record was sent")
    assert answer.next_url == "https://ehr.example.org/next"


@pytest.mark.parametrize("address", [{}, {"url": 5}, {"url": None}, {"url": ""}])
def test_a_next_page_without_a_readable_address_is_a_page_unread(address):
    following = {"link": [{"relation": "self", "url": "s"}, {"relation": "next", **address}]}
    answer = read(bundle(observation(), **following))
    assert (answer.state, answer.is_complete, answer.next_url) == ("present", False, None)
    assert read(bundle(**following)).state == "unknown"


def test_a_link_to_the_page_itself_is_no_next_page():
    assert read(bundle(observation(), link=[{"relation": "self", "url": "s"}, {"relation": "last"}])).is_complete


def test_a_total_above_the_matches_means_that_a_page_is_missing():
    assert not read(bundle(observation(), total=9)).is_complete
    assert read(bundle(total=9)).state == "unknown"


@pytest.mark.parametrize("total", ["9", 9.0, 1.5, "many", "nan", [9], {"value": 9}])
def test_a_total_in_another_shape_is_no_proof_that_nothing_was_found(total):
    assert read({"resourceType": "Bundle", "total": total}).state == "unknown"
    assert not read(bundle(observation(), total=total)).is_complete


@pytest.mark.parametrize("total", [0.0, "0", -1, False])
def test_a_total_of_nothing_in_another_shape_is_known_to_be_empty(total):
    assert read({"resourceType": "Bundle", "total": total}) == Answer("absent")


@pytest.mark.parametrize("total", [1.0, "1", 0])
def test_a_total_in_another_shape_that_the_matches_reach_is_complete(total):
    assert read(bundle(observation(), total=total)).is_complete


def test_a_record_that_came_twice_counts_once_towards_the_total():
    assert not read(bundle(observation(1), observation(1), total=2)).is_complete
    assert read(bundle(observation(1), observation(2), observation(2), total=2)).is_complete


def test_a_record_that_came_twice_is_read_once():
    assert read(bundle(observation(1), observation(2), observation(1))).resources == (observation(1), observation(2))


def test_records_that_differ_are_all_read_whatever_their_id():
    other = {**observation(1), "status": "amended"}
    assert read(bundle(observation(1), other, observation(1))).resources == (observation(1), other)
    nameless = {name: value for name, value in observation(1).items() if name != "id"}
    assert len(read(bundle(observation(2), observation(2), nameless, dict(nameless))).resources) == 3


@pytest.mark.parametrize("own", [{}, {"id": 7}])
def test_records_without_a_readable_id_all_count_towards_the_total(own):
    one = {"resourceType": "Observation", "subject": {"reference": "Patient/p1"}, **own}
    assert read(bundle(one, one, total=2)).is_complete


def test_included_resources_do_not_count_towards_the_total():
    included = {"search": {"mode": "include"}, "resource": {"resourceType": "Medication", "id": "m"}}
    answer = read({"resourceType": "Bundle", "total": 1, "entry": [{"resource": observation()}, included]})
    assert answer.is_complete
    assert answer.included == ({"resourceType": "Medication", "id": "m"},)


def test_an_empty_search_with_included_resources_only_is_known_to_be_empty():
    included = {"search": {"mode": "include"}, "resource": {"resourceType": "Medication", "id": "m"}}
    assert read({"resourceType": "Bundle", "entry": [included]}).state == "absent"


def test_an_entry_without_a_resource_means_that_something_was_left_unread():
    odd = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1"}, "junk", {"resource": observation()}]}
    assert not read(odd).is_complete
    assert read({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1"}]}).state == "unknown"


@pytest.mark.parametrize("kind", [None, 7, ["Observation"]])
def test_a_resource_that_does_not_say_what_it_is_is_left_unread(kind):
    untyped = {"resourceType": kind, "id": "o2", "valueQuantity": {"value": 20}}
    answer = read(bundle(observation(), untyped, total=2))
    assert (answer.state, answer.is_complete, len(answer.resources)) == ("present", False, 1)
    assert read(bundle({"id": "o2", "valueQuantity": {"value": 20}})).state == "unknown"


def test_entries_beyond_the_limit_count_as_unread():
    answer = read(bundle(*map(observation, range(5))), at_most=3)
    assert (len(answer.resources), answer.is_complete) == (3, False)
    assert read(bundle(*map(observation, range(3))), at_most=3).is_complete


@pytest.mark.parametrize(
    "value",
    [
        "<html>",
        7,
        [],
        {},
        {"resourceType": "Binary"},
        {"resource": "x"},
        True,
        {"resourceType": {}},
        {"error": "x", "entry": []},
        {"entry": None},
    ],
)
def test_what_is_no_answer_is_unknown(value):
    answer = read(value)
    assert answer.state == "unknown"
    assert answer.why


def test_a_bundle_of_other_resources_is_unknown():
    assert read(bundle({"resourceType": "Condition", "id": "c"})).why == "not the resources that were asked for"
    assert read(bundle({"resourceType": ["Observation"], "id": "c"})).state == "unknown"


def test_another_patients_resources_are_left_out_and_counted():
    answer = read(bundle(observation(1), observation(2, "Patient/p2")))
    assert ([r["id"] for r in answer.resources], answer.foreign) == (["o1"], 1)
    assert answer.is_complete


def test_nothing_but_another_patients_resources_is_unknown():
    answer = read(bundle(observation(1, "Patient/p2")))
    assert (answer.state, answer.foreign) == ("unknown", 1)
    assert read(observation(1, "Patient/p2")).state == "unknown"


def test_no_subject_and_an_unresolvable_one_are_no_mismatch():
    kept = bundle(observation(1, None), observation(2, "urn:uuid:2f8a6f0c-1f0d-4d4b-9a55-3b6f0a7d9c21"))
    assert len(read(kept).resources) == 2


def test_a_subject_is_followed_to_another_patient_of_the_same_bundle():
    own, other, nameless = "urn:uuid:1", "urn:uuid:2", "urn:uuid:3"
    several = bundle(observation(1, own), observation(2, other), observation(3, nameless), observation(4, "urn:uuid:4"))
    for address, logical_id in ((own, "p1"), (other, "newborn"), (nameless, None)):
        patient = {"resourceType": "Patient", "id": logical_id}
        several["entry"].append({"fullUrl": address, "resource": patient, "search": {"mode": "include"}})
    answer = read(several)
    assert ([r["id"] for r in answer.resources], answer.foreign) == (["o1", "o3", "o4"], 1)


@pytest.mark.parametrize(
    ("resource", "about"),
    [
        ({"subject": {"reference": "Patient/p1"}}, "p1"),
        ({"subject": {"reference": "https://ehr.example.org/fhir/Patient/p1"}}, "p1"),
        ({"subject": {"reference": "Patient/p1/_history/3"}}, "p1"),
        ({"subject": {"reference": "p1"}}, "p1"),
        ({"subject": [{"reference": "Patient/p1"}]}, "p1"),
        ({"subject": "Patient/p1"}, "p1"),
        ({"patient": {"reference": "Patient/p1"}}, "p1"),  # AllergyIntolerance
        ({"resourceType": "Patient", "id": "p1"}, "p1"),
        ({"resourceType": "Patient", "id": " p1 "}, "p1"),
        ({"resourceType": "Patient", "id": 17}, "17"),
        ({"subject": {"reference": "patient/p1"}}, "p1"),
        ({"subject": {"reference": "Patient//p1/"}}, "p1"),
        ({"subject": {"reference": "Group/g1"}}, "Group/g1"),
        ({"subject": {"reference": "https://ehr.example.org/fhir/device/7"}}, "device/7"),
        ({"subject": {"reference": "Patient?identifier=http://hospital.example.org/mrn|123"}}, None),
        ({"subject": {"reference": "https://ehr.example.org/fhir/Patient(p1)"}}, None),
        ({"subject": {"reference": "https://ehr.example.org/p1"}}, None),
        ({"subject": {"reference": "/"}}, None),
        ({"subject": {"reference": "urn:uuid:2f8a"}}, None),
        ({"subject": {"reference": "#patient"}}, None),
        ({"subject": {"identifier": {"value": "123"}}}, None),
        ({"subject": {"display": "somebody"}}, None),
        ({"subject": 5}, None),
        ({"resourceType": "Patient"}, None),
        ({"resourceType": "Patient", "id": ""}, None),
        ({"resourceType": "Patient", "id": ["p1"]}, None),
        ({}, None),
    ],
)
def test_whom_a_resource_is_about(resource, about):
    assert subject_id(resource) == about


def test_a_result_about_a_group_or_a_place_is_not_the_patients():
    assert read(observation(1, "Location/p1")).state == "unknown"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "Bundle", "Observation", "next", "error"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "entry",
                    "resource",
                    "search",
                    "mode",
                    "link",
                    "relation",
                    "url",
                    "total",
                    "issue",
                    "severity",
                    "subject",
                    "patient",
                    "reference",
                    "id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(value=JSON)
def test_no_shape_of_an_answer_stops_the_reading(value):
    assert read(value).state in ("present", "absent", "unknown")
