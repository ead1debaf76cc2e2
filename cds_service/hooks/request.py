"""The body of a hook call becomes a HookRequest: strict on what the specification requires, lenient on the rest.

Oddities of real senders are read as they were meant: a patientId or encounterId written as a reference, `null` for an
optional field, draftOrders without type or with an object for a list, an order in the place of its entry, an entry
without resource, private fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

import orjson

from cards.orders import Hook
from cds_service.clients import ANYBODY, Caller
from cds_service.errors import InvalidRequest, OtherPatient, StrippedCall
from cds_service.fhir.bundle import resource_of, subject_id, subject_member, unwrapped
from cds_service.fhir.coding import as_dict, as_list
from cds_service.hooks.fhir_access import read_fhir_access
from cds_service.hooks.fields import bare_id, is_possible_id, required, text
from cds_service.hooks.identifier import is_uuid
from cds_service.hooks.json_bounds import is_too_deep

Resource = dict[str, Any]

_HOOKS = {hook.value: hook for hook in Hook}
_ONE_VALUE = (
    "one JSON value in UTF-8, nested less than 250 deep, without NaN, half a surrogate pair or a number beyond 1e308"
)
_LONGEST_INTEGER = 18  # digits; orjson writes 64 bits
_DECIMAL = re.compile(rb"[:,\[]-?\d+[.eE]").search  # the same in a text costs a second reading, no more


class Draft(NamedTuple):
    """One draft order. `is_selected`: cards concern it; else it is context."""

    resource: Resource
    full_url: str
    is_selected: bool


class HookRequest(NamedTuple):
    """One call. Empty texts: not given. `authorization` is for `fhir_server` only and is never written anywhere.

    `fhir_server` is empty too when the token given for it cannot be used, for the reason `no_access`. `prefetch` has
    our names of the keys beside those of the client. `dangling_selections`: how many lead to no draft. `reads_end_at`:
    when reading from the server has to end, on the monotonic clock.
    """

    hook: Hook
    instance: str
    user_id: str
    patient_id: str
    encounter_id: str
    drafts: tuple[Draft, ...]
    prefetch: Mapping[str, Any]
    fhir_server: str
    authorization: Mapping[str, Any]
    body: bytes
    no_access: str = ""
    dangling_selections: int = 0
    reads_end_at: float = inf

    def __repr__(self) -> str:
        return f"HookRequest({self.hook})"  # the rest is a patient's

    def exact_drafts(self) -> dict[str, Resource]:
        """Drafts by Type/id, their numbers as the sender wrote them (1.10 stays 1.10); two of one name: neither.

        Reads the body a second time when a draft holds a decimal: only for answers that send a draft back.
        """
        drafts: dict[str, Resource] = {}
        doubtful = set()
        for resource in self._exact():
            reference = _reference(resource)
            first = drafts.setdefault(reference, resource)
            if first is not resource and orjson.dumps(first) != orjson.dumps(resource):
                doubtful.add(reference)
        return {reference: resource for reference, resource in drafts.items() if reference not in doubtful}

    def _exact(self) -> list[Resource]:
        as_read = [draft.resource for draft in self.drafts]
        if not _DECIMAL(orjson.dumps(as_read)):
            return as_read
        value = json.loads(self.body, parse_float=orjson.Fragment, parse_int=_integer)
        return [resource for _, resource, _ in _resources(value["context"]["draftOrders"])]


def read_json(body: bytes) -> Resource:
    """The JSON object of a body. Raises InvalidRequest."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f" (at character {error.pos})" if error.pos else ""
        raise InvalidRequest("body", _ONE_VALUE, f"{error.msg}{where}") from None  # its words never repeat the body
    if not isinstance(value, dict):
        raise InvalidRequest("body", "a JSON object")
    if is_too_deep(value):
        raise InvalidRequest("body", "values nested less than 250 deep")
    return value


def parse_request(
    body: bytes, *, at_most_entries: int, hook: Hook | None = None, caller: Caller = ANYBODY
) -> HookRequest:
    """The call that a body makes, for the service of `hook` (None: any that is known). Raises InvalidRequest."""
    value = read_json(body)
    called = _hook(value, hook)
    instance = required(value, "hookInstance", "hookInstance", "a UUID")
    if caller.is_strict and not is_uuid(instance):
        raise InvalidRequest("hookInstance", "a UUID")
    context = value.get("context")
    if not isinstance(context, dict):
        raise InvalidRequest("context", "an object")
    user_id = required(context, "userId", "context.userId", "a reference such as Practitioner/12")
    patient_id = bare_id(required(context, "patientId", "context.patientId", "a patient's id"), "Patient")
    if not is_possible_id(patient_id):
        raise InvalidRequest("context.patientId", "a patient's id")
    if context.get("draftOrders") is None and not (value.get("prefetch") or value.get("fhirServer")):
        raise StrippedCall
    found = _drafts(context, patient_id, at_most_entries)
    if called is Hook.ORDER_SELECT and caller.is_strict:
        _check_selections(context)
    selections = as_list(context.get("selections")) if called is Hook.ORDER_SELECT else []
    drafts, dangling = _selected(found, selections)
    prefetch = _prefetch(value, caller)
    _same_patient_prefetched(prefetch.get("patient"), patient_id)
    access = read_fhir_access(value, patient_id, caller)
    return HookRequest(
        hook=called,
        instance=instance,
        user_id=user_id,
        patient_id=patient_id,
        encounter_id=bare_id(text(context.get("encounterId")), "Encounter"),
        drafts=drafts,
        prefetch=prefetch,
        fhir_server=access.server,
        authorization=access.authorization,
        body=body,
        no_access=access.refused,
        dangling_selections=dangling,
    )


def _hook(value: Resource, offered: Hook | None) -> Hook:
    called = _HOOKS.get(required(value, "hook", "hook", "the name of a hook"))
    if called is None or offered not in (None, called):
        names = offered or " or ".join(_HOOKS)
        raise InvalidRequest("hook", f"{names}, which is what is offered here")
    return called


def _drafts(context: Resource, patient_id: str, at_most: int) -> list[tuple[Resource, str]]:
    """The drafts about this patient, each with its fullUrl."""
    bundle = context.get("draftOrders")
    if not isinstance(bundle, dict) or bundle.get("resourceType") not in (None, "Bundle"):
        raise InvalidRequest("context.draftOrders", "a Bundle of the draft orders")
    if bundle and bundle.keys().isdisjoint(("resourceType", "entry")):
        raise InvalidRequest("context.draftOrders", "a Bundle of the draft orders, each in an entry")
    if len(as_list(bundle.get("entry"))) > at_most:
        raise InvalidRequest("context.draftOrders.entry", f"at most {at_most} entries")
    drafts: list[tuple[Resource, str]] = []
    for index, resource, full_url in _resources(bundle):
        about = subject_id(resource)
        if about is None or about == patient_id:
            if not _came_before(resource, drafts):
                drafts.append((resource, full_url))
        elif "/" not in about:
            raise OtherPatient(f"{_place(index)}.resource.{subject_member(resource)}")
        # else an order about a group, a device or a place: not about this patient, so not ours to review
    return drafts


def _came_before(resource: Resource, drafts: list[tuple[Resource, str]]) -> bool:
    """Is it word for word a draft of the same id? Counted twice, its dose would be."""
    own = resource.get("id")
    return own is not None and any(other.get("id") == own and other == resource for other, _ in drafts)


def _selected(drafts: list[tuple[Resource, str]], selections: list[Any]) -> tuple[tuple[Draft, ...], int]:
    """The drafts, the selected ones marked, and how many selections lead to none: if all do, every draft is meant."""
    if not selections:
        return tuple(Draft(*draft, True) for draft in drafts), 0
    names = [_names(*draft) for draft in drafts]
    known = set().union(*names)
    spelt = [_spellings(one) for one in selections]
    dangling = sum([known.isdisjoint(spellings) for spellings in spelt])
    wanted = set().union(*spelt)
    groups = [draft for (draft, _), own in zip(drafts, names, strict=True) if not wanted.isdisjoint(own)]
    wanted = wanted.union(*[_spellings(reference) for group in groups for reference in _members(group)])
    chosen = [not wanted.isdisjoint(own) for own in names]
    are_all = not any(chosen)
    marked = tuple(Draft(*draft, is_chosen or are_all) for draft, is_chosen in zip(drafts, chosen, strict=True))
    return marked, dangling


def _members(group: Resource) -> Iterator[str]:
    """References to the orders of a RequestGroup (R5: RequestOrchestration), in actions of actions too."""
    for action in map(as_dict, as_list(group.get("action"))):
        reference = as_dict(action.get("resource")).get("reference")
        if isinstance(reference, str):
            yield reference
        yield from _members(action)


def _check_selections(context: Resource) -> None:
    """Raises InvalidRequest unless there are selections and each of them is an order of the Bundle."""
    selections = context.get("selections")
    if not isinstance(selections, list) or not selections:
        raise InvalidRequest("context.selections", "the drafts that are selected")
    drafted = set[str]()
    for _, resource, full_url in _resources(context["draftOrders"]):
        drafted |= _names(resource, full_url)
    for index, selection in enumerate(selections):
        if drafted.isdisjoint(_spellings(selection)):
            raise InvalidRequest(f"context.selections[{index}]", "a draft of context.draftOrders, as Type/id")


def _resources(bundle: Resource) -> Iterator[tuple[int, Resource, str]]:
    """Number, resource and fullUrl of each entry of a Bundle; entries without a resource are passed over."""
    for index, entry in enumerate(as_list(bundle.get("entry"))):
        if not isinstance(entry, dict):
            raise InvalidRequest(_place(index), "an object with a resource")
        resource = resource_of(entry)
        if resource is None:  # the sandbox sends such entries when its screen opens
            continue
        if not isinstance(resource, dict):
            raise InvalidRequest(f"{_place(index)}.resource", "a FHIR resource as an object")
        if resource and not resource.get("resourceType"):  # silence would look as if it had been reviewed
            raise InvalidRequest(f"{_place(index)}.resource.resourceType", "the type of the order")
        yield index, resource, text(entry.get("fullUrl"))


def _place(index: int) -> str:
    return f"context.draftOrders.entry[{index}]"


def _spellings(selection: Any) -> tuple[str, ...]:
    """What a selection names: Type/id, fullUrl or bare id; of an absolute address its last two steps as well."""
    if not isinstance(selection, str) or not selection:
        return ()
    return (selection, "/".join(selection.rsplit("/", 2)[-2:])) if "://" in selection else (selection,)


def _names(resource: Resource, full_url: str) -> set[str]:
    """What a draft can be selected by."""
    own_id = resource.get("id")
    return {_reference(resource), full_url, own_id if isinstance(own_id, str) else ""}


def _reference(resource: Resource) -> str:
    own_id = resource.get("id")
    return f"{resource.get('resourceType')}/{own_id if isinstance(own_id, str | int) else ''}"


def _prefetch(value: Resource, caller: Caller) -> Resource:
    """Prefetch by our names of the keys; what the client calls otherwise stands under its own name too."""
    prefetch = as_dict(value.get("prefetch"))
    keys = {} if caller.client is None else caller.client.prefetch_keys
    renamed = {ours: prefetch[theirs] for theirs, ours in keys.items() if theirs in prefetch}
    return {**renamed, **prefetch} if renamed else prefetch


def _same_patient_prefetched(value: Any, patient_id: str) -> None:
    """Raises OtherPatient when the prefetched Patient is another patient; one without an id is no mismatch."""
    if not isinstance(value, list):  # of several, each as in an entry
        value = as_dict(unwrapped(value))
        value = as_list(value.get("entry")) or [value]
    resources = [as_dict(resource_of(as_dict(entry))) for entry in value]
    ids = [subject_id(resource) for resource in resources if resource.get("resourceType") == "Patient"]
    if ids and patient_id not in ids and None not in ids:
        raise OtherPatient("prefetch.patient")


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else orjson.Fragment(digits)
