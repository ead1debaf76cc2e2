"""A7: links and override reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cds_service.conformance.expect import expect, expect_shape
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.samples import drafts
from cds_service.conformance.target import Answered, Target
from cds_service.hooks.wire import Answer

GROUP = Group("A7", "Links and override reasons")

_MOST_REASONS = 8


@GROUP.row("LNK-01", "G", "CH2#138-142; INF")
def links_are_complete(target: Target) -> None:
    """Each link has a label, a type, and an absolute http or https address with a host."""
    for answered, link in _links(target):
        expect_shape(answered.exchange, Answer, *(f"cards.*.links.*.{name}" for name in ("label", "url", "type")))
        expect(bool(urlsplit(str(link.get("url"))).hostname), "a link without a host", answered.exchange)


@GROUP.row("LNK-02", "G", "CH2#146-147; cds-resp-3")
def links_are_absolute_or_smart(target: Target) -> None:
    """A link is absolute or smart, and only a smart one has appContext, a text."""
    for answered, link in _links(target):
        expect(link.get("type") in ("absolute", "smart"), f"a link of type {link.get('type')!r}", answered.exchange)
        allowed = "appContext" not in link or (link["type"] == "smart" and isinstance(link["appContext"], str))
        expect(allowed, "appContext on a link that is not smart, or no text", answered.exchange)
        launches = link.get("type") == "smart" and ("launch=" in str(link.get("url")) or "iss=" in str(link.get("url")))
        expect(not launches, "launch parameters in a smart link", answered.exchange)


@GROUP.row("LNK-03", "P", "CH2#170; ARG R2")
def links_hold_nothing_of_the_request(target: Target) -> None:
    """Link addresses are never built from the request: no id of it stands in them."""
    for answered, link in _links(target):
        context = answered.sample.request["context"]
        ids = [context.get(name) for name in ("patientId", "encounterId", "userId")]
        ids += [draft.get("id") for draft in drafts(answered.sample.request)]
        held = [one for one in ids if isinstance(one, str) and len(one) > 2 and one in str(link.get("url"))]
        expect(not held, "an id of the request in a link", answered.exchange)


@GROUP.row("LNK-04", "P", "CH3")
def no_link_launches_itself(target: Target) -> None:
    """autolaunchable is not sent."""
    for answered, link in _links(target):
        expect("autolaunchable" not in link, "autolaunchable was sent", answered.exchange)


GROUP.elsewhere(
    "LNK-05", "V", "EPIC, CERN", "The list of link hosts is published, for the customer's allow-list.",
    test="tests/test_conformance_page.py::test_lnk_05_the_hosts_of_all_links_are_published",
)  # fmt: skip


@GROUP.row("OVR-01", "G", "CH2#98-100; cds-resp-4; INF")
def override_reasons_are_complete(target: Target) -> None:
    """Each override reason has code, system and display."""
    for answered, _ in _reasons(target):
        expect_shape(answered.exchange, Answer, "cards.*.overrideReasons")


@GROUP.row("OVR-02", "G3", "CH3 code system", should=True)
def override_reasons_are_few(target: Target) -> None:
    """A card has at most 8 override reasons, no code of them twice."""
    for answered, reasons in _reasons(target):
        codes = [(reason.get("system"), reason.get("code")) for reason in reasons if isinstance(reason, dict)]
        expect(len(reasons) <= _MOST_REASONS, f"{len(reasons)} override reasons", answered.exchange)
        expect(len(set(codes)) == len(codes), "an override reason twice", answered.exchange)


def _links(target: Target) -> Iterator[tuple[Answered, dict[str, Any]]]:
    found = False
    for answered, card in target.cards():
        for link in card.get("links") or ():
            found = True
            expect(isinstance(link, dict), "a link that is no object", answered.exchange)
            yield answered, link
    if not found:
        raise NotApplicable("no card came with links")


def _reasons(target: Target) -> Iterator[tuple[Answered, list[Any]]]:
    found = False
    for answered, card in target.cards():
        if card.get("overrideReasons"):
            found = True
            yield answered, card["overrideReasons"]
    if not found:
        raise NotApplicable("no card came with override reasons")
