"""Faults in what is answered, by the row that must find each."""

from __future__ import annotations

import json
from typing import Any

from tests.cds_service.conformance.wrong_service import (
    Planted,
    actions,
    answering,
    cards,
    discovery,
    links,
    suggestions,
)

ANY = "https://else.example.org"


def first(card: dict[str, Any], name: str) -> dict[str, Any]:
    """The first of what a card lists, or something of no consequence."""
    listed: list[dict[str, Any]] = card.get(name) or [{}]
    return listed[0]


FAULTS: dict[str, list[Planted]] = {
    "CRD-01": [
        cards(lambda c: c.update(summary="x" * 140)),
        cards(lambda c: c.update(summary=" ")),
        cards(lambda c: c.pop("summary")),
    ],
    "CRD-02": [cards(lambda c: c.update(indicator="hard-stop"))],
    "CRD-03": [cards(lambda c: c.update(source={"name": "x"})), cards(lambda c: c.pop("source"))],
    "CRD-04": [
        cards(lambda c: c["source"].update(url="/rules/1")),
        cards(lambda c: c["source"].update(icon="http://x.org/a")),
    ],
    "CRD-05": [cards(lambda c: c["source"].pop("topic")), cards(lambda c: c["source"]["topic"].pop("system"))],
    "CRD-06": [cards(lambda c: c["source"]["topic"].update(code="dose-too-high"))],
    "CRD-07": [cards(lambda c: c.pop("uuid")), cards(lambda c: c.update(uuid="00000000-0000-4000-8000-000000000000"))],
    "CRD-08": [
        cards(lambda c: c.update(detail="<b>Careful</b>")),
        cards(lambda c: c.update(detail="[x](javascript:alert(1))")),
    ],
    "CRD-09": [cards(lambda c: c.update(detail="x" * 1201)), cards(lambda c: c.update(detail="| a | b |"))],
    "CRD-10": [
        cards(
            lambda c: (
                c.update(summary="Careful", detail="Look again."),
                c.pop("suggestions", None),
                c.pop("links", None),
            )
        )
    ],
    "CRD-11": [
        cards(lambda c: c.update(links=None)),
        answering(lambda a: a.update(systemActions=[])),
        cards(lambda c: c.update(detail="")),
    ],
    "CRD-12": [
        cards(lambda c: c.pop("links", None)),
        cards(lambda c: c.update(links=[{"label": "x", "url": ANY, "type": "absolute"}])),
    ],
    "CRD-13": [cards(lambda c: c.update(priority=1)), cards(lambda c: c.update(extension={"priority": 1}))],
    "CRD-14": [answering(lambda a: a["cards"].reverse()), answering(lambda a: a["cards"].extend(a["cards"][-1:]))],
    "CRD-15": [
        cards(lambda c: c.update(detail="Zebedee, born in March")),
        cards(lambda c: c.update(summary="MRN-7712-0934")),
    ],
    "SUG-01": [cards(lambda c: c.pop("selectionBehavior", None)), cards(lambda c: c.update(selectionBehavior="all"))],
    "SUG-02": [
        cards(lambda c: c.update(selectionBehavior="at-most-one")),
        suggestions(lambda s: s["actions"].extend(s["actions"])),
    ],
    "SUG-03": [
        cards(
            lambda c: (
                c.update(selectionBehavior="at-most-one"),
                [s.update(isRecommended=True) for s in c.get("suggestions", ())],
            )
        )
    ],
    "SUG-04": [suggestions(lambda s: s.update(label="")), suggestions(lambda s: s.pop("uuid"))],
    "SUG-05": [suggestions(lambda s: s.update(actions=[]))],
    "SUG-06": [
        actions(lambda a: a.update(type="Create")),
        actions(lambda a: a.pop("description")),
        actions(lambda a: a.update(description="**Do**")),
    ],
    "SUG-07": [
        actions(lambda a: a.update(resource=json.dumps(a.get("resource")))),
        actions(lambda a: a.get("resource", {}).update(intent=["order"])),
    ],
    "SUG-08": [
        actions(lambda a: a.update(resource={"resourceType": "MedicationRequest"})),
        actions(lambda a: a.update(resourceId="draft-1")),
    ],
    "SUG-09": [
        actions(lambda a: a.get("resource", {}).update(id="nobody")),
        actions(lambda a: a.get("resource", {}).pop("subject", None)),
    ],
    "SUG-10": [suggestions(lambda s: s.update(actionSelectionBehavior="all"))],
    "SUG-11": [
        answering(lambda a: a.update(systemActions=[{"type": "delete", "description": "x", "resourceId": "A/1"}]))
    ],
    "SUG-12": [answering(lambda a: a.update(systemActions=[]))],
    "LNK-01": [
        links(lambda link: link.update(url="/guideline")),
        links(lambda link: link.pop("label")),
        links(lambda link: link.update(url="ftp://x.org/a")),
    ],
    "LNK-02": [
        links(lambda link: link.update(type="external")),
        links(lambda link: link.update(appContext="{}")),
        links(lambda link: link.update(type="smart", url="https://app.example.org/launch?iss=https://x.org")),
    ],
    "LNK-03": [links(lambda link: link.update(url="https://x.example.org/conformance-patient"))],
    "LNK-04": [links(lambda link: link.update(autolaunchable=True))],
    "OVR-01": [cards(lambda c: first(c, "overrideReasons").pop("display", None))],
    "OVR-02": [cards(lambda c: c.update(overrideReasons=c.get("overrideReasons", [{}]) * 9))],
    "INF-1.3": [discovery(lambda e: e.pop("description"))],
    "INF-2.4": [
        cards(lambda c: c.update(summary="x" * 140)),
        cards(lambda c: c["source"].pop("label")),
        cards(lambda c: c.update(indicator="success")),
        cards(lambda c: c.pop("summary")),
        answering(lambda a: a.update(cards={})),
    ],
    "INF-3.x.6": [
        cards(lambda c: c.update(links=[])),
        cards(lambda c: c.pop("selectionBehavior", None)),
        cards(lambda c: c.update(uuid=7)),
        cards(lambda c: first(c, "overrideReasons").pop("display", None)),
        links(lambda link: link.pop("type")),
    ],
    "INF-2.4-actions": [
        actions(lambda a: a.pop("description")),
        actions(lambda a: a.pop("resource", None)),
        actions(lambda a: a.get("resource", {}).update(id="nobody")),
        actions(lambda a: a.update(resourceId="A/1")),
    ],
    "WIRE-01": [
        cards(lambda c: c.update(uuid="urn:uuid:1")),
        discovery(lambda e: e.update(id="a b")),
        cards(lambda c: c.update(overrideReason=[])),
    ],
    "cds-resp-1": [
        cards(
            lambda c: (
                c.update(selectionBehavior="at-most-one"),
                [s.update(isRecommended=True) for s in c.get("suggestions", ())],
            )
        )
    ],
    "cds-resp-2": [actions(lambda a: a.update(resource={"resourceType": "MedicationRequest"}))],
    "cds-resp-3": [links(lambda link: link.update(appContext="{}"))],
    "cds-resp-4": [cards(lambda c: first(c, "overrideReasons").pop("display", None))],
    "cds-resp-5": [actions(lambda a: a.pop("description"))],
    "cds-resp-6": [cards(lambda c: c.pop("selectionBehavior", None))],
    "cds-resp-7": [suggestions(lambda s: s.update(actionSelectionBehavior="some"))],
}
