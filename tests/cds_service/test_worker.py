import gc
from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from cds_service.worker import create_worker


@pytest.fixture
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("collector")
def test_a_worker_answers_and_looks_for_garbage_less_often():
    before = gc.get_threshold()
    client = Client(create_worker())
    assert client.get("/readyz").status_code == 200
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] > before[0]
    assert gc.isenabled()
