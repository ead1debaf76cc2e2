"""Sends the calls of a seed through the whole application and collects what is wrong with the answers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import Any, NamedTuple

from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import EnvironBuilder

from cds_service.app import LEDGER, create_app
from cds_service.config import Settings, SiteConfig
from tests.cds_service.hooks.tokens import ISSUER, PUBLIC_URL, key_file, private_key, public_jwk
from tests.fuzz.examples import Example, example
from tests.fuzz.lying_fhir import lying_fhir_server
from tests.fuzz.odd_tokens import ALGORITHM
from tests.fuzz.verdict import MOST_SECONDS, faults_of
from tests.situations.asking import off_by_default

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
_TRIES = 3  # of a call that is slow: others may have kept the machine busy


class Fault(NamedTuple):
    """A call that was answered wrongly; `python -m tests.fuzz --seed S --only N` shows it again."""

    seed: int
    number: int
    sent: Example
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"seed {self.seed} number {self.number}: {self.sent.method} {self.sent.path[:80]}: {', '.join(self.faults)}"
        )


class Campaign:
    """The service with every card on, open and for a trusted client, and what came of the calls so far."""

    def __init__(self, seed: int, fhir_base: str, folder: Path, rule_failures: list[str]) -> None:
        cards = {"on": off_by_default()}
        database = SecretStr(f"sqlite:///{folder}/ledger.sqlite3")
        self._open = _service(Settings(log_level="error", database=database), {"cards": cards})
        keys = key_file(folder, public_jwk(private_key(ALGORITHM), ALGORITHM))
        trusted = {"issuer": ISSUER, "name": "ehr", "keys": str(keys)}
        settings = Settings(log_level="error", workers=1, public_url=PUBLIC_URL)
        self._trusting = _service(settings, {"cards": cards, "clients": [trusted]})
        self._seed = seed
        self._fhir_base = fhir_base
        self._rule_failures = rule_failures
        self.statuses: dict[int, int] = {}

    def close(self) -> None:
        """Writes what is still to be written."""
        self._open.application.extensions[LEDGER].close()

    def run(self, numbers: Iterable[int], until: float | None = None) -> Iterator[Fault]:
        """Sends these calls, none after `until` (monotonic); yields those with faults."""
        for number in numbers:
            if until is not None and monotonic() > until:
                return
            sent = example(self._seed, number, self._fhir_base)
            faults = self._faults(sent)
            if faults:
                yield Fault(self._seed, number, sent, faults)

    def _faults(self, sent: Example) -> tuple[str, ...]:
        for _ in range(_TRIES):
            self._rule_failures.clear()
            seconds, status, media_type, body = _answered(self._trusting if sent.is_trusted else self._open, sent)
            if seconds <= MOST_SECONDS:
                break
        self.statuses[status] = self.statuses.get(status, 0) + 1
        failed = tuple(f"rule failed: {failure}" for failure in self._rule_failures)
        return (*faults_of(sent, status, media_type, body, seconds), *failed)


@contextmanager
def campaign(seed: int) -> Iterator[Campaign]:
    """A campaign with its FHIR server, both ended afterwards."""
    server = lying_fhir_server(seed)
    failures = _Failures()
    logging.getLogger("cards").addHandler(failures)
    try:
        with TemporaryDirectory() as folder, closing(Campaign(seed, server.base, Path(folder), failures.found)) as one:
            yield one
    finally:
        logging.getLogger("cards").removeHandler(failures)
        server.stop()


def _service(settings: Settings, choices: dict[str, Any]) -> FlaskClient:
    return create_app(settings, SiteConfig.model_validate(choices), clock=lambda: NOON).test_client()


def _answered(client: FlaskClient, sent: Example) -> tuple[float, int, str, bytes]:
    path, _, query = sent.path.partition("?")
    builder = EnvironBuilder(path=path, query_string=query, method=sent.method, data=sent.body)
    environ = builder.get_environ()
    for name, value in sent.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    started = perf_counter()
    response = client.open(environ)
    body = response.get_data()
    return perf_counter() - started, response.status_code, response.headers.get("Content-Type", ""), body


class _Failures(logging.Handler):
    """Rules that broke down: the service goes on without them, a fuzzer must not."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{getattr(record, 'rule', record.msg)} at {getattr(record, 'at', '')}")
