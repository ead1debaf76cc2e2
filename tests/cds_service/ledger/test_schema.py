"""The migrations make the tables that the code works with, once, whoever comes first."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from cds_service.errors import LedgerUnavailable
from cds_service.ledger.database import Database
from cds_service.ledger.ledger import Ledger
from cds_service.ledger.schema import MIGRATIONS, NEWEST, bring_up_to_date, migrate, version_of
from cds_service.ledger.tables import metadata
from tests.cds_service.ledger.books import rows, until
from tests.cds_service.ledger.test_issued_cards import issued

OPENS = """
import sys
from cds_service.ledger.database import Database
from cds_service.ledger.ledger import Ledger
from cds_service.ledger.schema import bring_up_to_date
bring_up_to_date(Database(sys.argv[1]))
"""
SAYS_WHAT_IT_LOADED = OPENS + "print('alembic' in sys.modules)"


def test_the_migrations_make_the_tables_of_the_code(address: str) -> None:
    database = Database(address)
    bring_up_to_date(database)
    with database.reading() as connection:
        assert version_of(connection) == NEWEST
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_the_version_that_the_code_looks_for_is_the_newest() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(configuration).get_current_head() == NEWEST


def test_several_processes_that_start_at_once_migrate_once(address: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", OPENS, address], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    ended = [process.communicate(timeout=90)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, ended
    database = Database(address)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM housekeeping")) == 2
    database.close()


def test_a_database_that_is_up_to_date_needs_no_alembic(address: str) -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", SAYS_WHAT_IT_LOADED, address], capture_output=True, text=True, check=True, timeout=90
        ).stdout
        for _ in range(2)
    ]
    assert said == ["True\n", "False\n"]


CARD_OF_THE_FIRST_RELEASE = """
INSERT INTO issued_cards (card, client, tenant, service, hook, hook_instance, topic, rule_version, indicator, issued_at,
    "user", encounter, suggestions, repetition)
VALUES ('{}', 'open', '', 's', 'order-sign', '', 'topic', '2026-02-11', 'info', '2026-06-15 12:00:00',
    'u', '', '[]', 'r')
"""


def test_a_ledger_of_the_release_before_keeps_its_cards_all_of_which_were_shown(address: str) -> None:
    database = Database(address)
    with database.writing() as connection:
        migrate(connection, "0001")
        connection.execute(text(CARD_OF_THE_FIRST_RELEASE.format("before")))
    bring_up_to_date(database)
    with database.writing() as connection:  # a worker of that release that has not been stopped yet
        connection.execute(text(CARD_OF_THE_FIRST_RELEASE.format("between")))
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        kept = connection.execute(text("SELECT card, repetition, is_shown FROM issued_cards ORDER BY card")).all()
    assert [tuple(row) for row in kept] == [("before", "r", True), ("between", "r", True)]
    assert rows(address, "tallies") == []
    database.close()


def test_going_back_leaves_no_card_that_was_never_shown(address: str, ledger: Ledger) -> None:
    ledger.issue([issued(1), issued(2, is_shown=False)])
    until(lambda: ledger.written == 2)
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    database = Database(address)
    with database.writing() as connection:
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0001")
    with database.reading() as connection:
        assert connection.execute(text("SELECT card FROM issued_cards")).scalars().all() == [issued(1).card]
    bring_up_to_date(database)
    assert [row["is_shown"] for row in rows(address, "issued_cards")] == [True]
    database.close()


def test_a_schema_of_a_newer_release_is_left_alone(address: str) -> None:
    database = Database(address)
    bring_up_to_date(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerUnavailable) as refusal:
        bring_up_to_date(database)
    assert refusal.value.cause == "the schema is newer than this release"
    with database.reading() as connection:
        assert version_of(connection) == "9999"
    database.close()
