"""What the service is, where it is called, what it offers at which hook."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.hooks.discovery import CDS_HOOKS_3
from cds_service.operator_endpoints import version
from cds_service.pages.source_attributes import DEVELOPER
from cds_service.registration.counterpart import Counterpart
from cds_service.registration.running import Running
from cds_service.registration.sheet import ITEMS, OPERATOR, Column, Row, Table, ToFillIn, Value, exact
from cds_service.rule_base import rule_base_version

PURPOSE = (
    "Reviews drug orders for neuropathy and immunotherapy safety while they are chosen and before they are signed, and"
    " answers with cards. It informs; it never blocks, places or denies an order. Its silence is no approval."
)


def what_it_is(running: Running, _: Counterpart) -> Table:
    """Name, purpose, who makes and who runs it, versions."""
    operator = running.site.operator
    return Table(
        "identity",
        "What it is",
        "For the first fields of a form.",
        ITEMS,
        (
            ("Name", exact(running.vocabulary.publisher), "the distribution is called neuropathy-cds"),
            ("Purpose", exact(PURPOSE), ""),
            ("Developer", exact(DEVELOPER), "of the software and its rules"),
            ("Operator", _told(operator.name, "who runs the service here"), "operator.name of the site file"),
            ("Support", _told(operator.support, "where to turn when it fails"), "operator.support of the site file"),
            ("Security contact", _told(operator.security, "where to report a weakness"), "operator.security, likewise"),
            ("Software version", exact(version()), ""),
            ("Rule base", exact(rule_base_version()), "checksum of rules, thresholds and value sets as shipped"),
            ("CDS Hooks", exact(running.site.profile), _wire(running)),
            ("FHIR", exact("R4"), "R4B and R5 shapes of what is read are understood"),
            ("Licence", exact("Apache-2.0"), "terminology keeps its own terms: NOTICE"),
        ),
    )


def addresses(running: Running, _: Counterpart) -> Table:
    """Every address that a form or a firewall asks for."""
    return Table(
        "addresses",
        "Addresses",
        "Letter by letter, without a final slash: the service never redirects, and tokens name these addresses.",
        (Column("what", "What"), Column("method", "Method"), Column("address", "Address")),
        tuple(_addresses(running)),
    )


def services(running: Running, counterpart: Counterpart) -> Table:
    """The services as discovery has them, and when each speaks."""
    columns = (
        Column("id", "Service id"),
        Column("hook", "Hook"),
        Column("title", "Title"),
        Column("description", "Description"),
        Column("usage_requirements", "Usage requirements"),
        Column("speaks", "When it speaks"),
    )
    rows = []
    for service, entry in zip(running.services, running.document["services"], strict=True):
        rules = sum(card.rule not in counterpart.ways.left_out for card in service.cards)
        rows.append((
            exact(entry["id"]),
            exact(entry["hook"]),
            exact(entry["title"]),
            exact(entry["description"]),
            exact(entry["usageRequirements"]),
            f"Rules that can speak here: {rules}. Orders that none of them is about get an empty answer at once.",
        ))  # fmt: skip
    return Table("services", "Services and hooks", _of_discovery(running), columns, tuple(rows))


def _told(said: str, what: str) -> Value:
    return exact(said) if said else ToFillIn(OPERATOR, what)


def _wire(running: Running) -> str:
    if running.site.profile == "3.0":
        return f"discovery says version {CDS_HOOKS_3}; everything else is as in 2.0.1"
    return "requests of 1.0 and 1.1 clients are understood too"


def _of_discovery(running: Running) -> str:
    if running.site.authentication.discovery == "token":
        return "Word for word as discovery has them; reading discovery needs a token too."
    return "Word for word as discovery has them; discovery is read without a token."


def _addresses(running: Running) -> Iterator[Row]:
    base = running.settings.base_url
    yield "Discovery", "GET", exact(running.discovery)
    for service in running.services:
        yield f"Call at {service.hook}: {service.id}", "POST", exact(running.address(service))
        yield f"Feedback on its cards: {service.id}", "POST", exact(running.feedback_address(service))
    yield "Rules, for reading", "GET", exact(f"{base}/rules")
    yield "Source attributes (45 CFR 170.315(b)(11)(iv)(A))", "GET", exact(f"{base}/dsi", f"{base}/dsi.csv")
    yield "Description of the endpoints (OpenAPI 3.1)", "GET", exact(f"{base}/openapi.json")
    yield "Is it ready to review orders?", "GET", exact(f"{base}/readyz")
