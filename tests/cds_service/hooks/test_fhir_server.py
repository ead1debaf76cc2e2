"""What a FHIR server does or fails to do never becomes an error, an endless wait or a patient without findings."""

import gzip
import json
import socket
import threading
import tracemalloc
from functools import partial
from http.server import BaseHTTPRequestHandler
from itertools import count
from time import monotonic, sleep

import pytest
import requests
import responses

from cds_service.config import Limits
from cds_service.hooks import connections
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_reply import Reply
from cds_service.hooks.fhir_server import FhirServer, FhirServers, NoFhirServer
from tests.cds_service.tls_server import tls_server

pytestmark = pytest.mark.alone

EHR = "https://ehr.example.org/fhir"
PATIENT = {"resourceType": "Patient", "id": "p-1"}
LOOPBACK = AddressPolicy(is_on_loopback=True)
TOKEN = {"access_token": "opaque-7", "token_type": "Bearer", "expires_in": 120}


@pytest.fixture
def servers():
    opened = []

    def make(**limits) -> FhirServers:
        opened.append(FhirServers(Limits(**limits)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def ehr(servers) -> FhirServer:
    """A public server; what it answers is set with `responses`."""
    return servers().of_call(EHR, TOKEN, AddressPolicy())


def page(number: int, url: str | None, **more) -> dict:
    entry = [{"resource": {"resourceType": "Condition", "id": f"c-{number}"}}]
    links = [{"relation": "next", "url": url}] if url else []
    return {"resourceType": "Bundle", "type": "searchset", "entry": entry, "link": links, **more}


def ids(bundle) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle["entry"]]


# -- which server, which token ------------------------------------------------------------------------------------


def test_without_a_named_server_there_is_none(servers):
    assert servers().of_call("", TOKEN, AddressPolicy()) == NoFhirServer("not supplied")


def test_an_address_that_is_not_allowed_is_not_called(servers):
    """OUT-03."""
    got = servers().of_call("http://169.254.169.254/fhir", TOKEN, AddressPolicy())
    assert got == NoFhirServer("address not allowed")


def test_with_clients_a_server_is_called_only_with_a_token(servers):
    """OUT-02."""
    policy = AddressPolicy(allowed=(EHR,), is_open=False)
    assert servers().of_call(EHR, {}, policy) == NoFhirServer("no access to the FHIR server was granted")
    assert isinstance(servers().of_call(EHR, TOKEN, policy), FhirServer)


@responses.activate
def test_a_call_carries_the_token_and_asks_for_fhir_json(ehr):
    """PRE-09."""
    responses.get(f"{EHR}/Patient/p-1", json=PATIENT)
    assert ehr.get("Patient/p-1") == Reply(PATIENT)
    sent = responses.calls[0].request.headers
    assert sent["Authorization"] == "Bearer opaque-7"
    assert sent["Accept"] == "application/fhir+json"
    assert "Cookie" not in sent


@responses.activate
def test_the_certificate_is_checked_and_no_proxy_used(ehr):
    """PRE-09, OUT-07."""
    responses.get(f"{EHR}/Patient/p-1", json=PATIENT)
    ehr.get("Patient/p-1")
    sent = responses.calls[0].request.req_kwargs
    assert sent["verify"] is True
    assert not sent["proxies"]


def test_a_certificate_is_trusted_where_this_machine_trusts_its_authority(servers, tmp_path, monkeypatch):
    """PRE-09. Many hospitals sign the certificates of their servers themselves."""

    class Ehr(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(PATIENT).encode())

        def log_message(self, *_):
            pass

    with tls_server(tmp_path, handler=Ehr) as url:
        strange = servers().of_call(url, {}, LOOPBACK).get("Patient/p-1")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        known = servers().of_call(url, {}, LOOPBACK).get("Patient/p-1")
    assert strange == Reply(None, "no trusted TLS connection to the FHIR server could be made")
    assert known == Reply(PATIENT)


@responses.activate
@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Evil: 1", "tök", None, 7])
def test_what_cannot_be_a_token_is_not_sent_and_open_mode_calls_without(servers, token):
    responses.get(f"{EHR}/Patient/p-1", json=PATIENT)
    server = servers().of_call(EHR, {"access_token": token}, AddressPolicy())
    assert server.get("Patient/p-1").body == PATIENT
    assert "Authorization" not in responses.calls[0].request.headers


@responses.activate
@pytest.mark.parametrize("base", [EHR, f"{EHR}/"])
def test_the_base_address_may_end_with_a_slash(servers, base):
    responses.get(f"{EHR}/Patient/p-1", json=PATIENT)
    assert servers().of_call(base, {}, AddressPolicy()).get("Patient/p-1").body == PATIENT


@responses.activate
def test_cookies_are_not_kept(ehr):
    responses.get(f"{EHR}/Patient/p-1", json=PATIENT, headers={"Set-Cookie": "session=1; Path=/"})
    ehr.get("Patient/p-1")
    ehr.get("Patient/p-1")
    assert "Cookie" not in responses.calls[1].request.headers


def test_settings_of_the_environment_do_not_divert_a_call(servers, loopback, monkeypatch, tmp_path):
    """OUT-07."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server = loopback(lambda call: call.json(PATIENT))
    assert servers().of_call(server.base, TOKEN, LOOPBACK).get("Patient/p-1").body == PATIENT
    assert server.seen[0].headers["Authorization"] == "Bearer opaque-7"


# -- answers that are none ----------------------------------------------------------------------------------------


@responses.activate
@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "the FHIR server refused access"),
        (403, "the FHIR server refused access"),
        (404, "the FHIR server does not have it"),
        (410, "the FHIR server does not have it"),
        (400, "the FHIR server did not accept the query"),
        (429, "the FHIR server failed"),
        (500, "the FHIR server failed"),
        (503, "the FHIR server failed"),
        (204, "the FHIR server failed"),
        (301, "the FHIR server points elsewhere"),
        (302, "the FHIR server points elsewhere"),
        (307, "the FHIR server points elsewhere"),
    ],
)
def test_any_status_but_200_is_an_answer_that_could_not_be_had(ehr, status, why):
    responses.get(f"{EHR}/Patient/p-1", json=PATIENT, status=status, headers={"Location": "https://evil.example/"})
    assert ehr.get("Patient/p-1") == Reply(None, why)
    assert len(responses.calls) == 1, "no redirect is followed, nothing is tried again"


@responses.activate
@pytest.mark.parametrize(
    "body",
    ["", "<html>", '{"resourceType":', "null", "[]", '"Patient"', "{}", '{"resource": null}', "[" * 100_000, "NaN"],
)
def test_what_is_no_fhir_resource_cannot_be_read(ehr, body):
    responses.get(f"{EHR}/Patient/p-1", body=body, content_type="application/fhir+json")
    assert ehr.get("Patient/p-1") == Reply(None, "the answer of the FHIR server could not be read")


@responses.activate
def test_a_log_in_page_is_no_answer(ehr):
    responses.get(f"{EHR}/Patient/p-1", body=json.dumps(PATIENT), content_type="text/html")
    assert ehr.get("Patient/p-1").why == "the answer of the FHIR server could not be read"


@responses.activate
@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json+fhir", "application/fhir+json;charset=UTF-8", "APPLICATION/FHIR+JSON"],
)
def test_the_media_types_of_real_servers_are_read(ehr, media_type):
    responses.get(f"{EHR}/Patient/p-1", body=json.dumps(PATIENT), content_type=media_type)
    assert ehr.get("Patient/p-1").body == PATIENT


@responses.activate
@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (requests.ConnectTimeout(), "the FHIR server did not answer in time"),
        (requests.ReadTimeout(), "the FHIR server did not answer in time"),
        (requests.ConnectionError(), "the FHIR server could not be reached"),
        (requests.exceptions.SSLError(), "no trusted TLS connection to the FHIR server could be made"),
        (requests.exceptions.InvalidURL(), "the FHIR server could not be reached"),
    ],
)
def test_a_server_that_cannot_be_reached_is_no_error(ehr, failure, why):
    responses.get(f"{EHR}/Patient/p-1", body=failure)
    assert ehr.get("Patient/p-1") == Reply(None, why)


@responses.activate
def test_a_reason_names_neither_address_nor_patient(ehr):
    responses.get(f"{EHR}/Patient/p-4711", body=requests.ConnectionError(f"cannot reach {EHR}/Patient/p-4711"))
    why = ehr.get("Patient/p-4711").why
    assert "ehr.example" not in why
    assert "4711" not in why


@pytest.mark.parametrize("status_line", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"])
def test_a_server_that_does_not_speak_http_is_no_error(servers, loopback, status_line):
    def answer(call):
        call.wfile.write(status_line)
        call.close_connection = True

    server = servers().of_call(loopback(answer).base, {}, LOOPBACK)
    assert server.get("Patient/p-1") == Reply(None, "the FHIR server could not be reached")


def test_a_server_that_is_gone_is_no_error(servers, loopback):
    gone = loopback(lambda call: call.json(PATIENT))
    gone.stop()
    assert servers().of_call(gone.base, {}, LOOPBACK).get("Patient/p-1").why == "the FHIR server could not be reached"


# -- size ---------------------------------------------------------------------------------------------------------


def test_an_answer_is_not_read_beyond_the_limit(servers, loopback):
    """OUT-07."""
    sent = count()

    def endless(call):
        call.head(content_type="application/fhir+json", connection="close")
        for _ in range(100_000):
            call.wfile.write(b" " * 10_000)
            next(sent)

    server = servers(answer_mb=0.5).of_call(loopback(endless).base, {}, LOOPBACK)
    assert server.get("Patient/p-1") == Reply(None, "the answer of the FHIR server is too large")
    assert next(sent) < 5_000, "the connection was given up"


def test_a_redirect_with_an_endless_body_is_not_read(servers, loopback):
    """OUT-03, OUT-07."""
    sent = count()

    def endless(call):
        call.head(302, location="/elsewhere", connection="close")
        for _ in range(100_000):
            call.wfile.write(b" " * 10_000)
            next(sent)

    server = servers().of_call(loopback(endless).base, {}, LOOPBACK)
    assert server.get("Patient/p-1").why == "the FHIR server points elsewhere"
    assert next(sent) < 5_000


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked(servers, loopback):
    """OUT-07."""
    bomb = gzip.compress(b" " * 50_000_000)
    server = loopback(lambda call: call.bytes(bomb, content_encoding="gzip"))
    called = servers(answer_mb=0.5).of_call(server.base, {}, LOOPBACK)
    tracemalloc.start()
    try:
        assert called.get("Patient/p-1").why == "the answer of the FHIR server is too large"
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_packed_answer_is_read(servers, loopback):
    large = {**PATIENT, "text": {"div": "x" * 400_000}}
    server = loopback(lambda call: call.bytes(gzip.compress(json.dumps(large).encode()), content_encoding="gzip"))
    assert servers().of_call(server.base, {}, LOOPBACK).get("Patient/p-1").body == large


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
def test_an_answer_that_is_not_packed_as_it_says_cannot_be_read(servers, loopback, encoding):
    server = loopback(lambda call: call.bytes(json.dumps(PATIENT).encode(), content_encoding=encoding))
    got = servers().of_call(server.base, {}, LOOPBACK).get("Patient/p-1")
    assert got.why == "the answer of the FHIR server could not be read"


# -- time ---------------------------------------------------------------------------------------------------------


def hang(call) -> None:
    call.wait(20)


def trickle_headers(call) -> None:
    for letter in b"HTTP/1.1 200 OK\r\n" + b"X-Padding: 1\r\n" * 1000:
        call.wfile.write(bytes([letter]))
        call.wait(0.05)


def trickle_body(call) -> None:
    call.head(content_type="application/fhir+json", content_length="100000")
    for _ in range(1000):
        call.wfile.write(b" ")
        call.wait(0.05)


def trickle_chunks(call) -> None:
    call.head(content_type="application/fhir+json", transfer_encoding="chunked")
    for _ in range(1000):
        call.wfile.write(b"1\r\n \r\n")
        call.wait(0.05)


@pytest.mark.parametrize("slow", [hang, trickle_headers, trickle_body, trickle_chunks])
def test_a_slow_answer_is_given_up_at_the_deadline_and_frees_its_thread(servers, loopback, slow):
    """OUT-07, NET-05."""
    server = servers(fhir_seconds=0.4).of_call(loopback(slow).base, {}, LOOPBACK)
    started = monotonic()
    assert server.get("Patient/p-1") == Reply(None, "the FHIR server did not answer in time")
    assert monotonic() - started < 0.8


def test_nothing_is_asked_after_the_deadline(servers, loopback):
    slow = loopback(lambda call: (call.wait(0.4), call.json(PATIENT)))
    server = servers(fhir_seconds=0.3).of_call(slow.base, {}, LOOPBACK)
    server.get("Patient/p-1")
    assert server.get("Patient/p-1") == Reply(None, "the FHIR server did not answer in time")
    assert len(slow.paths) == 1


@pytest.mark.parametrize("lives", [0.3, " 0.3 "])
def test_a_token_is_not_used_for_longer_than_it_lives(servers, loopback, lives):
    """PRE-11."""
    server = servers().of_call(loopback(hang).base, {**TOKEN, "expires_in": lives}, LOOPBACK)
    started = monotonic()
    assert server.get("Patient/p-1").why == "the FHIR server did not answer in time"
    assert monotonic() - started < 0.8


def test_queries_run_in_parallel(servers, loopback):
    """NET-06."""
    slow = loopback(lambda call: (call.wait(0.2), call.json(PATIENT)))
    whole = []
    for _ in range(8):
        server = servers().of_call(slow.base, {}, LOOPBACK)
        jobs = {str(number): partial(server.get, f"Patient/{number}") for number in range(6)}
        started = monotonic()
        got = server.in_parallel(jobs, late=Reply(why="late"))
        whole.append(monotonic() - started)
        assert [reply.body for reply in got.values()] == [PATIENT] * 6
    assert min(whole) < 1.5 * 0.2


def test_one_hung_query_neither_blocks_the_answer_nor_spoils_the_others(servers, loopback):
    server = loopback(lambda call: hang(call) if "hung" in call.path else call.json(PATIENT))
    called = servers(fhir_seconds=0.5).of_call(server.base, {}, LOOPBACK)
    started = monotonic()
    got = called.in_parallel(
        {"good": partial(called.get, "Patient/1"), "hung": partial(called.get, "hung")}, late=Reply(why="late")
    )
    assert monotonic() - started < 0.9
    assert got["good"] == Reply(PATIENT)
    assert got["hung"].body is None


def test_a_listed_server_that_hangs_holds_up_no_other(servers, loopback):
    """Reads of several calls to one client's server take all of its threads, and none of another client's."""
    hung, good = loopback(hang), loopback(lambda call: call.json(PATIENT))
    kept, listed = servers(fhir_seconds=2), AddressPolicy((hung.base, good.base), is_open=False)
    stuck = kept.of_call(hung.base, TOKEN, listed)
    reads = {str(number): partial(stuck.get, "Patient/p-1") for number in range(100)}
    waiting = threading.Thread(target=stuck.in_parallel, args=(reads,), kwargs={"late": Reply()})
    waiting.start()
    while waiting.is_alive() and len(hung.seen) < 64:
        waiting.join(0.01)
    called = kept.of_call(good.base, TOKEN, listed, ends_at=monotonic() + 0.5)
    got = called.in_parallel({"read": partial(called.get, "Patient/p-1")}, late=Reply())
    waiting.join()
    assert got["read"] == Reply(PATIENT)


def test_a_job_that_nothing_can_stop_is_not_waited_for(servers):
    called = servers(fhir_seconds=0.2).of_call("https://ehr.example.org", {}, AddressPolicy())
    released = threading.Event()
    try:
        started = monotonic()
        got = called.in_parallel({"stuck": lambda: released.wait(10)}, late="late")
        assert got == {"stuck": "late"}
        assert monotonic() - started < 0.6
    finally:
        released.set()


# -- connections --------------------------------------------------------------------------------------------------


def test_connections_are_kept_open_between_calls(servers, loopback):
    server = loopback(lambda call: call.json(PATIENT))
    kept = servers()
    for _ in range(3):
        assert kept.of_call(server.base, {}, LOOPBACK).get("Patient/p-1").body == PATIENT
    assert server.connections == 1


@pytest.mark.parametrize(("idle", "got"), [(0.2, PATIENT), (30, None)])
def test_a_connection_that_was_idle_for_long_is_not_used_again(servers, loopback, monkeypatch, idle, got):
    """As behind a firewall that has forgotten it: what is sent over it comes to nothing."""

    def answer_once(call):
        if call in server.seen[:-1]:  # its second request
            hang(call)
        call.json(PATIENT)

    monkeypatch.setattr(connections, "_IDLE_SECONDS", idle)
    server = loopback(answer_once)
    kept = servers(fhir_seconds=0.5)
    assert kept.of_call(server.base, {}, LOOPBACK).get("Patient/p-1").body == PATIENT
    sleep(0.3)
    assert kept.of_call(server.base, {}, LOOPBACK).get("Patient/p-1").body == got


def test_a_connection_that_the_server_closed_is_opened_anew(servers, loopback):
    def answer(call):
        call.json(PATIENT)
        call.close_connection = True  # without having said so

    server = loopback(answer)
    kept = servers()
    for _ in range(2):
        assert kept.of_call(server.base, {}, LOOPBACK).get("Patient/p-1").body == PATIENT
        threading.Event().wait(0.05)
    assert server.connections == 2


def resolving_to(*addresses: str):
    def getaddrinfo(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_a_public_name_that_stands_for_an_inner_address_is_not_connected_to(servers, monkeypatch, address):
    """OUT-03."""
    connected = []
    monkeypatch.setattr(socket, "getaddrinfo", resolving_to(address))
    monkeypatch.setattr(connections, "create_connection", lambda *args, **_: connected.append(args))
    server = servers().of_call("https://rebound.example.org/fhir", TOKEN, AddressPolicy())
    assert server.get("Patient/p-1") == Reply(None, "address not allowed")
    assert not connected


def test_what_is_connected_to_is_the_address_that_was_looked_at(servers, monkeypatch):
    """OUT-03."""
    connected = []

    def create_connection(address, *_, **__):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolving_to("93.184.216.34", "93.184.216.35", "93.184.216.36"))
    monkeypatch.setattr(connections, "create_connection", create_connection)
    server = servers().of_call("https://ehr.example.org/fhir", TOKEN, AddressPolicy())
    assert server.get("Patient/p-1").why == "the FHIR server could not be reached"
    assert connected == [("93.184.216.34", 443), ("93.184.216.35", 443)], "one retry, at the next address"


def test_a_name_that_cannot_be_resolved_is_no_error(servers, monkeypatch):
    def getaddrinfo(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    server = servers().of_call("https://nowhere.example.org/fhir", TOKEN, AddressPolicy())
    assert server.get("Patient/p-1").why == "the FHIR server could not be reached"


def test_connecting_ends_with_the_time_even_when_no_address_answers(servers, monkeypatch):
    waited = []

    def create_connection(address, seconds, **_):
        waited.append(seconds)
        threading.Event().wait(seconds)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", resolving_to("93.184.216.34", "93.184.216.35"))
    monkeypatch.setattr(connections, "create_connection", create_connection)
    server = servers(fhir_seconds=0.4).of_call("https://ehr.example.org/fhir", TOKEN, AddressPolicy())
    started = monotonic()
    assert server.get("Patient/p-1").why == "the FHIR server did not answer in time"
    assert monotonic() - started < 0.8
    assert len(waited) == 2, "the first address leaves time for the second"


# -- pages --------------------------------------------------------------------------------------------------------


@responses.activate
def test_pages_are_joined(ehr):
    responses.get(f"{EHR}/Condition?patient=p-1", json=page(1, f"{EHR}?page=2", total=3))
    responses.get(f"{EHR}?page=2", json=page(2, "fhir?page=3"))
    responses.get(f"{EHR}/fhir?page=3", json=page(3, None))
    got = ehr.get_pages("Condition?patient=p-1").body
    assert ids(got) == ["c-1", "c-2", "c-3"]
    assert not got["link"], "nothing is left unread"
    assert got["total"] == 3
    assert all(call.request.headers["Authorization"] == "Bearer opaque-7" for call in responses.calls)


@responses.activate
@pytest.mark.parametrize(("written", "asked"), [("a b", "a%20b"), ("für", "f%C3%BCr"), ("a%20b|c", "a%20b%7Cc")])
def test_a_next_page_is_asked_for_also_where_its_address_is_not_quoted(ehr, written, asked):
    responses.get(f"{EHR}/Condition?patient=p-1", json=page(1, f"{EHR}?page={written}"))
    responses.get(f"{EHR}?page={asked}", json=page(2, None))
    assert ids(ehr.get_pages("Condition?patient=p-1").body) == ["c-1", "c-2"]


@responses.activate
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/fhir?page=2",
        "http://ehr.example.org/fhir?page=2",
        "https://ehr.example.org:8443/fhir?page=2",
        "https://ehr.example.org@evil.example/fhir?page=2",
        "//evil.example/fhir?page=2",
        "https://[ehr",
        "ftp://ehr.example.org/fhir?page=2",
        "https://ehr.example.org /fhir?page=2",
        "https://ehr.exämple.org/fhir?page=2",
        "?page=2",
    ],
)
def test_a_next_page_elsewhere_is_not_asked_for_and_stays_unread(ehr, elsewhere):
    """OUT-04, OUT-06, PRE-08."""
    responses.get(f"{EHR}/Condition?patient=p-1", json=page(1, elsewhere))
    got = ehr.get_pages("Condition?patient=p-1").body
    assert ids(got) == ["c-1"]
    assert got["link"][0]["relation"] == "next"
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"json": PATIENT}, {"body": "x"}, {"body": requests.ReadTimeout()}]
)
def test_a_page_that_cannot_be_had_stays_unread(ehr, answer):
    responses.get(f"{EHR}/Condition?patient=p-1", json=page(1, f"{EHR}?page=2"))
    responses.get(f"{EHR}?page=2", **answer)
    got = ehr.get_pages("Condition?patient=p-1").body
    assert ids(got) == ["c-1"]
    assert got["link"][0]["relation"] == "next"


@responses.activate
def test_at_most_five_pages_are_read(ehr):
    """OUT-07, PRE-08."""
    for number in range(1, 9):
        responses.get(f"{EHR}?page={number}", json=page(number, f"{EHR}?page={number + 1}"))
    got = ehr.with_next_pages(page(0, f"{EHR}?page=1"))
    assert len(ids(got)) == 5
    assert got["link"][0]["url"] == f"{EHR}?page=5"


@responses.activate
def test_no_page_is_asked_for_beyond_the_entries_that_are_read(servers):
    server = servers(entries=2).of_call(EHR, TOKEN, AddressPolicy())
    for number in range(1, 4):
        responses.get(f"{EHR}?page={number}", json=page(number, f"{EHR}?page={number + 1}"))
    got = server.with_next_pages(page(0, f"{EHR}?page=1"))
    assert len(ids(got)) == 2
    assert got["link"][0]["url"] == f"{EHR}?page=2"


@responses.activate
def test_pages_that_go_in_a_circle_are_left(ehr):
    """OUT-07, PRE-08."""
    responses.get(f"{EHR}?page=1", json=page(1, f"{EHR}?page=1"))
    got = ehr.with_next_pages(page(0, f"{EHR}?page=1"))
    assert ids(got) == ["c-0", "c-1"]
    assert got["link"], "what comes after is unknown"
    assert len(responses.calls) == 1


@responses.activate
def test_a_page_that_is_too_late_leaves_what_was_read_before(servers, loopback):
    responses.add_passthru("http://127.0.0.1")

    def answer(call):
        if "page=2" in call.path:
            call.wait(5)
        call.json(page(1, f"{server.base}?page=2"))

    server = loopback(answer)
    called = servers(fhir_seconds=0.5).of_call(server.base, {}, LOOPBACK)
    got = called.in_parallel({"conditions": partial(called.get_pages, "Condition")}, late=Reply(why="late"))
    assert ids(got["conditions"].body) == ["c-1"]


def test_a_resource_has_no_pages(ehr):
    assert ehr.with_next_pages(PATIENT) is PATIENT
