"""NET-01: which versions of TLS a server speaks, and that plain http is for one machine only."""

from __future__ import annotations

import ssl
import warnings
from pathlib import Path

from cds_service.conformance.runner import Result, chosen, run
from cds_service.conformance.target import Options, Target
from tests.cds_service.conformance.wrong_service import WrongService, listening
from tests.cds_service.tls_server import tls_server


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
