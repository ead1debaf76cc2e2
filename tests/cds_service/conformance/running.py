"""A service that runs: `cds-service serve` as an operator starts it, on a port of its own, with a site file."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from cds_service.conformance.tokens import new_key, public

ORIGIN = "https://ehr.example.org"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, site: str) -> Iterator[str]:
    """The base address of a service with this site file; one worker. It is stopped in the end."""
    (folder / "site.toml").write_text(site, encoding="utf-8")
    port = free_port()
    environment = {
        **os.environ, "CDS_SERVICE_SITE": str(folder / "site.toml"), "CDS_SERVICE_LOG_LEVEL": "error",
        "CDS_SERVICE_DATABASE": f"sqlite:///{folder}/ledger.sqlite3",
    }  # fmt: skip
    command = [sys.executable, "-m", "cds_service.command_line", "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def rsa_key(kid: str) -> dict[str, Any]:
    """A private RSA key for RS384."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from jwt.algorithms import RSAAlgorithm

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {**RSAAlgorithm.to_jwk(made, as_dict=True), "kid": kid, "alg": "RS384"}


def key_file(folder: Path, name: str, client: Mapping[str, Any]) -> str:
    """The key file of a client, as `--client` reads it; its public halves as NAME.jwks.json."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(client), encoding="utf-8")
    path.chmod(0o600)
    keys = {"keys": [public(key) for key in client["keys"]]}
    (folder / f"{name}.jwks.json").write_text(json.dumps(keys), encoding="utf-8")
    return str(path)


def two_clients(folder: Path, jku: str) -> list[str]:
    """The key files of two clients: the keys of one are read from `jku`, which the suite serves."""
    keys = [new_key("es+/a="), rsa_key("rs-1")]
    ehr = {"issuer": ORIGIN, "keys": keys, "jku": jku, "serve_keys": True, "tenant": "north"}
    other = {"issuer": "https://other.example.org", "keys": [new_key("other-1")]}
    return [key_file(folder, "ehr", ehr), key_file(folder, "other", other)]


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise TimeoutError("the service did not get ready")
