"""An EHR that calls the service in the ways EHRs do: everything prefetched, a first page of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import requests

from cards.catalogue import load_catalogue
from cds_service.app import create_app
from cds_service.config import CardChoice, Limits, Settings, SiteConfig
from tests.situations.asking import instant

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """Status and body, uuids masked: they differ from call to call."""

    status: int
    body: Json

    @property
    def without_note(self) -> tuple[int, Json]:
        """All but the note on what could not be checked: why something could not be had depends on who was asked."""
        cards = [card for card in self.body.get("cards", ()) if card["source"]["topic"]["code"] != "couldNotCheck"]
        return self.status, {**self.body, "cards": cards}

    @property
    def topics(self) -> list[str]:
        """What the cards are about."""
        return [card["source"]["topic"]["code"] for card in self.body.get("cards", ())]


class Service:
    """The service in this process with every card on, as of a day that each call names."""

    def __init__(self, *, fhir_seconds: float) -> None:
        self._now: datetime | None = None
        off = frozenset(card.rule for card in load_catalogue().cards if card.knowledge.default == "off")
        site = SiteConfig(
            limits=Limits(fhir_seconds=fhir_seconds, call_seconds=2 * fhir_seconds), cards=CardChoice(on=off)
        )
        self._http = create_app(Settings(log_level="error"), site, clock=self._clock).test_client()

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
    """A client of the service whose records are on a FHIR server. They do not change, so it asks once."""

    def __init__(self, base: str, templates: Mapping[str, str]) -> None:
        self.base = base
        self._templates = templates
        self._http = requests.Session()
        self._http.trust_env = False
        self._asked: dict[str, Json | None] = {}

    def without_prefetch(self, body: Mapping[str, Any]) -> Json:
        """Nothing is sent along; the service may read for itself."""
        return {**body, "fhirServer": self.base}

    def with_prefetch(self, body: Mapping[str, Any]) -> Json:
        """Every template filled, all pages; the service has nobody else to ask."""
        return {**body, "prefetch": {key: self._with_next_pages(page) for key, page in self._first_pages(body)}}

    def with_first_pages(self, body: Mapping[str, Any]) -> Json:
        """Every template filled with one page, as the public sandbox does; the service may read on."""
        return {**body, "prefetch": dict(self._first_pages(body)), "fhirServer": self.base}

    def _first_pages(self, body: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
        for key, template in self._templates.items():
            query = template
            for name in ("patientId", "encounterId"):
                if name in body["context"]:
                    query = query.replace(f"{{{{context.{name}}}}}", body["context"][name])
            # a template with a token that cannot be filled, and one that gets no answer, are left out
            page = None if "{{" in query else self._get(f"{self.base}/{query}")
            if page is not None:
                yield key, page

    def _with_next_pages(self, page: Json) -> Json:
        following = next((link["url"] for link in page.get("link", ()) if link["relation"] == "next"), None)
        if following is None:
            return page
        next_page = self._get(following)
        assert next_page is not None
        rest = self._with_next_pages(next_page)
        return {**page, "entry": page["entry"] + rest["entry"], "link": rest["link"]}

    def _get(self, url: str) -> Json | None:
        if url not in self._asked:
            response = self._http.get(url, timeout=20)
            self._asked[url] = response.json() if response.status_code == 200 else None
        return self._asked[url]


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "masked" if key == "uuid" else _masked(one) for key, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list) else value
