"""Laboratory results and vital signs: Observations, their components and the members of their panels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from cards.concepts import ValueSets
from cards.facts import Measurement
from cds_service.chart.results import Assay, Result, assay_of, read_result
from cds_service.fhir.bundle import subject_id
from cds_service.fhir.coding import as_dict, as_list, codings, plain, text_of
from cds_service.fhir.date import NO_MOMENT, Moment, moment_of
from cds_service.fhir.status import Standing, standing

SHOWN = 80  # characters of a name that are shown

_KINDS = ("lab", "vital", "obs")
Resource = dict[str, Any]


class Meaning(NamedTuple):
    """What one code measures, among what is asked for. `is_stated`: the patient's own word."""

    assay: Assay
    is_stated: bool
    is_panel: bool


class _Codes:
    """What codes and names mean among the concepts of one data request."""

    def __init__(self, concepts: frozenset[str], value_sets: ValueSets) -> None:
        self._concepts = concepts
        self._value_sets = value_sets
        self.coded = lru_cache(maxsize=2_048)(self._find)  # bounded, because codes come from outside

    def _find(self, system: str, code: str) -> tuple[Meaning, ...]:
        found = []
        for name in sorted(self._value_sets.coded(system, code) & self._concepts):
            row = self._value_sets.row(name, system, code)
            hints = {} if row is None else row.hints
            found.append(
                Meaning(assay_of(name, self._value_sets), bool(hints.get("stated")), hints.get("property") == "panel")
            )
        return tuple(found)

    def named(self, text: str) -> tuple[Meaning, ...]:
        """Meanings of a name; none where the value sets give no words."""
        names = sorted(self._value_sets.named(text, _KINDS) & self._concepts)
        return tuple(Meaning(assay_of(name, self._value_sets), False, False) for name in names)

    def is_known(self, system: str) -> bool:
        """Is this a code system whose codes say by themselves what was measured?"""
        return self._value_sets.system_uri(system) is not None


@lru_cache(maxsize=64)
def _codes_of(concepts: frozenset[str], value_sets: ValueSets) -> _Codes:
    return _Codes(concepts, value_sets)


def read_measurements(
    observations: Iterable[Resource],
    concepts: frozenset[str],
    *,
    value_sets: ValueSets,
    patient_id: str,
    zone: tzinfo,
) -> Iterator[Measurement]:
    """Results of these concepts, undated ones too. Whatever has no such code is left out."""
    observations = tuple(observations)
    reader = _Reader(_codes_of(concepts, value_sets), value_sets, patient_id, zone, observations)
    for observation in observations:
        yield from reader.read(observation)


class _Reader:
    """Reads the Observations of one answer."""

    def __init__(
        self, codes: _Codes, value_sets: ValueSets, patient_id: str, zone: tzinfo, observations: tuple[Resource, ...]
    ) -> None:
        self.codes = codes
        self.value_sets = value_sets
        self.patient_id = patient_id
        self.zone = zone
        self.observations = observations

    def read(self, observation: Resource) -> Iterator[Measurement]:
        """Measurements of one Observation, its components and its contained members."""
        stands = standing(observation)
        if stands is Standing.IGNORED:
            return
        contained = [entry for entry in as_list(observation.get("contained")) if self._is_member(entry)]
        components = [entry for entry in as_list(observation.get("component")) if isinstance(entry, dict)]
        code = observation.get("code")
        for meaning, number in self._meanings(code):
            if (
                meaning.is_panel
                and not _has_value(observation)
                and (components or contained or self._has_all_members(observation))
            ):
                continue  # its members say it
            yield from self._measured(observation, observation, code, number, meaning, stands)
        for component in components:
            code = component.get("code")
            for meaning, number in self._meanings(code):
                yield from self._measured(component, observation, code, number, meaning, stands)
        for member in contained:
            yield from self.read(_with_context(member, observation))

    def _meanings(self, code: Any) -> list[tuple[Meaning, str]]:
        """(meaning, code) for each concept, once; the words count only where no code of a known system is given."""
        found: dict[str, tuple[Meaning, str]] = {}
        is_coded = False
        for system, number, _ in codings(code):
            if number:
                for meaning in self.codes.coded(system, number):
                    found.setdefault(meaning.assay.concept.name, (meaning, number))
                is_coded = is_coded or self.codes.is_known(system)
        if not found and not is_coded:
            found = {meaning.assay.concept.name: (meaning, "") for meaning in self.codes.named(text_of(code))}
        return list(found.values())

    def _measured(
        self, holder: Resource, observation: Resource, code: Any, number: str, meaning: Meaning, stands: Standing
    ) -> Iterator[Measurement]:
        result = self._result(holder, meaning, stands)
        if result is None or (result.unreadable and meaning.assay.concept.unreadable_is_ignored):
            return
        moment = self._moment(observation)
        yield Measurement(
            meaning.assay.concept.name,
            moment.on,
            moment.at,
            result.value,
            result.unit,
            result.comparator,
            result.finding,
            result.received,
            result.unreadable,
            result.is_pending,
            meaning.is_stated,
            number,
            plain(text_of(code), SHOWN),
            _performer(observation),
        )

    def _result(self, holder: Resource, meaning: Meaning, stands: Standing) -> Result | None:
        if stands is Standing.PENDING:
            return Result(is_pending=True)
        if stands is Standing.UNSTATED:  # a result, but no one says that it is one
            return Result(unreadable="no status")
        if meaning.is_panel and not _has_value(holder):
            return Result(unreadable="the results of the panel were not sent")
        return read_result(holder, meaning.assay, self.value_sets)

    def _moment(self, observation: Resource) -> Moment:
        for text in _times(observation):
            moment = moment_of(text, self.zone)
            if moment.on is not None:
                return moment
        return NO_MOMENT

    def _is_member(self, entry: Any) -> bool:
        return (
            isinstance(entry, dict)
            and entry.get("resourceType") == "Observation"
            and subject_id(entry) in (None, self.patient_id)
        )

    def _has_all_members(self, panel: Resource) -> bool:
        """Are there members, and all of them in the same answer, where they speak for themselves?"""
        members = [as_dict(member).get("reference") for member in as_list(panel.get("hasMember"))]
        return bool(members) and all(isinstance(m, str) and m.rpartition("/")[2] in self._ids for m in members)

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(str(observation.get("id")) for observation in self.observations)


_TIMES = ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming", "issued")


def _times(observation: Resource) -> Iterator[Any]:
    """When it was measured: effectiveDateTime, else the end of the period, else when it was issued (book 1.1)."""
    yield observation.get("effectiveDateTime")
    yield observation.get("effectiveInstant")
    period = as_dict(observation.get("effectivePeriod"))
    yield period.get("end")
    yield from reversed(as_list(as_dict(observation.get("effectiveTiming")).get("event")))
    yield observation.get("issued")
    yield period.get("start")  # still running, never issued


def _has_value(observation: Resource) -> bool:
    return any(name.startswith("value") for name in observation)


def _with_context(member: Resource, panel: Resource) -> Resource:
    """A contained member with what it leaves to its panel: status, performer, time."""
    inherited = ["status", "performer"]
    if not any(name in member for name in _TIMES):
        inherited += _TIMES
    return {**{name: panel[name] for name in inherited if name in panel}, **member, "contained": None}


def _performer(observation: Resource) -> str:
    for performer in as_list(observation.get("performer")):
        name = plain(as_dict(performer).get("display"), SHOWN)
        if name:
            return name
    return ""
