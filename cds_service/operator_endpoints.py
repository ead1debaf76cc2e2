"""What operators and their machines ask: /healthz, /readyz, /metrics. None of them tells of patients."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from cds_service.config import Settings
from cds_service.hook_endpoints import json_response
from cds_service.metrics import CONTENT_TYPE, Metrics
from cds_service.operator_access import check_operator
from cds_service.rule_base import rule_base_version

if TYPE_CHECKING:
    from cds_service.ledger.ledger import Ledger


def add_probes(app: Flask, mode: str, *, is_ready: bool, ledger: Ledger | None) -> None:
    """/healthz: the process answers. /readyz: it can review orders; without the ledger too, which has a flag."""

    @app.get("/healthz")
    def healthz() -> Response:
        return json_response({"status": "ok"})

    @app.get("/readyz")
    def readyz() -> Response:
        about = {"mode": mode, "version": version(), "ledger": _ledger(ledger)}
        if not is_ready:
            return json_response({"status": "not ready", "because": "the rule base is invalid", **about}, 503)
        return json_response({"status": "ready", **about, "rule_base": rule_base_version()})


def add_metrics(app: Flask, settings: Settings, metrics: Metrics) -> None:
    """/metrics, for the operator alone."""

    @app.get("/metrics")
    def exposition() -> Response:
        check_operator(settings, request.headers.get("Authorization"))
        return Response(metrics.exposition(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@cache
def version() -> str:
    """The version that is installed."""
    return metadata.version("neuropathy-cds")


def build_labels() -> dict[str, str]:
    """What is running, as labels."""
    return {"version": version(), "rule_base": rule_base_version()}


def _ledger(ledger: Ledger | None) -> str:
    if ledger is None:
        return "off"
    if ledger.is_opening:
        return "opening"
    return "reachable" if ledger.is_reachable else "unreachable"
