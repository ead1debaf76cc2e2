"""The made-up patients of the playground: a chart, a story and a few orders worth trying for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from cards.orders import Hook
from cards.yaml_files import read_yaml
from cds_service.conformance.chart import Chart

Resource = dict[str, Any]

_INSTALLED = Path(__file__).parent / "patients"
_CHECKED_OUT = Path(__file__).parents[2] / "fhir_fixtures" / "patients"


class Example(NamedTuple):
    """An order to try: in words, with a second one or none; `shows` says what for."""

    order: str
    shows: str
    second: str = ""
    hook: Hook = Hook.ORDER_SIGN


class FixturePatient(NamedTuple):
    """A patient: `who` and `story` in plain words, `not_sent` the data requests that the EHR leaves out."""

    id: str
    who: str
    story: str
    examples: tuple[Example, ...]
    not_sent: frozenset[str]
    resources: tuple[Resource, ...]

    @property
    def chart(self) -> Chart:
        """The chart, which answers prefetch templates."""
        return Chart(self.resources)

    @property
    def encounter_id(self) -> str:
        """The encounter in which the orders are given; empty: none."""
        return next((str(one["id"]) for one in self.resources if one["resourceType"] == "Encounter"), "")


class Ward(NamedTuple):
    """All patients by id, and the day as of which their stories are told."""

    as_of: date
    patients: Mapping[str, FixturePatient]

    @property
    def first(self) -> FixturePatient:
        """The patient whom a visitor meets first."""
        return next(iter(self.patients.values()))


@cache
def ward() -> Ward:
    """The patients as they are shipped."""
    index = read_yaml(_folder() / "index.yaml")
    return Ward(index["as_of"], {said["patient"]: _patient(said) for said in index["patients"]})


def _folder() -> Path:
    """Where the charts are: inside the installed package, or beside it in a checkout."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKED_OUT


def _patient(said: Mapping[str, Any]) -> FixturePatient:
    bundle = orjson.loads((_folder() / f"{said['patient']}.json").read_bytes())
    return FixturePatient(
        id=said["patient"],
        who=said["who"],
        story=said["story"],
        examples=tuple(map(_example, said["try"])),
        not_sent=frozenset(said.get("not_sent", ())),
        resources=tuple(entry["resource"] for entry in bundle["entry"]),
    )


def _example(said: Mapping[str, Any]) -> Example:
    return Example(said["order"], said["shows"], said.get("second", ""), Hook(said.get("hook", Hook.ORDER_SIGN.value)))
