"""The log: one line of JSON per call, allow-listed keys only, nothing that a caller sent."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cds_service.hooks.fhir_reply import FhirRead
from cds_service.log import Call, configure_logging, log_call

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    configure_logging("info")
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    configure_logging("info")


def test_log_01_a_call_is_one_line_with_what_an_operator_needs(lines: Lines):
    call = Call(
        service="neuropathy-order-sign",
        hook="order-sign",
        instance="5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93",
        rules={"ivig-indication": "warning"},
        opinions={"advice": 1, "cannot tell": 2},
        prefetch=("patient", "conditions"),
        reads=[FhirRead(0), FhirRead(0), FhirRead(0)],
    )
    log_call(call, 200)
    (line,) = lines()
    assert line.pop("ms") >= 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "call",
        "service": "neuropathy-order-sign",
        "hook": "order-sign",
        "hook_instance": "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93",
        "status": 200,
        "rules": {"ivig-indication": "warning"},
        "opinions": {"advice": 1, "cannot tell": 2},
        "prefetch": ["patient", "conditions"],
        "fhir_calls": 3,
    }


@pytest.mark.parametrize("instance", ["John Smith", "5e0c7a52", "", "5e0c7a52-3b57-4b8e-9d0a-8c1f2f6d4e93 Smith"])
def test_log_02_a_hook_instance_that_is_no_uuid_is_not_written(lines: Lines, instance: str):
    log_call(Call(instance=instance), 200)
    assert "hook_instance" not in lines()[0]


def test_what_our_modules_report_is_written_with_allow_listed_extras_and_without_arguments(lines: Lines):
    logging.getLogger("cards.consult").error(
        "rule %s failed", "Smith", extra={"rule": "ivig-indication", "at": "rule.py:3", "patient": "Smith"}
    )
    (line,) = lines()
    line.pop("time")
    assert line == {"level": "error", "event": "rule %s failed", "rule": "ivig-indication", "at": "rule.py:3"}


def test_other_libraries_do_not_write(lines: Lines, capsys: pytest.CaptureFixture[str]):
    logging.getLogger("urllib3.connectionpool").warning("Retrying: /Observation?patient=Smith")
    assert lines() == []
    assert capsys.readouterr().err == ""


def test_the_level_of_the_settings_holds(lines: Lines):
    configure_logging("error")
    log_call(Call(), 200)
    assert lines() == []


def test_configuring_twice_writes_once(lines: Lines):
    configure_logging("info")
    log_call(Call(), 200)
    assert len(lines()) == 1


def test_a_line_that_cannot_be_written_costs_nobody_an_answer(monkeypatch: pytest.MonkeyPatch):
    with Path("/dev/full").open("wb") as full:
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=full.raw))
        log_call(Call(), 200)
        logging.getLogger("cds_service").critical("the ledger is out of reach")
