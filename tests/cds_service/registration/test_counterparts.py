"""Whom a sheet is for: what is known of a client or profile stands on it, what is not is left to those who know it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cds_service.client_profiles import profiles
from cds_service.config import Settings
from cds_service.registration.counterpart import NoSuchCounterpart
from cds_service.registration.ehr_notes import ehr_notes
from cds_service.registration.sheet import ToFillIn
from cds_service.registration.writers import WRITERS
from tests.cds_service.registration.sheets import (
    BASE,
    KEYS,
    NORTH,
    TOKEN,
    column,
    copied,
    row,
    service,
    sheet_of,
    table,
    trusting,
)

SIGN = f"{BASE}/cds-services/neuropathy-order-sign"


def test_a_client_s_own_values_stand_on_its_sheet() -> None:
    north = sheet_of(trusting(), client="north")
    assert copied(north, "token", "iss") == (NORTH["issuer"],)
    assert copied(north, "token", "alg") == ("RS384",)
    assert copied(north, "token", "jku") == ("https://epic.north.example.org/keys",)
    assert copied(north, "token", "tenant") == ("north-clinic",)
    assert copied(north, "token", "sub") == ("our-client-id",)
    assert row(north, "token", "exp")[1] == "at most 900 seconds after iat"
    assert copied(north, "fhir_access", "fhirServer") == ("https://epic.north.example.org/FHIR/R4",)
    assert copied(north, "fhir_access", "fhirAuthorization.subject") == ("0a1b2c3d",)
    assert row(north, "limits", "Calls in a minute")[1] == "600, feedback included"


def test_aud_is_what_the_service_accepts_for_calls_and_for_feedback() -> None:
    north, south = (sheet_of(trusting(), client=name) for name in ("north", "south"))
    typed_in = "https://typed.in.example.org/cds"
    assert copied(north, "token", "aud, call of neuropathy-order-sign") == (SIGN, typed_in)
    assert copied(north, "token", "aud, feedback to neuropathy-order-sign") == (f"{SIGN}/feedback", SIGN, typed_in)
    assert copied(south, "token", "aud, call of neuropathy-order-sign") == (SIGN,)
    assert copied(south, "token", "aud, feedback to neuropathy-order-sign") == (f"{SIGN}/feedback",)


def test_a_client_s_own_name_of_a_prefetch_key_stands_beside_ours() -> None:
    north = sheet_of(trusting(), client="north")
    names = dict(zip(column(north, "prefetch", "key_here"), column(north, "prefetch", "key"), strict=True))
    assert names["patient"] == "Pat"
    assert names["conditions"] == "conditions"


def test_a_client_s_sheet_is_about_the_cards_that_it_gets() -> None:
    of = trusting()
    north, south = sheet_of(of, client="north"), sheet_of(of, client="south")
    assert column(north, "topics", "code") == ["rituximabHbvSerology", "tcaCaution", "couldNotCheck"]
    needed = {
        n for card in of.rules.catalogue.cards if card.rule in NORTH["cards"]["only"] for n in card.knowledge.needs
    }
    assert set(column(north, "prefetch", "key_here")) == needed
    assert "MedicationAdministration" in " ".join(column(south, "resources", "type"))
    assert len(column(south, "topics", "code")) > 30


def test_actions_that_a_client_cannot_carry_out_are_said_in_words() -> None:
    epic = sheet_of(service(), profile="epic")
    suggested = dict(zip(column(epic, "actions", "action"), column(epic, "actions", "suggested"), strict=True))
    assert {action for action, said in suggested.items() if said == "yes"} == {
        "delete MedicationRequest",
        "delete ServiceRequest",
    }


def test_what_is_not_known_is_left_to_fill_in_and_never_made_up() -> None:
    for sheet in (sheet_of(service()), *(sheet_of(service(), profile=name) for name in profiles())):
        still_open = {(one.table.key, one.row) for found in sheet.still_open().values() for one in found}
        assert {("fhir_access", "fhirServer"), ("identity", "Operator")} <= still_open
        assert b"unknown.invalid" not in WRITERS["text"](sheet)


def test_what_a_profile_says_is_not_asked_for() -> None:
    oracle = sheet_of(service(), profile="oracle-health")
    assert copied(oracle, "token", "iss") == ("https://cds-hooks.cerner.com",)
    assert isinstance(row(oracle, "token", "jku")[1], ToFillIn)
    assert isinstance(row(sheet_of(service(), profile="epic"), "token", "iss")[1], ToFillIn)


def test_who_runs_the_service_is_shown_where_the_site_says_so() -> None:
    operator = {"name": "North Hospital", "support": "cds@north.example.org"}
    sheet = sheet_of(service(operator=operator))
    assert copied(sheet, "identity", "Operator") == ("North Hospital",)
    assert copied(sheet, "identity", "Support") == ("cds@north.example.org",)
    assert isinstance(row(sheet, "identity", "Security contact")[1], ToFillIn)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("client", ["north", "south"])
def test_no_secret_and_no_key_file_is_on_a_sheet(form: str, client: str) -> None:
    written = WRITERS[form](sheet_of(trusting(), client=client)).decode()  # type: ignore[index]
    assert TOKEN not in written
    assert KEYS not in written


def test_the_client_sheet_of_one_says_nothing_of_another() -> None:
    written = WRITERS["json"](sheet_of(trusting(), client="south")).decode()
    assert "north" not in written


# -- before it is handed out ------------------------------------------------------------------------------------------


def test_where_only_this_machine_is_known_the_sheet_says_what_to_set_first() -> None:
    (warning, *_) = sheet_of(service(Settings())).warnings
    assert "CDS_SERVICE_PUBLIC_URL" in warning
    assert "http://127.0.0.1:8000" in warning


@pytest.mark.parametrize("address", ["http://cds.example.org", "https://localhost", "http://127.0.0.1:9000"])
def test_an_address_that_others_cannot_use_safely_is_no_address_to_hand_out(address: str) -> None:
    (warning, *_) = sheet_of(service(Settings(public_url=address))).warnings
    assert address in warning


def test_with_a_public_address_and_clients_nothing_stands_in_the_way() -> None:
    assert sheet_of(trusting(), client="north").warnings == ()


def test_open_mode_and_public_keys_are_said() -> None:
    warnings = " ".join(sheet_of(service(), profile="sandbox").warnings)
    assert "open mode" in warnings
    assert "private keys of this client are public" in warnings


def test_hooks_that_a_vendor_does_not_document_are_said() -> None:
    warnings = " ".join(sheet_of(service(), profile="oracle-health").warnings)
    assert "documents patient-view and no other hook" in warnings
    assert "no other hook" not in " ".join(sheet_of(service(), profile="epic").warnings)


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "known"), [("client", ("north", "south")), ("profile", profiles())])
def test_a_name_that_there_is_not_is_answered_with_those_there_are(kind: str, known: tuple[str, ...]) -> None:
    with pytest.raises(NoSuchCounterpart) as raised:
        sheet_of(trusting(), **{kind: "nobody"})
    assert (raised.value.kind, str(raised.value)) == (kind, f"expected one of {', '.join(known)}")


# -- notes of vendors -------------------------------------------------------------------------------------------------


def test_there_are_notes_for_every_profile_and_for_no_other_ehr() -> None:
    assert set(ehr_notes()) == set(profiles())


@pytest.mark.parametrize("profile", profiles())
def test_the_page_of_notes_names_the_profile_and_its_source(profile: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "ehr-notes.md").read_text(encoding="utf-8")
    notes = ehr_notes()[profile]
    assert f"`{profile}`" in page
    assert all(f"`{hook}`" in page for hook in notes.hooks)
    assert all(word in page for word in re.findall(r"[a-z.-]+/[a-z.-]+|[a-z]+\.epic\.com", notes.source))


@pytest.mark.parametrize("profile", profiles())
def test_every_remark_of_a_vendor_stands_on_a_table_of_the_sheet(profile: str) -> None:
    sheet = sheet_of(service(), profile=profile)
    for key, remarks in ehr_notes()[profile].remarks.items():
        assert set(remarks) <= set(table(sheet, key).remarks)


def test_whether_an_ehr_documents_the_tokens_of_our_queries_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("documents all tokens" in one for one in table(sheet_of(service(), profile="epic"), "prefetch").remarks)
    less = {"epic": ehr_notes()["epic"].model_copy(update={"prefetch_tokens": ("context.patientId",)})}
    monkeypatch.setattr("cds_service.registration.counterpart.ehr_notes", lambda: less)
    (first, *_) = table(sheet_of(service(), profile="epic"), "prefetch").remarks
    assert first == "Not among the tokens that it documents: context.encounterId."


def test_a_vendor_s_form_is_filled_in_from_the_sheet_in_its_own_order() -> None:
    sheet = sheet_of(service(), profile="oracle-health")
    assert column(sheet, "form", "field") == [
        "hook", "title", "trigger condition", "service url", "fhir server", "description", "owner email", "tenants",
        "fhir scopes", "allowed links", "smart apps",
    ]  # fmt: skip
    values = dict(zip(column(sheet, "form", "field"), column(sheet, "form", "value"), strict=True))
    assert SIGN in values["service url"]
    assert (values["fhir scopes"],) == copied(sheet, "scopes", "SMART v1")
    assert values["allowed links"].split(", ") == column(sheet, "links", "address")


def test_a_form_is_shown_only_where_one_is_documented() -> None:
    assert "form" not in [one.key for one in sheet_of(service()).tables]
    assert "form" not in [one.key for one in sheet_of(service(), profile="sandbox").tables]
