"""A4: the FHIR server of the request: what is read from it, with which token, and what happens when it fails."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cds_service.conformance.access import FHIR_TOKEN, fetch, fetching, from_chart, with_access
from cds_service.conformance.expect import cards_of, expect, expect_same_cards, expect_status
from cds_service.conformance.fhir_double import Behaviour, FhirDouble, Query, Reply, always
from cds_service.conformance.prefetch import FAILED, GROUP
from cds_service.conformance.samples import Sample, without_data
from cds_service.conformance.target import Target

_MOST_PAGES = 20
_LATEST_SECONDS = 5.0


@GROUP.row("PRE-01", "G", "CH2#34")
def complete_prefetch_needs_no_fetching(target: Target) -> None:
    """With every prefetch key there, nothing is read from the FHIR server."""
    double = target.double
    for answered in target.with_cards:
        sample = _with_all_keys(answered.sample)
        with double.answering(from_chart(sample)) as seen:
            target.call(sample, with_access(target, sample.request))
        expect(not seen.queries, f"{len(seen.queries)} queries although prefetch was complete")


@GROUP.row("PRE-03", "G", "CH2#49,51,60")
def a_missing_key_is_fetched(target: Target) -> None:
    """A key that is absent is read from the FHIR server, and the guidance is that of a complete prefetch."""
    sample = fetching(target)
    with target.double.answering(from_chart(sample)) as seen:
        fetched = fetch(target, sample)
    expect(bool(seen.queries), "no query for the keys that are missing", fetched)
    expect_same_cards(target.call(sample), fetched, "other guidance from the FHIR server than from prefetch")


@GROUP.row("PRE-08", "G", "CH2#48; CH3")
def pages_are_followed_at_home_only(target: Target) -> None:
    """A next link is followed with the token on the same origin and for a bounded number of pages; elsewhere never."""
    sample = fetching(target)
    abroad = FhirDouble()  # another port: another origin
    try:
        with target.double.answering(_endless(sample, target)) as seen:
            paged = fetch(target, sample)
        followed = [query for query in seen.queries if "conformance-page" in query.path]
        expect(bool(followed), "no next link was followed", paged)
        searches = len(seen.queries) - len(followed)
        expect(len(followed) <= _MOST_PAGES * searches, "pages were followed without end", paged)
        expect(all(query.token == f"Bearer {FHIR_TOKEN}" for query in followed), "a page without the token", paged)
        with abroad.answering(from_chart(sample)) as elsewhere, target.double.answering(_to(abroad.url, sample)):
            strayed = fetch(target, sample)
        expect(not elsewhere.queries, "a next link to another origin was followed", strayed)
        expect_status(strayed, 200, 412)
    finally:
        abroad.close()


@GROUP.row("PRE-09", "G", "CH2#61; ARG R4,R17")
def queries_carry_the_token(target: Target) -> None:
    """Every query carries Authorization: Bearer and Accept: application/fhir+json; no redirect is followed."""
    sample = fetching(target)
    with target.double.answering(from_chart(sample)) as seen:
        answer = fetch(target, sample)
    for query in seen.queries:
        expect(query.token == f"Bearer {FHIR_TOKEN}", "a query without the token", answer)
        expect("json" in query.headers.get("accept", ""), "a query that does not ask for JSON", answer)
    abroad = FhirDouble()
    try:
        away = Reply({}, 302, {"Location": f"{abroad.url}/Patient/1"})
        with abroad.answering(from_chart(sample)) as elsewhere, target.double.answering(always(away)):
            answer = fetch(target, sample)
        expect(not any(query.token for query in elsewhere.queries), "the token followed a redirect", answer)
        expect_status(answer, 200, 412)
    finally:
        abroad.close()


@GROUP.row("PRE-10", "G", "CH2#54")
def a_failing_fhir_server_is_no_failure_of_ours(target: Target) -> None:
    """A FHIR server that answers 401, 403, 404, 500, HTML or never gets 412 or cards, never a 5xx and no empty list."""
    sample = fetching(target)
    page = Reply("<html>", 200, {"Content-Type": "text/html"})
    for reply in (*(Reply(FAILED, status) for status in (401, 403, 404, 500, 503)), page, Reply(FAILED, wait=8)):
        with target.double.answering(always(reply)):
            answer = fetch(target, sample)
        expect_status(answer, 200, 412)
        expect(answer.status == 412 or bool(cards_of(answer)), "an empty list although nothing could be read", answer)
        expect(answer.seconds < _LATEST_SECONDS, f"took {answer.seconds:.1f} s", answer)


@GROUP.row("PRE-11", "G", "BP; CH2#72")
def a_token_is_for_one_call(target: Target) -> None:
    """The FHIR token is never used for another call, nor after expires_in."""
    sample = fetching(target)
    bare = without_data(sample.request)
    with target.double.answering(from_chart(sample)):
        fetch(target, sample)
    with target.double.answering(from_chart(sample)) as seen:
        answer = target.call(sample, {**bare, "fhirServer": target.double.url})
    expect(not any(query.token for query in seen.queries), "the token of an earlier call was used again", answer)
    with target.double.answering(from_chart(sample)) as seen:
        answer = target.call(sample, with_access(target, bare, expires_in=0))
    expect(not any(query.token for query in seen.queries), "a token that has expired was used", answer)


@GROUP.row("AUT-4", "G3", "CH3: scopes of SMART App Launch 2", should=True)
def scopes_of_both_smart_versions_are_understood(target: Target) -> None:
    """patient/Observation.read and patient/Observation.rs?category=laboratory give the same access."""
    sample = fetching(target)
    for scope in (
        "patient/Observation.read patient/Condition.read",
        "patient/Observation.rs?category=laboratory patient/*.rs",
    ):
        with target.double.answering(from_chart(sample)) as seen:
            answer = fetch(target, sample, scope=scope)
        expect(bool(seen.queries), f"no query with scope {scope}", answer)
        expect_same_cards(target.call(sample), answer, "scopes of another SMART version brought other guidance")


def _with_all_keys(sample: Sample) -> Sample:
    filled = {**dict.fromkeys(sample.entry.get("prefetch") or {}), **(sample.request.get("prefetch") or {})}
    return sample._replace(request={**sample.request, "prefetch": filled})


def _endless(sample: Sample, target: Target) -> Behaviour:
    """Every search has one more page, always."""
    known = from_chart(sample)

    def behaviour(query: Query) -> Reply:
        reply = known(query)
        if urlsplit(query.path).path == "conformance-page":
            return Reply(
                _page({"resourceType": "Bundle", "type": "searchset"}, f"{target.double.url}/conformance-page?more")
            )
        if "?" not in query.path:
            return reply
        return Reply(_page(reply.body, f"{target.double.url}/conformance-page?first"))

    return behaviour


def _to(url: str, sample: Sample) -> Behaviour:
    """Every search has its next page somewhere else."""
    known = from_chart(sample)

    def behaviour(query: Query) -> Reply:
        reply = known(query)
        return Reply(_page(reply.body, f"{url}/conformance-page")) if "?" in query.path else reply

    return behaviour


def _page(bundle: Any, following: str) -> Any:
    return {**bundle, "link": [{"relation": "next", "url": following}]}
