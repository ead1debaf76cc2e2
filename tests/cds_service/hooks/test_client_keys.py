"""Keys of trusted clients: files, addresses, rotation, floods (certification.md A9, D2; cds-hooks.md SEC-9…11)."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.clients import AuthFailure, Client
from cds_service.config import Settings, SiteConfig
from cds_service.errors import InvalidConfiguration, NotAuthenticated
from cds_service.hooks.client_keys import KEY_SET_BYTES, OLD_SECONDS, REFRESH_SECONDS, ClientKeys
from cds_service.hooks.key_sets import UnusableKeySet, read_key_set
from cds_service.turn import in_turns
from tests.cds_service.hooks.loopback_server import Call, LoopbackServer
from tests.cds_service.hooks.tokens import (
    ISSUER,
    PUBLIC_URL,
    QUIET,
    SERVICE,
    bearer,
    key_file,
    key_set,
    private_key,
    public_jwk,
    short_rsa_key,
    token,
)

OLD, NEW = (public_jwk(private_key("RS384", number), kid) for number, kid in ((0, "old"), (1, "new")))
SANDBOX_KEY = {  # as https://sandbox.cds-hooks.org/.well-known/jwks.json has it; its private half is on GitHub
    "kty": "EC",
    "use": "sig",
    "crv": "P-384",
    "kid": "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f",
    "x": "dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB",
    "y": "Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy",
    "alg": "ES384",
}
SANDBOX_KID = SANDBOX_KEY["kid"]


class KeyServer(LoopbackServer):
    """Serves a key set that a test can change; `fails`: answers 500."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.keys = key_set(OLD)
        self.fails = False

    def _answer(self, call: Call) -> None:
        if self.fails:
            call.json({}, 500)
        else:
            call.json(self.keys)

    @property
    def jku(self) -> str:
        """The address of its key set."""
        return f"http://127.0.0.1:{self.server_port}/jwks.json"

    @property
    def fetches(self) -> int:
        """How often the key set was asked for."""
        return len(self.seen)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[KeyServer]:
    server = KeyServer()
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client(**choices: Any) -> Client:
    return Client.model_validate({"issuer": ISSUER, "name": "ehr", **choices})


def found(keys: ClientKeys, who: Client, kid: str, **header: Any) -> str:
    """What comes of looking for a key: "found", or the reason why not."""
    try:
        return "found" if keys.find(who, {"kid": kid, **header}) else "nothing"
    except NotAuthenticated as refusal:
        return refusal.reason


# -- at an address ----------------------------------------------------------------------------------------------------


@pytest.fixture
def caller(server: KeyServer) -> FlaskClient:
    """A service that trusts whoever signs with the keys at the server."""
    site = SiteConfig.model_validate({"clients": [{"issuer": ISSUER, "name": "ehr", "jku": [server.jku]}]})
    return create_app(Settings(public_url=PUBLIC_URL), site).test_client()


def status(caller: FlaskClient, kid: str, number: int, **header: Any) -> int:
    signed = token(algorithm="RS384", key=private_key("RS384", number), header={"kid": kid, **header})
    return caller.post(SERVICE, json=QUIET, headers=bearer(signed)).status_code


def test_jwt_07_sec_9_keys_at_a_registered_address_are_fetched_once_and_kept(caller: FlaskClient, server: KeyServer):
    assert server.fetches == 0
    assert [status(caller, "old", 0, jku=server.jku), status(caller, "old", 0)] == [200, 200]
    assert server.fetches == 1
    assert server.paths == ["/jwks.json"]
    assert "Authorization" not in server.seen[0].headers


def test_jwt_15_sec_11_a_client_may_change_its_key(caller: FlaskClient, server: KeyServer):
    assert status(caller, "old", 0) == 200
    server.keys = key_set(OLD, NEW)
    assert [status(caller, "new", 1), status(caller, "new", 1), status(caller, "old", 0)] == [200, 200, 200]
    assert server.fetches == 2


def test_jwt_16_a_flood_of_unknown_keys_makes_no_flood_of_fetches(caller: FlaskClient, server: KeyServer):
    assert status(caller, "old", 0) == 200
    assert {status(caller, f"unknown-{number}", 1) for number in range(50)} == {401}
    assert server.fetches <= 2
    assert status(caller, "old", 0) == 200


def test_jwt_16_an_unknown_key_is_looked_for_again_after_a_while(server: KeyServer, clock: Clock):
    who = client(jku=[server.jku])
    keys = ClientKeys([who], clock)
    assert [found(keys, who, kid) for kid in ("old", "new", "new")] == ["found", "key", "key"]
    server.keys = key_set(NEW)
    assert found(keys, who, "new") == "key"
    clock.now += REFRESH_SECONDS
    assert [found(keys, who, "new"), found(keys, who, "old")] == ["found", "key"]
    assert server.fetches == 3


def test_jwt_16_known_keys_survive_a_fetch_that_fails(server: KeyServer, clock: Clock):
    who = client(jku=[server.jku])
    keys = ClientKeys([who], clock)
    assert found(keys, who, "old") == "found"
    server.fails = True
    assert [found(keys, who, "new"), found(keys, who, "old")] == ["key", "found"]
    assert server.fetches == 2


def test_an_address_that_does_not_answer_at_first_is_asked_again_later(server: KeyServer, clock: Clock):
    who = client(jku=[server.jku])
    keys = ClientKeys([who], clock)
    server.fails = True
    assert [found(keys, who, "old"), found(keys, who, "old")] == ["key", "key"]
    server.fails = False
    clock.now += REFRESH_SECONDS
    assert found(keys, who, "old") == "found"
    assert server.fetches == 2


def until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


def test_sec_11_a_key_that_was_withdrawn_is_not_trusted_for_ever(server: KeyServer, clock: Clock):
    who = client(jku=[server.jku])
    keys = ClientKeys([who], clock)
    assert found(keys, who, "old") == "found"
    server.keys = key_set(NEW)
    clock.now += OLD_SECONDS
    assert found(keys, who, "old") == "found"  # this call does not wait
    until(lambda: found(keys, who, "old") == "key")
    assert server.fetches == 2


def test_old_keys_hold_while_their_address_does_not_answer(server: KeyServer, clock: Clock):
    who = client(jku=[server.jku])
    keys = ClientKeys([who], clock)
    assert found(keys, who, "old") == "found"
    server.fails = True
    for seconds in (OLD_SECONDS, 1, 1, 1):
        clock.now += seconds
        assert found(keys, who, "old") == "found"
    until(lambda: server.fetches == 2)
    assert found(keys, who, "old") == "found"


def test_calls_that_come_at_once_share_one_fetch(server: KeyServer):
    who = client(jku=[server.jku])
    keys = ClientKeys([who])
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: found(keys, who, "old"), range(8)))
    assert results == ["found"] * 8
    assert server.fetches == 1


def test_another_call_has_the_turn_while_keys_are_fetched(server: KeyServer):
    arrived, may_answer = threading.Event(), threading.Event()

    def answer(call: Call) -> None:
        arrived.set()
        may_answer.wait(5)
        call.json(key_set(OLD))

    server.answer = answer
    who = client(jku=[server.jku])
    keys = ClientKeys([who])

    def application(environ: dict[str, Any], _: Any) -> list[bytes]:
        return [found(keys, who, "old").encode() if environ["slow"] else b"quick"]

    serve = in_turns(application)
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(serve, {"slow": True}, print)
        assert arrived.wait(5)
        assert list(serve({"slow": False}, print)) == [b"quick"]
        assert not slow.done()
        may_answer.set()
        assert list(slow.result(5)) == [b"found"]


def test_jwt_06_out_01_no_address_but_the_registered_one_is_asked(server: KeyServer):
    other = KeyServer()
    keys = ClientKeys([mine := client(jku=[server.jku]), client(issuer="https://other.example", jku=[other.jku])])
    with_port = f"127.0.0.1:{server.server_port}"
    for jku in (
        other.jku,
        f"{server.jku}/",
        f"{server.jku}?a=1",
        f"{server.jku}#a",
        f"http://user@{with_port}/jwks.json",
        f"https://{with_port}/jwks.json",
        f"http://localhost:{server.server_port}/jwks.json",
        f"http://{with_port}/JWKS.json",
        f"http://{with_port}/./jwks.json",
        "jwks.json",
        "",
        None,
        ["a"],
    ):
        assert found(keys, mine, "old", jku=jku) == AuthFailure.JKU
    other.stop()
    assert (server.connections, other.connections) == (0, 0)
    assert found(keys, mine, "old", jku=server.jku.upper().replace("/JWKS.JSON", "/jwks.json")) == "found"


def test_of_several_registered_addresses_the_one_named_is_asked_and_all_when_none_is(server: KeyServer):
    second = KeyServer()
    second.keys = key_set(NEW)
    who = client(jku=[server.jku, second.jku])
    keys = ClientKeys([who])
    assert [found(keys, who, "new", jku=server.jku), found(keys, who, "new", jku=second.jku)] == ["key", "found"]
    assert [found(keys, who, "old"), found(keys, who, "new")] == ["found", "found"]
    second.stop()


def test_clients_of_one_vendor_share_what_was_fetched(server: KeyServer):
    one, two = client(jku=[server.jku]), client(issuer="https://two.example", jku=[server.jku])
    keys = ClientKeys([one, two])
    assert [found(keys, who, "old") for who in (one, two)] == ["found", "found"]
    assert server.fetches == 1


def redirects(call: Call) -> None:
    call.bytes(b"", 302, location=f"http://127.0.0.1:{call.server.server_port}/elsewhere.json")


def is_too_large(call: Call) -> None:
    call.json({"keys": [OLD], "padding": "x" * KEY_SET_BYTES})


def is_too_large_unpacked(call: Call) -> None:
    call.bytes(
        gzip.compress(json.dumps({"keys": [OLD], "padding": "x" * 10_000_000}).encode()), content_encoding="gzip"
    )


def trickles(call: Call) -> None:
    call.head(content_length="100000")
    for _ in range(100):
        call.wfile.write(b" ")
        call.wait(0.1)


@pytest.mark.parametrize(
    "answer",
    [
        redirects,
        is_too_large,
        is_too_large_unpacked,
        trickles,
        lambda call: call.bytes(b"<html>"),
        lambda call: call.bytes(b"[" * 5000),
        lambda call: call.json([]),
        lambda call: call.json({"keys": {}}),
        lambda call: call.json({"keys": [7, None, {}]}),
        lambda call: call.json({"keys": [OLD] * 101}),
        lambda call: call.bytes(b"x", content_encoding="gzip"),
        lambda call: call.bytes(b"x", content_encoding="br"),
        lambda call: call.json(key_set(OLD), 404),
    ],
    ids=[
        "redirect",
        "large",
        "bomb",
        "trickle",
        "HTML",
        "deep",
        "list",
        "no-list",
        "no-keys",
        "many",
        "gzip",
        "br",
        "404",
    ],
)
def test_out_03_out_07_what_is_no_key_set_is_not_used_and_costs_two_seconds_at_most(
    server: KeyServer, answer: Callable[[Call], None]
):
    server.answer = answer
    who = client(jku=[server.jku])
    keys = ClientKeys([who])
    began = time.monotonic()
    assert found(keys, who, "old") == "key"
    assert time.monotonic() - began < 3
    assert server.fetches == 1


def test_a_fetch_that_failed_is_named_in_the_log(
    caller: FlaskClient, server: KeyServer, capsys: pytest.CaptureFixture[str]
):
    server.fails = True
    capsys.readouterr()
    assert status(caller, "old", 0) == 401
    warning, call = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert warning["why"] == f"{server.jku}: answered with status 500"
    assert (call["auth_failure"], call["client"]) == ("key", "ehr")


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "168.63.129.16", "224.0.0.1"])
def test_out_03_a_registered_name_that_was_moved_to_the_clouds_own_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, address: str
):
    connected: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (address, 443))])
    monkeypatch.setattr("cds_service.hooks.connections.create_connection", lambda *args, **_: connected.append(args))
    who = client(jku=["https://keys.example.org/jwks.json"])
    assert found(ClientKeys([who]), who, "old") == "key"
    assert connected == []


def test_out_07_proxies_of_the_environment_are_not_used(server: KeyServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    who = client(jku=[server.jku])
    assert found(ClientKeys([who]), who, "old") == "found"


# -- in a file --------------------------------------------------------------------------------------------------------


def test_sec_9_keys_in_a_file_need_no_network(tmp_path: Path):
    who = client(keys=key_file(tmp_path, OLD, public_jwk(private_key("ES384"), "old")))
    (rsa, ec) = ClientKeys([who]).find(who, {"kid": "old"})
    assert ("RS384" in rsa.algorithms, ec.algorithms) == (True, {"ES384"})


def test_a_file_comes_before_the_address_that_is_registered_too(tmp_path: Path, server: KeyServer):
    server.keys = key_set(NEW)
    who = client(keys=key_file(tmp_path, OLD), jku=[server.jku])
    keys = ClientKeys([who])
    assert (found(keys, who, "old", jku=server.jku), server.fetches) == ("found", 0)
    assert (found(keys, who, "new", jku=server.jku), server.fetches) == ("found", 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        ("", "expected a JSON Web Key Set"),
        ("{", "expected a JSON Web Key Set"),
        ("[]", "expected a JSON Web Key Set"),
        ("-----BEGIN PUBLIC KEY-----", "expected a JSON Web Key Set"),
        ('{"keys": []}', "no key for signatures"),
        (json.dumps(key_set({**OLD, "use": "enc"})), "no key for signatures"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_and_names_the_key(tmp_path: Path, text: str | None, says: str):
    path = tmp_path / "keys.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    site = SiteConfig.model_validate({"clients": [{"issuer": ISSUER, "name": "ehr", "keys": path}]})
    with pytest.raises(InvalidConfiguration, match=rf"^clients\.ehr\.keys: .*keys\.json: .*{says}"):
        create_app(Settings(public_url=PUBLIC_URL), site)


@pytest.mark.parametrize("how", ["published", "in the file"])
def test_jwt_19_sup_06_a_key_whose_private_half_others_know_stops_the_start(tmp_path: Path, how: str):
    exposed = {"published": SANDBOX_KEY, "in the file": {**OLD, "d": "AQAB"}}[how]
    path = key_file(tmp_path, exposed)
    with pytest.raises(InvalidConfiguration, match=r"others know the private half of key .*; use a new pair of keys"):
        ClientKeys([client(keys=path)])
    assert ClientKeys([client(keys=path, test=True)])


def test_jwt_19_a_published_key_at_an_address_is_trusted_only_of_a_test_client(server: KeyServer):
    server.keys = key_set(SANDBOX_KEY)
    trusted, for_tests = client(jku=[server.jku]), client(issuer="https://t.example", jku=[server.jku], test=True)
    keys = ClientKeys([trusted, for_tests])
    assert [found(keys, who, SANDBOX_KID) for who in (trusted, for_tests)] == ["key", "found"]


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"},
        {"kty": "EC", "crv": "secp256k1", "x": "AQ", "y": "AQ", "kid": "a"},
        {"kty": "EC", "crv": "P-384", "x": "AQ", "y": "AQ", "kid": "a"},
        {"kty": "EC", "crv": ["P-384"], "kid": "a"},
        {"kty": ["EC"], "kid": "a"},
        {"kty": "RSA", "kid": "a"},
        {"kty": "RSA", "n": 7, "e": "AQAB", "kid": "a"},
        {**OLD, "kid": ""},
        {**OLD, "kid": 7},
        {**OLD, "use": "enc"},
        {**OLD, "key_ops": ["sign"]},
        {**OLD, "alg": "HS256"},
        {**OLD, "alg": "ES384"},
        {**OLD, "alg": "RSA-OAEP"},
        public_jwk(short_rsa_key(), "a"),
    ],
)
def test_sec_8_what_is_no_key_for_our_signatures_is_passed_over(jwk: dict[str, Any]):
    with pytest.raises(UnusableKeySet, match="no key for signatures"):
        read_key_set(json.dumps(key_set(jwk)).encode())
    assert set(read_key_set(json.dumps(key_set(jwk, NEW)).encode())) == {"new"}


@pytest.mark.parametrize(
    ("name", "algorithms"),
    [
        ("ES256", {"ES256"}),
        ("ES384", {"ES384"}),
        ("ES512", {"ES512"}),
        ("EdDSA", {"EdDSA"}),
        ("RS384", {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    ],
)
def test_sec_8_each_type_of_key_has_its_algorithms_and_alg_narrows_them(name: str, algorithms: set[str]):
    jwk = public_jwk(private_key(name), "a")
    (key,) = read_key_set(json.dumps(key_set(jwk)).encode())["a"]
    assert key.algorithms == algorithms
    (key,) = read_key_set(json.dumps(key_set({**jwk, "alg": name, "use": "sig", "key_ops": ["verify"]})).encode())["a"]
    assert key.algorithms == {name}
