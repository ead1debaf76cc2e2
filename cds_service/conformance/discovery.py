"""A1: discovery."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from cds_service.conformance.expect import empties, expect, expect_only_extensions, expect_shape, expect_status
from cds_service.conformance.row import Group, NotApplicable
from cds_service.conformance.samples import OUR_HOOKS
from cds_service.conformance.target import Target
from cds_service.hooks.wire import Discovery

GROUP = Group("A1", "Discovery")

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_ELIGIBLE = re.compile(
    r"context\.(userId|patientId|encounterId)|user(Practitioner|PractitionerRole|Patient|RelatedPerson)Id"
)
_READ = re.compile(r"[A-Z][A-Za-z]*/\{\{[^}]*\}\}|\{\{context\.userId\}\}")
_SEARCH = re.compile(r"[A-Z][A-Za-z]*\?\S+")
_MODIFIER = re.compile(r"[a-z_][A-Za-z-]*(:in)?")
_FORBIDDEN_PARAMETERS = ("_include", "_revinclude", "_has", "_filter", "_query", "_text", "_content")
_PREFIXED_DATE = re.compile(r"(eq|lt|gt|ge|le)?\d{4}")
_DATE_PARAMETERS = ("date", "authoredon", "onset-date", "recorded-date", "effective-time", "_lastUpdated")


@GROUP.row("DIS-01", "G", "CH2#4-6,13; INF")
def discovery_answers(target: Target) -> None:
    """GET /cds-services answers 200, application/json, an object with an array services."""
    answer = target.discovery
    expect_status(answer, 200)
    expect(answer.media_type == "application/json", f"expected application/json, not {answer.media_type!r}", answer)
    expect_shape(answer, Discovery, "services")
    expect(isinstance(answer.json, dict), "expected a JSON object", answer)


@GROUP.row("DIS-02", "G", "CH2#7,9,10; INF")
def entries_name_hook_id_and_description(target: Target) -> None:
    """Each entry has a non-empty hook, id and description."""
    _entries(target)
    expect_shape(target.discovery, Discovery, *(f"services.*.{name}" for name in ("hook", "id", "description")))


@GROUP.row("DIS-03", "G", "CH2#8 (SHOULD)", should=True)
def entries_have_titles(target: Target) -> None:
    """Each entry has a non-empty title."""
    for entry in _entries(target):
        title = entry.get("title")
        expect(isinstance(title, str) and bool(title.strip()), f"{entry['id']}: no title", target.discovery)


@GROUP.row("DIS-04", "G", "CH2#210-211")
def id_and_hook_are_unique(target: Target) -> None:
    """No pair of id and hook comes twice; one id for several hooks says that a later answer replaces an earlier."""
    pairs = [(entry["id"], entry.get("hook")) for entry in _entries(target)]
    expect(len(set(pairs)) == len(pairs), "an id comes twice for one hook", target.discovery)


@GROUP.row("DIS-05", "G", "CH2#16")
def every_service_can_be_called(target: Target) -> None:
    """POST /cds-services/{id} exists for every id on offer."""
    for sample in target.quiets:
        expect_status(target.call(sample), 200)
    called = {sample.service for sample in target.quiets}
    for entry in _entries(target):
        if entry["id"] not in called:
            answer = target.send("POST", f"/cds-services/{entry['id']}", {"hook": entry.get("hook")})
            expect(answer.status not in (0, 404, 405), f"not there: {answer}", answer)


@GROUP.row("DIS-06", "G", "CH2#3,11")
def prefetch_maps_keys_to_templates(target: Target) -> None:
    """prefetch, if there, maps string keys to string templates; it is left out when empty."""
    expect_shape(target.discovery, Discovery, "services.*.prefetch")


@GROUP.row("DIS-07", "G", "CH2#55-59")
def templates_are_reads_or_searches(target: Target) -> None:
    """Templates are instance reads or type searches; their tokens are double-braced and of the eligible ones."""
    for key, template in _templates(target):
        is_query = _READ.fullmatch(template) or _SEARCH.fullmatch(template)
        expect(bool(is_query), f"{key}: neither an instance read nor a type search", target.discovery)
        expect("{" not in _TOKEN.sub("", template), f"{key}: a token that is not double-braced", target.discovery)
        for token in _TOKEN.findall(template):
            expect(bool(re.fullmatch(r"context\.\w+|user\w+Id", token)), f"{key}: token {token}", target.discovery)


@GROUP.row("DIS-08", "G", "CH2#57; LIB")
def templates_use_no_drafts(target: Target) -> None:
    """Templates of the order hooks never use draftOrders or selections, which are not eligible."""
    for key, template in _templates(target, OUR_HOOKS):
        for token in _TOKEN.findall(template):
            expect(bool(_ELIGIBLE.fullmatch(token)), f"{key}: token {token} is not eligible", target.discovery)


@GROUP.row("DIS-09", "G", "CH2#58", should=True)
def searches_stay_inside_the_subset(target: Target) -> None:
    """Search parameters are references, codes by equality or :in, dates with eq, lt, gt, ge or le, _count and _sort."""
    for key, template in _templates(target):
        for name, value in parse_qsl(urlsplit(template).query, keep_blank_values=True):
            in_subset = bool(_MODIFIER.fullmatch(name)) and not name.startswith(_FORBIDDEN_PARAMETERS)
            expect(in_subset, f"{key}: parameter {name} is outside the subset", target.discovery)
            if name in _DATE_PARAMETERS and "{{" not in value:
                expect(bool(_PREFIXED_DATE.match(value)), f"{key}: {name} with another prefix", target.discovery)


GROUP.elsewhere(
    "DIS-10", "G", "ARG R13", "Minimum necessary: every prefetch key is among the needs of some card.",
    test="tests/cds_service/hooks/test_discovery.py::test_dis_10_every_prefetch_key_is_needed_by_a_card_that_speaks_at_that_hook",
)  # fmt: skip


@GROUP.row("DIS-11", "G", "CH2#12", should=True)
def usage_requirements_are_stated(target: Target) -> None:
    """usageRequirements says what happens without prefetch and without FHIR access, and names the FHIR version."""
    for entry in _entries(target):
        said = str(entry.get("usageRequirements", ""))
        expect("FHIR" in said, f"{entry['id']}: usageRequirements does not name the FHIR version", target.discovery)


@GROUP.row("DIS-12", "G3", "CH3")
def versions_belong_to_the_3_0_profile(target: Target) -> None:
    """version (a semantic version) and hookVersion are there under the 3.0 profile and absent under 2.0.1."""
    for entry in _entries(target):
        there = {name for name in ("version", "hookVersion") if name in entry}
        wanted = {"version", "hookVersion"} if target.profile == "3.0" else set()
        expect(there == wanted, f"{entry['id']}: has {sorted(there)}, expected {sorted(wanted)}", target.discovery)
        if entry.get("hook") in OUR_HOOKS and wanted:
            expect(entry["hookVersion"] == "1.0", f"{entry['id']}: the published hook is 1.0", target.discovery)
    expect_shape(target.discovery, Discovery, "services.*.version", "services.*.hookVersion")


@GROUP.row("DIS-13", "G", "CH2#214-215")
def more_data_stands_in_extensions(target: Target) -> None:
    """Extra data stands only under extension, an object, with reverse-domain names."""
    expect_only_extensions(target.discovery, Discovery)


@GROUP.row("DIS-14", "G", "CH2#3")
def nothing_is_empty(target: Target) -> None:
    """No null, empty text, empty list or empty object anywhere; services itself may be empty."""
    found = [place for place in empties(target.discovery.json) if place != "services"]
    expect(not found, f"empty: {', '.join(found)}", target.discovery)


@GROUP.row("DIS-15", "G", "CH2#178; INF input")
def discovery_is_open_or_asks_for_a_token(target: Target) -> None:
    """Discovery works without a token, or answers 401 without one and 200 with a good one."""
    bare = target.send("GET", "/cds-services", token=None)
    expect_status(bare, 200, 401)
    if bare.status == 401:
        expect_status(target.discovery, 200)


def _entries(target: Target) -> list[dict[str, object]]:
    entries = target.entries
    if not entries:
        raise NotApplicable("discovery lists no service")
    return entries


def _templates(target: Target, hooks: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Name and text of each prefetch template, of these hooks or of all."""
    found = False
    for entry in target.entries:
        templates = entry.get("prefetch")
        if isinstance(templates, dict) and (not hooks or entry.get("hook") in hooks):
            for key, template in templates.items():
                if isinstance(template, str):
                    found = True
                    yield f"{entry['id']}.{key}", template
    if not found:
        raise NotApplicable("no prefetch template is published")
