"""NET-01: which versions of TLS a server speaks, and that plain http is for one machine only."""

from __future__ import annotations

import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cds_service.conformance.runner import Result, chosen, run
from cds_service.conformance.target import Options, Target
from tests.cds_service.conformance.wrong_service import WrongService, listening


def tried(url: str) -> Result:
    """What comes of NET-01."""
    (result,) = run(Target(url, Options()), chosen(["NET-01"]))
    return result


def test_a_server_with_tls_of_today_passes(tmp_path: Path) -> None:
    """NET-01."""
    with tls_server(tmp_path, ssl.TLSVersion.TLSv1_2) as url:
        assert tried(url).status == "pass"


def test_a_server_that_still_speaks_tls_1_0_fails(tmp_path: Path) -> None:
    """NET-01."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with tls_server(tmp_path, ssl.TLSVersion.TLSv1) as url:
            result = tried(url)
    assert (result.status, result.reason) == ("fail", "accepts TLSv1")


def test_a_server_without_tls_behind_https_fails() -> None:
    with listening(lambda _: WrongService(None)) as (url, _):
        result = tried(url.replace("http:", "https:"))
    assert (result.status, result.reason) == ("fail", "no TLS 1.2 or 1.3")


def test_plain_http_to_another_machine_fails() -> None:
    assert tried("http://cds.example.org").status == "fail"


def test_plain_http_on_this_machine_is_not_judged() -> None:
    assert tried("http://127.0.0.1:9").status == "not applicable"


@contextmanager
def tls_server(folder: Path, lowest: ssl.TLSVersion) -> Iterator[str]:
    """A server that speaks TLS of this version and later."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = lowest
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    unencrypted = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
