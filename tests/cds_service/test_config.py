"""Settings and the site file: a wrong key or an unsafe combination stops the start and names the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.config import Settings, load_settings, load_site
from cds_service.errors import InvalidConfiguration


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_any_variable_the_service_listens_on_loopback_port_8000():
    assert load_settings({}).base_url == "http://127.0.0.1:8000"


def test_variables_with_the_prefix_are_read_whatever_their_case():
    settings = load_settings({"CDS_SERVICE_PORT": "9000", "cds_service_host": "::1", "CDS_TEST_DATA": "elsewhere"})
    assert (settings.base_url, settings.is_loopback) == ("http://[::1]:9000", True)


def test_an_empty_variable_counts_as_not_set():
    assert load_settings({"CDS_SERVICE_PORT": ""}).port == 8000


def test_the_public_url_is_what_clients_call_written_without_a_final_slash():
    assert load_settings({"CDS_SERVICE_PUBLIC_URL": "https://cds.example.org/neuro/"}).base_url == (
        "https://cds.example.org/neuro"
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CDS_SERVICE_PORT", "tcp://10.0.0.1:80"),
        ("CDS_SERVICE_PORT", "0"),
        ("CDS_SERVICE_WORKERS", "none"),
        ("CDS_SERVICE_LOG_LEVEL", "loud"),
        ("CDS_SERVICE_PUBLIC_URL", "cds.hospital.org"),
        ("CDS_SERVICE_PUBLIC_URL", "https://user:secret@cds.example.org"),
    ],
)
def test_a_wrong_value_names_the_variable_and_does_not_repeat_the_value(variable: str, value: str):
    with pytest.raises(InvalidConfiguration, match=f"^{variable}: ") as stopped:
        load_settings({variable: value})
    assert value not in str(stopped.value)


def test_an_unknown_variable_stops_the_start_and_names_those_there_are():
    with pytest.raises(InvalidConfiguration, match=r"CDS_SERVICE_PROT: no such setting; there are .*PORT"):
        load_settings({"CDS_SERVICE_PROT": "9000"})


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("127.8.9.10", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("cds", False)],  # noqa: S104
)
def test_loopback_addresses_are_told_from_others(host: str, is_loopback: bool):
    assert Settings(host=host).is_loopback is is_loopback


def test_without_a_site_file_the_defaults_of_the_references_hold():
    site = load_site(None)
    assert (site.profile, site.time_zone, site.allow_open, site.cards.could_not_check) == ("2.0.1", "UTC", False, "on")
    assert (site.cards.at_most, site.cards.at_most_info, site.cards.info_at_signing) == (5, 2, False)
    assert (site.limits.body_bytes, site.limits.answer_bytes) == (4 * 1024 * 1024, 5 * 1024 * 1024)
    assert (site.limits.entries, site.limits.pages) == (500, 5)
    assert site.limits.fhir_seconds == 1.5


def test_a_site_file_is_read_with_its_sections(tmp_path: Path):
    site = load_site(
        written(
            tmp_path,
            """
            time_zone = "America/New_York"
            profile = "3.0"
            [cards]
            off = ["ivig-indication"]
            could_not_check = "every"
            [cors]
            origins = ["https://EHR.example.org"]
            [limits]
            body_mb = 1
            """,
        )
    )
    assert site.zone.key == "America/New_York"
    assert (site.profile, site.cards.off, site.cards.could_not_check) == ("3.0", {"ivig-indication"}, "every")
    assert (site.cors.origins, site.limits.body_bytes) == (("https://ehr.example.org",), 1024 * 1024)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("tme_zone = 'UTC'", "tme_zone"),
        ("[cards]\nofff = []", "cards.offf"),
        ("[cards]\ncould_not_check = 'sometimes'", "cards.could_not_check"),
        ("[cards]\non = ['a']\noff = ['a']", "cards"),
        ("[cards]\nat_most = 0", "cards.at_most"),
        ("time_zone = 'Europe/Atlantis'", "time_zone"),
        ("time_zone = '../passwd'", "time_zone"),
        ("profile = '1.0'", "profile"),
        ("code_systems = 'CodeSystem'", "code_systems"),
        ("[services]\nsplit_by = 'drug'", "services.split_by"),
        ("[cors]\norigins = ['*']", "cors.origins.0"),
        ("[cors]\norigins = ['https://ehr.example.org/app']", "cors.origins.0"),
        ("[limits]\nentries = 0", "limits.entries"),
        ("[limits]\nfhir_seconds = 0", "limits.fhir_seconds"),
        ("[limits]\ncall_seconds = inf", "limits.call_seconds"),
        ("[ledger]\ncard_days = 1000000", "ledger.card_days"),
        ("[ledger]\nfeedback_days = 1000000", "ledger.feedback_days"),
        ("[ledger]\nrepetition_hours = inf", "ledger.repetition_hours"),
    ],
)
def test_a_wrong_key_or_value_in_the_site_file_is_named(tmp_path: Path, text: str, key: str):
    path = written(tmp_path, text)
    with pytest.raises(InvalidConfiguration) as stopped:
        load_site(path)
    assert str(stopped.value).startswith(f"{path}: {key}: ")


def test_a_single_rule_where_a_list_belongs_is_told_so_in_the_words_of_the_file(tmp_path: Path):
    with pytest.raises(InvalidConfiguration, match=r"cards\.silent: write a list, in square brackets"):
        load_site(written(tmp_path, "[cards]\nsilent = 'hba1c-context'"))


def test_a_site_file_that_is_not_toml_or_not_there_is_named(tmp_path: Path):
    with pytest.raises(InvalidConfiguration, match=r"CDS_SERVICE_SITE: .*site.toml"):
        load_site(written(tmp_path, "cards ="))
    with pytest.raises(InvalidConfiguration, match=r"CDS_SERVICE_SITE: .*absent.toml: No such file"):
        load_site(tmp_path / "absent.toml")
