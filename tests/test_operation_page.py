"""docs/operation.md names every field of the log, every metric and every word for a reason, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from cds_service.hooks.fhir_server import FhirRead
from cds_service.log import _EXTRAS, FIELDS, Call
from cds_service.metrics import Metrics
from cds_service.unknowns import REASONS

PAGE = (Path(__file__).parent.parent / "docs" / "operation.md").read_text(encoding="utf-8")
ALWAYS = {"time", "level", "event", "status", "ms", "hook_instance"}


def rows(section: str) -> Iterator[list[str]]:
    """The cells of the first table of a section, its head aside."""
    table = PAGE.partition(f"\n## {section}\n")[2].partition("\n| --- ")[2].partition("\n\n")[0]
    for line in table.splitlines()[1:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_log_01_every_field_of_the_log_is_explained_and_no_other() -> None:
    named = [field for cells in rows("The log") for field in words(cells[0])]
    assert set(named) == {*FIELDS, *_EXTRAS, *ALWAYS}
    assert len(named) == len(set(named))


def shown() -> dict[str, set[str]]:
    """Every metric with its labels, as the service shows them."""
    metrics = Metrics(lambda: {"version": "1", "rule_base": "0"}, lambda system: False)
    call = Call(
        service="a", client="a", topics=[("a", "info")], cannot_tell={"late": 1}, reads=[FhirRead(0, 0.1, "")],
        auth_failure="a", unknown_drugs={"a": 1}, feedback={"accepted": 1},
    )  # fmt: skip
    metrics.count(call, 429)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        if family.name.endswith("_created"):  # only where a process counts for itself
            continue
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        found[name] = labels
    return found


def test_every_metric_is_explained_with_its_labels_and_no_other() -> None:
    assert {words(cells[0])[0]: set(words(cells[1])) for cells in rows("Metrics")} == shown()


def test_alerts_speak_of_metrics_that_there_are() -> None:
    spoken = set(re.findall(r"neuropathy_cds_\w+", PAGE))
    assert {name.removesuffix("_bucket") for name in spoken} <= set(shown())


def test_every_reason_is_named_and_no_other() -> None:
    (sentence,) = re.findall(r"Reasons and failures are one short list: (.*?)\.\n", PAGE, re.DOTALL)
    assert set(words(sentence)) == REASONS


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/cds-services"])
def test_every_endpoint_of_the_page_answers(client: FlaskClient, path: str) -> None:
    assert path in [word for cells in rows("Endpoints") for word in words(cells[0])]
    assert client.get(path).status_code == 200
