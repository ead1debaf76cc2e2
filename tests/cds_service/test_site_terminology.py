"""Codes and names of a site: a ValueSet file, codes of a private system, what people call a drug."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cards.concepts import ValueSets, load_value_sets
from cds_service.config import SiteConfig, Terminology, load_site
from cds_service.errors import InvalidConfiguration
from cds_service.rule_base import load_rule_base
from cds_service.site_terminology import with_site_codes

HOUSE = load_value_sets()
PRIVATE = "urn:oid:1.2.246.537.6.55"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"


def site(**terminology: Any) -> ValueSets:
    """The value sets of a site that adds this."""
    return with_site_codes(HOUSE, Terminology.model_validate(terminology))


def value_set(tmp_path: Path, **content: Any) -> Path:
    """A ValueSet file."""
    path = tmp_path / "local.json"
    path.write_text(json.dumps({"resourceType": "ValueSet", **content}), encoding="utf-8")
    return path


def listed(system: str, *codes: str) -> dict[str, Any]:
    """A compose element that lists codes."""
    return {"include": [{"system": system, "concept": [{"code": code, "display": f"local {code}"} for code in codes]}]}


def test_without_additions_the_value_sets_are_those_of_the_house():
    assert site() is HOUSE


def test_a_code_of_a_private_system_means_a_value_set():
    assert "pregabalin" in site(codes={PRIVATE: {"0123": "pregabalin"}}).coded(PRIVATE, "0123")
    assert HOUSE.coded(PRIVATE, "0123") == frozenset()


def test_a_code_that_means_a_known_product_has_its_strength_and_all_its_sets():
    [known, *_] = [row for row in HOUSE.concept("pregabalin").codes["rxnorm"] if row.strength]
    local = site(codes={PRIVATE: {"0456": f"rxnorm:{known.code}"}})
    assert local.coded(PRIVATE, "0456") == HOUSE.coded("rxnorm", known.code)
    row = local.row("pregabalin", PRIVATE, "0456")
    assert row is not None
    assert (row.system, row.code, row.strength, row.sources) == (PRIVATE, "0456", known.strength, ("site",))


def test_a_local_extension_of_icd_10_joins_the_sets_that_hold_its_concept():
    local = site(codes={ICD_10: {"G61.80": "cidp"}})
    assert {"cidp", "np_imm"} <= local.coded(ICD_10, "G61.80")
    assert "cidp" not in HOUSE.coded(ICD_10, "G61.80")


def test_what_people_call_a_drug_is_understood_as_words_are():
    local = site(drug_names={"Lyrica NF (non-formulary)": "pregabalin", "Nervex": "gabapentin"})
    assert "gabapentin" in local.named("NERVEX 300", ("med",))
    assert "gabapentin" not in HOUSE.named("NERVEX 300", ("med",))


@pytest.mark.parametrize("names", [{"name": "anti_mag"}, {"id": "anti-mag"}])
def test_a_value_set_file_adds_its_codes_to_the_set_of_its_name(tmp_path: Path, names: dict[str, str]):
    path = value_set(tmp_path, **names, compose=listed("urn:oid:1.2.3", "MAG-1", "MAG-2"))
    local = site(value_sets=[path])
    assert local.coded("urn:oid:1.2.3", "MAG-2") == {"anti_mag"}
    assert {code.code for code in local.concept("anti_mag").codes["urn:oid:1.2.3"]} == {"MAG-1", "MAG-2"}


def test_an_expansion_lists_codes_too(tmp_path: Path):
    contains = [{"system": "http://loinc.org", "code": "99999-9", "display": "anti-MAG, local panel"}]
    local = site(value_sets=[value_set(tmp_path, name="anti_mag", expansion={"contains": contains})])
    assert local.coded("http://loinc.org", "99999-9") == {"anti_mag"}


@pytest.mark.parametrize(
    ("terminology", "says"),
    [
        (
            {"codes": {PRIVATE: {"1": "pregablin"}}},
            "terminology.codes: '1' means 'pregablin': there is no such value set",
        ),
        (
            {"codes": {PRIVATE: {"1": "rxnorm:0"}}},
            "terminology.codes: '1' means 'rxnorm:0': no value set holds that code",
        ),
        ({"codes": {PRIVATE: {"1": "nothing:0"}}}, "terminology.codes: '1' means 'nothing:0'"),
        (
            {"codes": {PRIVATE: {"1": "anti_hbc"}}},
            "terminology.codes: '1' means 'anti_hbc': no rule reads that value set (its parts are read, anti_hbc_total",
        ),
        (
            {"drug_names": {"Nervex": "glinide_ingredients"}},
            "terminology.drug_names: 'Nervex' means 'glinide_ingredients': no rule",
        ),
        (
            {"drug_names": {"Nervex": "gaba"}},
            "terminology.drug_names: 'Nervex' means 'gaba': there is no such value set",
        ),
        ({"drug_names": {"--": "gabapentin"}}, "terminology.drug_names: '--': a name has letters or digits"),
    ],
)
def test_a_meaning_that_there_is_not_is_named_with_its_key(terminology: dict[str, Any], says: str):
    with pytest.raises(InvalidConfiguration) as stopped:
        site(**terminology)
    assert str(stopped.value).startswith(says)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "expected JSON"),
        ("[]", "expected a FHIR ValueSet"),
        ('{"resourceType": "Bundle"}', "expected a FHIR ValueSet"),
        ('{"resourceType": "ValueSet", "name": "cidp"}', "list the codes in compose.include.concept"),
        (
            json.dumps({"resourceType": "ValueSet", "name": "cidp", "compose": listed("x", "1") | {"include": [{}]}}),
            "list",
        ),
        (
            '{"resourceType": "ValueSet", "name": "cidp", "compose": {"include": [{"concept": [{"code": "1"}]}]}}',
            "each code has a system and a code",
        ),
        (json.dumps({"resourceType": "ValueSet", "name": "nil", "compose": listed("x", "1")}), "'1' means 'nil'"),
    ],
)
def test_a_file_that_is_no_value_set_is_named(tmp_path: Path, content: str, says: str):
    path = tmp_path / "local.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidConfiguration) as stopped:
        site(value_sets=[path])
    assert str(stopped.value).startswith(f"terminology.value_sets: {path}: {says}")


def test_the_value_sets_are_built_once_whatever_the_site_adds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    built = []
    monkeypatch.setattr(ValueSets, "__init__", lambda self, *files: built.append(files))
    path = value_set(tmp_path, name="anti_mag", compose=listed("urn:oid:1.2.3", "MAG-1"))
    site(codes={PRIVATE: {"0123": "pregabalin"}}, drug_names={"Nervex": "gabapentin"}, value_sets=[path, path])
    assert len(built) == 1


def test_of_several_additions_the_one_at_fault_is_named(tmp_path: Path):
    path = value_set(tmp_path, name="nil", compose=listed("urn:oid:1.2.3", "MAG-1"))
    with pytest.raises(InvalidConfiguration, match=r"^terminology\.value_sets: .*local\.json: 'MAG-1' means 'nil'"):
        site(codes={PRIVATE: {"0123": "pregabalin"}}, drug_names={"Nervex": "gabapentin"}, value_sets=[path])


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(InvalidConfiguration, match=r"absent\.json: No such file"):
        site(value_sets=[tmp_path / "absent.json"])


def test_files_are_looked_for_beside_the_site_file(tmp_path: Path):
    value_set(tmp_path, name="cidp", compose=listed(PRIVATE, "N-7"))
    path = tmp_path / "site.toml"
    path.write_text('[terminology]\nvalue_sets = ["local.json"]\n', encoding="utf-8")
    rules = load_rule_base(load_site(path))
    assert "np_imm" in rules.value_sets.coded(PRIVATE, "N-7")


def test_a_link_of_the_site_stands_behind_those_of_the_rule():
    said = {"rule": "rituximab-hbv-serology", "label": "Our protocol", "url": "https://ehr.example.org/hbv"}
    rules = load_rule_base(SiteConfig.model_validate({"links": [said]}))
    [card] = [card for card in rules.catalogue.cards if card.rule == "rituximab-hbv-serology"]
    assert [link.label for link in card.knowledge.links][-1] == "Our protocol"
    assert not any(
        link.ref == "site" for other in rules.catalogue.cards if other is not card for link in other.knowledge.links
    )


@pytest.mark.parametrize(
    ("choices", "key"),
    [
        ({"cards": {"off": ["no-rule"]}}, "cards.off"),
        ({"cards": {"off_at": {"order-sign": ["no-rule"]}}}, "cards.off_at.order-sign"),
        ({"links": [{"rule": "no-rule", "label": "x", "url": "https://a.example"}]}, "links"),
    ],
)
def test_a_rule_that_there_is_not_stops_the_start_and_the_key_is_named(choices: dict[str, Any], key: str):
    with pytest.raises(InvalidConfiguration, match=rf"^{key}: no rule no-rule"):
        load_rule_base(SiteConfig.model_validate(choices))


def test_a_rule_can_be_off_at_one_hook_only():
    rules = load_rule_base(
        SiteConfig.model_validate({"cards": {"off_at": {"order-select": ["rituximab-hbv-serology"]}}})
    )
    [card] = [card for card in rules.catalogue.cards if card.rule == "rituximab-hbv-serology"]
    assert [hook for hook in ("order-select", "order-sign") if card.speaks_at(hook)] == ["order-sign"]
