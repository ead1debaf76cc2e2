"""A real service that is told nothing but markers: where do they turn up again?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from sqlalchemy import MetaData, create_engine, select

from tests.cds_service.canary import BORN, seeded, seeded_request
from tests.cds_service.hooks.loopback_server import Call, LoopbackServer
from tests.cds_service.hooks.tokens import FEEDBACK, ISSUER, SERVICE, bearer, key_file, token
from tests.running_service import JSON, Answer, Service, running
from tests.whole_requests import FIXTURES

MARKERS = tuple(
    f"Zq{name}7" for name in ("Request", "Fhir", "Access", "Claim", "Tenant", "Comment", "Reason", "Header")
)
REQUEST, FHIR, ACCESS, CLAIM, TENANT, COMMENT, REASON, HEADER = MARKERS
STORIES = [  # one suggests tests, one changes the order, one takes it away
    FIXTURES / "rituximab_hbv_serology" / "first-dose-without-any-screen.request.json",
    FIXTURES / "gabapentin_dose_exceeds_renal_max" / "900-mg-a-day-at-22-ml-min.request.json",
    FIXTURES / "gabapentinoid_duplicate" / "pregabalin-on-top-of-gabapentin.request.json",
]
# What may be kept, and where: whose card it was, and what was said of it.
BELONGS = {
    ("issued_cards", "tenant", TENANT),
    ("feedback", "tenant", TENANT),
    ("feedback", "reasons", REASON),
    ("comments", "comment", COMMENT),
}


class Seen(NamedTuple):
    """What came out of the service: answers by what was asked, its output, metrics, readiness, traces, database."""

    answers: dict[str, Answer]
    output: str
    metrics: str
    ready: str
    traces: bytes
    database: str


class Collector(ThreadingHTTPServer):
    """Keeps what is posted to it: where the service sends its traces."""

    daemon_threads = True

    def __init__(self) -> None:
        self.received: list[bytes] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A service with a trusted client, a ledger and traces is sent markers in every way there is, and stopped."""
    folder = tmp_path_factory.mktemp("canary")
    ehr, collector = LoopbackServer(_record), Collector()
    key_file(folder)
    client = f'issuer = "{ISSUER}"\nname = "ehr"\nkeys = "keys.json"\nfhir_servers = ["{ehr.base}"]'
    (folder / "site.toml").write_text(f"[[clients]]\n{client}\n", encoding="utf-8")
    database = f"sqlite:///{folder}/ledger.sqlite3"
    settings = {
        "site": str(folder / "site.toml"), "database": database, "tracing": "on", "log_level": "debug",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}", "OTEL_BSP_SCHEDULE_DELAY": "200",
    }  # fmt: skip
    with running(folder, **settings) as service:
        answers = _ask_everything(service, ehr)
        metrics, ready = service.ask("GET", "/metrics").text, service.ask("GET", "/readyz").text
        time.sleep(1)  # for traces and rows that are written behind the answers
        service.stop()
        output = service.output()
    yield Seen(answers, output, metrics, ready, b"".join(collector.received), database)
    ehr.stop()
    collector.shutdown()
    collector.server_close()


def _record(call: Call) -> None:
    """What the FHIR server has: the prefetch of the first story, seeded."""
    story = json.loads(STORIES[0].read_bytes())
    patient = story["context"]["patientId"]
    kind = call.path.removeprefix("/fhir/").partition("?")[0].partition("/")[0]
    found = [one for value in story["prefetch"].values() for one in _resources(value) if one["resourceType"] == kind]
    records = json.loads(json.dumps(seeded(found, FHIR)).replace(f"{FHIR}-{patient}", f"{REQUEST}-{patient}"))
    if kind == "Patient":
        call.json(records[0])
    else:
        call.json({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in records]})


def _resources(value: Any) -> list[dict[str, Any]]:
    if not value:
        return []
    return [entry["resource"] for entry in value.get("entry", ())] if value["resourceType"] == "Bundle" else [value]


def _ask_everything(service: Service, ehr: LoopbackServer) -> dict[str, Answer]:
    access = {"access_token": ACCESS, "token_type": "Bearer", "expires_in": 60, "scope": ACCESS, "subject": ACCESS}
    answers: dict[str, Answer] = {}

    def post(name: str, body: Any, path: str = SERVICE, **headers: str) -> None:
        claims = {"jti": f"{CLAIM}-{name}", "sub": CLAIM, "tenant": TENANT, "name": CLAIM}
        signed = bearer(token(aud=f"http://127.0.0.1:{service.port}{path.partition('?')[0]}", **claims))
        sent = {**JSON, **signed, "User-Agent": HEADER, "Referer": HEADER, "X-Request-Id": HEADER, **headers}
        answers[name] = service.ask("POST", path, body if isinstance(body, bytes) else json.dumps(body).encode(), sent)

    for story in STORIES:
        request = seeded_request(story.read_bytes(), REQUEST)
        post(f"prefetched {story.parent.name}", request, f"/cds-services/neuropathy-{request['hook']}")
    whole = seeded_request(STORIES[0].read_bytes(), REQUEST, fhirServer=ehr.base, fhirAuthorization=access)
    post("fetched", {**whole, "prefetch": {}})
    post("nowhere to fetch from", {**whole, "prefetch": {}, "fhirServer": f"http://127.0.0.1:9/{REQUEST}"})
    post("no data", {name: value for name, value in whole.items() if not name.startswith(("prefetch", "fhir"))})
    for field in ("hook", "hookInstance", "context"):
        post(f"without {field}", {name: value for name, value in whole.items() if name != field})
    post("another hook", {**whole, "hook": REQUEST})
    post("another patient", {**whole, "context": {**whole["context"], "patientId": REQUEST}})
    post("no JSON", f'{{"{REQUEST}": '.encode())
    post("no media type", whole, **{"Content-Type": REQUEST})
    post("a query", {**whole, "prefetch": {}}, f"{SERVICE}?{REQUEST}={REQUEST}")
    post("no service", whole, f"/cds-services/{REQUEST}")
    post("no token", whole, Authorization=f"Bearer {CLAIM}")
    card = next(iter(json.loads(answers[f"prefetched {STORIES[0].parent.name}"].text)["cards"]))["uuid"]
    for name, about in (("feedback", card), ("feedback on an unknown card", REQUEST)):
        post(name, {"feedback": [_overridden(about)], REQUEST: REQUEST}, FEEDBACK)
    post("bad feedback", {"feedback": [_overridden(card) | {"outcome": COMMENT}]}, FEEDBACK)
    return answers


def _overridden(card: str) -> dict[str, Any]:
    said = {"reason": {"code": REASON, "system": REASON, "display": REASON}, "userComment": COMMENT}
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-05-02T09:14:31Z", "overrideReason": said}


def _in(text: str) -> list[str]:
    return [marker for marker in (*MARKERS, BORN) if marker.lower() in text.lower()]


def test_the_markers_reached_everything_that_the_service_does(seen: Seen):
    reviewed = [f"prefetched {story.parent.name}" for story in STORIES] + ["fetched", "a query"]
    assert all(json.loads(seen.answers[name].text)["cards"] for name in reviewed)
    assert [seen.answers[name].status for name in ("feedback", "feedback on an unknown card")] == [200, 200]
    assert {answer.status for answer in seen.answers.values()} == {200, 400, 401, 404, 412, 415}


def test_log_02_log_03_jwt_20_no_marker_is_in_what_the_process_writes(seen: Seen):
    """LOG-02, LOG-03, JWT-20, FBK-08, PRE-11: standard output and standard error, at level debug."""
    assert seen.output.count('"event":"call"') >= len(seen.answers)
    assert _in(seen.output) == []


def test_log_03_no_marker_is_in_metrics_or_readiness(seen: Seen):
    """LOG-03, JWT-20, NET-07."""
    assert "rituximab" in seen.metrics.lower()
    assert _in(seen.metrics + seen.ready) == []


def test_log_03_no_marker_is_in_the_traces(seen: Seen):
    """LOG-03, JWT-20."""
    assert b"neuropathy-order-sign" in seen.traces
    assert _in(seen.traces.decode("latin-1")) == []


def test_log_03_req_11_no_error_repeats_a_marker(seen: Seen):
    """LOG-03, REQ-11."""
    assert {
        name: _in(answer.text) for name, answer in seen.answers.items() if answer.status != 200 and _in(answer.text)
    } == {}


def test_log_04_no_marker_is_in_the_database_beyond_where_it_belongs(seen: Seen):
    """LOG-03, LOG-04, FBK-08: every table and column there is, found by looking."""
    engine, tables = create_engine(seen.database), MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        found = {
            (table.name, column, marker)
            for table in tables.sorted_tables
            for row in connection.execute(select(table)).mappings()
            for column, value in row.items()
            for marker in _in(str(value))
        }
        rows = {table.name: len(connection.execute(select(table)).all()) for table in tables.sorted_tables}
    engine.dispose()
    assert rows["issued_cards"] > 2
    assert rows["feedback"] == rows["comments"] == 2
    assert found == BELONGS


def test_crd_15_a_card_names_the_drug_and_never_the_patient(seen: Seen):
    """CRD-15: markers in a card's text are words of an order or a record. Resources are the client's own."""
    for name, answer in seen.answers.items():
        cards = json.loads(answer.text).get("cards", ())
        for card in cards:
            texts = _texts({key: value for key, value in card.items() if key != "suggestions"})
            texts += [one["label"] for one in card.get("suggestions", ())]
            texts += [action["description"] for one in card.get("suggestions", ()) for action in one["actions"]]
            said = " ".join(texts)
            assert BORN not in said, name
            assert f"{REQUEST}son" not in said, name
            assert f"{FHIR}son" not in said, name
            assert f"{REQUEST}-" not in said, name  # an id
            assert not {ACCESS, CLAIM, HEADER} & set(_in(said)), name


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
