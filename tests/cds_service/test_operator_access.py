"""Metrics and export are the operator's (certification.md D1, API5)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from cds_service.config import Settings
from cds_service.errors import NotAuthenticated, outcome_of
from cds_service.operator_access import check_operator

OPERATOR = Settings(operator_token=SecretStr("s3cret-ü"))


@pytest.mark.parametrize("header", ["Bearer s3cret-ü", "bearer s3cret-ü", "BEARER  s3cret-ü "])
def test_api5_the_operator_s_token_opens(header: str) -> None:
    check_operator(OPERATOR, header)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer s3cret", "Basic s3cret-ü", "s3cret-ü", "Bearer s3cret-ü2"]
)
def test_api5_anything_else_is_refused(header: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        check_operator(OPERATOR, header)


def test_api5_without_a_token_the_machine_itself_is_the_operator() -> None:
    check_operator(Settings(), None)


@pytest.mark.parametrize(
    "reached",
    [{"host": "192.0.2.1"}, {"public_url": "https://cds.example.org"}],
    ids=["beyond loopback", "by a proxy"],
)
def test_api5_without_a_token_nobody_from_elsewhere_is(reached: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        check_operator(Settings.model_validate(reached), "Bearer anything")


def test_the_refusal_is_a_401_that_says_nothing() -> None:
    status, body = outcome_of(NotAuthenticated())
    assert status == 401
    assert body["issue"] == [{"severity": "error", "code": "login", "details": {"text": "Authentication is required."}}]
