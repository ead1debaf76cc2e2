"""The tests of tests/cds_service/outcomes on PostgreSQL: the figures are the same, whatever keeps the ledger."""

from __future__ import annotations

from tests.cds_service.outcomes.test_against_export import *  # noqa: F403
from tests.cds_service.outcomes.test_figures import *  # noqa: F403
