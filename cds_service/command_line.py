"""`cds-service`: serve, and the same story without HTTP: check a saved request, try an order, list the rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cds_service.config import PREFIX, Settings, check_safe, load_settings, load_site
from cds_service.errors import InvalidConfiguration

THREADS_PER_WORKER = 16
WAITING_REQUESTS = 64
STOP_SECONDS = 10

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help="The answer as CDS Hooks JSON.")]
Why = Annotated[bool, typer.Option("--why", help="Every opinion, also the silent ones, with its reason.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="Judge as of this day, not today.")]


def main() -> None:
    """The command."""
    app()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default 8000.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; default one per core.")] = None,
) -> None:
    """Start the service. Stops on SIGTERM or Ctrl-C after the calls in progress."""
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            os.environ[f"{PREFIX}{name}"] = str(value)  # the workers read their settings from there
    settings = _checked_settings()
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    typer.echo(f"listening on {settings.base_url} - open mode: callers need no token", err=True)
    Server(
        "cds_service.app:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=THREADS_PER_WORKER,
        backpressure=WAITING_REQUESTS,
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


def _checked_settings() -> Settings:
    """Settings and site file, or a message that names the key and exit code 2."""
    try:
        settings = load_settings()
        check_safe(settings, load_site(settings.site))
    except InvalidConfiguration as error:
        typer.echo(f"cannot start: {error}", err=True)
        raise typer.Exit(2) from None
    return settings


if __name__ == "__main__":
    main()
