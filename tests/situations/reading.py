"""`cases.yaml` of every card → Case: a situation in clinical words and the expected opinion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cards.orders import Hook
from cards.yaml_files import read_yaml

CARDS = Path(__file__).parents[2] / "cards"
_CASE_KEYS = frozenset(["name", "book", "hook", "patient", "order", "services", "expect"])
_EXPECT_KEYS = frozenset(
    [
        "advice",
        "says",
        "not_says",
        "set_dosage",
        "suggests",
        "not_suggests",
        "row",
        "silent",
        "cannot_tell",
        "noted",
        "because",
        "recommended",
        "evidence",
    ]
)


@dataclass(frozen=True)
class Situation:
    """Who, when, and what is in the basket."""

    as_of: date
    patient: Mapping[str, Any]
    orders: tuple[Any, ...] = ()
    services: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Expected:
    """What a card is expected to answer. `kind` is advice, silent or cannot_tell; the rest only where it is said."""

    kind: str
    level: str = ""
    says: tuple[str, ...] = ()
    not_says: tuple[str, ...] = ()
    set_dosage: str | None = None
    suggests: tuple[str, ...] = ()
    not_suggests: tuple[str, ...] = ()
    recommended: bool | None = None
    row: str = ""
    missing: str = ""
    noted: bool = True
    because: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Case:
    """One case of one card."""

    rule: str
    name: str
    situation: Situation
    expected: Mapping[Hook, Expected] = field(default_factory=dict)
    book: str = ""

    @property
    def id(self) -> str:
        """How the tests name it."""
        return f"{self.rule}/{self.name}"


class CaseNotUnderstood(Exception):
    """A case file says something that the language does not know; the message names file, case and key."""


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every card."""
    return tuple(case for path in sorted(CARDS.glob("*/*/cases.yaml")) for case in read_cases(path))


@cache
def book_patients() -> Mapping[str, Mapping[str, Any]]:
    """The patients of cards/patients.yaml by their letter, `like` resolved."""
    found = read_yaml(CARDS / "patients.yaml")
    return {name: _resolved(patient, found) for name, patient in found.items()}


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of one file. Raises CaseNotUnderstood."""
    content = read_yaml(path)
    where = f"{path.parent.name}/{path.name}"
    names: set[str] = set()
    for raw in content.get("cases", ()):
        try:
            case = _case(raw, content["as_of"], path.parent.name.replace("_", "-"))
        except (ValueError, KeyError, TypeError) as error:
            raise CaseNotUnderstood(f"{where}: '{raw.get('name', raw)}': {error!r}") from error
        if case.name in names:
            raise CaseNotUnderstood(f"{where}: two cases are named '{case.name}'")
        names.add(case.name)
        yield case


def patient_of(said: Any) -> Mapping[str, Any]:
    """A patient: a letter of the book, {like: letter, …overrides}, or a mapping from scratch.

    `also` adds to the lists of the patient it is like, where a key of the same name would replace them.
    """
    return _resolved({"like": said} if isinstance(said, str) else said, book_patients())


def _resolved(said: Mapping[str, Any], patients: Mapping[str, Any]) -> Mapping[str, Any]:
    said = dict(said)
    also = said.pop("also", {})
    patient = dict(_resolved(patients[said.pop("like")], patients)) if "like" in said else {}
    patient |= said
    for key, more in also.items():
        patient[key] = [*_as_list(patient.get(key, [])), *_as_list(more)]
    return {key: value for key, value in patient.items() if value != "none"}


def _case(raw: Mapping[str, Any], as_of: date, rule: str) -> Case:
    unknown = sorted(set(raw) - _CASE_KEYS)
    if unknown:
        raise ValueError(f"a case knows no '{unknown[0]}'; it knows {', '.join(sorted(_CASE_KEYS))}")
    hooks = [Hook(hook) for hook in _as_list(raw.get("hook", "order-sign"))]
    situation = Situation(
        as_of=as_of,
        patient=patient_of(raw.get("patient", {})),
        orders=tuple(_as_list(raw.get("order", []))),
        services=tuple(_as_list(raw.get("services", []))),
    )
    expect = raw["expect"]
    by_hook = isinstance(expect, Mapping) and not set(expect).isdisjoint(Hook)
    expected = {hook: _expected(expect[hook.value] if by_hook else expect) for hook in hooks}
    return Case(rule, raw["name"], situation, expected, str(raw.get("book", "")))


def _expected(said: Any) -> Expected:
    if said == "silent":
        return Expected("silent")
    if not isinstance(said, Mapping):
        raise TypeError(f"expect is silent, {{advice: …}} or {{cannot_tell: …}}, not {said!r}")
    unknown = sorted(set(said) - _EXPECT_KEYS)
    if unknown:
        raise ValueError(f"expect knows no '{unknown[0]}'; it knows {', '.join(sorted(_EXPECT_KEYS))}")
    if "cannot_tell" in said:
        missing = said["cannot_tell"]
        return Expected(
            "cannot_tell",
            missing="" if missing is True else str(missing),
            noted=bool(said.get("noted", True)),
            because=str(said.get("because", "")),
        )
    if "silent" in said:
        return Expected("silent", because=str(said.get("because", "")), row=str(said.get("row", "")))
    return Expected(
        "advice",
        level=str(said["advice"]),
        says=_texts(said, "says"),
        not_says=_texts(said, "not_says"),
        set_dosage=None if "set_dosage" not in said else str(said["set_dosage"]),
        suggests=_texts(said, "suggests"),
        not_suggests=_texts(said, "not_suggests"),
        recommended=said.get("recommended"),
        row=str(said.get("row", "")),
        evidence=str(said.get("evidence", "")),
    )


def _texts(said: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(text) for text in _as_list(said.get(key, [])))


def _as_list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]
