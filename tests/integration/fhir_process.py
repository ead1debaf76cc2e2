"""The FHIR server as a process of its own: it ends with the tests, also when they are killed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent / "fhir_server"


class FhirProcess:
    """Runs fhir_server/server.cjs on a free port with the transaction Bundles of these folders.

    `address` has the open server under /fhir, one that wants a token under /token/<token>/fhir, and one that answers
    later under /after/<ms>/fhir.
    """

    def __init__(self, *folders: Path) -> None:
        if not (HERE / "node_modules").is_dir():
            raise FileNotFoundError("tests/integration/fhir_server is not installed: run `make integration`")
        self._process = subprocess.Popen(
            ["node", "server.cjs", *map(str, folders)],
            cwd=HERE,
            stdin=subprocess.PIPE,  # it ends when this is closed
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the FHIR server did not start: exit code {self._process.wait()}")
        said = json.loads(line)
        self.address: str = said["address"]
        self.patients: int = said["patients"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Kills it, in the middle of whatever it does."""
        self._process.kill()
        self._process.communicate()
