"""Prefetch first, then the FHIR server for what is missing; known, not there and not to be had are told apart."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import responses

from cards.catalogue import load_data_requests
from cards.concepts import load_value_sets
from cds_service.config import Limits
from cds_service.errors import OtherPatient
from cds_service.fhir.bundle import Answer
from cds_service.hooks.collect import Collected, collect
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers, NoFhirServer
from cds_service.hooks.medications import Medications
from cds_service.hooks.request import HookRequest, parse_request
from tests.cds_service.hooks.loopback_server import LoopbackServer

EHR = "https://ehr.example.org/fhir"
PATIENT = {"resourceType": "Patient", "id": "p-1", "birthDate": "1966-05-01"}
CREATININE = {
    "resourceType": "Observation",
    "id": "o-1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
    "subject": {"reference": "Patient/p-1"},
}
OTHERS = {**CREATININE, "id": "o-9", "subject": {"reference": "Patient/p-2"}}
NONE = {"resourceType": "Bundle", "type": "searchset", "total": 0}
UNSUPPLIED = NoFhirServer()


def searchset(*resources, **more) -> dict:
    entry = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entry, **more}


def outcome(severity: str) -> dict:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def hook_request(prefetch=None, *, drafts=(), **context) -> HookRequest:
    entry = [{"resource": draft} for draft in drafts]
    body = {
        "hook": "order-sign",
        "hookInstance": "6f0f8f7e-5f3b-4b8e-9d8f-3c1d6a1f0001",
        "context": {
            "userId": "Practitioner/1",
            "patientId": "p-1",
            "draftOrders": {"resourceType": "Bundle", "entry": entry},
            **context,
        },
    }
    if prefetch is not None:
        body["prefetch"] = prefetch
    return parse_request(orjson.dumps(body), at_most_entries=500)


def collected(request: HookRequest, *needs: str, server=UNSUPPLIED, at_most: int = 500) -> Collected:
    return collect(
        request,
        [load_data_requests()[need] for need in needs],
        server,
        Medications(request),
        value_sets=load_value_sets(),
        as_of=date(2026, 6, 15),
        at_most=at_most,
    )


def had_nothing(got: Collected) -> bool:
    return got.could_have_none_of(got.asked_for)


def prefetched(value, need: str = "renal_function", server=UNSUPPLIED) -> Answer:
    return collected(hook_request({need: value}), need, server=server).answers[need]


@pytest.fixture
def servers():
    with_defaults = FhirServers(Limits())
    yield with_defaults
    with_defaults.close()


@pytest.fixture
def ehr(servers):
    return servers.of_call(EHR, {"access_token": "opaque-7"}, AddressPolicy())


@pytest.fixture
def fhir():
    """What the EHR answers, by resource type or as the parameters sent say; a type that is not set: nothing found."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        answers = {"Patient": PATIENT}

        def answer(request):
            kind = urlsplit(request.url).path.split("/")[2]
            body = answers.get(kind, NONE)
            body = body(parse_qs(urlsplit(request.url).query)) if callable(body) else body
            status, body = body if isinstance(body, tuple) else (200, body)
            return status, {"Content-Type": "application/fhir+json"}, orjson.dumps(body)

        mock.add_callback(responses.GET, re.compile(r"https://ehr\.example\.org/.*"), callback=answer)
        mock.answers = answers
        yield mock


def asked(fhir) -> list[str]:
    return sorted(urlsplit(call.request.url).path.removeprefix("/fhir/") for call in fhir.calls)


# -- prefetch alone -----------------------------------------------------------------------------------------------


def test_null_means_that_the_client_has_none():
    """PRE-02."""
    assert prefetched(None) == Answer("absent")


def test_an_empty_searchset_means_that_there_is_none():
    """PRE-02, PRE-07."""
    assert prefetched(NONE).state == "absent"


def test_a_searchset_with_results_is_present():
    answer = prefetched(searchset(CREATININE, total=1))
    assert (answer.state, answer.resources, answer.is_complete) == ("present", (CREATININE,), True)


def test_a_resource_is_present():
    assert prefetched(PATIENT, "patient") == Answer("present", (PATIENT,))


def test_a_key_that_is_not_there_is_unknown():
    """PRE-03."""
    got = collected(hook_request({}), "renal_function").answers["renal_function"]
    assert (got.state, got.why) == ("unknown", "not supplied")


def test_without_prefetch_every_key_is_unknown_with_the_reason_why_no_server_was_asked():
    got = collected(hook_request(), "patient", "renal_function", server=NoFhirServer("address not allowed"))
    assert {answer.state for answer in got.answers.values()} == {"unknown"}
    assert {answer.why for answer in got.answers.values()} == {"address not allowed"}
    assert had_nothing(got)


@pytest.mark.parametrize("value", [outcome("error"), outcome("warning"), searchset(outcome("fatal")), 7, "<html>", {}])
def test_a_query_of_the_client_that_failed_is_unknown(value):
    """PRE-06."""
    assert prefetched(value).state == "unknown"


@pytest.mark.parametrize("severity", ["warning", "information"])
def test_a_searchset_with_nothing_but_a_remark_is_empty(severity):
    """PRE-07."""
    assert prefetched(searchset(outcome(severity))).state == "absent"


def test_the_wrong_resource_is_unknown():
    assert prefetched(PATIENT).state == "unknown"


def test_a_first_page_only_is_incomplete_and_without_a_match_unknown():
    next_page = [{"relation": "next", "url": f"{EHR}?page=2"}]
    with_match = prefetched(searchset(CREATININE, link=next_page))
    assert (with_match.state, with_match.is_complete) == ("present", False)
    assert prefetched({**NONE, "link": next_page}).state == "unknown"


def test_more_entries_than_are_read_make_the_answer_incomplete():
    request = hook_request({"renal_function": searchset(CREATININE, {**CREATININE, "id": "o-2"}, total=2)})
    answer = collected(request, "renal_function", at_most=1).answers["renal_function"]
    assert (len(answer.resources), answer.is_complete) == (1, False)


def test_results_of_another_patient_stay_out():
    """PRE-12."""
    answer = prefetched(searchset(CREATININE, OTHERS))
    assert (answer.resources, answer.foreign) == ((CREATININE,), 1)
    assert prefetched(searchset(OTHERS)).state == "unknown", "nothing but another patient's proves nothing"


def test_keys_that_were_not_asked_for_are_ignored():
    """PRE-13."""
    request = hook_request({"renal_function": searchset(CREATININE, total=1), "everything": searchset(OTHERS)})
    assert set(collected(request, "renal_function").answers) == {"renal_function"}


def test_the_prefetch_that_was_used_is_named():
    request = hook_request({"patient": PATIENT, "conditions": None, "renal_function": outcome("error")})
    got = collected(request, "patient", "conditions", "renal_function", "body_size")
    assert got.satisfied_by_prefetch == ("patient", "conditions")


@pytest.mark.parametrize("nothing", [None, NONE])
def test_a_patient_that_the_client_does_not_have_is_unknown_and_not_asked_for(ehr, fhir, nothing):
    """PRE-02: no query; but the call is about somebody, who has an age and a sex."""
    got = collected(hook_request({"patient": nothing, "conditions": None}), "patient", "conditions", server=ehr)
    assert (got.answers["patient"].state, got.answers["conditions"].state) == ("unknown", "absent")
    assert not had_nothing(got)
    assert asked(fhir) == []


# -- the encounter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sent", "state"), [({}, "absent"), ({"encounter": "not found"}, "unknown")])
def test_a_call_outside_any_encounter_has_none_and_does_not_ask(ehr, fhir, sent, state):
    got = collected(hook_request(sent), "encounter", "patient", server=ehr)
    assert got.answers["encounter"].state == state
    assert asked(fhir) == ["Patient/p-1"]


def test_an_encounter_that_nobody_asks_for_is_not_something_that_was_had():
    assert had_nothing(collected(hook_request(), "encounter", "patient"))


def test_the_encounter_of_the_hook_is_read(ehr, fhir):
    fhir.answers["Encounter"] = {"resourceType": "Encounter", "id": "e-1", "subject": {"reference": "Patient/p-1"}}
    got = collected(hook_request(encounterId="e-1"), "encounter", server=ehr)
    assert got.answers["encounter"].state == "present"
    assert asked(fhir) == ["Encounter/e-1"]


@pytest.mark.parametrize(
    "encounter",
    [
        {"resourceType": "Encounter", "id": "e-2", "subject": {"reference": "Patient/p-1"}},
        {"resourceType": "Encounter", "id": "e-1", "subject": {"reference": "Patient/p-2"}},
    ],
)
def test_another_encounter_or_another_patients_is_unknown(encounter):
    got = collected(hook_request({"encounter": encounter}, encounterId="e-1"), "encounter")
    assert got.answers["encounter"].state == "unknown"


def test_beside_another_encounter_that_of_the_hook_comes_first():
    both = [{"resourceType": "Encounter", "id": one, "subject": {"reference": "Patient/p-1"}} for one in ("e-2", "e-1")]
    sent = {"resourceType": "Bundle", "entry": [{"resource": one} for one in both]}
    got = collected(hook_request({"encounter": sent}, encounterId="e-1"), "encounter").answers["encounter"]
    assert [one["id"] for one in got.resources] == ["e-1", "e-2"]
    other = collected(hook_request({"encounter": sent}, encounterId="e-3"), "encounter")
    assert other.answers["encounter"].state == "unknown"


# -- the FHIR server ----------------------------------------------------------------------------------------------


def test_with_everything_prefetched_no_server_is_asked(ehr, fhir):
    """PRE-01."""
    request = hook_request({"patient": PATIENT, "conditions": None, "renal_function": NONE})
    got = collected(request, "patient", "conditions", "renal_function", server=ehr)
    assert not fhir.calls
    assert not had_nothing(got)


def test_only_what_is_missing_is_fetched(ehr, fhir):
    """PRE-03."""
    fhir.answers["Condition"] = searchset({"resourceType": "Condition", "id": "c-1"}, total=1)
    got = collected(hook_request({"patient": PATIENT}), "patient", "conditions", "procedures", server=ehr)
    assert asked(fhir) == ["Condition", "Procedure"]
    assert len(fhir.calls) == 2
    states = {name: answer.state for name, answer in got.answers.items()}
    assert states == {"patient": "present", "conditions": "present", "procedures": "absent"}
    assert got.satisfied_by_prefetch == ("patient",)


@pytest.mark.parametrize("failed", [outcome("error"), searchset(outcome("error")), searchset(OTHERS), "<html>"])
def test_what_the_client_could_not_get_is_tried_once(ehr, fhir, failed):
    """PRE-06."""
    fhir.answers["Observation"] = searchset(CREATININE, total=1)
    answer = prefetched(failed, server=ehr)
    assert (answer.state, answer.resources) == ("present", (CREATININE,))
    assert len(fhir.calls) == 1


@pytest.mark.parametrize(
    ("reply", "is_complete"),
    [
        (searchset({**CREATININE, "id": "o-2"}, CREATININE, total=2), True),
        (searchset(OTHERS), False),
        (NONE, False),
        ((503, outcome("error")), False),
    ],
)
def test_a_query_of_the_client_that_failed_after_some_matches_is_tried_once(ehr, fhir, reply, is_complete):
    """PRE-06. The matches count where nothing better comes (book 0.6)."""
    fhir.answers["Observation"] = reply
    answer = prefetched(searchset(CREATININE, outcome("error")), server=ehr)
    assert (answer.state, answer.is_complete, len(fhir.calls)) == ("present", is_complete, 1)
    assert CREATININE in answer.resources


def test_matches_beside_an_error_of_the_server_count(ehr, fhir):
    fhir.answers["Observation"] = searchset(CREATININE, outcome("error"))
    answer = collected(hook_request(), "renal_function", server=ehr).answers["renal_function"]
    assert (answer.state, answer.resources, answer.is_complete) == ("present", (CREATININE,), False)


def test_the_search_asks_for_the_codes_and_not_for_dates(ehr, fhir):
    collected(hook_request(), "renal_function", server=ehr)
    query = parse_qs(urlsplit(fhir.calls[0].request.url).query)
    assert query["patient"] == ["p-1"]
    assert "http://loinc.org|2160-0" in query["code"][0].split(",")
    assert set(query) == {"patient", "code", "_sort", "_count"}
    assert query["_count"] == ["500"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503, 302])
def test_a_query_that_fails_is_unknown_and_the_others_stand(ehr, fhir, status):
    fhir.answers["Condition"] = (status, outcome("error"))
    got = collected(hook_request(), "patient", "conditions", server=ehr)
    assert got.answers["conditions"].state == "unknown"
    assert "FHIR server" in got.answers["conditions"].why
    assert got.answers["patient"].state == "present"
    assert not had_nothing(got)


@pytest.mark.parametrize("refused", ["_count", "_include"])
def test_a_server_that_refuses_what_others_pass_over_is_asked_as_the_template_asks(ehr, fhir, refused):
    """PRE-21. HAPI, for one, answers 400 to an `_include` that it does not know."""
    order = {"resourceType": "MedicationRequest", "id": "m-1", "subject": {"reference": "Patient/p-1"}}
    fhir.answers["MedicationRequest"] = lambda sent: (
        (400, outcome("error")) if refused in sent else searchset(order, total=1)
    )
    answer = collected(hook_request(), "medication_orders", server=ehr).answers["medication_orders"]
    assert (answer.state, answer.resources, answer.is_complete) == ("present", (order,), True)
    assert parse_qs(urlsplit(fhir.calls[1].request.url).query) == {"patient": ["p-1"]}


def test_what_a_server_refuses_as_the_template_asks_is_unknown(ehr, fhir):
    fhir.answers["MedicationRequest"] = fhir.answers["Patient"] = (400, outcome("error"))
    got = collected(hook_request(), "patient", "medication_orders", server=ehr)
    assert {answer.why for answer in got.answers.values()} == {"the FHIR server did not accept the query"}
    assert asked(fhir) == ["MedicationRequest", "MedicationRequest", "Patient/p-1"], "a read is asked for once"


@pytest.mark.parametrize("status", [404, 410])
def test_a_patient_that_the_server_does_not_have_is_unknown(ehr, fhir, status):
    fhir.answers["Patient"] = (status, outcome("error"))
    got = collected(hook_request(), "patient", server=ehr)
    assert got.answers["patient"].why == "the FHIR server does not have it"
    assert had_nothing(got)


@pytest.mark.parametrize(
    ("kind", "need", "lie"),
    [
        ("Patient", "patient", NONE),
        ("Patient", "patient", CREATININE),
        ("Observation", "renal_function", CREATININE),
        ("Observation", "renal_function", outcome("information")),
        ("Observation", "renal_function", searchset(OTHERS)),
        ("Observation", "renal_function", searchset(PATIENT)),
        ("Observation", "renal_function", searchset(outcome("error"))),
        ("Observation", "renal_function", {**NONE, "total": 3}),
    ],
)
def test_an_answer_to_another_question_is_unknown(ehr, fhir, kind, need, lie):
    fhir.answers[kind] = lie
    assert collected(hook_request(), need, server=ehr).answers[need].state == "unknown"


def test_a_server_that_gives_another_patient_refuses_the_call(ehr, fhir):
    """Book 0.7.2."""
    fhir.answers["Patient"] = {**PATIENT, "id": "p-2"}
    with pytest.raises(OtherPatient) as refusal:
        collected(hook_request(), "patient", "renal_function", server=ehr)
    assert refusal.value.field == "fhirServer"
    assert "p-2" not in refusal.value.text


def test_a_patient_of_the_server_without_an_id_is_no_other(ehr, fhir):
    fhir.answers["Patient"] = {"resourceType": "Patient", "birthDate": "1966-05-01"}
    assert collected(hook_request(), "patient", server=ehr).answers["patient"].state == "present"


def test_when_every_query_fails_nothing_could_be_had(ehr, fhir):
    """PRE-10."""
    fhir.answers.update({"Patient": (500, {}), "Condition": (403, {})})
    assert had_nothing(collected(hook_request(), "patient", "conditions", server=ehr))


def test_known_to_be_empty_is_something_that_was_had(ehr, fhir):
    fhir.answers["Patient"] = (500, {})
    assert not had_nothing(collected(hook_request({"conditions": None}), "patient", "conditions", server=ehr))


def test_the_next_pages_of_a_prefetched_bundle_are_read(ehr, fhir):
    """PRE-08."""
    second = {**CREATININE, "id": "o-2"}
    fhir.answers["Observation"] = searchset(second)
    first = searchset(CREATININE, total=2, link=[{"relation": "next", "url": f"{EHR}/Observation?page=2"}])
    answer = prefetched(first, server=ehr)
    assert answer.resources == (CREATININE, second)
    assert answer.is_complete
    assert [call.request.url for call in fhir.calls] == [f"{EHR}/Observation?page=2"]


def test_the_next_pages_of_an_empty_first_one_are_read(ehr, fhir):
    fhir.answers["Observation"] = searchset(CREATININE)
    first = {"resourceType": "Bundle", "link": [{"relation": "next", "url": f"{EHR}/Observation?page=2"}]}
    assert prefetched(first, server=ehr).resources == (CREATININE,)
    assert [call.request.url for call in fhir.calls] == [f"{EHR}/Observation?page=2"]


def test_the_next_pages_of_a_wrapped_bundle_are_read(ehr, fhir):
    fhir.answers["Observation"] = searchset({**CREATININE, "id": "o-2"})
    first = searchset(CREATININE, link=[{"relation": "next", "url": f"{EHR}/Observation?page=2"}])
    answer = prefetched({"response": {"status": "200"}, "resource": first}, server=ehr)
    assert (len(answer.resources), answer.is_complete) == (2, True)


@pytest.mark.parametrize("url", [f"{EHR}/Observation?page=2", "https://evil.example/Observation?page=2"])
def test_a_next_page_that_cannot_be_had_leaves_the_first_incomplete(ehr, fhir, url):
    fhir.answers["Observation"] = (500, {})
    answer = prefetched(searchset(CREATININE, link=[{"relation": "next", "url": url}]), server=ehr)
    assert (answer.resources, answer.is_complete) == ((CREATININE,), False)


@pytest.mark.parametrize(
    "first",
    [
        searchset(CREATININE, total=2),
        searchset(CREATININE, link=[{"relation": "next", "url": "https://evil.example/Observation?page=2"}]),
        searchset(CREATININE, link=[{"relation": "next"}]),
        {**NONE, "total": None, "entry": [{"resource": CREATININE}, {"response": {"status": "500"}}]},
        CREATININE,
    ],
    ids=["total", "next page elsewhere", "next page nowhere", "entry without its resource", "one match alone"],
)
def test_what_a_prefetched_answer_lacks_is_asked_for(ehr, fhir, first):
    """The service compares what arrived with its templates and fetches the rest."""
    second = {**CREATININE, "id": "o-2"}
    fhir.answers["Observation"] = searchset(CREATININE, second, total=2)
    answer = prefetched(first, server=ehr)
    assert (answer.resources, answer.is_complete) == ((CREATININE, second), True)
    assert len(fhir.calls) == 1


@pytest.mark.parametrize("less", [searchset(total=3), searchset(CREATININE, total=3), (503, {}), NONE])
def test_matches_of_prefetch_stay_where_the_server_gives_less(ehr, fhir, less):
    fhir.answers["Observation"] = less
    second = {**CREATININE, "id": "o-2"}
    answer = prefetched(searchset(CREATININE, second, total=3), server=ehr)
    assert (answer.resources, answer.is_complete) == ((CREATININE, second), False)


def test_what_is_beyond_the_entries_that_are_read_is_not_asked_for(ehr, fhir):
    first = searchset(CREATININE, {**CREATININE, "id": "o-2"}, total=2)
    got = collected(hook_request({"renal_function": first}), "renal_function", server=ehr, at_most=1)
    assert not got.answers["renal_function"].is_complete
    assert not fhir.calls


def test_a_slow_next_page_leaves_what_was_prefetched():
    slow = LoopbackServer(lambda call: call.wait(10))
    servers = FhirServers(Limits(fhir_seconds=0.3))
    try:
        server = servers.of_call(slow.base, {}, AddressPolicy(is_on_loopback=True))
        first = searchset(CREATININE, link=[{"relation": "next", "url": f"{slow.base}/Observation?page=2"}])
        request = hook_request({"renal_function": first})
        answers = collected(request, "renal_function", "patient", server=server).answers
    finally:
        servers.close()
        slow.stop()
    assert answers["renal_function"].resources == (CREATININE,)
    assert not answers["renal_function"].is_complete
    assert answers["patient"].why == "the FHIR server did not answer in time"
