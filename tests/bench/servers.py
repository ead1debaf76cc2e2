"""Servers to measure: each in processes of its own, on a free loopback port, stopped at the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LAUNCH = """
import sys
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server
Server(sys.argv[1], factory=True, address="127.0.0.1", port=int(sys.argv[2]), interface=Interfaces.WSGI, workers=1,
       blocking_threads=128, backpressure=512, http=HTTPModes.http1, websockets=False,
       log_level=LogLevels.warning).serve()
"""


class Running:
    """A server that answers; its CPU time and memory are those of all its processes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, seconds_to_ready: float) -> None:
        self.port = port
        self.seconds_to_ready = seconds_to_ready
        self._process = process

    def cpu_seconds(self) -> float:
        """User and system time of all processes so far, to the tick of the system."""
        return sum(_cpu(pid) for pid in self._pids())

    def worker_megabytes(self) -> float:
        """Resident memory of the largest process but the supervisor."""
        return max(_resident(pid) for pid in self._pids()[1:])

    def workers_megabytes(self) -> float:
        """Resident memory of all workers together."""
        return sum(_resident(pid) for pid in self._pids()[1:])

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return [self._process.pid, *(int(pid) for pid in children)]


@contextmanager
def yardstick() -> Iterator[Running]:
    """The constant Flask route under the same server program and settings, one worker."""
    with _started([sys.executable, "-c", LAUNCH, "tests.bench.baseline:create_app"], by_flag=False) as running:
        yield running


@contextmanager
def service(workers: int = 1, off: Collection[str] = ()) -> Iterator[Running]:
    """The service as `cds-service serve` starts it, without the cards that are `off`."""
    command = [sys.executable, "-m", "cds_service.command_line", "serve", "--workers", str(workers)]
    with TemporaryDirectory() as folder:
        environment = os.environ | {"CDS_SERVICE_DATABASE": f"sqlite:///{folder}/ledger.sqlite3"}
        if off:
            site = Path(folder, "site.toml")
            site.write_text(f"[cards]\noff = {json.dumps(sorted(off))}\n", encoding="utf-8")
            environment["CDS_SERVICE_SITE"] = str(site)
        with _started(command, by_flag=True, environment=environment) as running:
            yield running


@contextmanager
def _started(command: list[str], *, by_flag: bool, environment: dict[str, str] | None = None) -> Iterator[Running]:
    port = _free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, *(("--port",) if by_flag else ()), str(port)], stdout=subprocess.DEVNULL, env=environment
    )
    try:
        _wait_until_ready(port, process)
        yield Running(process, port, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(2000):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise RuntimeError("the server did not become ready")


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1024 / 1024
