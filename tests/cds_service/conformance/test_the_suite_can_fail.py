"""A suite that cannot fail is worth nothing: for every row a fault is planted in our service, and the row finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from cds_service.conformance.fhir_double import FhirDouble
from cds_service.conformance.row import Profile
from cds_service.conformance.runner import GROUPS, Result, chosen, run
from cds_service.conformance.target import Options, Target
from tests.cds_service.conformance import wrong_answers, wrong_requests
from tests.cds_service.conformance.lax_doors import LAX
from tests.cds_service.conformance.wrong_service import (
    Ask,
    Got,
    Planted,
    Sent,
    WrongService,
    listening,
    nothing_planted,
)

FAULTS = {**wrong_requests.FAULTS, **wrong_answers.FAULTS}
BY_ITSELF = {"NET-01"}  # test_tls.py: it needs a server with TLS


@pytest.fixture(scope="module")
def wrong(app: Flask) -> Iterator[tuple[str, WrongService]]:
    """Our service, where something can be planted."""
    with listening(lambda _: WrongService(app.wsgi_app)) as found:
        yield found


@pytest.fixture
def tried(wrong: tuple[str, WrongService]) -> Callable[..., Result]:
    """What comes of a row when something is planted."""
    base, service = wrong

    def tried(row: str, planted: Planted, profile: Profile = "2.0.1") -> Result:
        service.planted = planted
        double = FhirDouble()
        try:
            (result,) = run(Target(base, Options(profile=profile), (), double), chosen([row]))
            return result
        finally:
            double.close()
            service.planted = nothing_planted

    return tried


PLANTED = [
    pytest.param(row, planted, id=f"{row}-{number}", marks=[pytest.mark.alone] if row.startswith("NET-") else [])
    for row, faults in FAULTS.items()
    for number, planted in enumerate(faults, 1)
]


@pytest.mark.parametrize(("row", "planted"), PLANTED)
def test_a_planted_fault_is_found_by_its_row(row: str, planted: Planted, tried: Callable[..., Result]) -> None:
    result = tried(row, planted, "3.0" if row.startswith("cds-") else "2.0.1")
    assert result.status == "fail", f"{result.status}: {result.reason}"
    assert result.reason


def test_versions_that_are_missing_are_found_under_3_0(tried: Callable[..., Result]) -> None:
    """DIS-12: the service is set to 2.0.1, and held against 3.0."""
    assert tried("DIS-12", nothing_planted, "3.0").status == "fail"


def test_every_row_that_is_tried_has_a_fault_that_fails_it() -> None:
    tried = {row.id for group in GROUPS for row in group.rows if row.check is not None}
    assert set(FAULTS) | set(LAX) | BY_ITSELF == tried


def test_requests_that_bring_a_token_are_tried_without_it_where_a_row_says_so(wrong: tuple[str, WrongService]) -> None:
    base, _ = wrong
    ours = Target(base, Options())
    token = {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "s"}
    access = {"fhirServer": "https://ehr.example.org/fhir", "fhirAuthorization": token}
    good, quiet = (tuple({**one.request, **access} for one in samples) for samples in (ours.goods, ours.quiets))
    double = FhirDouble()
    try:
        report = run(Target(base, Options(good=good, quiet=quiet), (), double), chosen(["PRE-04", "PRE-05", "PRE-11"]))
        assert {result.row.id: result.reason for result in report if result.status != "pass"} == {}
    finally:
        double.close()


def test_a_service_that_dies_in_the_middle_fails_and_does_not_stop_the_suite(tried: Callable[..., Result]) -> None:
    def dies(sent: Sent, ask: Ask) -> Got:
        if not sent.is_call:
            return ask(sent)
        return Got(200, [("Content-Length", "1000"), ("Connection", "close")], b"{")

    assert tried("REQ-01", dies).status == "fail"
