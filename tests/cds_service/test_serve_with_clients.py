"""The service with trusted clients as it really runs: two processes behind one port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cds_service.hooks.tokens import ISSUER, QUIET, SERVICE, bearer, key_file, token
from tests.running_service import JSON, Service, running

SITE = f'[[clients]]\nissuer = "{ISSUER}"\nname = "ehr"\nkeys = "keys.json"\n'


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    key_file(tmp_path)
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    database = f"sqlite:///{tmp_path}/ledger.sqlite3"
    with running(tmp_path, workers=2, site=str(tmp_path / "site.toml"), database=database) as service:
        yield service


def status(service: Service, text: str) -> int:
    return service.ask("POST", SERVICE, json.dumps(QUIET).encode(), {**JSON, **bearer(text)}).status


def made_for(service: Service) -> str:
    """A token for this service."""
    return token(aud=f"http://127.0.0.1:{service.port}{SERVICE}")


def test_jwt_01_jwt_02_jwt_13_a_running_service_answers_its_client_once_per_token(service: Service) -> None:
    assert [status(service, made_for(service)) for _ in range(6)] == [200] * 6  # whichever process gets it
    assert [status(service, "garbage") for _ in range(4)] == [401] * 4
    once = made_for(service)
    with ThreadPoolExecutor(8) as threads:  # both processes get it, at the same time
        answers = sorted(threads.map(lambda _: status(service, once), range(16)))
    assert answers == [200] + [401] * 15
    assert json.loads(service.ask("GET", "/readyz").text)["mode"] == "1 trusted client"
    assert "(1 trusted client: callers need a token)" in service.output()
    assert once not in service.output()


def test_a_key_set_that_cannot_be_used_ends_the_start_with_one_message(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    (tmp_path / "keys.json").write_text("{}", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "cds_service.command_line", "serve", "--port", "1"],
        env={**os.environ, "CDS_SERVICE_SITE": str(tmp_path / "site.toml")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)
    assert ended.stderr.startswith(b"cannot start: clients.ehr.keys: ")
