"""The real FHIR server, started once, and the service that reads from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.charts import write_bulk_export, write_charts
from tests.integration.client import Ehr, Service
from tests.integration.fhir_process import FhirProcess

DATA = os.environ.get("CDS_TEST_DATA", "")

# Other people's patients: only where the folder of their records is named.
collect_ignore = [] if DATA else ["test_other_peoples_patients.py"]


@pytest.fixture(scope="session")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirProcess]:
    """A FHIR server with a chart for every case, and with other people's patients where there are any."""
    folders = [tmp_path_factory.mktemp("charts")]
    write_charts(folders[0])
    if DATA:
        folders.append(Path(DATA) / "synthea-r4")
        folders.append(tmp_path_factory.mktemp("bulk"))
        write_bulk_export(Path(DATA) / "synthea-2025-bulk", folders[-1])
    with FhirProcess(*folders) as process:
        yield process


@pytest.fixture(scope="session")
def service() -> Service:
    """The service, with more time for FHIR than it needs: what is compared here is what it says, not how fast."""
    return Service(fhir_seconds=20)


@pytest.fixture(scope="session")
def ehr(fhir: FhirProcess, service: Service) -> Ehr:
    """An EHR on that server which knows what the service would like to have prefetched."""
    return Ehr(f"{fhir.address}/fhir", service.prefetch_templates())
