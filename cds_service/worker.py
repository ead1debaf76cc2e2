"""What a worker process runs: the application, its calls in turns, the collector of garbage set for calls."""

from __future__ import annotations

import gc
import multiprocessing
from contextlib import suppress
from importlib import import_module
from multiprocessing.util import Finalize
from threading import Thread, Timer

from cards.errors import CardsError
from cds_service.app import LEDGER, METRICS, create_app
from cds_service.arrival import received_first
from cds_service.config import SiteConfig
from cds_service.rule_base import load_rule_base, rule_base_version
from cds_service.turn import Application, in_turns

# A call makes thousands of objects and next to no cycles: with Python's own thresholds the collector walks through the
# request and the chart several times a call, for nothing. The few cycles of an error wait for one of these rounds.
YOUNG_OBJECTS = 50_000
ROUNDS = 20
SETTLED_SECONDS = 1.0  # what the first fetch would else wait for is loaded when the worker has begun to answer


def load_beforehand(site: SiteConfig) -> None:
    """Loads the rule base in the process that forks the workers: they share it, and a new one is up at once.

    Workers that are started afresh load it themselves. What is wrong with it each worker says for itself.
    """
    if multiprocessing.get_start_method() != "fork":
        return
    with suppress(CardsError):
        load_rule_base(site)
        rule_base_version()
    gc.freeze()


def create_worker() -> Application:
    """The service, entered in turns, what it knows for good put out of the collector's sight."""
    app = create_app()
    ledger = app.extensions[LEDGER]
    # The server ends its workers the way multiprocessing does, which passes by atexit; this it does not pass by.
    Finalize(None, ledger.close, exitpriority=0)
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG_OBJECTS, ROUNDS, ROUNDS)
    ledger.start()
    Thread(target=app.extensions[METRICS].keep_up, name="metrics", daemon=True).start()
    loading = Timer(SETTLED_SECONDS, import_module, ["cds_service.hooks.fhir_exchange"])
    loading.daemon = True
    loading.start()
    return received_first(in_turns(app), app.config["MAX_CONTENT_LENGTH"])
