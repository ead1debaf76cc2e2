"""Was the patient lying or upright? What stands beside a vital sign about the position of the body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cards.concepts import ValueSets
from cards.records import Posture
from cds_service.fhir.coding import as_dict, as_list, codings, text_of

_POSITION = "body_position"
_EXTENSION = "observation-bodyPosition"  # http://hl7.org/fhir/StructureDefinition/…
_POSTURES = {"posture_lying": Posture.LYING, "posture_upright": Posture.UPRIGHT}
_PLACES = ("bodySite", "method")
_MOST_PARTS = 100  # components and extensions that are looked at

Resource = dict[str, Any]


def read_posture(observation: Resource, value_sets: ValueSets) -> Posture | None:
    """The posture that an Observation states; None when it states none, none of ours, or two."""
    found = {posture for answer in _answers(observation, value_sets) for posture in _meanings(answer, value_sets)}
    return found.pop() if len(found) == 1 else None


def _answers(observation: Resource, value_sets: ValueSets) -> Iterator[Any]:
    """A component, the standard extension, and the places where senders write "supine" for want of a better one."""
    for component in map(as_dict, as_list(observation.get("component"))[:_MOST_PARTS]):
        coded = codings(component.get("code"))
        if any(_POSITION in value_sets.coded(one.system, one.code) for one in coded):
            yield component.get("valueCodeableConcept") or {"text": component.get("valueString")}
    for extension in map(as_dict, as_list(observation.get("extension"))[:_MOST_PARTS]):
        if str(extension.get("url")).endswith(_EXTENSION):
            yield extension.get("valueCodeableConcept")
    for place in _PLACES:
        yield observation.get(place)


def _meanings(concept: Any, value_sets: ValueSets) -> Iterator[Posture]:
    coded = codings(concept)
    names = {name for one in coded for name in value_sets.coded(one.system, one.code)}
    if names.isdisjoint(_POSTURES):
        texts = {text_of(concept), *(one.display for one in coded)} - {""}
        names = {name for text in texts for name in value_sets.named(text, ("obs",))}
    yield from (_POSTURES[name] for name in names & _POSTURES.keys())
