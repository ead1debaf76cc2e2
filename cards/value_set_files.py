"""Reads the files of `value_sets/`: one clinical concept each, with its codes, words and units.

Rows and sources are written as JSON, one a line, which is YAML too, because JSON is read many times faster.
A set that no rule reads says why it is kept (`not_read`); a site cannot map its codes to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cards.coding_systems import CodingSystems, words
from cards.errors import InvalidKnowledge
from cards.value_set_parts import Code, Plausible, PositiveFrom, Strength, UnitConversion
from cards.yaml_files import parse_yaml

LICENSED = "licensed"
_FIELDS = {"concept", "title", "description", "mark", "text", "text_unless", "includes", "excludes", "exclude_prefixes"}
_FIELDS |= {"prefixes", "products", "unit", "units", "other_units", "plausible", "positive", "unreadable"}
_FIELDS |= {"code_unless", "not_read"}
_PLAIN_WORDS = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_UNIT_FIELDS = {"code", "multiply_by", "divide_by", "add", "at_most", "at_least"}


@dataclass(slots=True)
class ValueSetFile:
    """What one file says, before files of one concept are joined and includes are followed."""

    name: str
    kind: str
    path: str
    title: str = ""
    description: str = ""
    mark: str = ""
    not_read: str = ""
    unit: str | None = None
    units: tuple[UnitConversion, ...] = ()
    other_units: tuple[str, ...] = ()
    plausible: Plausible | None = None
    positive: PositiveFrom | None = None
    unreadable_is_ignored: bool = False
    text: tuple[str, ...] = ()
    text_unless: tuple[str, ...] = ()
    code_unless: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    exclude_prefixes: tuple[str, ...] = ()
    codes: dict[str, tuple[Code, ...]] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    products: tuple[Mapping[str, Any], ...] = ()


def read_value_set(path: Path, systems: CodingSystems) -> ValueSetFile:
    """One value-set file, checked. Raises InvalidKnowledge naming the file and the field."""
    return _Reader(path, systems, *_split(path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}")).read()


def _split(text: str, file: str) -> tuple[Any, dict[str, str], dict[str, list[dict[str, Any]]]]:
    """Of a file: its fields, its sources by key, its rows by code system."""
    fields: list[str] = []
    sources: list[str] = []
    rows: dict[str, list[str]] = {}
    section = system = ""
    is_ours = True
    for line in text.split("\n"):
        if not line.startswith(" "):
            section = line.partition(":")[0]
        if section not in ("sources", "codes"):
            fields.append(line)
        elif line.startswith("  - "):
            rows.setdefault(system, []).append(line[4:])
        elif not line.startswith("  "):
            is_ours = is_ours and line == f"{section}:"
        elif section == "sources":
            key, _, written = line.partition(":")
            sources.append(f'"{key.strip()}":{written}')
        else:
            system = line.strip(" :")
    try:
        if is_ours:
            read_sources = json.loads("{" + ",".join(sources) + "}")
            read_rows = {name: json.loads("[" + ",".join(lines) + "]") for name, lines in rows.items()}
            return parse_yaml("\n".join(fields), file), read_sources, read_rows
    except json.JSONDecodeError:
        pass  # YAML of another form, read whole: slower, not wrong
    whole = parse_yaml(text, file)
    return whole, whole.pop("sources", {}), whole.pop("codes", {})


class _Reader:
    """Checks one parsed file and turns it into a ValueSetFile; every complaint names the file and the field."""

    def __init__(
        self, path: Path, systems: CodingSystems, fields: Any, sources: dict[str, str], rows: dict[str, list[Any]]
    ) -> None:
        self.path = f"{path.parent.name}/{path.name}"
        self.is_licensed = path.parent.parent.name == LICENSED
        self.systems = systems
        if not isinstance(fields, dict):
            raise InvalidKnowledge(f"{self.path}: expected a mapping that begins with 'concept'")
        self.raw: dict[str, Any] = fields
        self.sources = sources
        self.rows = rows
        self.file = ValueSetFile(name=path.stem, kind=path.parent.name, path=self.path)

    def read(self) -> ValueSetFile:
        self._check_fields()
        raw, file = self.raw, self.file
        file.title, file.description = raw.get("title", ""), raw.get("description", "")
        file.mark, file.not_read = str(raw.get("mark", "")), str(raw.get("not_read", ""))
        self._read_units()
        file.text, file.text_unless = self._phrases("text"), self._phrases("text_unless")
        file.code_unless = self._phrases("code_unless")
        file.includes, file.excludes = self._strings("includes"), self._strings("excludes")
        file.exclude_prefixes = tuple(start.replace(".", "") for start in self._strings("exclude_prefixes"))
        file.codes = dict(self._codes())
        file.prefixes = tuple(self._prefixes())
        file.products = tuple(raw.get("products", ()))
        return file

    def _wrong(self, field_name: str, why: str) -> InvalidKnowledge:
        return InvalidKnowledge(f"{self.path}: {field_name}: {why}")

    def _check_fields(self) -> None:
        unknown = sorted(str(name) for name in self.raw if name not in _FIELDS)
        if unknown:
            raise self._wrong(unknown[0], "no field of a value set")
        if self.raw.get("concept") != self.file.name:
            raise self._wrong("concept", f"is {self.raw.get('concept')!r}; the file name says '{self.file.name}'")
        for name in () if self.is_licensed else ("title", "description"):
            if not isinstance(self.raw.get(name), str):
                raise self._wrong(name, "missing; say in plain words what is meant")

    def _strings(self, name: str) -> tuple[str, ...]:
        return self._string_list(name, self.raw.get(name) or [])

    def _string_list(self, name: str, found: Any) -> tuple[str, ...]:
        if not isinstance(found, list) or not all(isinstance(item, str) and item for item in found):
            raise self._wrong(name, "expected a list of words in quotes where YAML would read something else")
        return tuple(found)

    def _phrases(self, name: str) -> tuple[str, ...]:
        phrases = self._strings(name)
        for phrase in phrases:
            if not _PLAIN_WORDS.fullmatch(phrase) and " ".join(words(phrase)) != phrase:
                raise self._wrong(name, f"'{phrase}' is compared as '{' '.join(words(phrase))}'; write it so")
        return phrases

    def _read_units(self) -> None:
        file, raw = self.file, self.raw
        file.unit = raw.get("unit")
        file.units = tuple(self._unit(entry) for entry in raw.get("units", ()))
        if [file.unit] != [conversion.code for conversion in file.units[:1]] and (file.unit or file.units):
            raise self._wrong("units", "the canonical unit comes first")
        file.other_units = self._strings("other_units")
        limits = raw.get("plausible")
        if limits is not None:
            try:
                file.plausible = Plausible(float(limits["from"]), float(limits["to"]), str(limits["source"]))
            except (KeyError, TypeError, ValueError) as error:
                raise self._wrong("plausible", "write from, to and source") from error
        file.positive = self._positive(raw.get("positive"))
        if raw.get("unreadable", "ignored") != "ignored":
            raise self._wrong("unreadable", "only 'ignored' can be said; unknown goes without saying")
        file.unreadable_is_ignored = "unreadable" in raw

    def _positive(self, written: Any) -> PositiveFrom | None:
        if written is None:
            return None
        try:
            (word,) = written.keys() & {"from", "above"}
            return PositiveFrom(float(written[word]), word == "from", str(written["source"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._wrong("positive", "write from (edge included) or above, and source") from error

    def _unit(self, entry: Any) -> UnitConversion:
        if not isinstance(entry, dict) or not isinstance(entry.get("code"), str) or not _UNIT_FIELDS.issuperset(entry):
            raise self._wrong("units", f"each has a UCUM code and any of {', '.join(sorted(_UNIT_FIELDS))}")
        return UnitConversion(**entry)

    def _prefixes(self) -> Iterable[str]:
        found = self.raw.get("prefixes") or {}
        if not isinstance(found, dict) or set(found) - {"icd-10-cm"}:
            raise self._wrong("prefixes", "can only be given for icd-10-cm")
        for start in self._string_list("prefixes", found.get("icd-10-cm", [])):
            yield start.replace(".", "")

    def _codes(self) -> Iterable[tuple[str, tuple[Code, ...]]]:
        for system, rows in self.rows.items():
            uri = self.systems.uris.get(system)
            if uri is None:
                raise self._wrong(f"codes.{system}", "no code system of systems.yaml")
            codes = tuple(self._code(uri, system, row) for row in rows)
            if len({code.code for code in codes}) != len(codes):
                raise self._wrong(f"codes.{system}", "a code stands twice")
            yield system, codes

    def _code(self, uri: str, system: str, row: dict[str, Any]) -> Code:
        try:
            code, display, keys = row.pop("code"), row.pop("display"), row.pop("from")
            sources = tuple([self.sources[key] for key in keys])
            strength = row.pop("strength", None)
            if strength is not None:
                strength = Strength(float(strength["value"]), strength["unit"], strength["per"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            why = f"a row needs code, display and from, a list of sources; strength has value, unit and per: {error!r}"
            raise self._wrong(f"codes.{system}", why) from error
        if type(code) is not str or not sources:
            raise self._wrong(f"codes.{system}.{code}", "the code in quotes and at least one source")
        status = row.pop("status", "confirmed")
        if status not in ("confirmed", "unconfirmed"):
            raise self._wrong(f"codes.{system}.{code}", f"status is '{status}'; write unconfirmed or nothing")
        return Code(uri, code, display, status == "confirmed", sources, strength, row)
