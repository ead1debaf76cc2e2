"""Laboratory results and vital signs: Observations, their components and the members of their panels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from cards.concepts import ValueSets
from cards.facts import Measurement
from cards.records import Posture
from cds_service.chart.posture import read_posture
from cds_service.chart.results import Assay, Result, assay_of, read_result, upper_limit
from cds_service.fhir.bundle import subject_id
from cds_service.fhir.coding import Coding, as_dict, as_list, codings_and_text, plain, text_of
from cds_service.fhir.date import NO_MOMENT, Moment, moment_of
from cds_service.fhir.status import Standing, standing

SHOWN = 80  # characters of a name that are shown

_KINDS = ("lab", "vital", "obs")
_OTHER_PEOPLE = ("relatedperson", "person", "group", "biologicallyderivedproduct")
_MOST_PARTS = 100  # components and contained members of one Observation that are read
Resource = dict[str, Any]


class Meaning(NamedTuple):
    """What a code or a name (`code` empty) measures, among what is asked for. `is_stated`: the patient's own word.

    `posture`: of a code that states one.
    """

    assay: Assay
    code: str
    display: str
    is_stated: bool
    is_panel: bool
    posture: Posture | None = None


class _Codes:
    """What codes and names mean among the concepts of one data request."""

    def __init__(self, concepts: frozenset[str], value_sets: ValueSets) -> None:
        self._concepts = concepts
        self._value_sets = value_sets
        coded = (code for name in concepts for rows in value_sets.concept(name).codes.values() for code in rows)
        self._systems = frozenset(code.system for code in coded)
        self.meanings = lru_cache(maxsize=2_048)(self._meanings)  # bounded, because codes come from outside

    def _meanings(self, found: tuple[Coding, ...], text: str) -> tuple[Meaning, ...]:
        """What was measured, each concept once; the name counts only without a code of a system that could say it.

        A code beside the name of another test, person or specimen says neither.
        """
        meant: dict[str, Meaning] = {}
        for system, code, _ in found:
            for name in sorted(self._value_sets.coded(system, code) & self._concepts):
                meant.setdefault(name, self._meaning(name, system, code, text))
        if meant:
            doubted = self._value_sets.doubted("; ".join((text, *(coding.display for coding in found))), _KINDS)
            return tuple(meaning for name, meaning in meant.items() if name not in doubted)
        if self._systems.isdisjoint(self._value_sets.system_uri(one.system) for one in found if one.code):
            for name in self._value_sets.named(text, _KINDS) & self._concepts:
                meant[name] = self._meaning(name, "", "", text)
        return tuple(meant.values())

    def _meaning(self, name: str, system: str, code: str, text: str) -> Meaning:
        row = self._value_sets.row(name, system, code)
        hints = {} if row is None else row.hints
        assay = assay_of(name, self._value_sets)
        stated, is_panel = bool(hints.get("stated")), hints.get("property") == "panel"
        posture = Posture(str(hints["posture"])) if "posture" in hints else None
        return Meaning(assay, code, plain(text, SHOWN), stated, is_panel, posture)


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
) -> list[Measurement]:
    """Results of these concepts, undated ones too. Whatever has no such code is left out."""
    observations = tuple(observations)
    reader = _Reader(_codes_of(concepts, value_sets), value_sets, patient_id, zone, observations)
    for observation in observations:
        reader.read(observation)
    return reader.found


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
        self.found: list[Measurement] = []

    def read(self, observation: Resource) -> None:
        """Finds the measurements of one Observation, its components and its contained members."""
        stands = Standing.COUNTS if observation.get("status") == "final" else standing(observation)
        if stands is Standing.IGNORED or ("focus" in observation and self._is_about_another(observation)):
            return
        for meaning in self.codes.meanings(*codings_and_text(observation.get("code"))):
            if not (meaning.is_panel and self._is_said_by_members(observation)):
                self._note(observation, observation, meaning, stands)
        if "component" in observation or "contained" in observation:
            self._read_parts(observation, stands)

    def _read_parts(self, observation: Resource, stands: Standing) -> None:
        for component in map(as_dict, as_list(observation.get("component"))[:_MOST_PARTS]):
            for meaning in self.codes.meanings(*codings_and_text(component.get("code"))):
                self._note(component, observation, meaning, stands)
        for member in as_list(observation.get("contained"))[:_MOST_PARTS]:
            if self._is_member(member):
                self.read(_with_context(member, observation))

    def _note(self, holder: Resource, observation: Resource, meaning: Meaning, stands: Standing) -> None:
        if stands is Standing.COUNTS and not meaning.is_panel:  # nearly always
            result = read_result(holder, meaning.assay, self.value_sets)
        else:
            result = self._result(holder, meaning, stands)
        concept = meaning.assay.concept
        if result is None or (result.unreadable and concept.unreadable_is_ignored):
            return
        if "specimen" in observation and concept.name in self.value_sets.doubted(_specimen(observation), _KINDS):
            return
        moment = moment_of(observation.get("effectiveDateTime"), self.zone)  # nearly always
        if moment.on is None:
            moment = self._other_moment(observation)
        self.found.append(
            Measurement(
                concept.name,
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
                meaning.code,
                meaning.display,
                _performer(observation) if "performer" in observation else "",
                upper_limit(holder, meaning.assay, self.value_sets) if "referenceRange" in holder else None,
                meaning.posture or (read_posture(observation, self.value_sets) if concept.kind == "vital" else None),
                not meaning.code,
            )
        )

    def _result(self, holder: Resource, meaning: Meaning, stands: Standing) -> Result | None:
        if stands is Standing.PENDING:
            return Result(is_pending=True)
        if stands is Standing.UNSTATED:  # a result, but no one says that it is one
            return Result(unreadable="no status")
        if meaning.is_panel and not _has_value(holder):
            return Result(unreadable="the results of the panel were not sent")
        return read_result(holder, meaning.assay, self.value_sets)

    def _other_moment(self, observation: Resource) -> Moment:
        moments = (moment_of(text, self.zone) for text in _other_times(observation))
        return next((moment for moment in moments if moment.on is not None), NO_MOMENT)

    def _is_about_another(self, observation: Resource) -> bool:
        """Was a donor measured, a fetus, a relative? FHIR names in `focus` whom, where it is not the subject."""
        patient = {self.patient_id, subject_id(observation)}
        for focus in as_list(observation.get("focus")):
            if as_dict(focus) and "reference" not in as_dict(focus):
                return True  # "Donor"
            whom = subject_id({"subject": focus}) or self.patient_id
            kind, slash, _ = whom.rpartition("/")
            is_another = kind.lower() in _OTHER_PEOPLE if slash else whom not in patient
            if is_another:
                return True
        return False

    def _is_member(self, entry: Any) -> bool:
        return (
            isinstance(entry, dict)
            and entry.get("resourceType") == "Observation"
            and subject_id(entry) in (None, self.patient_id)
        )

    def _is_said_by_members(self, panel: Resource) -> bool:
        """Has the panel no value of its own, but components or members in the same answer, all of them?"""
        if _has_value(panel):
            return False
        if any(isinstance(component, dict) for component in as_list(panel.get("component"))):
            return True
        if any(self._is_member(entry) for entry in as_list(panel.get("contained"))):
            return True
        members = [as_dict(member).get("reference") for member in as_list(panel.get("hasMember"))]
        return bool(members) and all(isinstance(m, str) and m.rpartition("/")[2] in self._ids for m in members)

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(str(observation.get("id")) for observation in self.observations)


_TIMES = ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming", "issued")


def _other_times(observation: Resource) -> Iterator[Any]:
    """When it was measured, without effectiveDateTime: the end of the period, else when it was issued (book 1.1)."""
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


def _specimen(observation: Resource) -> str:
    """What the specimen is called, in the reference to it or where it is contained; empty when that is not said."""
    referred = text_of(as_dict(observation.get("specimen")).get("display"))
    contained = as_list(observation.get("contained"))[:_MOST_PARTS]
    types = [as_dict(one).get("type") for one in contained if as_dict(one).get("resourceType") == "Specimen"]
    return "; ".join((referred, *map(text_of, types)))


def _performer(observation: Resource) -> str:
    for performer in as_list(observation.get("performer")):
        name = plain(as_dict(performer).get("display"), SHOWN)
        if name:
            return name
    return ""
