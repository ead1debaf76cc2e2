"""Requests to try a service with: one that brings a card (good), one that brings none (quiet); ours, or from files.

Ours are synthetic. They are adapted to the service: its prefetch templates are filled from one made-up chart.
"""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from cds_service.conformance.chart import Chart
from cds_service.saved_files import UnusableFile, read_file

Request = dict[str, Any]
OUR_HOOKS = ("order-select", "order-sign")
_DAY = re.compile(r"\{\{today-(\d+)\}\}")
_SAMPLES = files("cds_service.conformance") / "samples"


class Sample(NamedTuple):
    """A request for one service. `entry` is the service in discovery, `chart` what its FHIR server would hold."""

    name: str
    entry: Mapping[str, Any]
    request: Request
    chart: Chart

    @property
    def service(self) -> str:
        """The id of the service."""
        return str(self.entry["id"])


def read_request(path: str) -> Request:
    """A hook request from a file. Raises UnusableFile."""
    try:
        request = json.loads(read_file(path))
        if isinstance(request["hook"], str) and isinstance(request["context"], dict):
            return dict(request)
    except (ValueError, KeyError, TypeError):
        pass
    raise UnusableFile(f"{path}: expected a hook request as JSON, with hook and context")


def given(name: str, requests: Iterable[Request], entries: Iterable[Mapping[str, Any]]) -> Iterator[Sample]:
    """Requests from files, for each service of their hook."""
    entries = tuple(entries)
    for number, request in enumerate(requests, 1):
        chart = Chart.of_prefetch(request.get("prefetch") or {})
        for entry in entries:
            if entry.get("hook") == request["hook"]:
                yield Sample(f"{name} {number}", entry, request, chart)


def shipped(name: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[Sample]:
    """Our own requests ("good", "quiet"), adapted to each service of their hook."""
    chart = Chart(_read(_SAMPLES / "chart.json"))
    requests = [(file.name, _read(file)) for file in sorted((_SAMPLES / name).iterdir(), key=lambda file: file.name)]
    for entry in entries:
        for file, request in requests:
            if entry.get("hook") == request["hook"]:
                yield Sample(file.removesuffix(".json"), entry, _adapted(request, entry, chart), chart)


def changed(request: Request, place: str, value: Any) -> Request:
    """A copy with another value at a dotted place such as context.patientId."""
    copied = copy.deepcopy(request)
    *steps, last = place.split(".")
    inner = copied
    for step in steps:
        inner = inner.setdefault(step, {})
    inner[last] = value
    return copied


def without(request: Request, place: str) -> Request:
    """A copy without the member at a dotted place."""
    copied = copy.deepcopy(request)
    *steps, last = place.split(".")
    inner: Any = copied
    for step in steps:
        inner = inner.get(step, {})
    inner.pop(last, None)
    return copied


def without_data(request: Request) -> Request:
    """A copy that brings nothing of the chart: no prefetch, no FHIR server and no token for one."""
    for place in ("prefetch", "fhirServer", "fhirAuthorization"):
        request = without(request, place)
    return request


def drafts(request: Request) -> list[dict[str, Any]]:
    """The draft orders of a request, to look at or to change."""
    bundle = request.get("context", {}).get("draftOrders", {})
    return [entry["resource"] for entry in bundle.get("entry", ()) if "resource" in entry]


def again(request: Request) -> Request:
    """The same request as another call: with a hookInstance of its own."""
    return {**request, "hookInstance": str(uuid.uuid4())}


def _adapted(request: Request, entry: Mapping[str, Any], chart: Chart) -> Request:
    templates = entry.get("prefetch")
    if not isinstance(templates, dict):
        return request
    usable = {key: template for key, template in templates.items() if isinstance(template, str)}
    return {**request, "prefetch": chart.prefetch(usable, request["context"])}


def _read(file: Traversable) -> Any:
    """A shipped file; its dates count back from today."""
    today = datetime.now(UTC).date()
    text = file.read_text(encoding="utf-8")
    return json.loads(_DAY.sub(lambda match: (today - timedelta(days=int(match[1]))).isoformat(), text))
