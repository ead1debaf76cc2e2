"""The service as it really runs: `cds-service serve` in processes of its own, with its ledger at an address."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket
from threading import Thread
from types import TracebackType
from typing import Any, Self

from tests.cds_service.ledger.books import until


class ServiceProcess:
    """A service on a free loopback port; ends with the block."""

    def __init__(self, address: str, workers: int = 2, site: Path | None = None, **settings: str) -> None:
        with socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        chosen = {"DATABASE": address, "SITE": str(site or ""), **settings}
        environment = os.environ | {f"CDS_SERVICE_{name}": value for name, value in chosen.items()}
        command = [sys.executable, "-m", "cds_service.command_line", "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "--workers", str(workers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
        )
        self.written = ""
        self._reader = Thread(target=self._read, daemon=True)  # a pipe that nobody reads fills up and holds the service
        self._reader.start()

    def __enter__(self) -> Self:
        until(lambda: self.ledger() == "reachable", 60)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it as an operator does; what it wrote is in `written`."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.written += line

    def workers(self) -> list[int]:
        """The processes that answer."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text(encoding="ascii")
        found = [int(pid) for pid in children.split()]
        return [pid for pid in found if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def ledger(self) -> str:
        """What /readyz says of the ledger; empty when nobody answers."""
        try:
            status, body = self.ask("GET", "/readyz")
        except (OSError, HTTPException):
            return ""
        assert status == 200
        return str(body["ledger"])

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        return self.ask("POST", path, json.dumps(body), headers)

    def ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of the answer, on a connection of its own. Raises OSError, HTTPException."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def until_reachable(self) -> None:
        """Waits until every worker says that the ledger is reachable: so many answers in a row are not one worker's."""
        until(lambda: all(self.ledger() == "reachable" for _ in range(40)), 60)
        time.sleep(0.1)
