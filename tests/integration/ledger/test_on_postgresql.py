"""The tests of tests/cds_service/ledger, all but those of a SQLite file, on PostgreSQL."""

from __future__ import annotations

from tests.cds_service.ledger.test_export import *  # noqa: F403
from tests.cds_service.ledger.test_feedback_kept import *  # noqa: F403
from tests.cds_service.ledger.test_issued_cards import *  # noqa: F403
from tests.cds_service.ledger.test_real_processes import *  # noqa: F403
from tests.cds_service.ledger.test_repetition import *  # noqa: F403
from tests.cds_service.ledger.test_retention import *  # noqa: F403
from tests.cds_service.ledger.test_schema import *  # noqa: F403
from tests.cds_service.ledger.test_silent_cards import *  # noqa: F403
from tests.cds_service.ledger.test_tallies import *  # noqa: F403
from tests.cds_service.ledger.test_used_tokens import *  # noqa: F403
