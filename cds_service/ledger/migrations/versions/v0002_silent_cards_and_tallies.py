"""Cards that were not shown, and how many calls and opinions there were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Every card that is there already was shown; of calls before this nothing is known."""
    # with a default, so that workers of the release before can go on writing beside us
    op.add_column("issued_cards", sa.Column("is_shown", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_table(
        "tallies",
        *[
            sa.Column(name, sa.Text, primary_key=True)
            for name in ("day", "client", "tenant", "hook", "topic", "what", "reason")
        ],
        sa.Column("number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """As it was; cards that were not shown go, for nothing tells them from the others then."""
    op.execute("DELETE FROM issued_cards WHERE NOT is_shown")
    op.drop_table("tallies")
    op.drop_column("issued_cards", "is_shown")
