"""docs/conformance.md: every row, and the hosts that links lead to. Its results are held against a run in
tests/cds_service/conformance/test_our_service.py."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from cards.catalogue import load_catalogue
from cds_service.conformance.arguments import add_arguments
from cds_service.conformance.runner import GROUPS

PAGE = (Path(__file__).parents[1] / "docs" / "conformance.md").read_text(encoding="utf-8")


def test_the_table_holds_every_row_and_no_other() -> None:
    named = re.findall(r"^\| ([A-Za-z][\w.-]+-[\w.-]+) \|", PAGE, re.MULTILINE)
    assert named == [row.id for group in GROUPS for row in group.in_order]


def test_the_page_names_every_option() -> None:
    from argparse import ArgumentParser

    parser = ArgumentParser(add_help=False)
    add_arguments(parser)
    options = {option for action in parser._actions for option in action.option_strings}
    assert options == set(re.findall(r"`(--[a-z-]+)", PAGE.partition("## Options")[2].partition("## Key file")[0]))


def test_lnk_05_the_hosts_of_all_links_are_published() -> None:
    """LNK-05: an EHR that lets links through by a list finds all of ours here."""
    known = [card.knowledge for card in load_catalogue().cards]
    urls = [link.url for knowledge in known for link in knowledge.links]
    urls += [evidence.url for knowledge in known for evidence in knowledge.evidence.values() if evidence.url]
    hosts = {urlsplit(url).hostname for url in urls}
    listed = PAGE.partition("## Link hosts")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z0-9.-]+)`", listed)) == hosts


def test_the_page_claims_no_certificate() -> None:
    """certification.md, section 0: what may be said of a service."""
    words = PAGE.lower()
    for claim in ("onc certified", "epic certified", "oracle certified", "crd conformant", "fda cleared"):
        assert claim not in words
    assert "self-declared" in words
