"""What can be said to `cds-service conformance`. Loads nothing: every command passes by here."""

from __future__ import annotations

import argparse


def add_arguments(trying: argparse.ArgumentParser) -> None:
    """Adds them to the parser of the command."""
    trying.add_argument("url", metavar="URL", help="base address of the service, the part before /cds-services")
    trying.add_argument(
        "--profile", choices=("2.0.1", "3.0"), default="2.0.1", help="what it implements; default 2.0.1"
    )
    trying.add_argument(
        "--client", action="append", metavar="KEYFILE", help="a client it trusts (docs/conformance.md); twice for two"
    )
    trying.add_argument(
        "--rows", action="append", metavar="ROWS", help="rows or groups to try, such as A9,FBK-02; default all"
    )
    trying.add_argument(
        "--good", action="append", metavar="FILE", help="a hook request that brings cards; default ours"
    )
    trying.add_argument(
        "--quiet", action="append", metavar="FILE", help="a hook request that brings none; default ours"
    )
    trying.add_argument("--origin", metavar="URL", help="a browser origin it lists; default the public sandbox")
    trying.add_argument(
        "--fhir-double-url", metavar="URL", help="where the service reaches the FHIR server of this suite"
    )
    trying.add_argument(
        "--fhir-double-listen",
        metavar="HOST:PORT",
        default="127.0.0.1:0",
        help="where that server listens; any free port",
    )
    for form, meaning in (
        ("json", "JSON"),
        ("junit", "JUnit XML"),
        ("html", "one page of HTML"),
        ("markdown", "a table in Markdown"),
    ):
        trying.add_argument(f"--{form}", metavar="FILE", help=f"write the report as {meaning}; - for standard output")
