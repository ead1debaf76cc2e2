"""One line of JSON per call, and what our own code reports besides. Only the keys below are ever written.

What a caller sent is never written: no body, no token, no name, no id of a resource, no free text (a hookInstance only
when it is a UUID). Other libraries do not write here: their lines quote addresses, and those hold patient ids.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from cds_service.hooks.identifier import is_uuid

if TYPE_CHECKING:
    from cds_service.hooks.fhir_reply import FhirRead

_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
_OURS = ("cds_service", "cards")
FIELDS = (
    "service", "hook", "client", "tenant", "token", "auth_failure", "refused", "rule_base", "rules", "versions",
    "cards", "opinions", "cannot_tell", "prefetch", "fhir_access", "fhir_calls", "feedback", "unknown_drugs",
    "drugs_by_name", "other_orders", "dangling_selections",
)  # fmt: skip
_EXTRAS = ("rule", "error", "at", "why")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Call:
    """What is known of one call for log, metrics and traces; all but `instance` are words and numbers of our own.

    `client` and `tenant`: who called; a tenant that no client lists is a keyed hash. `token`: keyed hash of the `jti`.
    `auth_failure`: a word of ours for what was wrong with the token. `refused`: the field at fault or the kind of
    refusal. `rule_base`: checksum of all rules. `rules`: those shown with their level, `versions`: the day each was
    last reviewed. `topics`: topic and level of each card, `cards` their ids. `opinions`: counts of what the rules
    answered, `cannot_tell` by reason (`unknowns.py`). `prefetch`: the data requests that prefetch answered.
    `fhir_access`: why the FHIR server that was named is not called. `feedback`: counts by outcome and override reason.
    `unknown_drugs` and `drugs_by_name`: orders by code system (`unmapped_drugs.py`). `other_orders`: drafts of types
    that are not reviewed. `dangling_selections`: how many lead to no draft. `trace_parent`: the header of the caller's
    trace, never written. None: nothing to say.
    """

    service: str = ""
    hook: str = ""
    instance: str = ""
    client: str = ""
    tenant: str = ""
    token: str = ""
    auth_failure: str = ""
    refused: str = ""
    rule_base: str = ""
    rules: Mapping[str, str] | None = None
    versions: Mapping[str, str] | None = None
    topics: Sequence[tuple[str, str]] = ()
    cards: tuple[str, ...] | None = None
    opinions: Mapping[str, int] | None = None
    cannot_tell: Mapping[str, int] | None = None
    prefetch: tuple[str, ...] | None = None
    fhir_access: str = ""
    reads: list[FhirRead] = field(default_factory=list)
    feedback: Mapping[str, int] | None = None
    unknown_drugs: Mapping[str, int] | None = None
    drugs_by_name: Mapping[str, int] | None = None
    other_orders: Mapping[str, int] | None = None
    dangling_selections: int = 0
    trace_parent: str = ""
    started: float = field(default_factory=time.perf_counter)

    @property
    def fhir_calls(self) -> int:
        """Requests sent to a FHIR server."""
        return len(self.reads)

    @property
    def seconds(self) -> float:
        """Since the call began."""
        return time.perf_counter() - self.started

    def about(self, status: int) -> dict[str, Any]:
        """What is written; fields without a value are left out."""
        about: dict[str, Any] = {"status": status, "ms": round(self.seconds * 1000, 2)}
        for name in FIELDS:
            value = getattr(self, name)
            if value:
                about[name] = value
        if is_uuid(self.instance):
            about["hook_instance"] = self.instance
        return about


def log_call(call: Call, status: int) -> None:
    """Writes the line of one call, answered with `status`."""
    if _log.isEnabledFor(logging.INFO):
        _write("info", "call", call.about(status))


def configure_logging(level: str) -> None:
    """Lines of JSON on standard output for what our own modules report; silence for other libraries."""
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        if not any(isinstance(handler, _Lines) for handler in logger.handlers):
            logger.addHandler(_Lines())
    root = logging.getLogger()
    if not root.handlers:  # else Python's last resort prints the warnings of other libraries
        root.addHandler(logging.NullHandler())


class _Lines(logging.Handler):
    """Writes the message as it stands in our source, never its arguments, and the extras that may be written."""

    def emit(self, record: logging.LogRecord) -> None:
        extras = {key: str(value) for key in _EXTRAS if (value := getattr(record, key, None)) is not None}
        _write(record.levelname.lower(), str(record.msg), extras)


def _write(level: str, event: str, about: Mapping[str, Any]) -> None:
    line = {"time": datetime.now(UTC), "level": level, "event": event, **about}
    with suppress(OSError):  # a full disk, or a reader that is gone: no answer is lost for want of its line
        sys.stdout.buffer.write(orjson.dumps(line, option=_LINE))
        sys.stdout.buffer.flush()
