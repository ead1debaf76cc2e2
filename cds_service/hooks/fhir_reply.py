"""What a query to a FHIR server brought, or in words for a card why it brought nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

LATE = "the FHIR server did not answer in time"
UNREACHABLE = "the FHIR server could not be reached"
NOT_TRUSTED = "no trusted TLS connection to the FHIR server could be made"
REFUSED = "the FHIR server refused access"
NOT_FOUND = "the FHIR server does not have it"
NOT_ACCEPTED = "the FHIR server did not accept the query"
FAILED = "the FHIR server failed"
REDIRECTED = "the FHIR server points elsewhere"
TOO_LARGE = "the answer of the FHIR server is too large"
UNREADABLE = "the answer of the FHIR server could not be read"
NOT_ALLOWED = "address not allowed"
NOT_SUPPLIED = "not supplied"
NO_TOKEN = "no access to the FHIR server was granted"  # noqa: S105


class Reply(NamedTuple):
    """What one query brought: the JSON of the answer, or why there is none."""

    body: dict[str, Any] | None = None
    why: str = ""


@dataclass(slots=True)
class FhirRead:
    """One request to a FHIR server, for metrics and traces: never its address. One that is not over is late.

    `began_ns`: nanoseconds since 1970; `seconds`: None while it goes on; `why`: as in `Reply`, empty when it answered.
    """

    began_ns: int
    seconds: float | None = None
    why: str = LATE


def why_nothing_came(refusal: str, server: str, reads: Iterable[FhirRead]) -> str:
    """The refusal of a call for whoever named the server that gave nothing: with the server, and every reason once."""
    reasons = dict.fromkeys(read.why for read in reads) or [LATE]
    hint = " (is there a FHIR server, and this patient on it?)" if NOT_FOUND in reasons else ""
    return f"{refusal} {server}: {', '.join(reasons)}{hint}."
