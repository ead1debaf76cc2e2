"""Reads the files of `value_sets/`: one clinical concept each, with its codes, words and units.

A row is written as JSON on one line, which is YAML too; such lines are read as JSON because that is thirty times faster.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cards.coding_systems import CodingSystems, words
from cards.errors import InvalidKnowledge

LICENSED = "licensed"
_FIELDS = frozenset(
    "concept title description mark unit units other_units plausible unreadable text text_unless includes excludes"
    " exclude_prefixes sources codes prefixes products".split()
)
_ROW_FIELDS = frozenset({"code", "display", "status", "strength", "from"})
_UNIT_FIELDS = frozenset({"code", "multiply_by", "divide_by", "add", "at_most", "at_least"})


@dataclass(frozen=True, slots=True)
class Strength:
    """Amount of active ingredient in one unit of a product, such as 75 mg per capsule."""

    value: float
    unit: str
    per: str


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a concept; `system` is its URI. An unconfirmed code neither opens nor silences a card alone."""

    system: str
    code: str
    display: str
    confirmed: bool
    sources: tuple[str, ...]
    strength: Strength | None = None
    hints: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitConversion:
    """A unit a concept is reported in: canonical value = value × multiply_by ÷ divide_by + add."""

    code: str
    multiply_by: float = 1
    divide_by: float = 1
    add: float = 0
    at_most: float | None = None
    at_least: float | None = None

    def canonical(self, value: float) -> float | None:
        """The value in the canonical unit; None when such a value cannot have been meant in this unit."""
        if self.at_most is not None and value > self.at_most:
            return None
        if self.at_least is not None and value < self.at_least:
            return None
        return value * self.multiply_by / self.divide_by + self.add


@dataclass(frozen=True, slots=True)
class Plausible:
    """The canonical values that can be true of a patient, both ends included."""

    lowest: float
    highest: float
    source: str

    def __contains__(self, value: float) -> bool:
        return self.lowest <= value <= self.highest


@dataclass(slots=True)
class ValueSetFile:
    """What one file says, before files of one concept are joined and includes are followed."""

    name: str
    kind: str
    path: str
    title: str = ""
    description: str = ""
    mark: str = ""
    unit: str | None = None
    units: tuple[UnitConversion, ...] = ()
    other_units: tuple[str, ...] = ()
    plausible: Plausible | None = None
    unreadable_is_ignored: bool = False
    text: tuple[str, ...] = ()
    text_unless: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    exclude_prefixes: tuple[str, ...] = ()
    codes: dict[str, tuple[Code, ...]] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    products: tuple[Mapping[str, Any], ...] = ()


def read_yaml(path: Path) -> Any:
    """One YAML file. Raises InvalidKnowledge naming the file and the line."""
    return _parse(path.read_text(encoding="utf-8"), path.name)


def read_value_set(path: Path, systems: CodingSystems) -> ValueSetFile:
    """One value-set file, checked. Raises InvalidKnowledge naming the file and the field."""
    raw, rows = _split(path.read_text(encoding="utf-8"), path.name)
    return _Reader(path, systems, raw, rows).read()


def _split(text: str, file: str) -> tuple[Any, dict[str, list[Any]]]:
    """The file without its JSON rows, parsed, and the JSON rows by system."""
    kept: list[str] = []
    lines: dict[str, list[str]] = {}
    system = ""
    for line in text.split("\n"):
        if line.startswith('  - {"'):
            lines.setdefault(system, []).append(line[4:])
            continue
        if line.startswith("  ") and line.endswith(":"):
            system = line[2:-1]
        kept.append(line)
    rows: dict[str, list[Any]] = {}
    for name, written in lines.items():
        try:
            rows[name] = json.loads("[" + ",".join(written) + "]")
        except json.JSONDecodeError as error:
            raise InvalidKnowledge(f"{file}: a row of {name} is no JSON: {error.msg}") from error
    return _parse("\n".join(kept), file), rows


def _parse(text: str, file: str) -> Any:
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise InvalidKnowledge(f"{file}: no valid YAML: {error}") from error


class _Reader:
    """Checks one parsed file and turns it into a ValueSetFile; every complaint names the file and the field."""

    def __init__(self, path: Path, systems: CodingSystems, raw: Any, rows: Mapping[str, list[Any]]) -> None:
        self.path = f"{path.parent.name}/{path.name}"
        self.is_licensed = path.parent.parent.name == LICENSED
        self.systems = systems
        if not isinstance(raw, dict):
            raise InvalidKnowledge(f"{self.path}: expected a mapping that begins with 'concept'")
        self.raw: dict[str, Any] = raw
        self.rows = rows
        self.file = ValueSetFile(name=path.stem, kind=path.parent.name, path=self.path)

    def read(self) -> ValueSetFile:
        self._check_fields()
        raw, file = self.raw, self.file
        file.title, file.description = raw.get("title", ""), raw.get("description", "")
        file.mark = str(raw.get("mark", ""))
        self._read_units()
        file.text, file.text_unless = self._phrases("text"), self._phrases("text_unless")
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
            if " ".join(words(phrase)) != phrase:
                raise self._wrong(name, f"'{phrase}' is compared as '{' '.join(words(phrase))}'; write it so")
        return phrases

    def _read_units(self) -> None:
        file, raw = self.file, self.raw
        file.unit = raw.get("unit")
        file.units = tuple(self._unit(entry) for entry in raw.get("units", ()))
        if (file.unit is None) != (not file.units) or file.units and file.units[0] != UnitConversion(
            str(file.unit), at_most=file.units[0].at_most, at_least=file.units[0].at_least
        ):
            raise self._wrong("units", "the canonical unit comes first, without a conversion")
        file.other_units = self._strings("other_units")
        limits = raw.get("plausible")
        if limits is not None:
            try:
                file.plausible = Plausible(float(limits["from"]), float(limits["to"]), str(limits["source"]))
            except (KeyError, TypeError, ValueError) as error:
                raise self._wrong("plausible", "write from, to and source") from error
        if raw.get("unreadable", "ignored") != "ignored":
            raise self._wrong("unreadable", "only 'ignored' can be said; unknown goes without saying")
        file.unreadable_is_ignored = "unreadable" in raw

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
        sources = self.raw.get("sources") or {}
        plain = self.raw.get("codes") or {}
        if not isinstance(sources, dict) or not isinstance(plain, dict):
            raise self._wrong("sources", "expected mappings under sources and codes")
        for system in plain:
            uri = self.systems.uris.get(system)
            if uri is None:
                raise self._wrong(f"codes.{system}", "no code system of systems.yaml")
            rows = [*self.rows.get(system, ()), *(plain[system] or ())]
            yield system, tuple(self._code(uri, system, row, sources) for row in rows)

    def _code(self, uri: str, system: str, row: Any, sources: Mapping[str, str]) -> Code:
        try:
            code, display, named = row["code"], row["display"], tuple(sources[key] for key in row["from"])
        except (KeyError, TypeError) as error:
            raise self._wrong(f"codes.{system}", f"needs code, display and from (keys of sources): {row}") from error
        if not isinstance(code, str) or not named:
            raise self._wrong(f"codes.{system}", f"the code in quotes and at least one source: {row}")
        status = row.get("status", "confirmed")
        if status not in ("confirmed", "unconfirmed"):
            raise self._wrong(f"codes.{system}.{code}", f"status is '{status}'; write unconfirmed or nothing")
        strength = row.get("strength")
        return Code(
            system=uri,
            code=code,
            display=display,
            confirmed=status == "confirmed",
            sources=named,
            strength=None if strength is None else Strength(float(strength["value"]), strength["unit"], strength["per"]),
            hints={name: value for name, value in row.items() if name not in _ROW_FIELDS},
        )
