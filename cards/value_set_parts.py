"""What a value set is made of: codes, units, limits, and the concept that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Form = tuple[str, str]  # space of comparison and code, as code_form() gives them


class Strength(NamedTuple):
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

    def is_same_scale(self, other: UnitConversion) -> bool:
        """Does a number mean the same amount in both units?"""
        mine, theirs = (self.multiply_by, self.divide_by, self.add), (other.multiply_by, other.divide_by, other.add)
        return mine == theirs


@dataclass(frozen=True, slots=True)
class Plausible:
    """The canonical values that can be true of a patient, both ends included."""

    lowest: float
    highest: float
    source: str

    def __contains__(self, value: float) -> bool:
        return self.lowest <= value <= self.highest


@dataclass(frozen=True, slots=True)
class PositiveFrom:
    """The canonical value from which a number is a positive result; the edge itself is positive if `is_included`.

    Edge 0, not included: any amount is positive, and a result below the limit of detection is negative.
    """

    edge: float
    is_included: bool
    source: str

    def __contains__(self, value: float) -> bool:
        return value >= self.edge if self.is_included else value > self.edge


@dataclass(frozen=True, slots=True)
class CodePrefix:
    """Every ICD-10 code that starts so, unless it starts as one of `unless`. Upper case, without dots."""

    start: str
    unless: tuple[str, ...] = ()

    def covers(self, code: str) -> bool:
        """Is this code (upper case, without dots) among them?"""
        return code.startswith(self.start) and not code.startswith(self.unless)


@dataclass(frozen=True, slots=True)
class Concept:
    """One clinical concept: codes, ICD-10 prefixes and words, those of the concepts it includes among them.

    `unit` is the canonical UCUM unit of a measured concept. `other_units` are seen in records, but their numbers
    cannot be converted. `unreadable_is_ignored`: a value that cannot be read counts as not there (else as unknown).
    `text`, `text_unless` and `code_unless` are the words of its own files only. `code_unless`: beside such words its
    codes are not believed. `not_read`: why it is kept although no rule reads it; empty for all others.
    """

    name: str
    kinds: tuple[str, ...]
    title: str
    description: str
    mark: str
    not_read: str
    unit: str | None
    units: tuple[UnitConversion, ...]
    other_units: tuple[str, ...]
    plausible: Plausible | None
    positive: PositiveFrom | None
    unreadable_is_ignored: bool
    text: tuple[str, ...]
    text_unless: tuple[str, ...]
    code_unless: tuple[str, ...]
    includes: tuple[str, ...]
    rows: Mapping[Form, tuple[str, Code]] = field(repr=False)
    prefixes: tuple[CodePrefix, ...]
    exclude_prefixes: tuple[str, ...]
    products: tuple[Mapping[str, Any], ...]

    @property
    def kind(self) -> str:
        """Folder of the concept: med, lab, cond, book …"""
        return self.kinds[0]

    @property
    def codes(self) -> dict[str, tuple[Code, ...]]:
        """Codes by short name of the code system, the preferred first."""
        found: dict[str, list[Code]] = {}
        for system, code in self.rows.values():
            found.setdefault(system, []).append(code)
        return {system: tuple(codes) for system, codes in found.items()}

    def conversion(self, unit: str) -> UnitConversion | None:
        """How a value in this UCUM unit becomes one in the canonical unit; None when the unit is not accepted."""
        return next((conversion for conversion in self.units if conversion.code == unit), None)
