"""One line of JSON per call, and what our own code reports besides. Only the keys below are ever written.

What a caller sent is never written: no body, no token, no name, no id of a resource, no free text (a hookInstance only
when it is a UUID). Other libraries do not write here: their lines quote addresses, and those hold patient ids.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson
import structlog

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE).fullmatch
_OURS = ("cds_service", "cards")
_EXTRA = ("rule", "error", "at", "need", "status", "why")


@dataclass(slots=True)
class Call:
    """What is logged of one call; every field is a word or a number of our own.

    `rules` are the rules shown with their level, `opinions` counts of what the rules answered, `prefetch` the data
    requests that prefetch answered, `feedback` counts by outcome and override reason.
    """

    service: str = ""
    hook: str = ""
    instance: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[str, ...] = ()
    opinions: Mapping[str, int] = field(default_factory=dict)
    prefetch: tuple[str, ...] = ()
    fhir_calls: int = 0
    feedback: Mapping[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @property
    def ms(self) -> float:
        """Milliseconds since the call began."""
        return round((time.perf_counter() - self.started) * 1000, 2)


class Log:
    """Writes lines of JSON to one stream."""

    def __init__(self, level: str = "info", stream: BinaryIO | None = None) -> None:
        self._log = structlog.wrap_logger(
            structlog.BytesLogger(stream or sys.stdout.buffer),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                structlog.processors.JSONRenderer(serializer=_line),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(level),
        ).bind()

    def call(self, call: Call, status: int) -> None:
        """One call, answered with `status`."""
        line = {
            "service": call.service,
            "hook": call.hook,
            "hook_instance": call.instance if _UUID(call.instance) else "",
            "rules": call.rules,
            "cards": call.cards,
            "opinions": call.opinions,
            "prefetch": call.prefetch,
            "fhir_calls": call.fhir_calls,
            "feedback": call.feedback,
        }
        kept = {key: value for key, value in line.items() if value}
        self._log.info("call", status=status, ms=call.ms, **kept)

    def report(self, level: int, event: str, **about: Any) -> None:
        """Something of our own worth telling the operator."""
        self._log.log(level, event, **about)

    def take_over(self) -> None:
        """Write here what our own modules report through `logging`, and keep silent what other libraries do."""
        for name in _OURS:
            logger = logging.getLogger(name)
            for handler in [handler for handler in logger.handlers if isinstance(handler, _Handler)]:
                logger.removeHandler(handler)
            logger.addHandler(_Handler(self))
        root = logging.getLogger()
        if not root.handlers:  # else Python's last resort prints the warnings of other libraries
            root.addHandler(logging.NullHandler())


class _Handler(logging.Handler):
    """Passes on the message as it stands in our source and the allow-listed extras, never its arguments."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        about = {key: value for key in _EXTRA if (value := getattr(record, key, None)) is not None}
        self._log.report(record.levelno, str(record.msg), **about)


def _line(event: dict[str, Any], **_: Any) -> bytes:
    return orjson.dumps(event, default=str)
