"""A drug that only a referenced Medication names is found in the request, else on the client's FHIR server."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
import pytest
import responses

from cds_service.config import Limits
from cds_service.fhir.medication import medication_of
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers, NoFhirServer
from cds_service.hooks.medications import Medications
from tests.cds_service.hooks.test_collect import Answer, Collected, collected, hook_request, searchset

EHR = "https://ehr.example.org/fhir"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def medication(id: str, code: str = "483448") -> dict:
    return {"resourceType": "Medication", "id": id, "code": {"coding": [{"system": RXNORM, "code": code}]}}


def order(id: str, reference: str, **more) -> dict:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p-1"},
        "medicationReference": {"reference": reference},
        **more,
    }


@pytest.fixture
def ehr():
    servers = FhirServers(Limits())
    yield servers.of_call(EHR, {}, AddressPolicy())
    servers.close()


@pytest.fixture
def fhir():
    """An EHR with Medications m1 … m9, by read and by search; `orders` are its MedicationRequests."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.orders = searchset(total=0)

        def answer(request):
            address = urlsplit(request.url)
            kind, _, id = address.path.removeprefix("/fhir/").partition("/")
            if kind == "MedicationRequest":
                body = mock.orders
            elif id:
                body = medication(unquote(id))
            else:
                body = searchset(*map(medication, parse_qs(address.query)["_id"][0].split(",")))
            return 200, {"Content-Type": "application/fhir+json"}, orjson.dumps(body)

        mock.add_callback(responses.GET, re.compile(r"https://.*"), callback=answer)
        yield mock


def drafted(*drafts, prefetch=None) -> Medications:
    return Medications(hook_request(prefetch, drafts=drafts))


def orders_of(got: Collected) -> Answer:
    return got.answers["medication_orders"]


def test_a_medication_beside_the_draft_is_found():
    at_hand = drafted(order("d-1", "Medication/m1"), medication("m1"))
    assert at_hand.resolve("Medication/m1") == medication("m1")
    assert at_hand.resolve("Medication/m2") is None


def test_a_medication_in_prefetch_is_found_under_whatever_key():
    at_hand = drafted(order("d-1", "Medication/m1"), prefetch={"medicationRequestBundle": searchset(medication("m1"))})
    assert at_hand.resolve(f"{EHR}/Medication/m1") == medication("m1")


@pytest.mark.parametrize("value", [medication("m1"), {"response": {"status": "200"}, "resource": medication("m1")}])
def test_a_medication_alone_in_prefetch_is_found(value):
    assert drafted(prefetch={"item1": value}).resolve("Medication/m1") == medication("m1")


def test_a_medication_is_found_by_the_full_url_of_its_entry():
    bundle = searchset(medication("m1"))
    bundle["entry"][0]["fullUrl"] = "urn:uuid:0b6f1c0e-6d0e-4a57-9f0c-2f6a3c1d9e41"
    at_hand = drafted(prefetch={"medication_orders": bundle})
    assert at_hand.resolve("urn:uuid:0b6f1c0e-6d0e-4a57-9f0c-2f6a3c1d9e41") == medication("m1")


def test_the_medication_of_a_draft_is_read_once_from_the_server(ehr, fhir):
    at_hand = drafted(order("d-1", "Medication/m1"), order("d-2", f"{EHR}/Medication/m1/_history/3"))
    at_hand.read_drafted(ehr)
    assert [call.request.url for call in fhir.calls] == [f"{EHR}/Medication/m1"]
    assert at_hand.resolve("Medication/m1") == medication("m1")


@pytest.mark.parametrize(
    "draft",
    [
        order("d-1", "Medication/m1", medicationCodeableConcept=medication("x")["code"]),
        order("d-1", "#m1", contained=[medication("m1")]),
        order("d-1", "#gone"),
        order("d-1", "https://evil.example/fhir/Medication/m1"),
        order("d-1", "https://ehr.example.org/fhirx/Medication/m1"),
        order("d-1", "urn:uuid:0b6f1c0e-6d0e-4a57-9f0c-2f6a3c1d9e41"),
        order("d-1", "Substance/s1"),
        order("d-1", ""),
        {"resourceType": "ServiceRequest", "id": "d-1"},
    ],
)
def test_nothing_is_read_for_a_draft_whose_drug_is_known_or_elsewhere(ehr, fhir, draft):
    """OUT-06."""
    drafted(draft).read_drafted(ehr)
    assert not fhir.calls


def test_an_id_in_a_reference_cannot_alter_the_address(ehr, fhir):
    """OUT-05."""
    drafted(order("d-1", "Medication/..%2F..%2Fadmin?x=1#y")).read_drafted(ehr)
    assert fhir.calls[0].request.url == f"{EHR}/Medication/..%252F..%252Fadmin%3Fx%3D1%23y"


def test_drafts_of_many_drugs_are_read_within_bounds(ehr, fhir):
    drafted(*(order(f"d-{n}", f"Medication/m{n}") for n in range(30))).read_drafted(ehr)
    assert len(fhir.calls) == 10


def test_without_a_server_nothing_is_read():
    at_hand = drafted(order("d-1", "Medication/m1"))
    at_hand.read_drafted(NoFhirServer())
    assert at_hand.resolve("Medication/m1") is None


def test_an_answer_that_is_no_medication_is_not_taken_for_one(ehr, fhir):
    fhir.replace(responses.GET, re.compile(r"https://.*"), json={"resourceType": "Patient", "id": "m1"})
    at_hand = drafted(order("d-1", "Medication/m1"))
    at_hand.read_drafted(ehr)
    assert at_hand.resolve("Medication/m1") is None


def test_medications_that_came_with_the_orders_are_not_asked_for_again(ehr, fhir):
    fhir.orders = searchset(order("r-1", "Medication/m1"), total=1)
    fhir.orders["entry"].append({"resource": medication("m1"), "search": {"mode": "include"}})
    got = collected(hook_request(), "medication_orders", server=ehr)
    assert len(fhir.calls) == 1
    assert orders_of(got).is_complete
    assert medication_of(orders_of(got).resources[0], got.resolve).codings[0].code == "483448"


def test_the_missing_medications_of_prefetched_orders_are_read_by_one_search(ehr, fhir):
    orders = [order("r-1", "Medication/m1"), order("r-2", "Medication/m2"), order("r-3", "Medication/m1")]
    got = collected(hook_request({"medication_orders": searchset(*orders, total=3)}), "medication_orders", server=ehr)
    assert [unquote(call.request.url) for call in fhir.calls] == [f"{EHR}/Medication?_id=m1,m2&_count=2"]
    assert orders_of(got).is_complete
    assert got.resolve("Medication/m2") == medication("m2")


def test_an_order_whose_drug_nobody_knows_makes_the_orders_incomplete():
    orders = searchset(order("r-1", "Medication/m1"), total=1)
    got = collected(hook_request({"medication_orders": orders}), "medication_orders")
    assert (orders_of(got).state, orders_of(got).is_complete) == ("present", False)
    assert orders_of(got).why == "the drug of some orders could not be read"


def test_an_order_whose_reference_says_the_name_is_read_by_the_name():
    named = order("r-1", "Medication/m1", medicationReference={"reference": "Medication/m1", "display": "pregabalin"})
    got = collected(hook_request({"medication_orders": searchset(named, total=1)}), "medication_orders")
    assert orders_of(got).is_complete


def test_administrations_are_completed_like_orders(ehr, fhir):
    given = {**order("a-1", "Medication/m1"), "resourceType": "MedicationAdministration"}
    request = hook_request({"medication_administrations": searchset(given, total=1)})
    got = collected(request, "medication_administrations", server=ehr)
    assert got.answers["medication_administrations"].is_complete
    assert got.resolve("Medication/m1") == medication("m1")
    assert not collected(request, "medication_administrations").answers["medication_administrations"].is_complete
