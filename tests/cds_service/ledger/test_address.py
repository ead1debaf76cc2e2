"""Where a ledger can be, and which start an address stops."""

from __future__ import annotations

import pytest

from cds_service.config import EMBEDDED, LedgerChoice, Settings, load_settings
from cds_service.errors import InvalidConfiguration, LedgerUnavailable
from cds_service.ledger.ledger import Ledger, NoLedger, ledger_of
from tests.cds_service.ledger.test_used_tokens import LATER


@pytest.mark.parametrize(
    "address",
    ["sqlite:///ledger.sqlite3", "sqlite:////var/lib/l.sqlite3", "postgresql://u:p@h/d", "postgresql+psycopg://h/d"],
)
def test_files_and_postgresql_are_taken(address: str) -> None:
    assert load_settings({"CDS_SERVICE_DATABASE": address}).database.get_secret_value() == address


@pytest.mark.parametrize(
    "address",
    [
        "ledger.sqlite3",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "mysql://u:SECRET@h/d",
        "postgres://h",
        "://h/d",
    ],
)
def test_anything_else_stops_the_start_and_is_not_repeated(address: str) -> None:
    with pytest.raises(InvalidConfiguration, match="CDS_SERVICE_DATABASE: ") as refusal:
        load_settings({"CDS_SERVICE_DATABASE": address})
    assert "SECRET" not in str(refusal.value)


def test_a_process_keeps_a_ledger_unless_told_not_to() -> None:
    assert load_settings({}).database.get_secret_value() == EMBEDDED
    assert load_settings({"CDS_SERVICE_DATABASE": ""}).database.get_secret_value() == ""


def test_where_none_is_kept_nothing_is_known_and_nothing_fails() -> None:
    ledger = ledger_of(Settings(), LedgerChoice())
    assert isinstance(ledger, NoLedger)
    ledger.start()
    ledger.issue([])
    ledger.record_feedback([], [])
    assert ledger.overridden(["x"]) == frozenset()
    with pytest.raises(LedgerUnavailable):
        ledger.first_use("a", "b", LATER)
    ledger.close()


def test_hashes_need_the_key_and_tell_texts_apart() -> None:
    def hashes(key: str | None) -> list[str]:
        hash_of = Ledger("sqlite:///x.sqlite3", key, LedgerChoice()).hash
        return [hash_of("a"), hash_of("a", "b"), hash_of("ab"), hash_of("a", frozenset({"x", "y", "z"}))]

    assert hashes("k") == hashes("k")
    assert len({*hashes("k"), *hashes("other"), *hashes(None), *hashes(None)}) == 16
    assert Ledger("sqlite:///x.sqlite3", "k", LedgerChoice()).hash("") == ""
