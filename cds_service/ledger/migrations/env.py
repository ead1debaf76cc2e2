"""Where alembic enters: applies the steps on the connection that it was given, which commits them all or none."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
