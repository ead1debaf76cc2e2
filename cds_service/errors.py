"""What can go wrong in the service, and what the caller is told.

ServiceError
├── InvalidConfiguration    a setting is wrong or unsafe: the start stops and names the key
├── CannotBeDone            a command cannot do what it was asked for: it ends with the message and exit code 2
└── Refused                 a call that gets an OperationOutcome instead of cards
    ├── InvalidRequest      400  a field is missing, mistyped or contradicts another
    │   ├── StrippedCall    400  nothing to review was sent, as if the client had left out what we may not see
    │   └── OtherPatient    400  an order, a token or the Patient itself is of another patient than the call
    ├── NotAuthenticated    401  no credential, or one that is not accepted; never says why
    ├── DataNotAvailable    412  nothing that the triggered cards need could be had
    ├── NotJson             415  the body does not claim to be JSON
    ├── PackedBody          415  the body is packed
    ├── TooManyCalls        429  the client has made more calls than it may; `retry_after` seconds
    ├── LedgerUnavailable   503  the ledger is out of reach: what was sent could not be stored, or what was asked read
    └── NotReady            503  the rule base is invalid

No message repeats what the caller sent: it could be a patient's data.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from werkzeug.exceptions import HTTPException


class ServiceError(Exception):
    """Root of all errors of this package."""


class InvalidConfiguration(ServiceError):
    """A setting of the process or of the site is wrong; the message names the key and what to write."""


class CannotBeDone(ServiceError):
    """Something that a command was asked for cannot be done; the message says what, and what to do."""


class Refused(ServiceError):
    """A call that cannot be answered with cards. `field` is where in the body; empty when it is no field's fault.

    `status` and `headers` are of the answer, `code` of the issue in its OperationOutcome.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, text: str, *, field: str = "", diagnostics: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.field = field
        self.diagnostics = diagnostics


class InvalidRequest(Refused):
    """A field of the request cannot be used; says which and what was expected, never what was found."""

    status, code = 400, "invalid"

    def __init__(self, field: str, expected: str, diagnostics: str = "") -> None:
        super().__init__(f"{field}: expected {expected}", field=field, diagnostics=diagnostics)


class StrippedCall(InvalidRequest):
    """A call without orders, prefetch and FHIR server: what an EHR sends to a service that it does not recognise."""

    def __init__(self) -> None:
        super().__init__(
            "context.draftOrders",
            "a Bundle of the draft orders",
            "Neither orders nor prefetch nor a FHIR server came. Some EHRs leave them out when the address called is"
            " not exactly the one registered, or when the scope to read unsigned orders was not granted.",
        )


class OtherPatient(InvalidRequest):
    """What stands at `field` is about another patient than the call: an error for the log too (book 0.7.2)."""

    def __init__(self, field: str, expected: str = "the patient of context.patientId") -> None:
        super().__init__(field, expected)


class NotAuthenticated(Refused):
    """Who calls could not be established. The answer is the same whatever the reason.

    `reason` (an `AuthFailure`) and `client` (whose token it claims to be) are words of our own, for log and metrics.
    `challenges`: the schemes by which one may authenticate, as the header WWW-Authenticate says them.
    """

    status, code = 401, "login"

    def __init__(self, reason: str = "", client: str = "", challenges: tuple[str, ...] = ("Bearer",)) -> None:
        super().__init__("Authentication is required.")
        self.headers = tuple([("WWW-Authenticate", challenge) for challenge in challenges])
        self.reason = reason
        self.client = client


class DataNotAvailable(Refused):
    """None of the data requests `missing` could be answered, neither by prefetch nor by the FHIR server.

    `no_access`: why the FHIR server that was named is not called, for the log; empty: it was, or none was named.
    """

    status, code = 412, "processing"

    def __init__(self, missing: tuple[str, ...], no_access: str = "") -> None:
        super().__init__(
            "None of the data needed to review this order could be obtained.",
            diagnostics=f"Neither in prefetch nor from a FHIR server that may be called: {', '.join(missing)}.",
        )
        self.missing = missing
        self.no_access = no_access


class NotJson(Refused):
    """The body does not claim to be JSON."""

    status, code = 415, "not-supported"

    def __init__(self) -> None:
        super().__init__("Send the body as application/json.")


class PackedBody(Refused):
    """The body is packed; what is read stands in a header (RFC 9110, 15.5.16)."""

    status, code = 415, "not-supported"
    headers = (("Accept-Encoding", "identity"),)

    def __init__(self) -> None:
        super().__init__("Send the body as it is: no Content-Encoding is read here.")


class TooManyCalls(Refused):
    """The client has used up its calls; in `retry_after` seconds there is one more."""

    status, code = 429, "throttled"

    def __init__(self, retry_after: int) -> None:
        super().__init__("More calls than this client may make in a minute; the Retry-After header says when to go on.")
        self.retry_after = retry_after
        self.headers = (("Retry-After", str(retry_after)),)


UNREADABLE = "The ledger cannot be read now; try again later."  # for those who asked for what is in it


class LedgerUnavailable(Refused):
    """The ledger cannot be reached, written or read. `cause` is for the log: a word of the database's."""

    status, code = 503, "transient"
    headers = (("Retry-After", "10"),)

    def __init__(self, cause: str = "", text: str = "It could not be stored; send it again later.") -> None:
        super().__init__(text)
        self.cause = cause


class NotReady(Refused):
    """The rule base could not be loaded, so that nothing can be reviewed."""

    status, code = 503, "transient"

    def __init__(self) -> None:
        super().__init__("The rule base of this service is invalid; its log names the file.")


class Outcome(NamedTuple):
    """An HTTP status with the OperationOutcome that explains it."""

    status: int
    body: dict[str, Any]


# What the web framework itself refuses; its own texts are HTML.
_HTTP: Mapping[int, tuple[str, str]] = {
    400: ("invalid", "The request could not be read."),
    404: ("not-found", "There is no such service or page here; GET /cds-services lists the services."),
    405: ("not-supported", "This method is not offered here; the Allow header lists those that are."),
    413: ("too-long", "The body is larger than this service reads."),
}


def outcome_of(error: Exception) -> Outcome:
    """The status and OperationOutcome of any exception; one that nobody foresaw is a 500 that says nothing."""
    if isinstance(error, Refused):
        return Outcome(error.status, operation_outcome(error.code, error.text, error.field, error.diagnostics))
    if isinstance(error, HTTPException) and error.code is not None and 400 <= error.code < 500:
        code, text = _HTTP.get(error.code, _HTTP[400])
        return Outcome(error.code, operation_outcome(code, text))
    return Outcome(500, operation_outcome("exception", "The service failed; the failure is in its log."))


def operation_outcome(code: str, text: str, field: str = "", diagnostics: str = "") -> dict[str, Any]:
    """A FHIR OperationOutcome with one error."""
    issue: dict[str, Any] = {"severity": "error", "code": code, "details": {"text": text}}
    if diagnostics:
        issue["diagnostics"] = diagnostics
    if field:
        issue["expression"] = [field]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def refusal_of(error: Exception) -> str:
    """What was refused, in a word of ours: the field at fault, else the kind of error."""
    if isinstance(error, InvalidRequest) and not isinstance(error, StrippedCall):
        return error.field
    return type(error).__name__


def place_of(error: Exception) -> str:
    """File and line at which it failed; the message itself could hold a patient's value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
