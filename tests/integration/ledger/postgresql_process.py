"""A PostgreSQL server of the tests' own: made in a folder, on a free loopback port, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from socket import socket
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

import psycopg

SECONDS = 60
# It ends when standard input is closed, also when the tests are killed.
RUN = '"$0" "$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server'


class PostgresqlProcess:
    """Starts and stops it. `address(name)` makes an empty database and says where it is."""

    def __init__(self) -> None:
        self._programs = _programs()
        self._folder = Path(mkdtemp(prefix="ledger-postgresql-"))
        # the server refuses to run as root, who in a container is everybody
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("nobody")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "-D", "data", "-U", "ledger", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Starts it and waits until it answers."""
        server = [str(self._programs / "postgres"), "-D", "data", "-p", str(self.port), "-k", str(self._folder)]
        self._process = subprocess.Popen(
            ["sh", "-c", RUN, *server, "-c", "listen_addresses=127.0.0.1", "-F"],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,
        )
        ends_at = time.monotonic() + SECONDS
        while True:
            try:
                self._connect().close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < ends_at, "PostgreSQL does not start"
                time.sleep(0.05)

    def stop(self) -> None:
        """Stops it, whoever is connected."""
        if self._process is not None:
            self._process.communicate(timeout=SECONDS)
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections and does nothing any more."""
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def address(self, name: str) -> str:
        """Where a new, empty database is."""
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return f"postgresql://ledger@127.0.0.1:{self.port}/{name}"

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="ledger", dbname="postgres", autocommit=True, connect_timeout=5
        )

    def _pids(self) -> list[int]:
        postmaster = int((self._folder / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii")
        return [postmaster, *map(int, children.split())]

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._folder,
            check=True,
            capture_output=True,
            timeout=SECONDS,
            **self._user,
        )


def _programs() -> Path:
    """Where the programs of the newest PostgreSQL on this machine are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    if not found and on_path is None:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).parent
