"""docs/configuration.md names every setting with its default, and no other."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from cds_service.clients import AuthFailure, Client
from cds_service.config import PREFIX, Settings, SiteConfig, check_safe, load_site
from cds_service.rule_base import load_rule_base

PAGE = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_page_names_every_variable_of_the_process() -> None:
    named = set(re.findall(rf"`{PREFIX}([A-Z_]+)`", PAGE))
    assert named - {"SITE"} == {name.upper() for name in Settings.model_fields} - {"SITE"}


def test_the_example_site_file_holds_every_key_with_its_default() -> None:
    example = tomllib.loads(PAGE.partition("```toml")[2].partition("```")[0])
    assert _keys(example) == _model_keys(SiteConfig)
    assert SiteConfig.model_validate(example) == SiteConfig()


def test_the_example_of_local_codes_and_links_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(PAGE.rpartition("```toml")[2].partition("```")[0], encoding="utf-8")
    codes = {"resourceType": "ValueSet", "name": "cidp", "compose": {"include": [
        {"system": "http://hl7.org/fhir/sid/icd-10", "concept": [{"code": "G61.80"}]}
    ]}}  # fmt: skip
    (tmp_path / "cidp.json").write_text(json.dumps(codes), encoding="utf-8")
    value_sets = load_rule_base(load_site(path)).value_sets
    assert "np_imm" in value_sets.coded("http://hl7.org/fhir/sid/icd-10", "G61.80")
    assert "pregabalin" in value_sets.coded("urn:oid:1.2.246.537.6.55", "0456")


def test_the_example_of_a_trusted_client_is_understood_and_its_keys_are_explained(tmp_path: Path) -> None:
    section = PAGE.partition("## Trusted clients")[2].partition("\n## ")[0]
    path = tmp_path / "site.toml"
    path.write_text(section.partition("```toml")[2].partition("```")[0], encoding="utf-8")
    site = load_site(path)
    check_safe(Settings(host="0.0.0.0", public_url="https://cds.example.org"), site)  # noqa: S104
    assert site.mode == "1 trusted client"
    named = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|([^|]*)\|", section, re.MULTILINE))))
    assert named - set(AuthFailure) <= set(Client.model_fields)
    assert {word for failure in AuthFailure if (word := f"`{failure}`") not in section} == set()


def _keys(table: dict[str, object], before: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in table.items():
        found |= _keys(value, f"{before}{key}.") if isinstance(value, dict) and value else {f"{before}{key}"}
    return found


def _model_keys(model: type[BaseModel], before: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= _model_keys(inner, f"{before}{name}.")
        else:
            found.add(f"{before}{name}")
    return found
