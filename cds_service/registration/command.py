"""`cds-service sheet`: the registration sheet on standard output."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cds_service.errors import CannotBeDone

if TYPE_CHECKING:
    from cds_service.registration.counterpart import Counterpart
    from cds_service.registration.running import Running


def add_command(command: Callable[[str, Any], argparse.ArgumentParser]) -> None:
    """Adds the command with its options."""
    parser = command("sheet", sheet)
    counterpart = parser.add_mutually_exclusive_group()
    counterpart.add_argument("--client", metavar="NAME", help="for this client of the site file")
    counterpart.add_argument("--profile", metavar="NAME", help="for the EHRs of this ready-made profile")
    parser.add_argument("--format", choices=["text", "json", "csv", "html"], default="text", help="default text")


def sheet(options: argparse.Namespace) -> None:
    """Write what an EHR's form or a hospital's analyst asks for: addresses, prefetch, scopes, tokens, codes, links."""
    from cds_service.config import load_settings, load_site
    from cds_service.registration.build import registration_sheet
    from cds_service.registration.running import running
    from cds_service.registration.writers import WRITERS
    from cds_service.rule_base import load_rule_base

    settings = load_settings()
    site = load_site(settings.site)
    as_it_runs = running(settings, site, load_rule_base(site))
    written = WRITERS[options.format](registration_sheet(as_it_runs, _counterpart(as_it_runs, options)))
    sys.stdout.buffer.write(written)
    sys.stdout.buffer.flush()


def _counterpart(running: Running, options: argparse.Namespace) -> Counterpart:
    from cds_service.registration.counterpart import NoSuchCounterpart, counterpart

    try:
        return counterpart(running.site, running.rules, client=options.client, profile=options.profile)
    except NoSuchCounterpart as error:
        raise CannotBeDone(f"--{error.kind}: {error}") from None
