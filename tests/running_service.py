"""The service as `cds-service serve` runs it, in processes of its own: for what only real processes can show."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket
from typing import Any, NamedTuple

CALL = "/cds-services/neuropathy-order-sign"
JSON = {"Content-Type": "application/json"}
STOP_SECONDS = 30


class Answer(NamedTuple):
    """What came back."""

    status: int
    text: str


class Service:
    """A service that runs; `folder` holds what it writes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self.process = process
        self.port = port
        self._folder = folder

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ledger(self) -> str:
        """Where its ledger is, unless another place was named."""
        return f"sqlite:///{self._folder}/ledger.sqlite3"

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = JSON) -> Answer:
        """One request over a connection of its own. Raises OSError, HTTPException when there is no answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())
        finally:
            connection.close()

    def workers(self) -> set[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid) for pid in children}

    def output(self) -> str:
        """All that it has written, standard output and error."""
        return "".join((self._folder / name).read_text() for name in ("out", "err"))

    def lines(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        return [json.loads(line) for line in (self._folder / "out").read_text().splitlines()]

    def stop(self) -> int:
        """Stops it as an orchestrator does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def wait_until_ready(self) -> None:
        """Returns when /readyz says so."""
        for _ in range(1200):
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended with {self.process.returncode}: {self.output()}")
            try:
                if self.ask("GET", "/readyz").status == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise RuntimeError("it did not become ready")


@contextmanager
def running(folder: Path, workers: int = 1, **settings: str) -> Iterator[Service]:
    """A service on a free port of loopback; `settings` are CDS_SERVICE_… variables, in lower case, and others."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"database": f"sqlite:///{folder}/ledger.sqlite3", **settings}
    own = {name if name.isupper() else f"CDS_SERVICE_{name.upper()}": value for name, value in settings.items()}
    command = [
        sys.executable,
        "-m",
        "cds_service.command_line",
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=os.environ | own)
    service = Service(process, port, folder)
    try:
        service.wait_until_ready()
        yield service
    finally:
        if process.poll() is None:
            service.stop()
