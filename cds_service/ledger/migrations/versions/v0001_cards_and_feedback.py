"""Cards issued, feedback received, comments apart, tokens used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The first schema."""
    _create_issued_cards()
    _create_feedback()
    op.create_table(
        "used_tokens",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("jti", sa.Text, primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("used_tokens_expires_at", "used_tokens", ["expires_at"])
    op.create_table(
        "housekeeping",
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("done_at", sa.BigInteger, nullable=False),
        sa.Column("padding", sa.LargeBinary),
    )
    op.execute("INSERT INTO housekeeping (task, done_at) VALUES ('probe', 0), ('purge', 0)")


def downgrade() -> None:
    """Back to an empty database."""
    for table in ("issued_cards", "overridden", "feedback", "comments", "used_tokens", "housekeeping"):
        op.drop_table(table)


def _create_issued_cards() -> None:
    op.create_table(
        "issued_cards",
        sa.Column("card", sa.Text, primary_key=True),
        *_texts("client", "tenant", "service", "hook", "hook_instance", "topic", "rule_version", "indicator"),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("user", "encounter", "suggestions"),
        sa.Column("repetition", sa.Text),
        sa.Column("repetition_until", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_index("issued_cards_issued_at", "issued_cards", ["issued_at"])
    has_one = sa.text("repetition_until IS NOT NULL")
    op.create_index(
        "issued_cards_repetition_until",
        "issued_cards",
        ["repetition_until"],
        sqlite_where=has_one,
        postgresql_where=has_one,
    )
    op.create_table(
        "overridden",
        sa.Column("repetition", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("overridden_until", "overridden", ["until"])


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("card", "client", "tenant", "service", "outcome", "accepted_suggestions", "reasons"),
        sa.Column("has_reason", sa.Boolean, nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("feedback_card", "feedback", ["card"])
    op.create_index("feedback_outcome_at", "feedback", ["outcome_at", "id"])
    op.create_index("feedback_received_at", "feedback", ["received_at"])
    op.create_table(
        "comments",
        sa.Column("feedback", sa.Text, primary_key=True),
        *_texts("comment", "extension"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("comments_received_at", "comments", ["received_at"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
