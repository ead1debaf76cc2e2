import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from cards.errors import InvalidKnowledge
from cds_service import worker
from cds_service.config import SiteConfig
from cds_service.worker import create_worker, load_beforehand


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


@pytest.mark.usefixtures("collector")
def test_workers_that_are_forked_find_the_rule_base_loaded(monkeypatch):
    loaded = []
    monkeypatch.setattr(worker.multiprocessing, "get_start_method", lambda: "fork")
    monkeypatch.setattr(worker, "load_rule_base", loaded.append)
    worker.rule_base_version.cache_clear()
    load_beforehand(site := SiteConfig())
    assert loaded == [site]
    assert worker.rule_base_version.cache_info().currsize == 1
    assert gc.get_freeze_count() > 0


def test_for_workers_that_are_started_afresh_nothing_is_loaded(monkeypatch):
    monkeypatch.setattr(worker.multiprocessing, "get_start_method", lambda: "spawn")
    monkeypatch.setattr(worker, "load_rule_base", pytest.fail)
    load_beforehand(SiteConfig())


@pytest.mark.usefixtures("collector")
def test_what_is_wrong_with_the_rule_base_is_left_for_the_workers_to_say(monkeypatch):
    def broken(_):
        raise InvalidKnowledge("a file at fault")

    monkeypatch.setattr(worker.multiprocessing, "get_start_method", lambda: "fork")
    monkeypatch.setattr(worker, "load_rule_base", broken)
    worker.rule_base_version.cache_clear()
    load_beforehand(SiteConfig())
    assert worker.rule_base_version.cache_info().currsize == 0  # a file that cannot be read would end the start here


@pytest.mark.usefixtures("collector")
def test_no_file_of_the_rule_base_is_read_beside_the_threads_of_the_start(monkeypatch):
    """Beside the imports of the ledger each of some 700 reads waited for its turn: 0.7 s before the first answer."""
    read = []
    monkeypatch.setattr(worker.Thread, "start", lambda _: read.append(worker.rule_base_version.cache_info().currsize))
    worker.rule_base_version.cache_clear()
    create_worker()
    assert read
    assert all(read)


LATER = ("requests", "urllib3", "sqlalchemy", "alembic", "jwt", "cryptography", "prometheus_client", "opentelemetry")


def test_no_start_waits_for_what_only_some_calls_or_sites_need():
    """Each of these takes a twentieth of a second or far more of the start, which has 1.5 s (section 8)."""
    program = "import sys, cds_service.worker; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "flask" in loaded
    assert not set(LATER) & set(loaded)
