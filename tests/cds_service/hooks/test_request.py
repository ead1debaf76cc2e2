"""Reading a hook call: cds-hooks.md sections 3.1, 3.2 and 8, certification.md A2 and A3, shapes of real senders."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from cards.orders import Hook
from cds_service.errors import InvalidRequest, StrippedCall
from cds_service.hooks.request import HookRequest, parse_request
from tests.cds_service.trusted import trusted

Resource = dict[str, Any]


def order(number: str = "1", **more: Any) -> Resource:
    return {"resourceType": "MedicationRequest", "id": number, "subject": {"reference": "Patient/p1"}, **more}


def bundle(*resources: Resource, **more: Any) -> Resource:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources], **more}


def call(hook: str = "order-sign", context: Resource | None = None, **root: Any) -> Resource:
    context = {"userId": "Practitioner/d1", "patientId": "p1", "draftOrders": bundle(order()), **(context or {})}
    return {"hook": hook, "hookInstance": "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93", "context": context, **root}


def parsed(body: Any, **more: Any) -> HookRequest:
    return parse_request(body if isinstance(body, bytes) else json.dumps(body).encode(), at_most_entries=500, **more)


def refused(body: Any, **more: Any) -> str:
    """The field that is named when this body is refused; the value found must not be repeated."""
    with pytest.raises(InvalidRequest) as refusal:
        parsed(body, **more)
    assert "Smith" not in refusal.value.text
    return refusal.value.field


def without(body: Resource, *path: str) -> Resource:
    *parents, last = path
    inner = body
    for name in parents:
        inner = inner[name]
    del inner[last]
    return body


def chosen(request: HookRequest) -> list[str]:
    return [draft.resource["id"] for draft in request.drafts if draft.is_selected]


# -- the envelope -------------------------------------------------------------------------------------------------


def test_req_01_a_call_is_read():
    request = parsed(
        call(context={"encounterId": "e1"}, prefetch={"patient": None}, fhirServer="https://ehr.example/r4")
    )
    assert (request.hook, request.patient_id, request.user_id) == (Hook.ORDER_SIGN, "p1", "Practitioner/d1")
    assert (request.encounter_id, request.fhir_server) == ("e1", "https://ehr.example/r4")
    assert request.prefetch == {"patient": None}
    assert [draft.resource["id"] for draft in request.drafts] == ["1"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"hook": "order-sign"} extra', b"\xef\xbb\xbf{}", b'{"a": NaN}', b'{"a": "\\ud800"}', b"[" * 10_000],
    ids=["empty", "unbalanced", "two values", "byte-order mark", "NaN", "lone surrogate", "10,000 deep"],
)
def test_req_04_and_req_10_what_is_not_one_json_value_is_refused(body: bytes):
    assert refused(body) == "body"


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ('"\\ud800"', "no low surrogate in string (at character 11)"),
        ("1e999", "number is infinity when parsed as double (at character 10)"),
        ('"\\xSmith"', "invalid escaped sequence in string (at character 11)"),
    ],
)
def test_req_04_why_a_body_is_no_json_is_said_and_where(value: str, cause: str):
    with pytest.raises(InvalidRequest) as refusal:
        parsed(f'{{"Smith": {value}}}'.encode())
    assert refusal.value.diagnostics == cause
    assert "half a surrogate pair or a number beyond 1e308" in refusal.value.text


@pytest.mark.parametrize("body", [[], "order-sign", 7, None, [{}]])
def test_req_04_a_body_that_is_no_object_is_refused(body: Any):
    assert refused(body) == "body"


@pytest.mark.parametrize("field", ["hook", "hookInstance", "context"])
@pytest.mark.parametrize("value", [None, 7, [], "", " ", ["Smith"], True])
def test_req_2_3_7_a_required_field_that_is_mistyped_or_empty_is_named(field: str, value: Any):
    assert refused({**call(), field: value}) == field


@pytest.mark.parametrize("field", ["hook", "hookInstance", "context"])
def test_req_2_3_7_a_required_field_that_is_missing_is_named(field: str):
    assert refused(without(call(), field)) == field


def test_req_05_a_hook_that_is_not_offered_here_is_refused():
    assert refused(call("order-sign"), hook=Hook.ORDER_SELECT) == "hook"
    assert refused(call("patient-view")) == "hook"
    assert refused(call("medication-prescribe"), hook=Hook.ORDER_SIGN) == "hook"


@pytest.mark.parametrize(
    "instance", ["6e8f0c1a-0000-1000-8000-00805f9b34fb", "D1577C69-DFBE-44AD-BA6D-3E05E953B2EA", "x"]
)
def test_req_06_any_uuid_and_any_other_text_is_taken_as_hook_instance(instance: str):
    assert parsed({**call(), "hookInstance": instance}).instance == instance


@pytest.mark.parametrize("extension", [{"org.example": {"a": False}}, [{"url": "x", "valueString": "y"}], "text", 7])
def test_req_08_jsn_6_jsn_8_unknown_members_and_extensions_of_any_type_are_ignored(extension: Any):
    body = call(
        context={"x-unknown": [1], "extension": extension},
        extension=extension,
        user="Practitioner/d1",
        fhirServer="https://ehr.example/r4",
        fhirAuthorization={"access_token": "t", "token_type": "Bearer", "expires_in": 300, "x-unknown": 1},
    )
    assert parsed(body).patient_id == "p1"


def test_jsn_9_null_in_an_optional_field_reads_as_absent():
    nothing = {"fhirServer": None, "fhirAuthorization": None, "prefetch": None, "extension": None}
    request = parsed(call("order-select", context={"encounterId": None, "selections": None}, **nothing))
    assert (request.encounter_id, request.fhir_server, request.authorization, request.prefetch) == ("", "", {}, {})
    assert chosen(request) == ["1"]


@pytest.mark.parametrize("value", [7, "https", [], True])
def test_an_optional_field_of_another_type_reads_as_absent(value: Any):
    request = parsed(call(context={"encounterId": 7}, prefetch=value, fhirAuthorization=value, fhirServer=7))
    assert (request.encounter_id, request.fhir_server, request.authorization, request.prefetch) == ("", "", {}, {})


def test_log_02_what_a_call_holds_is_not_in_its_representation():
    request = parsed(call(fhirServer="https://ehr.example", fhirAuthorization={"access_token": "secret"}))
    assert repr(request) == "HookRequest(order-sign)"


# -- context ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["patientId", "userId", "draftOrders"])
def test_ctx_01_a_missing_required_context_field_is_named(field: str):
    assert refused(without(call(), "context", field)) == f"context.{field}"


@pytest.mark.parametrize("field", ["patientId", "userId", "draftOrders"])
@pytest.mark.parametrize("value", [None, 7, [], "", ["Smith"]])
def test_ctx_01_a_mistyped_required_context_field_is_named(field: str, value: Any):
    assert refused(call(context={field: value})) == f"context.{field}"


@pytest.mark.parametrize(
    "user", ["Practitioner/1", "PractitionerRole/1", "Patient/1", "RelatedPerson/1", "Smith", "Klingon/1"]
)
def test_ctx_02_any_kind_of_user_is_taken(user: str):
    assert parsed(call(context={"userId": user})).user_id == user


def test_ctx_03_the_encounter_is_optional():
    assert parsed(call()).encounter_id == ""


@pytest.mark.parametrize(
    "patient", ["p1", "Patient/p1", " p1 ", "https://ehr.example/r4/Patient/p1", "Patient/p1/_history/3"]
)
def test_ctx_04_a_patient_id_written_as_reference_is_read_as_id(patient: str):
    assert parsed(call(context={"patientId": patient})).patient_id == "p1"


def test_ctx_04_a_reference_without_id_is_no_patient_id():
    assert refused(call(context={"patientId": "Patient/"})) == "context.patientId"


@pytest.mark.parametrize(
    "patient",
    ["Group/Smith", "../Smith", "a/b", "p 1", "p\n1", "p1?_format=xml", "p1#x", "mrn|Smith", "p1\x00", "Patient/p1/x"],
)
def test_ctx_04_what_cannot_be_an_id_is_no_patient_id(patient: str):
    body = call(context={"patientId": patient, "draftOrders": bundle(order(subject={}))})
    assert refused(body) == "context.patientId"


@pytest.mark.parametrize("patient", ["..", "%2e", "p_1", "p~1", "p,1", "p$1", "e:1", "ü", "p1&x=2"])
def test_ctx_04_other_ids_than_fhir_allows_are_taken(patient: str):
    assert parsed(call(context={"patientId": patient, "draftOrders": bundle()})).patient_id == patient


@pytest.mark.parametrize("encounter", ["e1", "Encounter/e1"])
def test_an_encounter_id_written_as_reference_is_read_as_id(encounter: str):
    assert parsed(call(context={"encounterId": encounter})).encounter_id == "e1"


def test_ids_of_200_characters_with_dots_and_dashes_are_taken():
    long_id = "e.1-" * 50
    request = parsed(call(context={"patientId": long_id, "draftOrders": bundle(order(long_id, subject={}))}))
    assert (request.patient_id, request.drafts[0].resource["id"]) == (long_id, long_id)


# -- draft orders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drafts",
    [
        bundle(),
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "entry": None},
        {},
        {"resourceType": "Bundle", "entry": [{}, {"resource": None}, {"fullUrl": "urn:uuid:1"}]},
    ],
    ids=["no entries", "no entry member", "null entry", "empty object", "entries without resource"],
)
def test_ctx_09_a_bundle_without_any_order_is_read(drafts: Resource):
    assert parsed(call(context={"draftOrders": drafts})).drafts == ()


def test_hk_5_a_bundle_without_type_or_resource_type_is_read():
    entries = {"entry": [{"resource": order()}]}
    assert len(parsed(call(context={"draftOrders": entries})).drafts) == 1


def test_an_order_where_its_entry_should_be_is_read():
    drafts = {"resourceType": "Bundle", "entry": [order("1"), {"resource": order("2"), "resourceType": "Bundle"}]}
    request = parsed(call(context={"draftOrders": drafts}))
    assert chosen(request) == ["1", "2"]
    assert list(request.exact_drafts()) == ["MedicationRequest/1", "MedicationRequest/2"]


def test_an_entry_that_is_an_object_instead_of_a_list_is_read():
    drafts = {"resourceType": "Bundle", "entry": {"resource": order()}}
    assert len(parsed(call(context={"draftOrders": drafts})).drafts) == 1


def test_ctx_09_an_order_without_medication_intent_status_or_subject_is_read():
    bare = {"resourceType": "MedicationRequest", "id": "request-123"}
    assert parsed(call(context={"draftOrders": bundle(bare)})).drafts[0].resource == bare


def test_ctx_08_resources_that_are_no_drug_orders_do_not_disturb():
    others = [{"resourceType": kind, "id": "1"} for kind in ("NutritionOrder", "DeviceRequest", "Invented")]
    assert len(parsed(call(context={"draftOrders": bundle(order(), *others, {})})).drafts) == 5


def test_private_fields_and_two_orders_of_one_id_do_not_disturb():
    drafts = bundle(order("1", _resolvedMedication={"resourceType": "Medication"}), order("1"))
    assert len(parsed(call("order-select", {"draftOrders": drafts, "selections": ["MedicationRequest/1"]})).drafts) == 2


@pytest.mark.parametrize(
    ("drafts", "field"),
    [
        (order(), "context.draftOrders"),
        ([bundle(order())], "context.draftOrders"),
        ({"resource": order()}, "context.draftOrders"),
        ({"entries": [{"resource": order()}]}, "context.draftOrders"),
        ({"type": "collection"}, "context.draftOrders"),
        ({"resourceType": "Bundle", "entry": ["Smith"]}, "context.draftOrders.entry[0]"),
        ({"resourceType": "Bundle", "entry": [{}, {"resource": "{}"}]}, "context.draftOrders.entry[1].resource"),
    ],
    ids=[
        "a single order",
        "a list",
        "an entry alone",
        "entries",
        "no member of a Bundle's",
        "an entry of text",
        "a resource as escaped text",
    ],
)
def test_draft_orders_of_the_wrong_shape_are_named(drafts: Any, field: str):
    assert refused(call(context={"draftOrders": drafts})) == field


def test_more_draft_orders_than_are_read_are_refused_not_cut():
    body = orjson.dumps(call(context={"draftOrders": bundle(order("1"), order("2"))}))
    assert len(parse_request(body, at_most_entries=2).drafts) == 2
    with pytest.raises(InvalidRequest, match="at most 1 entries"):
        parse_request(body, at_most_entries=1)


def test_req_10_a_draft_too_deep_to_be_sent_back_is_refused():
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert refused(call(context={"draftOrders": bundle(order(extension=deep))})) == "body"


# -- selections ---------------------------------------------------------------------------------------------------


def select(*selections: Any, drafts: Resource | None = None) -> HookRequest:
    drafts = drafts or bundle(order("1"), order("2"))
    return parsed(call("order-select", {"draftOrders": drafts, "selections": list(selections)}))


def test_ctx_05_ctx_06_the_selected_order_is_told_from_its_context():
    assert chosen(select("MedicationRequest/2")) == ["2"]


def test_hk_7_a_selection_by_full_url_absolute_address_or_bare_id_is_found():
    drafts = bundle(order("1"), order("2"))
    drafts["entry"][1]["fullUrl"] = "urn:uuid:cb5e"
    assert chosen(select("urn:uuid:cb5e", drafts=drafts)) == ["2"]
    assert chosen(select("https://ehr.example/r4/MedicationRequest/2")) == ["2"]
    assert chosen(select("2")) == ["2"]


def test_hk_7_a_selection_that_leads_nowhere_is_passed_over():
    assert chosen(select("MedicationRequest/2", "MedicationRequest/9", 7, None, {})) == ["2"]


def test_hk_7_selections_that_lead_nowhere_are_counted():
    absolute = "https://ehr.example/r4/MedicationRequest/1"
    assert select("MedicationRequest/2", absolute).dangling_selections == 0
    assert select("MedicationRequest/2", "MedicationRequest/9", 7, "").dangling_selections == 3


@pytest.mark.parametrize("selections", [[], ["MedicationRequest/9"], [""], [7]])
def test_hk_7_without_any_selection_that_is_found_all_drafts_are_meant(selections: list[Any]):
    assert chosen(select(*selections)) == ["1", "2"]


def test_hk_7_selections_that_are_missing_or_a_bare_text_are_understood():
    assert chosen(parsed(call("order-select", {"draftOrders": bundle(order("1"), order("2"))}))) == ["1", "2"]
    as_text = {"draftOrders": bundle(order("1"), order("2")), "selections": "MedicationRequest/2"}
    assert chosen(parsed(call("order-select", as_text))) == ["2"]


def test_hk_7_orders_without_an_id_or_with_an_odd_one_are_not_selected_by_accident():
    drafts = bundle({"resourceType": "MedicationRequest"}, order(["x"]), order("2"))
    assert [draft.is_selected for draft in select("MedicationRequest/2", drafts=drafts).drafts] == [False, False, True]


def group(*actions: Any) -> Resource:
    return {"resourceType": "RequestGroup", "id": "g", "subject": {"reference": "Patient/p1"}, "action": list(actions)}


@pytest.mark.parametrize(
    ("actions", "selected"),
    [
        ([{"resource": {"reference": "MedicationRequest/2"}}], ["g", "2"]),
        ([{"action": [{"title": "day 1"}, {"resource": {"reference": "MedicationRequest/1"}}]}], ["g", "1"]),
        ([{"resource": {"reference": "https://ehr.example/r4/MedicationRequest/2"}}], ["g", "2"]),
        ([{"resource": {"reference": "MedicationRequest/9"}}, {"resource": 7}, None], ["g"]),
    ],
)
def test_ctx_05_with_a_group_its_orders_are_selected(actions: list[Any], selected: list[str]):
    """A regimen is selected as a whole, as HL7's codex-mopa does; its drugs are drafts beside it."""
    assert chosen(select("RequestGroup/g", drafts=bundle(group(*actions), order("1"), order("2")))) == selected


def test_ctx_05_a_group_that_is_not_selected_selects_nothing():
    drafts = bundle(group({"resource": {"reference": "MedicationRequest/2"}}), order("1"), order("2"))
    assert chosen(select("MedicationRequest/1", drafts=drafts)) == ["1"]


def test_hk_3_ctx_07_every_order_is_meant_at_order_sign_whatever_is_selected():
    drafts = bundle(order("1", status="active"), order("2"))
    assert chosen(parsed(call(context={"draftOrders": drafts, "selections": ["MedicationRequest/2"]}))) == ["1", "2"]


# -- other patients (decisions.md), REQ-12, PRE-12 ---------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    [
        "Patient/p1",
        "https://ehr.example/r4/Patient/p1",
        "Patient/p1/_history/3",
        "p1",
        "patient/p1",
        "Patient//p1",
        "Patient?identifier=http://hospital.example/mrn|123",
        "https://ehr.example/r4/Patient(p1)",
        "urn:uuid:0c3151bd",
        "#p",
        "",
        None,
    ],
)
def test_pre_12_the_patient_of_the_call_in_any_form_or_no_subject_is_no_mismatch(subject: str | None):
    assert len(parsed(call(context={"draftOrders": bundle(order(subject={"reference": subject}))})).drafts) == 1
    assert len(parsed(call(context={"patientId": "Patient/p1", "draftOrders": bundle(order())})).drafts) == 1


@pytest.mark.parametrize("subject", [None, {}, {"identifier": {"value": "p2"}}, {"display": "Smith"}])
def test_pre_12_a_subject_without_reference_is_no_mismatch(subject: Any):
    assert len(parsed(call(context={"draftOrders": bundle(order(subject=subject))})).drafts) == 1


@pytest.mark.parametrize("subject", ["Patient/Smith", "https://ehr.example/r4/Patient/Smith", "Smith", "patient/Smith"])
def test_pre_12_a_draft_for_another_patient_is_refused(subject: str):
    drafts = bundle(order("1"), order("2", subject={"reference": subject}))
    assert refused(call(context={"draftOrders": drafts})) == "context.draftOrders.entry[1].resource.subject"


@pytest.mark.parametrize(
    ("resource", "member"),
    [
        ({"resourceType": "NutritionOrder", "patient": {"reference": "Patient/Smith"}}, "patient"),
        ({"resourceType": "NutritionOrder", "subject": None, "patient": {"reference": "Patient/Smith"}}, "patient"),
        ({"resourceType": "DeviceRequest", "subject": {"reference": "Patient/Smith"}}, "subject"),
        ({"resourceType": "Patient", "id": "Smith"}, "id"),
    ],
)
def test_pre_12_the_refusal_of_another_patient_names_the_member_that_says_so(resource: Resource, member: str):
    drafts = bundle(order("1"), resource)
    assert refused(call(context={"draftOrders": drafts})) == f"context.draftOrders.entry[1].resource.{member}"


def test_an_order_about_a_group_or_device_is_left_out():
    others = ("Group/7", "https://ehr.example/r4/Device/7", "location/p1")
    drafts = bundle(*(order("1", subject={"reference": other}) for other in others), order("2"))
    assert chosen(parsed(call(context={"draftOrders": drafts}))) == ["2"]


def patient(own_id: str | None) -> Resource:
    return {"resourceType": "Patient"} if own_id is None else {"resourceType": "Patient", "id": own_id}


@pytest.mark.parametrize(
    "prefetched",
    [
        patient("p1"),
        patient(None),
        None,
        bundle(patient("p1")),
        {"response": {}, "resource": patient("p1")},
        [patient("p1")],
        [patient("Smith"), patient("p1")],
        {"resourceType": "Bundle", "entry": [patient("p1")]},
    ],
)
def test_pre_12_a_prefetched_patient_who_is_the_patient_of_the_call_is_taken(prefetched: Any):
    assert parsed(call(prefetch={"patient": prefetched})).prefetch == {"patient": prefetched}


@pytest.mark.parametrize(
    "prefetched",
    [
        patient("Smith"),
        bundle(patient("Smith")),
        {"response": {}, "resource": patient("Smith")},
        [patient("Smith")],
        [{}, patient("Smith")],
        {"resourceType": "Bundle", "entry": [patient("Smith")]},
        {"entry": [{"resource": patient("Smith")}]},
    ],
)
def test_pre_12_a_prefetched_patient_who_is_another_is_refused(prefetched: Any):
    assert refused(call(prefetch={"patient": prefetched})) == "prefetch.patient"


def test_pre_12_an_id_sent_as_a_number_names_a_patient_too():
    prefetched = {"patient": {"resourceType": "Patient", "id": 17}}
    assert refused(call(prefetch=prefetched)) == "prefetch.patient"
    of_17 = bundle(order(subject={"reference": "Patient/17"}))
    assert parsed(call(context={"patientId": "17", "draftOrders": of_17}, prefetch=prefetched)).patient_id == "17"


def test_pre_12_a_token_for_another_patient_is_refused():
    body = call(fhirServer="https://ehr.example/r4", fhirAuthorization={"access_token": "t", "patient": "Smith"})
    assert refused(body) == "fhirAuthorization.patient"


# -- FHIR access --------------------------------------------------------------------------------------------------


def access(**authorization: Any) -> HookRequest:
    return parsed(call(fhirServer="https://ehr.example/r4", fhirAuthorization=authorization))


@pytest.mark.parametrize(
    "more", [{}, {"patient": "p1"}, {"patient": "Patient/p1"}, {"scope": "patient/Observation.rs"}]
)
def test_aut_1_4_6_a_token_goes_along_with_its_server(more: Resource):
    request = access(access_token="t", token_type="Bearer", expires_in=300, **more)
    assert (request.fhir_server, request.authorization["access_token"]) == ("https://ehr.example/r4", "t")


def test_req_4_req_07_authorization_without_server_is_refused():
    assert refused(call(fhirAuthorization={"access_token": "Smith"})) == "fhirServer"
    assert refused(call(fhirAuthorization={"access_token": "Smith"}, fhirServer=" ")) == "fhirServer"


def test_an_empty_authorization_is_none():
    assert parsed(call(fhirAuthorization={})).authorization == {}


def test_an_empty_token_leaves_the_server_as_it_is():
    assert access(access_token="", token_type="Bearer", expires_in=300).fhir_server == "https://ehr.example/r4"


@pytest.mark.parametrize(
    "more", [{"token_type": "mac"}, {"token_type": 5}, {"expires_in": 0}, {"expires_in": -5.5}, {"expires_in": " 0 "}]
)
def test_aut_2_aut_3_with_a_token_of_another_type_or_an_expired_one_no_server_is_called(more: Resource):
    assert access(**{"access_token": "t", "token_type": "Bearer", "expires_in": 300, **more}).fhir_server == ""


@pytest.mark.parametrize("token", [5, 0, ["t"], {}, "a b", " ", "a\r\nX-Evil: 1", "a€", "a" * 60_000])
def test_with_a_token_that_no_header_can_carry_no_server_is_called(token: Any):
    request = access(access_token=token, token_type="Bearer", expires_in=300)
    assert (request.fhir_server, request.no_access) == ("", "the token for the FHIR server cannot be used")


@pytest.mark.parametrize(
    "more", [{"access_token": None}, {"expires_in": "300"}, {"expires_in": "soon"}, {"expires_in": []}]
)
def test_what_a_token_does_not_say_closes_no_door(more: Resource):
    assert access(**{"access_token": "t", "token_type": None, **more}).fhir_server == "https://ehr.example/r4"


# -- drafts as they came ------------------------------------------------------------------------------------------


def exact(*written: str, more: str = "") -> HookRequest:
    entries = ",".join(f'{{"resource": {one}}}' for one in written)
    context = f'{{"userId":"u","patientId":"p1","draftOrders":{{"entry":[{entries}]}}}}'
    body = f'{{"hook":"order-sign","hookInstance":"i","context":{context}{more}}}'
    return parsed(body.encode())


@pytest.mark.parametrize("number", ["1.10", "0.50", "1E2", "2.0", "3", "12345678901234567890", "-0.0"])
@pytest.mark.parametrize("more", ["", ',"x":1.50'])
def test_jsn_10_the_numbers_of_a_draft_stay_as_the_sender_wrote_them(number: str, more: str):
    draft = f'{{"resourceType":"MedicationRequest","id":"1","value":{number}{more}}}'
    assert orjson.dumps(exact(draft).exact_drafts()["MedicationRequest/1"]).decode() == draft


def test_two_drafts_of_one_name_cannot_be_told_apart_so_neither_is_given():
    first, other = '{"resourceType":"MedicationRequest","id":"1"}', '{"resourceType":"MedicationRequest","id":"2"}'
    second = '{"resourceType":"MedicationRequest","id":"1","status":"draft"}'
    assert list(exact(first, other, second).exact_drafts()) == ["MedicationRequest/2"]


@pytest.mark.parametrize("more", ["", ',"x":1.50'])
def test_a_draft_that_was_sent_twice_counts_once(more: str):
    one, other = (
        f'{{"resourceType":"MedicationRequest","id":"1"{more}}}',
        '{"resourceType":"MedicationRequest","id":"2"}',
    )
    request = exact(one, other, one)
    assert [draft.resource["id"] for draft in request.drafts] == ["1", "2"]
    assert list(request.exact_drafts()) == ["MedicationRequest/1", "MedicationRequest/2"]


def test_drafts_without_an_id_are_different_orders():
    one = '{"resourceType":"MedicationRequest","status":"draft"}'
    assert len(exact(one, one).drafts) == 2


@pytest.mark.parametrize("kind", ["", '"resourceType":null,', '"resourceType":"",'])
def test_a_draft_that_does_not_say_what_it_is_is_refused(kind: str):
    with pytest.raises(InvalidRequest, match=r"entry\[0\]\.resource\.resourceType"):
        exact(f'{{{kind}"medicationCodeableConcept":{{"text":"pregabalin"}}}}')


def test_drafts_without_decimals_are_not_read_a_second_time():
    request = exact('{"resourceType":"MedicationRequest","id":"1","x":2}')
    assert request.exact_drafts()["MedicationRequest/1"] is request.drafts[0].resource


@pytest.mark.parametrize("levels", [260, 1010])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"concept":', "}"), ('{"coding":[', "]}")])
def test_req_10_prefetch_too_deep_to_be_walked_through_is_refused(levels: int, opened: str, closed: str):
    deep = f', "prefetch": {{"conditions": {opened * levels}1{closed * levels}}}'
    with pytest.raises(InvalidRequest, match="nested less than 250 deep"):
        exact('{"resourceType":"MedicationRequest","id":"1"}', more=deep)


# -- trusted clients ------------------------------------------------------------------------------------------------


def test_c1_a_client_may_call_prefetch_keys_as_it_likes_our_names_are_known_too():
    keys = {"prefetch_keys": {"pat": "patient", "labs": "hbv_markers"}}
    prefetch = {"pat": {"resourceType": "Patient", "id": "p1"}, "conditions": None}
    request = parsed(call(prefetch=prefetch), caller=trusted(**keys))
    assert request.prefetch["patient"] == prefetch["pat"]
    assert request.prefetch["conditions"] is None
    assert "hbv_markers" not in request.prefetch, "a key that did not come is not there under our name either"


def test_pre_12_a_foreign_patient_under_the_name_of_the_client_is_found_too():
    body = call(prefetch={"pat": {"resourceType": "Patient", "id": "Smith"}})
    assert refused(body, caller=trusted(prefetch_keys={"pat": "patient"})) == "prefetch.patient"


def test_two_keys_of_a_client_for_one_of_ours_stop_the_start():
    with pytest.raises(ValueError, match="two keys of the client"):
        trusted(prefetch_keys={"labs": "hbv_markers", "serology": "hbv_markers"})


@pytest.mark.parametrize("instance", ["Smith", "5e0c7a52", "urn:uuid:5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93"])
def test_req_3_req_06_a_hook_instance_that_is_no_uuid_is_refused_to_a_strict_client_only(instance: str):
    body = {**call(), "hookInstance": instance}
    assert refused(body, caller=trusted(strict=True)) == "hookInstance"
    assert parsed(body, caller=trusted()).instance == instance


@pytest.mark.parametrize("instance", ["5E0C7A52-3B57-4B8E-9D0A-8C1F2F6D4E93", "d1577c69-dfbe-11ad-ba6d-3e05e953b2ea"])
def test_req_3_req_06_any_version_and_case_of_a_uuid_is_one(instance: str):
    assert parsed({**call(), "hookInstance": instance}, caller=trusted(strict=True)).instance == instance


@pytest.mark.parametrize(
    ("selections", "field"),
    [
        (None, "context.selections"),
        ([], "context.selections"),
        ("MedicationRequest/1", "context.selections"),
        (["MedicationRequest/1", "MedicationRequest/Smith"], "context.selections[1]"),
        ([{"reference": "MedicationRequest/1"}], "context.selections[0]"),
    ],
)
def test_hk_7_selections_that_cannot_be_resolved_are_refused_to_a_strict_client_only(selections: Any, field: str):
    body = call("order-select", {"draftOrders": bundle(order("1"), order("2")), "selections": selections})
    assert refused(body, caller=trusted(strict=True)) == field
    assert chosen(parsed(body, caller=trusted()))


def test_hk_7_selections_that_resolve_are_read_for_a_strict_client():
    entry = {"fullUrl": "urn:uuid:a", "resource": order("2")}
    drafts = {"resourceType": "Bundle", "entry": [{"resource": order("1")}, entry, {"resource": order("3")}]}
    body = call("order-select", {"draftOrders": drafts, "selections": ["MedicationRequest/1", "urn:uuid:a"]})
    assert chosen(parsed(body, caller=trusted(strict=True))) == ["1", "2"]


def test_hk_7_at_signing_nothing_is_selected_and_nothing_missed():
    assert chosen(parsed(call(), caller=trusted(strict=True))) == ["1"]


def test_c1_a_call_stripped_of_its_orders_is_told_what_may_be_the_reason():
    with pytest.raises(StrippedCall) as refusal:
        parsed(without(call(), "context", "draftOrders"))
    assert (refusal.value.field, "registered" in refusal.value.diagnostics) == ("context.draftOrders", True)
    for data in ({"prefetch": {"patient": None}}, {"fhirServer": "https://ehr.example/r4"}):
        with pytest.raises(InvalidRequest) as refusal_of_another:
            parsed(without(call(**data), "context", "draftOrders"))
        assert type(refusal_of_another.value) is InvalidRequest
