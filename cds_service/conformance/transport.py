"""A10: transport, browsers, time."""

from __future__ import annotations

import socket
import ssl
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from cds_service.conformance.access import fetch, fetching, from_chart
from cds_service.conformance.exchange import Exchange
from cds_service.conformance.expect import expect, expect_outcome, expect_status
from cds_service.conformance.row import Fault, Group, NotApplicable
from cds_service.conformance.target import Target
from cds_service.setting_values import is_loopback

GROUP = Group("A10", "Transport, CORS, performance")

_STRANGER = "https://stranger.example.org"
_AT_ONCE = 20
_CALLS = 100
_P95_SECONDS = 0.5
_DEADLINE_SECONDS = 2.5  # two seconds, and the way there and back
_SLOW_SECONDS = 10.0
_SERVER_SECONDS = 0.3
_HANDSHAKE_SECONDS = 5.0


@GROUP.row("NET-01", "G", "CH2#2,168; INF 1.1")
def only_tls_of_today(target: Target) -> None:
    """The service is reached by https with TLS 1.2 or later; TLS 1.0 and 1.1 are refused."""
    parts = urlsplit(target.base)
    if parts.scheme != "https":
        if is_loopback(parts.hostname or ""):
            raise NotApplicable("reached on this machine without TLS; in production a proxy ends TLS")
        raise Fault("reached by http from another machine")
    address = (parts.hostname or "", parts.port or 443)
    expect(_shakes_hands(address, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), "no TLS 1.2 or 1.3")
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        expect(not _shakes_hands(address, version, version), f"accepts {version.name}")


@GROUP.row("NET-02", "G", "CH2#208; SBX")
def browsers_may_ask_first(target: Target) -> None:
    """A preflight needs no token, and lists authorization and content-type by name, on every address."""
    for path in _paths(target):
        answer = _preflight(target, path, target.options.origin)
        if not answer.header("access-control-allow-origin"):
            raise NotApplicable(f"the service does not list {target.options.origin}: --origin URL")
        expect(answer.status in (200, 204), f"a preflight got {answer}", answer)
        allowed = {name.strip().lower() for name in answer.header("access-control-allow-headers").split(",")}
        expect({"authorization", "content-type"} <= allowed, "headers not listed by name", answer)
        methods = answer.header("access-control-allow-methods")
        expect(("GET" if path == "/cds-services" else "POST") in methods, "the method is not listed", answer)


@GROUP.row("NET-03", "P", "ARG R12")
def only_listed_origins_may_read(target: Target) -> None:
    """An origin not listed gets no CORS headers; credentials are never allowed; a listed one may read errors too."""
    for path in _paths(target):
        for answer in (_preflight(target, path, _STRANGER), target.send("GET", path, headers={"Origin": _STRANGER})):
            expect(not answer.header("access-control-allow-origin"), "any origin may read", answer)
    listed = {"Origin": target.options.origin}
    discovery = target.send("GET", "/cds-services", headers=listed)
    expect(not discovery.header("access-control-allow-credentials"), "credentials are allowed", discovery)
    if discovery.header("access-control-allow-origin"):
        refused = target.call(target.quiet(), b"{", headers=listed)
        expect(bool(refused.header("access-control-allow-origin")), "an error that a browser cannot read", refused)


@GROUP.row("NET-04", "G", "CH2#27 (SHOULD)", should=True)
def answers_come_quickly(target: Target) -> None:
    """95 of 100 calls with full prefetch, 20 at a time, are answered within 500 ms."""
    sample = target.good()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        answers = list(threads.map(lambda _: target.call(sample), range(_CALLS)))
    for answer in answers:
        expect_status(answer, 200)
    slowest = sorted(answers, key=lambda answer: answer.seconds)[int(_CALLS * 0.95) - 1]
    target.looked_at[:] = [slowest.number]
    expect(slowest.seconds <= _P95_SECONDS, f"95 % within {slowest.seconds * 1000:.0f} ms", slowest)


@GROUP.row("NET-05", "P", "CRD 5 s at 90 % as outer bound")
def a_slow_fhir_server_is_not_waited_for(target: Target) -> None:
    """With a FHIR server that does not answer, the call is answered within two seconds all the same."""
    sample = fetching(target)
    with target.double.answering(from_chart(sample, wait=_SLOW_SECONDS)):
        answer = fetch(target, sample)
    expect_status(answer, 200, 412)
    expect(answer.seconds <= _DEADLINE_SECONDS, f"took {answer.seconds:.1f} s", answer)


@GROUP.row("NET-06", "P", "-")
def reads_go_side_by_side(target: Target) -> None:
    """Several reads from the FHIR server go side by side, and another call is answered meanwhile."""
    sample = fetching(target)
    slow = from_chart(sample, wait=_SERVER_SECONDS)
    with target.double.answering(slow) as seen, ThreadPoolExecutor(1) as threads:
        reading = threads.submit(fetch, target, sample)
        time.sleep(_SERVER_SECONDS / 3)
        meanwhile = target.call(target.quiet())
        is_reading = seen.waiting > 0
        answer = reading.result()
    expect_status(answer, 200)
    expect(len(seen.queries) < 2 or seen.most_at_once > 1, "one read after the other", answer)
    expect(is_reading and meanwhile.status == 200, "a call had to wait for another call's reads", meanwhile)


@GROUP.row("NET-07", "P", "-")
def health_can_be_asked_for(target: Target) -> None:
    """/healthz and /readyz answer 200 without a token, as JSON; what is not there is an OperationOutcome, no page."""
    for path in ("/healthz", "/readyz"):
        answer = target.send("GET", path, token=None)
        expect_status(answer, 200)
        expect(isinstance(answer.json, dict), "no JSON object", answer)
    missing = target.send("GET", "/no-such-page", token=None)
    expect_status(missing, 404)
    expect_outcome(missing)


def _paths(target: Target) -> tuple[str, ...]:
    call = f"/cds-services/{target.quiet().service}"
    return "/cds-services", call, f"{call}/feedback"


def _preflight(target: Target, path: str, origin: str) -> Exchange:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET" if path == "/cds-services" else "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return target.send("OPTIONS", path, headers=asked, token=None)


def _shakes_hands(address: tuple[str, int], lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only the version is asked for; nothing is sent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the old versions are named on purpose
        context.minimum_version, context.maximum_version = lowest, highest
        context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with socket.create_connection(address, _HANDSHAKE_SECONDS) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False
