"""What deploy/ promises: no root, nothing writable, no secret, probes, several replicas (certification.md D4)."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.config import PREFIX, Settings, check_safe, load_settings, load_site
from tests.test_dockerfile import only

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
LEFT_OUT = re.compile(r"\$\{(\w+):\?[^}]+\}")


@cache
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


@cache
def manifests() -> dict[str, dict[str, Any]]:
    """By kind."""
    documents = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {document["kind"]: document for document in documents}


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifests()["Deployment"]["spec"]["template"]["spec"]
    return spec


def container() -> dict[str, Any]:
    (one,) = pod()["containers"]
    return dict(one)


def environment() -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in container()["env"]}


# -- Kubernetes ---------------------------------------------------------------------------------------------------


def test_run_01_pods_run_as_the_numeric_user_of_the_image_without_rights() -> None:
    user, group = map(int, only("USER").split(":"))
    context = pod()["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"], context["runAsGroup"]) == (True, user, group)
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["automountServiceAccountToken"] is False


def test_run_01_nothing_but_tmp_can_be_written() -> None:
    writable = [mount["mountPath"] for mount in container()["volumeMounts"] if not mount.get("readOnly")]
    assert writable == ["/tmp"]  # noqa: S108


@pytest.mark.parametrize(
    ("probe", "path"), [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]
)
def test_run_03_each_probe_asks_its_endpoint(probe: str, path: str) -> None:
    assert container()[probe]["httpGet"] == {"path": path, "port": "http"}
    assert container()["ports"] == [{"name": "http", "containerPort": int(only("EXPOSE"))}]


def test_run_04_every_secret_comes_from_the_secret_of_the_cluster() -> None:
    for name in ("DATABASE", "HASH_KEY", "OPERATOR_TOKEN"):
        entry = environment()[PREFIX + name]
        assert "value" not in entry
        assert entry["valueFrom"]["secretKeyRef"]["name"] == "neuropathy-cds"
    assert "Secret" not in manifests()


def test_several_replicas_survive_the_loss_of_a_node_and_share_one_ledger() -> None:
    spec = manifests()["Deployment"]["spec"]
    assert spec["replicas"] >= 2
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert 0 < manifests()["PodDisruptionBudget"]["spec"]["minAvailable"] < spec["replicas"]
    assert "database-url" in str(environment()[f"{PREFIX}DATABASE"])


def test_what_a_pod_may_use_is_bounded() -> None:
    resources = container()["resources"]
    assert set(resources["requests"]) == set(resources["limits"]) == {"cpu", "memory"}


def test_run_02_there_is_time_for_the_ingress_to_turn_away_and_for_calls_to_end() -> None:
    from cds_service.command_line import STOP_SECONDS

    command = container()["lifecycle"]["preStop"]["exec"]["command"]
    assert command[0] == "python"  # no shell
    waits = int(re.search(r"sleep\((\d+)\)", command[-1]).group(1))  # type: ignore[union-attr]
    assert pod()["terminationGracePeriodSeconds"] > waits + STOP_SECONDS


def test_every_selector_finds_the_pods() -> None:
    labels = manifests()["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert manifests()["Service"]["spec"]["selector"] == labels
    assert manifests()["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests()["Deployment"]["spec"]["selector"]["matchLabels"] == labels


def test_run_06_the_service_starts_safely_with_the_settings_of_the_manifest(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(manifests()["ConfigMap"]["data"]["site.toml"], encoding="utf-8")
    given = {name: entry["value"] for name, entry in environment().items() if "value" in entry}
    secrets = {"DATABASE": "postgresql+psycopg://127.0.0.1/ledger", "HASH_KEY": "x" * 32, "OPERATOR_TOKEN": "y" * 32}
    host = {f"{PREFIX}HOST": json.loads(only("CMD"))[-1]}
    settings = load_settings(given | host | {PREFIX + name: value for name, value in secrets.items()})
    assert given[f"{PREFIX}SITE"] == "/site/site.toml"
    check_safe(settings, load_site(path))


# -- compose ------------------------------------------------------------------------------------------------------


def test_run_01_the_container_runs_without_root_and_without_a_place_to_write_but_tmp() -> None:
    service = compose()["services"]["service"]
    assert service["user"] == only("USER")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(volume.endswith(":ro") for volume in service["volumes"])
    assert [place.partition(":")[0] for place in service["tmpfs"]] == ["/tmp"]  # noqa: S108


def test_run_04_no_secret_stands_in_the_file_and_one_that_is_missing_stops_the_start() -> None:
    for service in compose()["services"].values():
        for name, text in service["environment"].items():
            if re.search("PASSWORD|KEY|TOKEN|DATABASE", name):
                assert LEFT_OUT.search(text), name
                assert not re.search(r"://\w+:[^$]", text)


def test_the_container_is_reached_through_the_proxy_of_the_machine_only() -> None:
    service = compose()["services"]["service"]
    assert service["ports"] == [f"127.0.0.1:{only('EXPOSE')}:{only('EXPOSE')}"]
    assert "ports" not in compose()["services"]["database"]


def test_the_variables_of_both_are_settings_of_the_service() -> None:
    named = {*compose()["services"]["service"]["environment"], *environment()}
    ours = {name.removeprefix(PREFIX).lower() for name in named if name.startswith(PREFIX)}
    assert ours <= set(Settings.model_fields)


def test_both_run_the_image_of_this_version() -> None:
    version = re.search(r'image\.version="([^"]+)"', only("LABEL")).group(1)  # type: ignore[union-attr]
    assert container()["image"] == compose()["services"]["service"]["image"] == f"neuropathy-cds:{version}"
