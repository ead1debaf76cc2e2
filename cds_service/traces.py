"""OpenTelemetry: a span for each call with what the log says of it, and one below it for each request to a FHIR server.

Spans are written when the call is over. None holds an address, and of the caller's trace only its ids are taken over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from multiprocessing.util import Finalize
from typing import Any, Self

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from cds_service.hooks.fhir_reply import FhirRead
from cds_service.log import Call
from cds_service.unknowns import word

NAME = "neuropathy-cds"
SECOND = 1_000_000_000  # in nanoseconds


class Traces:
    """Writes the spans of every call."""

    def __init__(self, processor: SpanProcessor) -> None:
        provider = TracerProvider(resource=Resource.create({"service.name": NAME}), shutdown_on_exit=False)
        provider.add_span_processor(processor)
        Finalize(None, provider.shutdown, exitpriority=1)  # a worker ends without Python's own clearing up
        self._propagator = TraceContextTextMapPropagator()
        self._tracer = provider.get_tracer(NAME)

    @classmethod
    def to_collector(cls) -> Self:
        """Sends them where the OTEL_EXPORTER_OTLP_… variables say."""
        return cls(BatchSpanProcessor(OTLPSpanExporter()))

    def record(self, call: Call, status: int) -> None:
        """The spans of a call that is over."""
        ended = time.time_ns()
        span = self._tracer.start_span(
            call.service or "no service",
            self._propagator.extract({"traceparent": call.trace_parent}),
            kind=SpanKind.SERVER,
            attributes=dict(_attributes(call.about(status))),
            start_time=ended - int(call.seconds * SECOND),
        )
        for read in list(call.reads):
            self._record_read(span, read, ended)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)

    def _record_read(self, parent: Span, read: FhirRead, ended: int) -> None:
        attributes = {"cds.failure": word(read.why)} if read.why else {}
        within = set_span_in_context(parent)
        span = self._tracer.start_span("FHIR", within, SpanKind.CLIENT, attributes, start_time=read.began_ns)
        if read.why:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended if read.seconds is None else read.began_ns + int(read.seconds * SECOND))


def _attributes(about: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Fields of the log as attributes; counts and levels each under a name of their own."""
    for name, value in about.items():
        if isinstance(value, Mapping):
            yield from ((f"cds.{name}.{key}", inner) for key, inner in value.items())
        else:
            yield f"cds.{name}", value
