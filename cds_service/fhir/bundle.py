"""What a prefetch value or a FHIR answer holds: records of this patient, none, or nothing that can be relied on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from cds_service.fhir.coding import as_dict, as_list

Resource = dict[str, Any]
State = Literal["present", "absent", "unknown"]

_FAILED = "the query failed"
_ONLY_FOREIGN = "only records of another patient were sent"
_HARMLESS = ("information", "warning", "success")  # success: R5

# What FHIR lets a resource be about besides a patient, in lower case. Any other shape is no proof of another subject.
_OTHER_SUBJECTS = frozenset({
    "group", "device", "location", "organization", "practitioner", "practitionerrole", "relatedperson", "person",
    "procedure", "medication", "substance", "biologicallyderivedproduct", "nutritionproduct",
})  # fmt: skip


class Answer(NamedTuple):
    """Answer to one data request.

    `is_complete` False: part was left unread, so that finding nothing proves nothing. `why` says why it is unknown, or
    why only part of it came.
    `foreign` counts resources of other patients, which are left out. `included` holds what came along with the
    matches (Medication …). `next_url` is the next page, where there is one.
    """

    state: State
    resources: tuple[Resource, ...] = ()
    is_complete: bool = True
    why: str = ""
    foreign: int = 0
    next_url: str | None = None
    included: tuple[Resource, ...] = ()


_ABSENT = Answer("absent")
_READ_BY_ID = ("Patient", "Encounter")  # one resource is all there is; of a search it may be one of several


def unknown(why: str) -> Answer:
    """An answer that could not be had."""
    return Answer("unknown", is_complete=False, why=why)


def read_answer(value: Any, *, patient_id: str, types: Collection[str], at_most: int | None = None) -> Answer:
    """Records of these resource types in a prefetch value or a FHIR answer.

    `null` and an empty Bundle are ABSENT. At most so many entries of a Bundle are read; the rest counts as truncated.
    """
    if value is None:
        return _ABSENT
    if isinstance(value, list):
        return _read_matches(value, patient_id, types, at_most)
    value = unwrapped(value)
    if not isinstance(value, dict):
        return unknown("not a FHIR resource")  # null too, where it is wrapped: a 404 is no proof that there is nothing
    kind = _kind(value)
    if kind == "Bundle" or (kind is None and value.get("entry")):  # a Bundle that does not say so was seen
        return _read_bundle(value, patient_id, types, at_most)
    if kind == "OperationOutcome":
        return unknown(_FAILED)
    if kind not in types:
        return unknown("not the resource that was asked for")
    if _is_foreign(value, patient_id):
        return Answer("unknown", why=_ONLY_FOREIGN, foreign=1)
    return Answer("present", (value,), is_complete=kind in _READ_BY_ID)


@dataclass(slots=True)
class _Sorted:
    """Entries of a Bundle by what they are to the question."""

    found: list[Resource] = field(default_factory=list)
    included: list[Resource] = field(default_factory=list)
    matches: int = 0
    foreign: int = 0
    empty: int = 0
    unasked: int = 0
    has_failed: bool = False


def _sort(entries: list[Any], patient_id: str, types: Collection[str]) -> _Sorted:
    by = _Sorted()
    own = f"Patient/{patient_id}"
    found, matches = by.found, 0
    strangers: list[str] = []  # addresses inside the Bundle of Patients who are somebody else
    for entry in entries:
        try:  # nearly always: a match of the right type about this patient
            resource = entry["resource"]
            if (
                resource["resourceType"] in types
                and resource["subject"]["reference"] == own
                and entry["search"]["mode"] == "match"
            ):
                found.append(resource)
                matches += 1
                continue
        except (KeyError, TypeError, IndexError):
            pass
        resource = resource_of(entry) if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or (kind := _kind(resource)) is None:  # not said what it is: perhaps a match
            by.empty += 1
            continue
        if kind == "OperationOutcome":
            by.has_failed = by.has_failed or _is_failure(resource)
            continue
        is_match = "search" not in entry or as_dict(entry["search"]).get("mode") != "include"
        by.matches += is_match
        if kind not in types:
            by.included.append(resource)
            by.unasked += is_match
            address = str(entry.get("fullUrl"))
            if kind == "Patient" and address.startswith("urn:") and _is_foreign(resource, patient_id):
                strangers.append(address)
        elif _reference(resource) != own and _is_foreign(resource, patient_id):
            by.foreign += 1
        else:
            by.found.append(resource)
    by.matches += matches
    if strangers:
        by.found = [resource for resource in found if _reference(resource) not in strangers]
        by.foreign += len(found) - len(by.found)
    return by


def _read_bundle(bundle: Resource, patient_id: str, types: Collection[str], at_most: int | None) -> Answer:
    total = bundle.get("total")
    if "entry" not in bundle and "link" not in bundle and total in (0, None):  # nothing found
        return _ABSENT
    following = next_url(bundle) if "link" in bundle else None
    entries = as_list(bundle.get("entry"))
    read = entries if at_most is None else entries[:at_most]
    by = _sort(read, patient_id, types)
    if by.has_failed and not by.found:
        return unknown(_FAILED)
    repeated = _repeated(by.found)
    is_truncated = (
        _has_next_page(bundle)
        or by.has_failed
        or by.empty > 0
        or len(read) < len(entries)
        or (total is not None and _may_be_more(total, by.matches - repeated))  # the sandbox sends one page
    )
    why = _why_nothing(by, is_truncated) if not by.found else _FAILED if by.has_failed else ""
    state: State = "present" if by.found else "unknown" if why else "absent"
    found = _without_copies(by.found) if repeated else by.found
    return Answer(state, tuple(found), not is_truncated, why, by.foreign, following, tuple(by.included))


def _read_matches(matches: list[Any], patient_id: str, types: Collection[str], at_most: int | None) -> Answer:
    """Matches that a client took out of their Bundle: what is there counts, and nothing says that it is all."""
    answer = _read_bundle({"entry": matches}, patient_id, types, at_most)
    if not matches or answer.state == "absent":
        return unknown("not a FHIR resource")
    return answer._replace(is_complete=answer.is_complete and not set(types).isdisjoint(_READ_BY_ID))


def _may_be_more(total: Any, matches: int) -> bool:
    """May a search have found more than so many matches, by its total? One that cannot be read excludes nothing."""
    try:
        return not float(total) <= matches
    except (TypeError, ValueError):
        return True


def _repeated(found: list[Resource]) -> int:
    """How many records came before already: where pages shift while they are read, others are missing instead."""
    named = [(resource["resourceType"], own) for resource in found if isinstance(own := resource.get("id"), str)]
    return len(named) - len(set(named))


def _without_copies(found: list[Resource]) -> list[Resource]:
    """The records, each once. One id for several that differ is a sender's mistake: they stay, as those without one."""
    kept: dict[tuple[str, str], list[Resource]] = {}
    for resource in found:
        own = resource.get("id", id(resource))
        same = kept.setdefault((resource["resourceType"], str(own)), [])
        if resource not in same:
            same.append(resource)
    return [resource for same in kept.values() for resource in same]


def _why_nothing(by: _Sorted, is_truncated: bool) -> str:
    """Why finding nothing does not mean that there is nothing; empty when it does."""
    if is_truncated:
        return "only part of the record was sent"
    if by.foreign:
        return _ONLY_FOREIGN
    return "not the resources that were asked for" if by.unasked else ""


def unwrapped(value: Any) -> Any:
    """A prefetch value, taken out where cqf-ruler wraps it: {"response": …, "resource": …}."""
    is_wrapped = isinstance(value, dict) and "resourceType" not in value and "resource" in value
    return value["resource"] if is_wrapped else value


def resource_of(entry: Resource) -> Any:
    """What an entry of a Bundle holds: its resource, or the resource that stands in the place of the entry."""
    resource = entry.get("resource")
    return entry if resource is None and "resourceType" in entry else resource


def subject_id(resource: Resource) -> str | None:
    """Logical id of the patient a resource is about; None when it does not say, or not so that it can be resolved.

    A subject that is no patient (Group/7, Device/3) is given with its type: nobody's id.
    """
    if resource.get("resourceType") == "Patient":
        own = resource.get("id")
        return str(own).strip() or None if isinstance(own, str | int) else None  # a number names somebody too
    reference = _reference(resource)
    if not isinstance(reference, str):
        return None  # by identifier only
    reference = reference.strip()
    if "?" in reference or reference.lower().startswith(("#", "urn:")):
        return None  # conditional, contained, or a urn of a Bundle that is not here
    steps = [step for step in reference.split("/") if step]
    if len(steps) > 2 and steps[-2] == "_history":  # Patient/1/_history/3
        del steps[-2:]
    if len(steps) < 2:
        return steps[0] if steps else None
    kind, own = steps[-2].lower(), steps[-1]  # some write patient/1
    if kind == "patient":
        return own
    return f"{steps[-2]}/{own}" if kind in _OTHER_SUBJECTS else None


def subject_member(resource: Resource) -> str:
    """Name of the member in which a resource says whom it is about."""
    if resource.get("resourceType") == "Patient":
        return "id"
    return "subject" if resource.get("subject") or "patient" not in resource else "patient"


def _kind(resource: Resource) -> str | None:
    kind = resource.get("resourceType")
    return kind if isinstance(kind, str) else None


def _reference(resource: Resource) -> Any:
    subject = resource.get("subject") or resource.get("patient")
    return subject if isinstance(subject, str) else as_dict(subject).get("reference")


def _is_foreign(resource: Resource, patient_id: str) -> bool:
    about = subject_id(resource)
    return about is not None and about != patient_id


def _is_failure(outcome: Resource) -> bool:
    """Does any issue say that the query failed? One that names no severity does not say that it worked."""
    issues = as_list(outcome.get("issue"))
    return not issues or any(as_dict(issue).get("severity") not in _HARMLESS for issue in issues)


def next_url(bundle: Resource) -> str | None:
    """Address of the next page of a search; None on the last."""
    for link in as_list(bundle.get("link")):
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            if isinstance(url, str) and url:
                return url
    return None


def _has_next_page(bundle: Resource) -> bool:
    """Does a Bundle name a next page, wherever that is?"""
    return any(as_dict(link).get("relation") == "next" for link in as_list(bundle.get("link")))
