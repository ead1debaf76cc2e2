"""What is counted, over one worker and over several, and how few words it takes (LOG-05, dependencies: own hooks)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pytest
import responses
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from cards.catalogue import load_catalogue
from cds_service.app import create_app
from cds_service.config import Settings, SiteConfig
from cds_service.hooks.fhir_reply import FhirRead
from cds_service.log import Call
from cds_service.metrics import _FILE_BYTES, Metrics
from cds_service.unknowns import REASONS
from tests.cds_service.test_hook_endpoints import MALE, NOTHING_ON_FILE, RITUXIMAB, call, order

SERVICE = "neuropathy-order-sign"
SERVER = "https://fhir.example.org/r4"


def samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples


def value(text: str, name: str, **labels: str) -> float:
    """The value of a series; 0 when it is not there."""
    found = [one.value for one in samples(text) if one.name == f"neuropathy_cds_{name}" and one.labels == labels]
    assert len(found) <= 1
    return found[0] if found else 0.0


@pytest.fixture
def client() -> FlaskClient:
    """A service that has counted nothing yet."""
    return create_app(Settings(), SiteConfig()).test_client()


def scraped(client: FlaskClient) -> str:
    answer = client.get("/metrics")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


def counted(call: Call, status: int = 200) -> str:
    metrics = Metrics(lambda: {"version": "1"}, {"rxnorm"}.__contains__)
    metrics.count(call, status)
    return metrics.exposition().decode()


# -- what is counted ----------------------------------------------------------------------------------------------


def test_calls_are_counted_by_service_and_status_with_their_time(client: FlaskClient) -> None:
    address = f"/cds-services/{SERVICE}"
    for body in (call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE), {}, {}):
        client.post(address, json=body)
    text = scraped(client)
    assert value(text, "calls_total", service=SERVICE, status="200") == 1
    assert value(text, "calls_total", service=SERVICE, status="400") == 2
    assert value(text, "call_seconds_count", service=SERVICE) == 3
    assert 0 < value(text, "call_seconds_sum", service=SERVICE) < 3
    assert value(text, "call_seconds_bucket", service=SERVICE, le="+Inf") == 3


def test_what_was_posted_to_no_service_is_counted_under_one_name(client: FlaskClient) -> None:
    for path in ("/cds-services/MARKER", "/MARKER-2"):
        client.post(path, json={})
    text = scraped(client)
    assert value(text, "calls_total", service="none", status="404") == 2
    assert "MARKER" not in text


def test_cards_are_counted_by_topic_and_level(client: FlaskClient) -> None:
    client.post(f"/cds-services/{SERVICE}", json=call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE))
    assert value(scraped(client), "cards_total", topic="rituximabHbvSerology", level="critical") == 1


@responses.activate
def test_requests_to_fhir_servers_are_counted_with_their_failures_and_their_time(client: FlaskClient) -> None:
    body = call(order(RITUXIMAB), fhirServer=SERVER, fhirAuthorization={"access_token": "t", "token_type": "Bearer"})
    responses.get(f"{SERVER}/Patient/np-2002", json={"resourceType": "Patient", "id": "np-2002"})
    responses.get(f"{SERVER}/Observation", status=503)
    client.post(f"/cds-services/{SERVICE}", json=body)
    text = scraped(client)
    assert value(text, "fhir_calls_total", outcome="answered") == 1
    assert value(text, "fhir_calls_total", outcome="server-failed") >= 1
    assert value(text, "fhir_calls_total", outcome="unreachable") >= 1
    assert value(text, "fhir_call_seconds_count") == len(responses.calls)


@responses.activate
def test_requests_of_a_call_that_ends_in_412_are_counted_too(client: FlaskClient) -> None:
    body = call(order(RITUXIMAB), fhirServer=SERVER, fhirAuthorization={"access_token": "t", "token_type": "Bearer"})
    assert client.post(f"/cds-services/{SERVICE}", json=body).status_code == 412
    assert value(scraped(client), "fhir_calls_total", outcome="unreachable") == len(responses.calls) > 0


def test_rules_that_cannot_tell_are_counted_by_reason(client: FlaskClient) -> None:
    client.post(f"/cds-services/{SERVICE}", json=call(order(RITUXIMAB), prefetch=NOTHING_ON_FILE))
    assert value(scraped(client), "cannot_tell_total", reason="order-unclear") == 1  # it states no dose


def test_log_05_refused_tokens_are_counted_by_reason() -> None:
    assert value(counted(Call(auth_failure="expired"), 401), "auth_failures_total", reason="expired") == 1


def test_calls_beyond_the_limit_are_counted_by_client() -> None:
    text = counted(Call(client="north-hospital"), 429)
    assert value(text, "rate_limited_calls_total", client="north-hospital") == 1


def test_feedback_is_counted_by_outcome_and_not_by_its_reasons() -> None:
    text = counted(Call(feedback={"accepted": 2, "overridden": 1, "will-monitor": 1}))
    assert value(text, "feedback_total", outcome="accepted") == 2
    assert value(text, "feedback_total", outcome="overridden") == 1
    assert "will-monitor" not in text


def test_a_late_request_is_a_failure_without_a_time() -> None:
    text = counted(Call(reads=[FhirRead(0), FhirRead(0, 0.2, "")]))
    assert value(text, "fhir_calls_total", outcome="late") == 1
    assert value(text, "fhir_call_seconds_count") == 1


def test_code_systems_that_are_not_ours_share_one_label() -> None:
    unknown = {"rxnorm": 1, "no code": 2, "urn:oid:1.2.3": 4, "patient-smith.example.org": 8, "other": 16}
    text = counted(Call(unknown_drugs=unknown, drugs_by_name={"rxnorm": 1}))
    assert value(text, "unmapped_drugs_total", recognised="no", system="rxnorm") == 1
    assert value(text, "unmapped_drugs_total", recognised="no", system="no code") == 2
    assert value(text, "unmapped_drugs_total", recognised="no", system="other") == 28
    assert value(text, "unmapped_drugs_total", recognised="by name", system="rxnorm") == 1
    assert "smith" not in text


def test_the_service_knows_its_own_code_systems_and_no_others(client: FlaskClient) -> None:
    for system in ("https://smith.example.org/codes", "http://hl7.org/fhir/sid/ndc"):
        drug = order({"system": system, "code": "1", "display": "pregabalin"})
        client.post(f"/cds-services/{SERVICE}", json=call(drug, prefetch={"patient": MALE}))
    text = scraped(client)
    assert value(text, "unmapped_drugs_total", recognised="by name", system="other") == 1
    assert value(text, "unmapped_drugs_total", recognised="by name", system="ndc") == 1
    assert "smith" not in text


def test_the_running_version_is_shown(client: FlaskClient) -> None:
    about = client.get("/readyz").json
    assert about is not None
    text = scraped(client)
    assert value(text, "build_info", version=about["version"], rule_base=about["rule_base"]) == 1


class Ledger(NamedTuple):
    """What a ledger says of itself."""

    written: int
    lost: int = 0
    queue_length: int = 0
    is_reachable: bool = True


def test_the_ledger_is_counted_each_card_once_however_often_it_is_looked_at() -> None:
    ledger = Ledger(written=3, lost=1, queue_length=2)
    metrics = Metrics(lambda: {"version": "1"}, lambda system: False, ledger)
    metrics.look()
    text = metrics.exposition().decode()
    assert value(text, "ledger_cards_written_total") == 3
    assert value(text, "ledger_cards_lost_total") == 1
    assert value(text, "ledger_queue_length") == 2
    assert value(text, "ledger_reachable") == 1


# -- who may see it -----------------------------------------------------------------------------------------------


def test_api5_metrics_are_the_operators() -> None:
    settings = Settings.model_validate({"operator_token": "correct horse"})
    client = create_app(settings, SiteConfig()).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer correct horse"}).status_code == 200


# -- several workers ----------------------------------------------------------------------------------------------

COUNTS = """
import sys
from cds_service.log import Call
from cds_service.metrics import Metrics
metrics = Metrics(lambda: {"version": "1"}, lambda system: False)
for _ in range(int(sys.argv[1])):
    metrics.count(Call(service="neuropathy-order-sign"), 200)
sys.stdout.write(metrics.exposition().decode())
"""


def worker(calls: int, directory: Path, **options: Callable[[], None]) -> str:
    """What a worker answers that has counted so many calls and ended."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(directory)}
    command = [sys.executable, "-c", COUNTS, str(calls)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True, **options)  # type: ignore[call-overload]
    return str(ended.stdout)


def test_any_worker_answers_with_the_sums_over_all_of_them_the_dead_included(tmp_path: Path) -> None:
    worker(3, tmp_path)
    text = worker(4, tmp_path)
    assert value(text, "calls_total", service=SERVICE, status="200") == 7
    assert value(text, "call_seconds_count", service=SERVICE) == 7
    assert value(text, "build_info", version="1") == 1


LEDGERS = """
import sys, time
from types import SimpleNamespace
from cds_service.metrics import Metrics
waiting, reachable = sys.argv[1:3]
ledger = SimpleNamespace(written=5, lost=0, queue_length=int(waiting), is_reachable=reachable == "yes")
sys.stdout.write(Metrics(lambda: {"version": "1"}, bool, ledger).exposition().decode() + "\\n# over\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_what_waits_for_the_ledger_is_that_of_living_workers_what_was_written_that_of_all(tmp_path: Path) -> None:
    def asked(waiting: int, reachable: str) -> tuple[str, subprocess.Popen[str]]:
        process = subprocess.Popen(
            [sys.executable, "-c", LEDGERS, str(waiting), reachable],
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        return "".join(takewhile(lambda line: line != "# over\n", process.stdout)), process

    _, gone = asked(100, "no")
    gone.communicate(timeout=20)
    _, living = asked(2, "no")
    text, last = asked(3, "yes")
    for process in (living, last):
        process.communicate(timeout=20)
    assert value(text, "ledger_cards_written_total") == 15
    assert value(text, "ledger_queue_length") == 5
    assert value(text, "ledger_reachable") == 0


NO_ROOM = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"


def test_a_full_disk_ends_no_worker_it_counts_for_itself_and_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NO_ROOM + "from cds_service.log import configure_logging\n"
               "configure_logging('info')\n" + COUNTS, "5"]  # fmt: skip
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    said, _, text = ended.stdout.partition("\n")
    assert "this worker counts for itself alone" in said
    assert value(text, "calls_total", service=SERVICE, status="200") == 5


EVERYTHING = """
import itertools, os, sys
from cds_service.hooks.fhir_reply import FhirRead
from cds_service.log import Call
from cds_service.metrics import Metrics
metrics = Metrics(lambda: {"version": "1", "rule_base": "0" * 16}, lambda system: True)
for name, status in itertools.product(range(9), (200, 400, 401, 404, 405, 412, 413, 415, 429, 500, 503)):
    call = Call(service=f"neuropathy-immunotherapy-order-select-{name}", client=f"client-{name:033}")
    call.auth_failure = f"reason-{name}"
    call.reads = [FhirRead(0, 0.1, "")]
    metrics.count(call, status)
for card in range(60):
    metrics.count(Call(topics=[(f"{card:040}", level) for level in ("info", "warning", "critical")]), 200)
metrics.count(Call(cannot_tell={f"reason-{n}": 1 for n in range(20)}, feedback={"accepted": 1, "overridden": 1}), 200)
metrics.count(Call(unknown_drugs={f"system-{n}": 1 for n in range(20)}, drugs_by_name={"a": 1}), 200)
"""


def test_everything_that_can_be_counted_fits_into_the_files_written_at_the_start(tmp_path: Path) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", EVERYTHING], env=environment, timeout=60, check=True)
    files = list(tmp_path.iterdir())
    assert len(files) == 5
    for path in files:
        assert path.stat().st_size == _FILE_BYTES
        assert int.from_bytes(path.read_bytes()[:4], "little") < _FILE_BYTES / 2


def test_there_are_fewer_cards_and_reasons_than_were_counted_there() -> None:
    assert len(load_catalogue().cards) < 60
    assert len(REASONS) < 20
