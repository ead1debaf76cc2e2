"""What the Dockerfile promises, as far as its text shows it: the image itself is built where a container runtime is."""

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent


class Instruction(NamedTuple):
    """One instruction of the Dockerfile, continuation lines joined."""

    word: str
    rest: str


def instructions() -> list[Instruction]:
    """The Dockerfile without its comments, in order."""
    kept = (line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#"))
    joined = "\n".join(kept).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def final_stage() -> list[Instruction]:
    """The instructions from the last FROM on: what the image that runs is made of."""
    every = instructions()
    last = max(at for at, instruction in enumerate(every) if instruction.word == "FROM")
    return every[last:]


def only(word: str) -> str:
    """The one instruction of that name in the final stage."""
    (found,) = (rest for name, rest in final_stage() if name == word)
    return found


def health_check() -> list[str]:
    """The command of the health check, with the Python that runs the tests in the place of the image's."""
    command: list[str] = json.loads(only("HEALTHCHECK").split("CMD", 1)[1])
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


@contextmanager
def answering(status: int) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that answers every GET with `status`: its port, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent: the test says what matters."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(server.server_port), asked
        server.shutdown()


def test_the_service_runs_as_a_numeric_user_that_is_not_root() -> None:
    user, group = only("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0


def test_nothing_is_run_as_root_after_the_user_is_set() -> None:
    words = [name for name, _ in final_stage()]
    assert not {"RUN", "COPY", "ADD"} & set(words[words.index("USER") :])


def test_every_base_is_pinned_and_the_stages_share_one() -> None:
    (argument,) = (rest for name, rest in instructions() if name == "ARG")
    name, image = argument.split("=", 1)
    assert re.fullmatch(r"python:3\.\d+(\.\d+)?-slim(-\w+)?", image)
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert bases == [f"${{{name}}}"] * 2


def test_nothing_is_added_from_an_address_or_unpacked_unseen() -> None:
    assert [rest for name, rest in instructions() if name == "ADD"] == []
    assert [rest for name, rest in instructions() if name in {"RUN", "COPY"} and "://" in rest] == []


def test_every_installation_checks_hashes_or_takes_what_was_built_here() -> None:
    steps = [step for name, rest in instructions() if name == "RUN" for step in rest.split("&&")]
    installs = [step for step in steps if re.search(r"\bpip\b.*\binstall\b", step)]
    assert len(installs) == 3
    assert [step for step in installs if "--require-hashes" not in step and "--no-index --no-deps" not in step] == []


def test_pip_keeps_no_cache() -> None:
    environment = next(rest for name, rest in instructions() if name == "ENV")
    assert "PIP_NO_CACHE_DIR=1" in environment


def copied() -> list[str]:
    """What the final stage takes over."""
    return [rest for name, rest in final_stage() if name == "COPY"]


def test_the_final_stage_installs_nothing_and_takes_only_the_built_environment_and_an_empty_folder() -> None:
    assert [name for name, _ in final_stage() if name == "RUN"] == []
    assert copied() == [
        "--from=build /opt/neuropathy-cds /opt/neuropathy-cds",
        f"--from=build --chown={only('USER')} /data /data",
    ]


def test_the_ledger_is_where_a_volume_belongs_in_a_folder_of_the_user_that_runs() -> None:
    assert "CDS_SERVICE_DATABASE=sqlite:////data/ledger.sqlite3" in only("ENV")
    assert f"--from=build --chown={only('USER')} /data /data" in copied()
    assert any(rest.endswith("&& mkdir /data") for name, rest in instructions() if name == "RUN")


def test_a_read_only_root_file_system_is_enough() -> None:
    assert "PYTHONDONTWRITEBYTECODE=1" in only("ENV")
    assert any("compileall" in rest and "unchecked-hash" in rest for name, rest in instructions() if name == "RUN")
    assert only("WORKDIR") == "/tmp"  # noqa: S108 - the one place a container may write to
    assert [rest for name, rest in instructions() if name == "VOLUME"] == []


def test_the_service_is_started_without_a_shell_so_that_it_receives_the_stop_signal() -> None:
    assert json.loads(only("ENTRYPOINT")) == ["cds-service"]
    assert json.loads(only("CMD")) == ["serve", "--host", "0.0.0.0"]  # noqa: S104 - a container's own address


def test_the_container_does_not_open_itself_to_everyone() -> None:
    assert [rest for _, rest in instructions() if "allow_open" in rest.lower()] == []


def test_no_secret_is_baked_in() -> None:
    named = [rest for name, rest in instructions() if name in {"ENV", "ARG"}]
    assert [rest for rest in named if re.search("secret|token|password|key", rest, re.IGNORECASE)] == []


def test_the_label_and_the_project_agree_on_name_version_and_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', only("LABEL")))
    assert labels == {
        "title": project["name"],
        "description": project["description"],
        "version": project["version"],
        "licenses": project["license"],
    }


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_healthz_and_believes_the_status(status: int, healthy: bool) -> None:
    with answering(status) as (port, asked):
        ignored_proxy = {"http_proxy": "http://127.0.0.1:9"}
        environment = os.environ | ignored_proxy | {"CDS_SERVICE_PORT": port}
        ended = subprocess.run(health_check(), env=environment, capture_output=True, timeout=20, check=False)
    assert asked == ["/healthz"]
    assert (ended.returncode == 0) is healthy


def test_the_health_check_without_a_setting_asks_the_exposed_port() -> None:
    assert f'"CDS_SERVICE_PORT", "{only("EXPOSE")}"' in health_check()[-1]


def kept_out(path: str) -> bool:
    """Does .dockerignore keep this path out of the build? As Docker reads it: the last pattern that matches decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.lstrip("!").rstrip("/")
        if not pattern or pattern.startswith("#"):
            continue
        parts = path.split("/")
        heads = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
        anywhere = pattern.startswith("**/")
        if any(fnmatch(head.rsplit("/", 1)[-1] if anywhere else head, pattern.removeprefix("**/")) for head in heads):
            out = not line.startswith("!")
    return out


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".ci/run",
        ".env",
        "tests/test_dockerfile.py",
        "fhir_fixtures/story.request.json",
        "cards/__pycache__/facts.cpython-311.pyc",
        "node_modules/express/index.js",
        "requirements-dev.lock",
        "site.toml",
    ],
)
def test_what_the_image_does_not_need_stays_out_of_the_build(path: str) -> None:
    assert kept_out(path)


def test_all_that_the_build_copies_is_let_in() -> None:
    copied = [rest.split()[:-1] for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    sources = [source for sources in copied for source in sources]
    assert sources == [source for source in sources if not kept_out(source)]
    assert {"cards", "cds_service", "fhir_fixtures/patients", "pyproject.toml", "requirements.lock"} <= set(sources)
