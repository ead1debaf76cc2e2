"""docs/configuration.md names every setting with its default, and no other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from cds_service.config import PREFIX, Settings, SiteConfig

PAGE = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_page_names_every_variable_of_the_process() -> None:
    named = set(re.findall(rf"`{PREFIX}([A-Z_]+)`", PAGE))
    assert named - {"SITE"} == {name.upper() for name in Settings.model_fields} - {"SITE"}


def test_the_example_site_file_holds_every_key_with_its_default() -> None:
    example = tomllib.loads(PAGE.partition("```toml")[2].partition("```")[0])
    assert _keys(example) == _model_keys(SiteConfig)
    assert SiteConfig.model_validate(example) == SiteConfig()


def _keys(table: dict[str, object], before: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in table.items():
        found |= _keys(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}"}
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
