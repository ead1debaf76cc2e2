"""Trusted clients for tests, and what they are answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from cds_service.clients import Caller, Client
from cds_service.config import SiteConfig
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers
from cds_service.hooks.request import parse_request
from cds_service.review import Review, Reviewer
from cds_service.rule_base import load_rule_base

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ISSUER = {"issuer": "https://ehr.example/fhir", "name": "ehr", "jku": ["https://ehr.example/jwks.json"]}


def trusted(**choices: Any) -> Caller:
    """A caller whose client has these choices."""
    return Caller(Client.model_validate({**ISSUER, **choices}))


def reviewed(body: Any, *, site: dict[str, Any] | None = None, **choices: Any) -> Review:
    """The review of a call by the client with these choices. Raises what the service raises."""
    chosen = SiteConfig.model_validate({**(site or {}), "clients": [{**ISSUER, **choices}]})
    rules = load_rule_base(chosen)
    servers = FhirServers(chosen.limits)
    reviewer = Reviewer(rules, chosen, servers, AddressPolicy())
    caller = Caller(chosen.clients[0])
    try:
        request = parse_request(orjson.dumps(body), at_most_entries=500, caller=caller)
        return reviewer.review(request, rules.catalogue, NOON, caller)
    finally:
        servers.close()
