"""How the service behaves: statuses, times and limits, what it keeps."""

from __future__ import annotations

from cds_service.openapi import REFUSALS
from cds_service.registration.counterpart import Counterpart
from cds_service.registration.running import Running
from cds_service.registration.sheet import ITEMS, Column, Row, Table, exact

_WHAT_TO_DO = {
    "400": "mend the call; nothing is reviewed",
    "401": "look at the token; the service's log has the reason in a word",
    "404": "look at the address",
    "405": "the Allow header lists the methods",
    "412": "go on without cards; send prefetch, or give access to the FHIR server",
    "413": "send less",
    "415": "send application/json",
    "429": "wait as long as the Retry-After header says",
    "503": "try again later; ordering goes on without cards",
}


def errors(_: Running, __: Counterpart) -> Table:
    """Every status there is, beside 200."""
    columns = (Column("status", "Status"), Column("when", "When"), Column("then", "What the EHR does"))
    rows: list[Row] = [(exact(status), when, _WHAT_TO_DO[status]) for status, when in sorted(REFUSALS.items())]
    rows.append((exact("500"), "The service failed.", "go on without cards, and tell the operator"))
    says = (
        "Every error is a FHIR OperationOutcome that names the field and what was expected (a 401 never says why). No"
        " error may stop an order: without an answer the clinician orders as if the service were not there."
    )
    return Table("errors", "Errors", says, columns, tuple(rows))


def limits(running: Running, counterpart: Counterpart) -> Table:
    """Times and sizes."""
    most = running.site.limits
    rate = counterpart.client.calls_per_minute
    rows: list[Row] = [
        ("Deadline of a call", f"{most.call_seconds:g} seconds", "for the whole call; set no shorter time-out"),
        ("Of it for reading", f"{most.seconds_until_reads_end:g} seconds at most", "then what is missing is unknown"),
        ("Body of a call", f"{most.body_mb:g} MB", "larger: 413"),
        ("Draft orders", f"{most.entries} entries", "more: 400"),
        ("Entries of a prefetched Bundle", f"{most.entries} are read", "a Bundle with more counts as incomplete"),
        ("Calls in a minute", f"{rate}, feedback included" if rate else "no limit is set", "more: 429, Retry-After"),
        ("Media type", exact("application/json"), "application/fhir+json too"),
    ]
    return Table("limits", "Times and limits", "", ITEMS, tuple(rows))


def kept(running: Running, _: Counterpart) -> Table:
    """What is stored, and how long."""
    return Table("kept", "Data that are kept", _KEPT, ITEMS, tuple(_kept(running)))


_KEPT = (
    "No patient identifier, no clinical value, no token and no body of a call is stored or logged. Users and encounters"
    " appear as keyed hashes."
)


def _kept(running: Running) -> list[Row]:
    if not running.settings.database.get_secret_value():
        return [("Ledger", "none is kept", "feedback is acknowledged and counted, not stored")]
    choice = running.site.ledger
    return [
        (
            "Cards that were issued",
            f"{choice.card_days:g} days",
            "id, rule and its version, level, hook, client, tenant, time; longer while there is feedback on them",
        ),
        ("Feedback", f"{choice.feedback_days:g} days", "outcome, time, accepted suggestions, coded reasons"),
        ("Comments", f"{choice.comment_days:g} days", "free text of clinicians, kept apart, never logged"),
        (
            "Overridden cards",
            f"{choice.repetition_hours:g} hours" if choice.repetition_hours else "not remembered",
            "as one keyed hash, so that the card is not repeated at once",
        ),
        ("Ids of used tokens", "until they expire", "jti"),
    ]
