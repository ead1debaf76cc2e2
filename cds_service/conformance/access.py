"""Calls that give the service our FHIR server to read from."""

from __future__ import annotations

from typing import Any

from cds_service.conformance.exchange import Exchange
from cds_service.conformance.fhir_double import Behaviour, Query, Reply, nothing
from cds_service.conformance.row import NotApplicable
from cds_service.conformance.samples import Request, Sample, again, without
from cds_service.conformance.target import Target

FHIR_TOKEN = "conformance-fhir-token"  # noqa: S105 - made up, opens nothing


def with_access(target: Target, request: Request, **authorization: Any) -> Request:
    """The request with our FHIR server and a token for it. Raises NotApplicable when it is out of reach."""
    granted = {
        "access_token": FHIR_TOKEN, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read",
        "subject": "conformance", **authorization,
    }  # fmt: skip
    return {**again(request), "fhirServer": target.double.url, "fhirAuthorization": granted}


def fetch(target: Target, sample: Sample, **authorization: Any) -> Exchange:
    """A call that brings no prefetch, so that all must be read."""
    return target.call(sample, with_access(target, without(sample.request, "prefetch"), **authorization))


def fetching(target: Target) -> Sample:
    """A good sample for which the service reads from our FHIR server. Raises NotApplicable when it never does."""
    for answered in () if target.fetching else target.with_cards:
        with target.double.answering(from_chart(answered.sample)) as seen:
            fetch(target, answered.sample)
        if seen.queries:
            target.fetching = answered.sample
            break
    if target.fetching is None:
        raise NotApplicable(
            "the service does not call the FHIR server it is given; is ours registered for this client?"
        )
    return target.fetching


def from_chart(sample: Sample, wait: float = 0.0) -> Behaviour:
    """A FHIR server that holds the sample's chart, and takes its time."""

    def behaviour(query: Query) -> Reply:
        found = sample.chart.answer(query.path)
        return nothing(query) if found is None else Reply(found, wait=wait)

    return behaviour
