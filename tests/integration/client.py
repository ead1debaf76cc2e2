"""An EHR that calls the service in the ways EHRs do: everything prefetched, a first page of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import requests

from cds_service.app import create_app
from cds_service.config import Limits, Settings, SiteConfig
from tests.situations.asking import instant

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """Status and body, uuids masked: they differ from call to call."""

    status: int
    body: Json

    @property
    def topics(self) -> list[str]:
        """What the cards are about."""
        return [card["source"]["topic"]["code"] for card in self.body.get("cards", ())]


class Service:
    """The service in this process, as of a day that each call names."""

    def __init__(self, *, fhir_seconds: float) -> None:
        self._now: datetime | None = None
        limits = Limits(fhir_seconds=fhir_seconds)
        self._http = create_app(Settings(log_level="error"), SiteConfig(limits=limits), clock=self._clock).test_client()

    def call(self, body: Mapping[str, Any], as_of: date) -> Answer:
        """The answer to a hook call on that day."""
        self._now = instant(as_of)
        response = self._http.post(f"/cds-services/neuropathy-{body['hook']}", json=body)
        return Answer(response.status_code, _masked(response.get_json()))

    def prefetch_templates(self) -> dict[str, str]:
        """What discovery asks for, over both hooks."""
        services = self._http.get("/cds-services").get_json()["services"]
        return {key: query for service in services for key, query in service.get("prefetch", {}).items()}

    def _clock(self) -> datetime:
        assert self._now is not None
        return self._now


class Ehr:
    """A client of the service whose records are on a FHIR server."""

    def __init__(self, base: str, templates: Mapping[str, str]) -> None:
        self.base = base
        self._templates = templates
        self._http = requests.Session()

    def without_prefetch(self, body: Mapping[str, Any]) -> Json:
        """Nothing is sent along; the service may read for itself."""
        return {**body, "fhirServer": self.base}

    def with_prefetch(self, body: Mapping[str, Any]) -> Json:
        """Every template filled, all pages; the service has nobody else to ask."""
        return {**body, "prefetch": self._prefetch(_tokens(body), all_pages=True)}

    def with_first_pages(self, body: Mapping[str, Any]) -> Json:
        """Every template filled with one page, as the public sandbox does; the service may read on."""
        return {**body, "prefetch": self._prefetch(_tokens(body), all_pages=False), "fhirServer": self.base}

    @cache  # noqa: B019 - the records do not change, and the client lives as long as the tests
    def _prefetch(self, tokens: tuple[tuple[str, str], ...], *, all_pages: bool) -> Json:
        found = {}
        for key, template in self._templates.items():
            query = template
            for token, value in tokens:
                query = query.replace(token, value)
            if "{{" not in query:  # a template with a token that cannot be filled is dropped
                got = self._get(f"{self.base}/{query}", all_pages)
                if got is not None:
                    found[key] = got
        return found

    def _get(self, url: str, all_pages: bool) -> Json | None:
        response = self._http.get(url, timeout=20)
        if response.status_code != 200:
            return None
        got: Json = response.json()
        following = next((link["url"] for link in got.get("link", ()) if link["relation"] == "next"), None)
        if all_pages and following is not None:
            rest = self._get(following, all_pages)
            assert rest is not None
            got = {**got, "entry": got["entry"] + rest["entry"], "link": rest["link"]}
        return got


def _tokens(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    context = body["context"]
    return tuple((f"{{{{context.{name}}}}}", context[name]) for name in ("patientId", "encounterId") if name in context)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "masked" if key == "uuid" else _masked(one) for key, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list) else value
