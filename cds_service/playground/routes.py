"""The page of the playground, and what its buttons send. Nobody needs a token, and none is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import orjson
from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from cards.orders import Hook
from cds_service.clients import PLAYGROUND
from cds_service.config import Settings, SiteConfig, is_among_ourselves
from cds_service.errors import InvalidRequest, LedgerUnavailable
from cds_service.hook_endpoints import books_of, take_feedback
from cds_service.hooks.discovery import Service
from cds_service.hooks.fhir_address import AddressPolicy
from cds_service.hooks.fhir_server import FhirServers
from cds_service.ledger.ledger import AnyLedger, Ledger
from cds_service.pages.policy import WITH_SCRIPTS, page_response
from cds_service.pages.rule_pages import address_of_rule_pages
from cds_service.playground.basket import FieldProblem, applied, read_actions
from cds_service.playground.call import Bench, Called, Case, call, case_of, session_of
from cds_service.playground.drugs import drug_names
from cds_service.playground.page import (
    answer_shown,
    chart_shown,
    drafts_shown,
    examples_shown,
    link_of,
    patient_of,
    verdict,
)
from cds_service.playground.patients import ward
from cds_service.playground.scenario import FROM_SERVER, Scenario, example_of, read_scenario
from cds_service.playground.why import working_of
from cds_service.review import Reviewer, vocabulary_of
from cds_service.rule_base import RuleBase

PERSON_SECONDS = 10.0  # for all reads from a FHIR server: a person waits longer than an EHR
LONGEST_COMMENT = 500
OFTEN = (
    "once daily", "twice daily", "three times daily", "four times daily", "every 8 hours", "every 6 hours",
    "at bedtime", "in the morning", "IV once", "IV daily", "IV weekly", "IV every 2 weeks", "IV every 3 weeks",
    "IV every 4 weeks", "as needed",
)  # fmt: skip


class Playground:
    """The page and its buttons. What it needs beyond the rule base is made when it is first asked for."""

    def __init__(
        self,
        settings: Settings,
        site: SiteConfig,
        rules: RuleBase,
        services: tuple[Service, ...],
        ledger: AnyLedger,
        clock: Callable[[], datetime],
    ) -> None:
        self._site = site
        self._rules = rules
        self._services = services
        self._ledger = ledger
        self._clock = clock
        self._base_url = settings.base_url
        self._rule_pages = address_of_rule_pages(settings)
        self._is_loopback = settings.is_loopback
        self._may_type = is_among_ourselves(settings, site)

    def show(self) -> AnyResponse:
        """GET /: the scenario of the address, reviewed."""
        scenario = read_scenario(request.args)
        if not scenario.patient:
            first = ward().first
            is_first_visit = scenario == read_scenario({})
            scenario = example_of(first, first.examples[0]) if is_first_visit else scenario._replace(patient=first.id)
        elif was := ward().patients.get(request.args.get("was", "")):
            scenario = _for_new_patient(scenario, was.id)
        return self._page(scenario, note=request.args.get("note", ""))

    def apply(self) -> AnyResponse:
        """POST: a suggestion is taken. It is told to the ledger as accepted, and the hook fires again."""
        self._same_site()
        scenario = read_scenario(request.form)
        try:
            case = case_of(scenario, self._bench, self._today())
            changed = applied(scenario, case.drafts, read_actions(request.form.get("actions", "")))
            self._tell({"outcome": "accepted", "acceptedSuggestions": [{"id": request.form.get("suggestion", "")}]})
        except FieldProblem as problem:
            return self._page(scenario, problem)
        except LedgerUnavailable:
            return self._again(changed, "applied-not-stored")
        return self._again(changed, "applied")

    def override(self) -> AnyResponse:
        """POST: a card is overridden. The reason goes the way of all feedback; then the hook fires again."""
        self._same_site()
        scenario = read_scenario(request.form)
        try:
            self._tell({"outcome": "overridden", **self._reason()})
        except FieldProblem as problem:
            return self._page(scenario, problem)
        except LedgerUnavailable:
            return self._again(scenario, "override-not-stored")
        as_the_same_user = scenario._replace(session=request.form.get("in_session", "")[:40])
        return self._again(as_the_same_user, "overridden")

    def _reason(self) -> dict[str, Any]:
        code = request.form.get("reason", "")
        comment = " ".join(request.form.get("comment", "")[:LONGEST_COMMENT].split())
        said: dict[str, Any] = {}
        if code in self._rules.override_reasons:
            words = vocabulary_of(self._rules, self._site, rule_pages="")
            said["reason"] = {"code": code, "system": words.override_system, "display": words.override_reasons[code]}
        if comment:
            said["userComment"] = comment
        return {"overrideReason": said} if said else {}

    def _tell(self, entry: Mapping[str, Any]) -> None:
        """Feedback on the card of this form, stored when this returns. Raises FieldProblem, LedgerUnavailable."""
        service = next((one for one in self._services if one.id == request.form.get("service")), None)
        if service is None:
            raise FieldProblem("feedback", "This card is not known any more. Ask the service again.")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        said = {"card": request.form.get("card", ""), "outcomeTimestamp": at, **entry}
        try:
            take_feedback(orjson.dumps({"feedback": [said]}), PLAYGROUND, service, self._bench.books)
        except InvalidRequest:
            raise FieldProblem("feedback", "This card is not known any more. Ask the service again.") from None

    def _again(self, scenario: Scenario, note: str) -> AnyResponse:
        return redirect(f"{url_for('playground')}?{scenario.query(note=note)}#answer", 303)

    def _page(self, scenario: Scenario, problem: FieldProblem | None = None, note: str = "") -> AnyResponse:
        case: Case | None = None
        called: list[Called] = []
        try:
            case = None if scenario.is_incomplete else case_of(scenario, self._bench, self._today())
            called = call(case, self._bench) if problem is None and case and case.drafts else []
        except FieldProblem as found:
            problem = problem or found
        response = page_response(self._html(scenario, case, called, problem, note), WITH_SCRIPTS)
        response.status_code = 400 if problem else 200
        response.headers["Cache-Control"] = "no-store"  # the ids of its cards are good for one answer
        response.headers["HX-Push-Url"] = f"{url_for('playground')}?{scenario.query()}"
        return response

    def _html(
        self, scenario: Scenario, case: Case | None, called: list[Called], problem: FieldProblem | None, note: str
    ) -> str:
        answers = [answer_shown(one) for one in called]
        fixture = patient_of(scenario)
        as_of = ward().as_of if case is None else case.as_of
        return render_template(
            "playground.html",
            ward=ward(),
            scenario=scenario,
            fixture=fixture,
            from_server=FROM_SERVER,
            servers=self._site.playground.fhir_servers,
            may_type=self._may_type,
            hooks=list(Hook),
            often=OFTEN,
            drugs=drug_names(self._rules.value_sets, self._rules.catalogue),
            drafts=drafts_shown(scenario),
            examples=examples_shown(fixture) if fixture else [],
            chart=chart_shown(scenario, called, as_of),
            as_of=as_of.isoformat(),
            answers=answers,
            working=working_of([one.review for one in called if one.review is not None], self._rules.tables),
            verdict=verdict(answers) if called else "",
            session=session_of(called),
            link=link_of(scenario, case) if case else "",
            problems={problem.field: problem.text} if problem else {},
            note=note,
            is_kept=isinstance(self._ledger, Ledger),
            base_url=self._base_url,
            override_reasons=self._rules.override_reasons,
        )

    @cached_property
    def _bench(self) -> Bench:
        limits = self._site.limits.model_copy(update={"fhir_seconds": PERSON_SECONDS})
        site = self._site.model_copy(update={"limits": limits})
        listed = self._site.playground.fhir_servers
        offered = AddressPolicy(listed, is_open=self._may_type, is_on_loopback=self._is_loopback)
        # open in any case: what is not would only be read with a token, and there is none
        called = offered if self._may_type else AddressPolicy(listed, is_open=True, is_on_loopback=False)
        reviewer = Reviewer(self._rules, site, FhirServers(limits), called, self._ledger, self._rule_pages)
        books = books_of(self._services, self._ledger)
        return Bench(self._services, reviewer, books, site, self._rules.value_sets, offered)

    def _today(self) -> date:
        return self._clock().astimezone(self._site.zone).date()

    def _same_site(self) -> None:
        """Raises Forbidden when another site's page sends a form here: browsers say so."""
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden


def _for_new_patient(scenario: Scenario, was: str) -> Scenario:
    """After another patient was chosen: the basket was the other's, and so were orders that nobody changed."""
    now, before = ward().patients.get(scenario.patient), ward().patients[was]
    if now is None or now is before:
        return scenario
    shown = [_lines(example_of(before, example)) for example in before.examples]
    if _lines(scenario) in ([], *shown):
        return example_of(now, now.examples[0])
    return scenario._replace(as_of="", drafts="")


def _lines(scenario: Scenario) -> list[str]:
    """What is ordered; a form sends the fields of the other way to write an order too."""
    return [order.line for order in scenario.orders if not order.is_empty]
