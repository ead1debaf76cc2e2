"""docs/configuration.md is made from the models and the knowledge files, and what it shows as an example works."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter

from cds_service.clients import AuthFailure
from cds_service.config import Settings, SiteConfig, check_safe, load_site
from cds_service.errors import InvalidConfiguration
from cds_service.rule_base import load_rule_base
from cds_service.setting_values import Section
from tests.configuration_keys import CLINICAL_EXAMPLES, Key, keys, sections, tables
from tests.configuration_page import BLOCKS, PAGE, WRITE, page

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
MODELS = (Settings, *sections(SiteConfig))
KEYS = [(model, key) for model in MODELS for key in keys(model)]


def test_the_page_is_in_step() -> None:
    assert page(TEXT) == TEXT, WRITE


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(LookupError, match="no place for: thresholds"):
        page(TEXT.replace("<!-- generated: thresholds -->", ""))


def test_a_key_that_nobody_explained_is_named() -> None:
    class Unexplained(Section):
        """A table."""

        colour: str = Field(default="", examples=["red"])

    with pytest.raises(LookupError, match=r"Unexplained\.colour: say what it means"):
        list(keys(Unexplained))


def test_a_key_without_an_example_is_named_unless_its_values_are_known() -> None:
    class NoExample(Section):
        """A table."""

        bright: bool = Field(default=False, description="whether it shines")
        colour: str = Field(default="", description="its colour")

    with pytest.raises(LookupError, match=r"NoExample\.colour: give an example"):
        list(keys(NoExample))


def test_a_kind_of_value_that_has_no_words_is_named() -> None:
    class Odd(Section):
        """A table."""

        number: complex = Field(default=1j, description="what it is", examples=[2j])

    with pytest.raises(LookupError, match=r"Odd\.number: no words for"):
        list(keys(Odd))


def test_tables_inside_tables_have_the_headings_that_the_site_file_has() -> None:
    class Inner(Section):
        """Inside."""

    class Outer(Section):
        """Outside. And more."""

        one: Inner = Inner()
        many: tuple[Inner, ...] = ()

    headings = [table.heading for table in tables(Outer, "outer", is_list=True)]
    assert headings == ["[[outer]]", "[outer.one]", "[[outer.many]]"]


@pytest.mark.parametrize(("model", "key"), KEYS, ids=lambda value: getattr(value, "name", None) or value.__name__)
def test_the_example_of_a_key_is_accepted_and_is_not_the_default(model: type[Section], key: Key) -> None:
    field = model.model_fields[key.name]
    reader: TypeAdapter[Any] = TypeAdapter(Annotated[field.annotation, field])
    assert reader.validate_python(tomllib.loads(f"key = {key.example}")["key"]) != field.default


def test_no_example_is_for_a_key_that_is_gone() -> None:
    assert CLINICAL_EXAMPLES.keys() <= {f"{model.__name__}.{key.name}" for model, key in KEYS}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_of_a_site_file_starts(tmp_path: Path, number: int) -> None:
    example = EXAMPLES[number]
    site = _load(example, tmp_path)
    load_rule_base(site)
    check_safe(Settings(host="0.0.0.0" if site.clients else "127.0.0.1", public_url="https://cds.example.org"), site)  # noqa: S104


def test_the_example_of_local_codes_adds_them_to_their_value_sets(tmp_path: Path) -> None:
    example = next(example for example in EXAMPLES if "cidp.json" in example)
    value_sets = load_rule_base(_load(example, tmp_path)).value_sets
    assert "np_imm" in value_sets.coded("http://hl7.org/fhir/sid/icd-10", "G61.80")
    assert "pregabalin" in value_sets.coded("urn:oid:1.2.246.537.6.55", "0456")


def test_every_word_for_a_token_that_is_refused_is_explained() -> None:
    assert [
        word for failure in AuthFailure if (word := f"| `{failure}`") not in TEXT and f", `{failure}`" not in TEXT
    ] == []


def test_a_number_outside_its_range_is_refused_as_the_page_says() -> None:
    ranges = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| \S+ \| \S+ \| ([\d.]+) \|", BLOCKS["thresholds"](), re.MULTILINE)
    assert ranges
    for table, number, highest in ranges:
        load_rule_base(SiteConfig(thresholds={table: {number: float(highest)}}))
        with pytest.raises(InvalidConfiguration, match=f"thresholds.{table}.{number}: write a number from"):
            load_rule_base(SiteConfig(thresholds={table: {number: float(highest) + 1}}))


def _load(example: str, folder: Path) -> SiteConfig:
    codes = {"resourceType": "ValueSet", "name": "cidp", "compose": {"include": [
        {"system": "http://hl7.org/fhir/sid/icd-10", "concept": [{"code": "G61.80"}]}
    ]}}  # fmt: skip
    (folder / "cidp.json").write_text(json.dumps(codes), encoding="utf-8")
    (folder / "site.toml").write_text(example, encoding="utf-8")
    return load_site(folder / "site.toml")
