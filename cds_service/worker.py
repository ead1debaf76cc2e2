"""What a worker process runs: the application, its calls in turns, the collector of garbage set for calls."""

from __future__ import annotations

import gc
from multiprocessing.util import Finalize
from threading import Timer

from cds_service.app import LEDGER, create_app
from cds_service.turn import Application, in_turns

# A call makes thousands of objects and next to no cycles: with Python's own thresholds the collector walks through the
# request and the chart several times a call, for nothing. The few cycles of an error wait for one of these rounds.
YOUNG_OBJECTS = 50_000
ROUNDS = 20
SETTLED_SECONDS = 1.0  # what no call needs is loaded when the worker has begun to answer


def create_worker() -> Application:
    """The service, entered in turns, what it knows for good put out of the collector's sight."""
    app = create_app()
    ledger = app.extensions[LEDGER]
    # The server ends its workers the way multiprocessing does, which passes by atexit; this it does not pass by.
    Finalize(None, ledger.close, exitpriority=0)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, ROUNDS, ROUNDS)
    ledger.start()
    loading = Timer(SETTLED_SECONDS, app.extensions["metrics"].load)
    loading.daemon = True
    loading.start()
    return in_turns(app)
