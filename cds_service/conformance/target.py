"""The service under test, as the rows see it: where it is, what it offers, whom it knows, and what was exchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

from cds_service.conformance.exchange import Exchange, exchange
from cds_service.conformance.fhir_double import FhirDouble
from cds_service.conformance.row import NotApplicable, Profile
from cds_service.conformance.samples import Request, Sample, again, given, shipped
from cds_service.conformance.tokens import Client

SANDBOX = "https://sandbox.cds-hooks.org"
OWN = "of the client"  # the token of a call unless a row says otherwise


@dataclass(frozen=True)
class Options:
    """What the command was asked for. `good`, `quiet` empty: our own requests. `origin`: one the service lists."""

    profile: Profile = "2.0.1"
    good: tuple[Request, ...] = ()
    quiet: tuple[Request, ...] = ()
    origin: str = SANDBOX


class Answered(NamedTuple):
    """A sample with its answer."""

    sample: Sample
    exchange: Exchange

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards of the answer that are objects."""
        answer = self.exchange.json if self.exchange.status == 200 else None
        cards = answer.get("cards") if isinstance(answer, dict) else None
        return [card for card in cards if isinstance(card, dict)] if isinstance(cards, list) else []


class Target:
    """A running service. `exchanges`: all so far; `looked_at`: the numbers of those that the current row needed."""

    def __init__(
        self,
        url: str,
        options: Options,
        clients: tuple[Client, ...] = (),
        double: FhirDouble | None = None,
        key_server: FhirDouble | None = None,
    ) -> None:
        self.base = url.rstrip("/").removesuffix("/cds-services")
        self.options = options
        self.profile = options.profile
        self._clients = clients
        self._double = double
        self._key_server = key_server
        self.fetching: Sample | None = None  # found once, by access.py
        self._one_at_a_time = Lock()
        self.exchanges: list[Exchange] = []
        self.looked_at: list[int] = []

    # -- whom it knows, what it can reach --

    @property
    def client(self) -> Client:
        """The first client. Raises NotApplicable without one."""
        if not self._clients:
            raise NotApplicable("needs a trusted client: --client KEYFILE")
        return self._clients[0]

    @property
    def other_client(self) -> Client:
        """The second client. Raises NotApplicable without one."""
        if len(self._clients) < 2:
            raise NotApplicable("needs two trusted clients: --client KEYFILE twice")
        return self._clients[1]

    @property
    def is_open(self) -> bool:
        """Do we call without a token?"""
        return not self._clients

    @property
    def double(self) -> FhirDouble:
        """Our FHIR server. Raises NotApplicable when the service cannot reach it."""
        if self._double is None:
            raise NotApplicable("the service is on another machine and cannot call us: --fhir-double-url URL")
        return self._double

    @property
    def key_server(self) -> FhirDouble:
        """Where the service reads the first client's keys. Raises NotApplicable when that is not us."""
        if self._key_server is None:
            raise NotApplicable("the key set of the client is not ours to serve: serve_keys in the key file")
        return self._key_server

    # -- exchanges --

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] = {},
        token: str | None = OWN,
        sender: Client | None = None,
    ) -> Exchange:
        """One exchange. `body`: bytes as they are, else JSON. `token` None: none; OWN: a good one of `sender`."""
        url = self.base + path
        payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {name.lower() for name in headers}
        sent = {"Accept": "application/json", **headers}
        if method == "POST" and "content-type" not in given:
            sent["Content-Type"] = "application/json"
        if token is OWN:
            token = self._own_token(path, sender)
        if token is not None and "authorization" not in given:
            sent["Authorization"] = f"Bearer {token}"
        made = exchange(method, url, sent, payload)
        with self._one_at_a_time:
            made = replace(made, number=len(self.exchanges))
            self.exchanges.append(made)
            return self.look_at(made)

    def call(self, sample: Sample, request: Any = None, **how: Any) -> Exchange:
        """A hook call: the sample's request, or another one, to the sample's service."""
        body = again(sample.request) if request is None else request
        return self.send("POST", f"/cds-services/{sample.service}", body, **how)

    def feedback(self, sample: Sample, body: Any, **how: Any) -> Exchange:
        """A feedback call."""
        return self.send("POST", f"/cds-services/{sample.service}/feedback", body, **how)

    def look_at(self, made: Exchange) -> Exchange:
        """Notes that the current row rests on this exchange."""
        if made.number not in self.looked_at:
            self.looked_at.append(made.number)
        return made

    def address(self, path: str, sender: Client | None = None) -> str:
        """The address of an endpoint as a token names it."""
        public = (sender or self._clients[0]).public_url if self._clients else ""
        return (public.rstrip("/") or self.base) + path

    def _own_token(self, path: str, sender: Client | None) -> str | None:
        if not self._clients:
            return None
        sender = sender or self._clients[0]
        return sender.token(self.address(path, sender))

    # -- what it offers --

    @cached_property
    def _discovery(self) -> Exchange:
        return self.send("GET", "/cds-services")

    @property
    def discovery(self) -> Exchange:
        """GET /cds-services, asked once."""
        return self.look_at(self._discovery)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The services on offer that can be called at all."""
        document = self.discovery.json
        services = document.get("services") if isinstance(document, dict) else None
        listed = services if isinstance(services, list) else []
        return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]

    @cached_property
    def _goods(self) -> list[Sample]:
        return self._samples("good", self.options.good)

    @cached_property
    def _quiets(self) -> list[Sample]:
        return self._samples("quiet", self.options.quiet)

    def _samples(self, name: str, requests: tuple[Request, ...]) -> list[Sample]:
        """The caller's own requests; ours where there are none."""
        return list(given(name, requests, self.entries) if requests else shipped(name, self.entries))

    @property
    def goods(self) -> list[Sample]:
        """Requests that should bring cards. Raises NotApplicable without one."""
        if not self._goods:
            raise NotApplicable("no request for the hooks of this service: --good FILE")
        return self._goods

    @property
    def quiets(self) -> list[Sample]:
        """Requests that should bring none. Raises NotApplicable without one."""
        if not self._quiets:
            raise NotApplicable("no request for the hooks of this service: --quiet FILE")
        return self._quiets

    @cached_property
    def _answers(self) -> list[Answered]:
        return [Answered(sample, self.call(sample)) for sample in self.goods]

    @property
    def answers(self) -> list[Answered]:
        """The answers to the good requests, asked once."""
        for answered in self._answers:
            self.look_at(answered.exchange)
        return self._answers

    @property
    def with_cards(self) -> list[Answered]:
        """Those that brought cards. Raises NotApplicable when none did."""
        answered = [one for one in self.answers if one.cards]
        if not answered:
            raise NotApplicable("no request brought a card: --good FILE with a request that does")
        return answered

    def good(self, hook: str = "") -> Sample:
        """One request that brings cards, of this hook. Raises NotApplicable."""
        for one in self.with_cards:
            if hook in ("", one.sample.entry.get("hook")):
                return one.sample
        raise NotApplicable(f"no request brought a card at {hook}: --good FILE")

    def quiet(self, hook: str = "") -> Sample:
        """One request that brings none, of this hook. Raises NotApplicable."""
        for sample in self.quiets:
            if hook in ("", sample.entry.get("hook")):
                return sample
        raise NotApplicable(f"no quiet request for {hook}: --quiet FILE")

    def cards(self) -> Iterator[tuple[Answered, dict[str, Any]]]:
        """Every card that came, with its answer."""
        for answered in self.with_cards:
            for card in answered.cards:
                yield answered, card
