"""The page /sheet and its downloads: open for anybody, a client's for the operator alone."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.registration.writers import as_csv, as_html, as_json, as_text
from tests.cds_service.registration.sheets import NORTH, SETTINGS, SOUTH, TOKEN, service, sheet_of, trusting

OPERATOR = {"Authorization": f"Bearer {TOKEN}"}
ENDINGS = {"csv": as_csv, "json": as_json, "html": as_html, "txt": as_text}


@pytest.fixture(scope="module")
def production() -> FlaskClient:
    """Someone who calls a service with two trusted clients."""
    return _calling(SETTINGS, clients=[{**NORTH, "keys": None}, SOUTH])


def _calling(settings: Settings, **choices: object) -> FlaskClient:
    return create_app(settings, SiteConfig.model_validate(choices)).test_client()


@pytest.mark.parametrize("whom", ["", "?profile=epic", "?profile=", "?profile=oracle-health&client="])
def test_the_sheet_for_anybody_and_for_profiles_is_open(production: FlaskClient, whom: str) -> None:
    answer = production.get(f"/sheet{whom}")
    assert answer.status_code == 200
    assert "Prefetch templates" in answer.get_data(as_text=True)


def test_the_page_has_a_heading_for_each_table_and_is_in_the_menu(production: FlaskClient) -> None:
    text = production.get("/sheet?profile=epic").get_data(as_text=True)
    for table in sheet_of(service(), profile="epic").tables:
        assert f'<h2 id="{table.key}">' in text
    assert 'href="/sheet" aria-current="page">Registration sheet</a>' in text


def test_the_page_runs_its_own_script_only(production: FlaskClient) -> None:
    page = production.get("/sheet")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert re.findall(r"<script[^>]*>", page.get_data(as_text=True)) == ['<script src="/static/copy.js" defer>']
    assert not re.search(r"\s(style|on\w+)=", page.get_data(as_text=True))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_download_is_what_the_command_writes(ending: str) -> None:
    answer = _calling(SETTINGS).get(f"/sheet.{ending}?profile=epic")
    assert answer.data == ENDINGS[ending](sheet_of(service(), profile="epic"))
    assert f'filename="registration-sheet-epic.{ending}"' in answer.headers["Content-Disposition"]
    again = _calling(SETTINGS).get(f"/sheet.{ending}?profile=epic", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_downloads_of_the_page_are_about_whom_it_is_about(production: FlaskClient) -> None:
    text = production.get("/sheet?profile=epic").get_data(as_text=True)
    for ending in ENDINGS:
        assert f'href="/sheet.{ending}?profile=epic"' in text


# -- a client's own values --------------------------------------------------------------------------------------------

PATHS = ["/sheet", *(f"/sheet.{ending}" for ending in ENDINGS)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["north", "nobody"])
def test_api5_nobody_but_the_operator_sees_a_client_or_learns_which_there_are(
    production: FlaskClient, path: str, name: str
) -> None:
    answer = production.get(f"{path}?client={name}")
    assert (answer.status_code, answer.json["resourceType"]) == (401, "OperationOutcome")
    assert "north" not in answer.get_data(as_text=True)


def test_the_open_page_names_no_client(production: FlaskClient) -> None:
    for whom in ("", "?profile=epic", "?profile=nobody"):
        text = production.get(f"/sheet{whom}").get_data(as_text=True)
        assert "north" not in text
        assert 'name="client"' not in text


@pytest.mark.parametrize("path", PATHS)
def test_the_operator_sees_a_client_s_sheet_which_no_cache_keeps(production: FlaskClient, path: str) -> None:
    answer = production.get(f"{path}?client=north", headers=OPERATOR)
    assert answer.status_code == 200
    assert "https://epic.north.example.org/FHIR/R4" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_operator_opens_a_client_s_sheet_in_a_browser(production: FlaskClient) -> None:
    asked = production.get("/sheet?client=north")
    assert "Basic" in " ".join(asked.headers.getlist("WWW-Authenticate"))
    token = OPERATOR["Authorization"].removeprefix("Bearer ")
    assert production.get("/sheet?client=north", auth=("anybody", token)).status_code == 200


def test_the_operator_chooses_among_the_clients(production: FlaskClient) -> None:
    text = production.get("/sheet", headers=OPERATOR).get_data(as_text=True)
    assert re.findall(r'<option value="(north|south)"', text) == ["north", "south"]


def test_the_page_of_a_client_is_the_sheet_of_that_client() -> None:
    local = Settings(database=SecretStr(""))
    page = _calling(local, clients=[SOUTH]).get("/sheet.json?client=south")
    assert page.data == as_json(sheet_of(trusting(local), client="south"))


# -- names that there are not -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("whom", ["profile=nobody", "profile=../epic", "client=nobody", "client=north&profile=epic"])
def test_a_name_that_there_is_not_brings_the_page_again_with_a_message(production: FlaskClient, whom: str) -> None:
    answer = production.get(f"/sheet?{whom}", headers=OPERATOR)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert 'id="mistake"' in text
    assert 'aria-invalid="true"' in text
    assert "../epic" not in text


@pytest.mark.parametrize(("whom", "field"), [("profile=nobody", "profile"), ("client=nobody", "client")])
def test_a_download_of_such_a_name_is_an_outcome_that_names_the_parameter(
    production: FlaskClient, whom: str, field: str
) -> None:
    answer = production.get(f"/sheet.csv?{whom}", headers=OPERATOR)
    assert answer.status_code == 400
    assert answer.json["issue"][0]["expression"] == [field]


def test_where_no_client_is_listed_the_message_stands_all_the_same() -> None:
    text = _calling(Settings(database=SecretStr(""))).get("/sheet?client=nobody").get_data(as_text=True)
    assert 'id="mistake"' in text
