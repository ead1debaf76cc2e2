"""What a trusted client changes in its answers: cards, suggestions, FHIR servers (certification.md A6, A13, C, D2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.errors import DataNotAvailable, InvalidConfiguration
from cds_service.hooks.r4_check import r4_problem
from tests.cds_service.hooks.loopback_server import Call, LoopbackServer, Started
from tests.cds_service.test_hook_endpoints import LISINOPRIL, NOTHING_ON_FILE, RITUXIMAB, call, order
from tests.cds_service.trusted import ISSUER, reviewed
from tests.whole_requests import FIXTURES, masked

OID = "urn:oid:2.16.840.1.113883.6.88"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SEROLOGY = "rituximab-hbv-serology"
TOKEN = {"access_token": "t-1", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "us"}


def story(name: str) -> dict[str, Any]:
    """A request on file."""
    request: dict[str, Any] = json.loads((FIXTURES / f"{name}.request.json").read_text(encoding="utf-8"))
    return request


def cards(body: dict[str, Any], **choices: Any) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = reviewed(body, **choices).answer["cards"]
    return written


def topics(body: dict[str, Any], **choices: Any) -> list[str]:
    return [card["source"]["topic"]["code"] for card in cards(body, **choices)]


UNSCREENED = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE)
OVERDOSE = story("senders/f10-rxnorm-by-oid")


# -- cards --------------------------------------------------------------------------------------------------------


def test_a_client_without_choices_is_answered_as_anybody() -> None:
    on_file = json.loads((FIXTURES / "senders/f10-rxnorm-by-oid.response.json").read_text(encoding="utf-8"))
    assert masked(reviewed(OVERDOSE).answer) == on_file


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ({}, ["rituximabHbvSerology"]),
        ({"off": [SEROLOGY]}, []),
        ({"only": [SEROLOGY]}, ["rituximabHbvSerology"]),
        ({"only": ["ivig-indication"]}, []),
    ],
)
def test_a_client_gets_the_cards_chosen_for_it(choice: dict[str, Any], shown: list[str]) -> None:
    assert topics(UNSCREENED, cards=choice) == shown


def test_what_the_site_has_switched_off_no_client_switches_on() -> None:
    assert topics(UNSCREENED, site={"cards": {"off": [SEROLOGY]}}, cards={"only": [SEROLOGY]}) == []


@pytest.mark.parametrize("key", ["off", "only"])
def test_a_rule_that_does_not_exist_stops_the_start_and_names_the_key(key: str) -> None:
    site = SiteConfig.model_validate({"clients": [{**ISSUER, "cards": {key: ["no-such-rule"]}}]})
    with pytest.raises(InvalidConfiguration, match=rf"^clients\.ehr\.cards\.{key}: unknown: no-such-rule"):
        create_app(Settings(), site)


@pytest.mark.parametrize(
    ("choices", "key"),
    [
        ({"prefetch_keys": {"labs": "laboratory"}}, r"clients\.ehr\.prefetch_keys: unknown: laboratory; .*hbv_markers"),
        ({"answers": {"code_systems": {"rxnorn": OID}}}, r"clients\.ehr\.answers\.code_systems: unknown: rxnorn"),
    ],
)
def test_a_name_that_means_nothing_here_stops_the_start(choices: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"^{key}"):
        create_app(Settings(), SiteConfig.model_validate({"clients": [{**ISSUER, **choices}]}))


# -- FHIR servers -------------------------------------------------------------------------------------------------


FhirDouble = Callable[[], LoopbackServer]


def knows_the_patient_only(received: Call) -> None:
    """What a FHIR server answers that has nothing else on file."""
    if "/Patient/" in received.path:
        received.json(NOTHING_ON_FILE["patient"])
    else:
        received.json({"resourceType": "Bundle", "type": "searchset", "total": 0})


@pytest.fixture
def fhir(loopback: Started) -> FhirDouble:
    """Starts FHIR servers that know nobody but the patient."""
    return lambda: loopback(knows_the_patient_only)


def test_out_02_pre_09_a_registered_fhir_server_is_called_with_the_token_given(fhir: FhirDouble) -> None:
    server = fhir()
    body = call(order(RITUXIMAB), fhirServer=f"{server.base}/", fhirAuthorization=TOKEN)
    review = reviewed(body, fhir_servers=[server.base])
    assert [card["indicator"] for card in review.answer["cards"]][:1] == ["critical"]
    assert {received.headers["Authorization"] for received in server.seen} == {"Bearer t-1"}
    assert review.no_access == ""


def test_out_02_an_fhir_server_that_is_not_registered_is_not_called_and_that_is_noted(fhir: FhirDouble) -> None:
    ours, other = fhir(), fhir()
    body = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE, fhirServer=other.base, fhirAuthorization=TOKEN)
    review = reviewed(body, fhir_servers=[ours.base])
    assert review.answer["cards"], "prefetch is used all the same"
    assert review.no_access == "address not allowed"
    assert (ours.seen, other.seen) == ([], [])


def test_out_02_pre_04_without_prefetch_an_unregistered_fhir_server_leaves_nothing_to_review(fhir: FhirDouble) -> None:
    server = fhir()
    with pytest.raises(DataNotAvailable):
        reviewed(call(order(RITUXIMAB), fhirServer=server.base, fhirAuthorization=TOKEN), fhir_servers=[])
    assert server.seen == []


@pytest.mark.parametrize("neighbour", ["{base}-other", "{base}/../internal", "http://127.0.0.1.nip.example/fhir"])
def test_out_02_a_registered_address_is_a_whole_prefix(fhir: FhirDouble, neighbour: str) -> None:
    server = fhir()
    address = neighbour.format(base=server.base)
    body = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE, fhirServer=address, fhirAuthorization=TOKEN)
    assert reviewed(body, fhir_servers=[server.base]).no_access == "address not allowed"
    assert server.seen == []


def test_pre_22_without_a_token_a_registered_fhir_server_is_not_called(fhir: FhirDouble) -> None:
    server = fhir()
    body = call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE, fhirServer=server.base)
    assert reviewed(body, fhir_servers=[server.base]).no_access == "no access to the FHIR server was granted"
    assert server.seen == []


@pytest.mark.parametrize(
    ("subject", "registered", "is_used"),
    [("us", "us", True), ("them", "us", False), (None, "us", False), ("them", "", True)],
)
def test_aut_5_a_token_for_another_client_is_not_used(
    fhir: FhirDouble, subject: str | None, registered: str, is_used: bool
) -> None:
    server = fhir()
    token = {**TOKEN, "subject": subject}
    body = call(order(RITUXIMAB), prefetch={"patient": NOTHING_ON_FILE["patient"]}, fhirServer=server.base)
    review = reviewed({**body, "fhirAuthorization": token}, fhir_servers=[server.base], fhir_subject=registered)
    assert bool(server.seen) is is_used
    assert review.no_access == ("" if is_used else "the token for the FHIR server is for another client")


def test_a_card_that_is_off_for_a_client_causes_no_reads(fhir: FhirDouble) -> None:
    server = fhir()
    body = call(order(RITUXIMAB), fhirServer=server.base, fhirAuthorization=TOKEN)
    assert reviewed(body, fhir_servers=[server.base], cards={"only": ["ivig-indication"]}).answer == {"cards": []}
    assert server.seen == []


# -- suggestions --------------------------------------------------------------------------------------------------


def suggested(body: dict[str, Any], **answers: Any) -> list[dict[str, Any]]:
    """The suggestions of the first card."""
    return list(cards(body, answers=answers)[0].get("suggestions", ()))


def test_sug_02_by_default_any_and_one_action_for_each_suggestion() -> None:
    (card,) = cards(UNSCREENED)
    assert card["selectionBehavior"] == "any"
    assert [len(one["actions"]) for one in card["suggestions"]] == [1, 1, 1]
    assert [one["isRecommended"] for one in card["suggestions"]] == [True, True, True]


def test_sug_03_rsp_17_at_most_one_recommends_at_most_one() -> None:
    (card,) = cards(UNSCREENED, answers={"selection_behavior": "at-most-one"})
    assert card["selectionBehavior"] == "at-most-one"
    assert [one["isRecommended"] for one in card["suggestions"]] == [True, False, False]


def test_a13_at_most_one_with_several_actions_offers_tests_that_belong_together_at_once() -> None:
    apart = suggested(UNSCREENED)
    (together,) = suggested(UNSCREENED, selection_behavior="at-most-one", several_actions=True)
    assert together["label"] == "; ".join(one["label"] for one in apart)
    assert together["actions"] == [one["actions"][0] for one in apart]
    assert together["isRecommended"] is True
    alone = suggested(OVERDOSE, selection_behavior="at-most-one")
    joined = suggested(OVERDOSE, selection_behavior="at-most-one", several_actions=True)
    assert [one["label"] for one in joined] == [one["label"] for one in alone], "changes of one order stay alternatives"


def test_several_actions_where_all_can_be_chosen_stops_the_start() -> None:
    with pytest.raises(ValueError, match="several_actions needs selection_behavior"):
        reviewed(UNSCREENED, answers={"several_actions": True})


@pytest.mark.parametrize(
    ("actions", "is_sent"),
    [(["update"], True), (["update MedicationRequest"], True), (["update ServiceRequest", "create", "delete"], False)],
)
def test_c1_a_change_that_the_client_cannot_make_is_said_in_words(actions: list[str], is_sent: bool) -> None:
    (card,) = cards(OVERDOSE, answers={"actions": actions})
    label = "Label start dose: pregabalin 25 mg three times daily (75 mg/day)"
    kinds = {action["type"] for one in card.get("suggestions", ()) for action in one["actions"]}
    assert ("update" in kinds) is is_sent
    assert (f"**Options:** {label}" in card["detail"]) is not is_sent
    assert len(card["detail"]) <= 1200


def test_c1_without_any_action_there_is_neither_a_suggestion_nor_a_selection_behavior() -> None:
    (card,) = cards(UNSCREENED, answers={"actions": []})
    assert not {"suggestions", "selectionBehavior"} & card.keys()
    assert "**Options:** Order" in card["detail"]


def test_c1_codes_that_we_write_are_spelt_as_the_client_does_and_no_others() -> None:
    (suggestion, *_) = suggested(OVERDOSE, code_systems={"rxnorm": OID})
    resource = suggestion["actions"][0]["resource"]
    assert resource["medicationCodeableConcept"]["coding"][0]["system"] == OID
    assert not r4_problem(resource)

    for suggestion in suggested(UNSCREENED, code_systems={"loinc": "urn:oid:2.16.840.1.113883.6.1"}):
        (coding, *_) = suggestion["actions"][0]["resource"]["code"]["coding"]
        assert coding["system"] == "urn:oid:2.16.840.1.113883.6.1"

    draft = OVERDOSE["context"]["draftOrders"]["entry"][0]["resource"]
    kept = {**draft, "supportingInformation": [{"identifier": {"system": RXNORM, "value": "1"}}]}
    body = {**OVERDOSE, "context": {**OVERDOSE["context"], "draftOrders": {"entry": [{"resource": kept}]}}}
    (suggestion, *_) = suggested(body, code_systems={RXNORM: OID})
    assert suggestion["actions"][0]["resource"]["supportingInformation"] == kept["supportingInformation"]


# -- systemActions ------------------------------------------------------------------------------------------------

KIT = {"system_actions": True}


@pytest.mark.parametrize("body", [UNSCREENED, call(order(LISINOPRIL))], ids=["with cards", "without"])
def test_sug_12_the_crd_test_kit_gets_empty_system_actions_on_order_sign_only(body: dict[str, Any]) -> None:
    assert reviewed(body, answers=KIT).answer["systemActions"] == []
    choosing = {**body, "hook": "order-select"}
    assert "systemActions" not in reviewed(choosing, answers=KIT).answer


def test_sug_11_rsp_3_nobody_else_gets_system_actions() -> None:
    assert reviewed(UNSCREENED).answer.keys() == {"cards"}


# -- prefetch keys ------------------------------------------------------------------------------------------------


def test_c1_prefetch_under_the_names_of_the_client_is_read(fhir: FhirDouble) -> None:
    server = fhir()
    theirs = {"patient": "pat", "conditions": "problemList", "hbv_markers": "hepB", "medication_orders": "meds"}
    body = call(
        order(RITUXIMAB),
        prefetch={theirs[ours]: value for ours, value in NOTHING_ON_FILE.items()},
        fhirServer=server.base,
        fhirAuthorization=TOKEN,
    )
    keys = {name: ours for ours, name in theirs.items()}
    review = reviewed(body, prefetch_keys=keys, fhir_servers=[server.base])
    assert review.answer["cards"][0]["indicator"] == "critical"
    assert review.collected is not None
    assert set(NOTHING_ON_FILE) & set(review.collected.satisfied_by_prefetch) == set(review.collected.answers) & set(
        NOTHING_ON_FILE
    )
    assert not [path for path in server.paths if "5195-3" in path or "Patient/" in path]
