"""The service with trusted clients as it really runs: two processes behind one port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from tests.cds_service.hooks.tokens import ISSUER, QUIET, SERVICE, bearer, key_file, private_key, public_jwk, token

SITE = f'[[clients]]\nissuer = "{ISSUER}"\nname = "ehr"\nkeys = "keys.json"\n'


class Running:
    """A service in a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder / "site.toml").write_text(SITE, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "cds_service.command_line",
            "serve",
            "--port",
            str(self.port),
            "--workers",
            "2",
        ]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=Path.cwd(),
            env={**os.environ, "CDS_SERVICE_SITE": str(folder / "site.toml")},
        )

    def answers(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def until_ready(self) -> None:
        """Waits for the first answer."""
        ends_at = time.monotonic() + 20
        while True:
            try:
                self.answers("GET", "/readyz")
                return
            except OSError:
                assert time.monotonic() < ends_at
                time.sleep(0.05)

    def stop(self) -> bytes:
        """Ends it; what it wrote to standard error."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=20)[1]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    key_file(tmp_path, public_jwk(private_key("ES384"), "ES384"))
    service = Running(tmp_path)
    service.until_ready()
    yield service
    if service.process.poll() is None:
        service.stop()


def test_jwt_02_jwt_01_a_running_service_answers_its_client_and_nobody_else(running: Running):
    address = f"http://127.0.0.1:{running.port}{SERVICE}"
    for _ in range(4):  # whichever process gets it
        assert running.answers("POST", SERVICE, QUIET, **bearer(token(aud=address))) == (200, {"cards": []})
        assert running.answers("POST", SERVICE, QUIET)[0] == 401
    assert running.answers("GET", "/readyz") == (200, {"status": "ready", "mode": "1 trusted client"})
    assert b"(1 trusted client: callers need a token)" in running.stop()


def test_a_key_set_that_cannot_be_used_ends_the_start_with_one_message(tmp_path: Path):
    (tmp_path / "keys.json").write_text("{}", encoding="utf-8")
    _, message = Running(tmp_path).process.communicate(timeout=20)
    assert message.startswith(b"cannot start: clients.ehr.keys: ")
    assert message.count(b"\n") == 1
