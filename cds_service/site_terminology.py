"""Codes and names of the site, from its TOML file and from FHIR ValueSet files, added to our value sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from cards.concepts import ValueSets
from cards.errors import InvalidKnowledge
from cards.local_codes import LocalCode, LocalName
from cds_service.config import Terminology
from cds_service.errors import InvalidConfiguration
from cds_service.fhir.coding import as_dict, as_list

KEY = "terminology"


def with_site_codes(value_sets: ValueSets, terminology: Terminology) -> ValueSets:
    """The value sets with what the site adds. Raises InvalidConfiguration naming the key or the file at fault."""
    codes = [
        LocalCode(system, code, code, means, f"{KEY}.codes")
        for system, mapped in terminology.codes.items()
        for code, means in mapped.items()
    ]
    for path in terminology.value_sets:
        codes += _codes_of(path)
    names = [LocalName(name, means, f"{KEY}.drug_names") for name, means in terminology.drug_names.items()]
    try:
        return value_sets.with_local(codes, names)
    except InvalidKnowledge as error:
        raise InvalidConfiguration(str(error)) from None


def _codes_of(path: Path) -> Iterator[LocalCode]:
    """The codes that a FHIR R4 ValueSet lists; its name (or id) is the value set that they are added to."""
    value_set = _value_set(path)
    means = str(value_set.get("name") or value_set.get("id") or "").replace("-", "_").lower()
    found = 0
    for system, entry in _listed(value_set):
        code = entry.get("code")
        if not isinstance(system, str) or not isinstance(code, str):
            raise InvalidConfiguration(f"{KEY}.value_sets: {path}: each code has a system and a code")
        found += 1
        yield LocalCode(system, code, str(entry.get("display", code)), means, f"{KEY}.value_sets: {path}")
    if not found:
        raise InvalidConfiguration(f"{KEY}.value_sets: {path}: list the codes in compose.include.concept")


def _listed(value_set: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    for include in as_list(as_dict(value_set.get("compose")).get("include")):
        for concept in as_list(as_dict(include).get("concept")):
            yield as_dict(include).get("system"), as_dict(concept)
    for contained in as_list(as_dict(value_set.get("expansion")).get("contains")):
        yield as_dict(contained).get("system"), as_dict(contained)


def _value_set(path: Path) -> dict[str, Any]:
    try:
        value_set = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidConfiguration(f"{KEY}.value_sets: {path}: {error.strerror}") from None
    except orjson.JSONDecodeError:
        raise InvalidConfiguration(f"{KEY}.value_sets: {path}: expected JSON") from None
    if not isinstance(value_set, dict) or value_set.get("resourceType") != "ValueSet":
        raise InvalidConfiguration(f"{KEY}.value_sets: {path}: expected a FHIR ValueSet")
    return value_set
