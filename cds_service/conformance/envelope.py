"""A2: the envelope of a hook call, and how it is refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from cds_service.conformance.exchange import Exchange
from cds_service.conformance.expect import cards_of, expect, expect_outcome, expect_same_cards, expect_status, guidance
from cds_service.conformance.row import Group
from cds_service.conformance.samples import changed, drafts, without
from cds_service.conformance.target import Target

GROUP = Group("A2", "Invocation envelope")

MARKER = "conformance-marker-7f3a"
_DEEP = 10_000
_LARGE_BYTES = 5 * 1024 * 1024
_SLOW_SECONDS = 2.0
_STACK_TRACE = (b"Traceback (most recent", b"at java.", b".java:", b"at System.", b'File "/', b"node_modules")


@GROUP.row("REQ-01", "G", "CH2#74; INF")
def a_valid_call_brings_cards(target: Target) -> None:
    """A valid POST gets 200 and a JSON object with an array cards."""
    for answered in target.answers:
        cards_of(answered.exchange)
        expect(answered.exchange.media_type == "application/json", "not application/json", answered.exchange)


@GROUP.row("REQ-02", "G", "CH2#77")
def no_guidance_is_an_empty_list(target: Target) -> None:
    """No guidance is 200 with cards: [], neither 204 nor 404 nor a card that says so."""
    for sample in target.quiets:
        answer = target.call(sample)
        expect(not cards_of(answer), "a request without need of guidance brought a card", answer)


@GROUP.row("REQ-03", "G", "CH2#76")
def an_unknown_service_is_not_found(target: Target) -> None:
    """An unknown service id gets 404."""
    expect_status(target.send("POST", f"/cds-services/{MARKER}", target.quiet().request), 404)


@GROUP.row("REQ-04", "G", "CH2#18-22; CRD 162")
def a_broken_envelope_is_refused(target: Target) -> None:
    """Malformed JSON, a body that is no object, and a missing hook, hookInstance or context get 400."""
    for answer in _broken(target):
        expect_status(answer, 400)


@GROUP.row("REQ-05", "G", "INF 2.2")
def another_hook_is_refused(target: Target) -> None:
    """A hook that is not the service's gets 400."""
    sample = target.quiet()
    other = "order-sign" if sample.entry.get("hook") != "order-sign" else "order-select"
    offered = {str(entry.get("hook")) for entry in target.entries if entry["id"] == sample.service}
    hook = "patient-view" if other in offered else other
    expect_status(target.call(sample, changed(sample.request, "hook", hook)), 400)


@GROUP.row("REQ-06", "P", "CH2#19,25")
def any_hook_instance_is_accepted(target: Target) -> None:
    """hookInstance may be a UUID of any version and case; another text is accepted or refused, never a 500."""
    sample = target.quiet()
    for instance in (str(uuid.uuid1()), str(uuid.uuid4()).upper()):
        expect_status(target.call(sample, changed(sample.request, "hookInstance", instance)), 200)
    expect_status(target.call(sample, changed(sample.request, "hookInstance", "visit 12/3")), 200, 400)


@GROUP.row("REQ-07", "G", "CH2#20; cds-r-1")
def a_token_without_its_server_is_refused(target: Target) -> None:
    """fhirAuthorization without fhirServer gets 400."""
    sample = target.quiet()
    token = {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "s"}
    expect_status(target.call(sample, changed(without(sample.request, "fhirServer"), "fhirAuthorization", token)), 400)


@GROUP.row("REQ-08", "G", "CRD 169; CH2 ext.")
def unknown_members_are_passed_over(target: Target) -> None:
    """Unknown members at the root, in context and in extension change nothing."""
    sample = target.good()
    noisy = changed(sample.request, "extension", {"davinci-crd.configuration": {"coverage-info": False}})
    noisy = changed(noisy, "x-unknown", {"a": [1, None]})
    noisy = changed(noisy, "context.x-unknown", True)
    noisy = changed(noisy, "context.extension", {"org.example.more": {"b": 1}})
    plain = target.call(sample)
    expect_same_cards(plain, target.call(sample, noisy), "unknown members changed the guidance")


@GROUP.row("REQ-09", "P", "-")
def methods_and_media_types_are_told_apart(target: Target) -> None:
    """A wrong method gets 405 with Allow, a wrong content type 415; JSON with a charset and FHIR JSON are accepted."""
    sample = target.quiet()
    path = f"/cds-services/{sample.service}"
    for method in ("GET", "PUT", "DELETE"):
        answer = target.send(method, path)
        expect_status(answer, 405)
        expect("POST" in answer.header("allow"), "405 without Allow", answer)
    for media_type in ("text/plain", "application/xml"):
        expect_status(target.call(sample, headers={"Content-Type": media_type}), 415)
    for media_type in ("application/json; charset=utf-8", "application/fhir+json"):
        expect_status(target.call(sample, headers={"Content-Type": media_type}), 200)


@GROUP.row("REQ-10", "P", "OWASP API4")
def large_and_deep_bodies_are_refused(target: Target) -> None:
    """A body of 5 MB gets 413, one nested 10 000 deep gets 400; neither takes long, and the service lives on."""
    sample = target.quiet()
    large = target.call(sample, b'{"hook": "' + b"x" * _LARGE_BYTES + b'"}')
    expect_status(large, 413)
    deep = target.call(sample, b'{"hook":' * _DEEP + b"1" + b"}" * _DEEP)
    expect_status(deep, 400)
    for answer in (large, deep):
        expect(answer.seconds < _SLOW_SECONDS, f"took {answer.seconds:.1f} s", answer)
    expect_status(target.call(sample), 200)


@GROUP.row("REQ-11", "G3", "CH3; CRD 159")
def errors_are_operation_outcomes(target: Target) -> None:
    """Errors are OperationOutcomes as JSON, without stack trace and without an echo of what was sent."""
    sample = target.quiet()
    path = f"/cds-services/{sample.service}"
    answers = [
        *_broken(target),
        target.send("POST", f"/cds-services/{MARKER}", sample.request),
        target.send("PUT", path, sample.request),
        target.call(sample, headers={"Content-Type": "text/plain"}),
        target.call(sample, changed(sample.request, "context.patientId", [MARKER])),
        target.send("POST", f"{path}/feedback", {"feedback": MARKER}),
    ]
    for answer in answers:
        expect(400 <= answer.status < 500, f"expected 4xx: {answer}", answer)
        expect_outcome(answer)
        expect(MARKER.encode() not in answer.body, "the error repeats what was sent", answer)
        expect(not any(trace in answer.body for trace in _STACK_TRACE), "the error shows a stack trace", answer)


@GROUP.row("REQ-12", "P", "-")
def the_same_call_gets_the_same_guidance(target: Target) -> None:
    """The same request twice, hookInstance included, gets the same guidance; uuids may differ."""
    for answered in target.with_cards:
        request = answered.sample.request
        first, second = target.call(answered.sample, request), target.call(answered.sample, request)
        is_same = guidance(cards_of(first)) == guidance(cards_of(second))
        expect(is_same, "the same request brought other guidance", second)


def _broken(target: Target) -> Iterator[Exchange]:
    sample = target.quiet()
    for body in (b'{"hook": "' + MARKER.encode(), b"[]", b'"' + MARKER.encode() + b'"', b"", b"\xff\xfe{"):
        yield target.call(sample, body)
    for member in ("hook", "hookInstance", "context"):
        request = without(sample.request, member)
        for draft in drafts(request):
            draft["note"] = [{"text": MARKER}]
        yield target.call(sample, request)
