"""Reads the report of pip-audit as it should be read: `python -m tests.supply_chain.audit build/audit.json LOCK`.

pip-audit says "no known vulnerabilities" and exits with 0 although it could look up nothing. Here a package that was
skipped, left out or looked up in another version is a failure like a vulnerability.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.supply_chain.locked import locked, normal


def problems(report: Mapping[str, Any], lock: Mapping[str, str]) -> Iterator[str]:
    """Everything that speaks against a release, one line each."""
    looked_up = {normal(found["name"]): found for found in report["dependencies"]}
    for name, version in lock.items():
        found = looked_up.get(name)
        if found is None:
            yield f"{name} {version}: not in the report"
        elif "skip_reason" in found:
            yield f"{name} {version}: skipped"
        elif found["version"] != version:
            yield f"{name} {version}: looked up as {found['version']}"
        else:
            yield from (f"{name} {version}: {known['id']}, fixed in {_fixes(known)}" for known in found["vulns"])


def _fixes(known: Mapping[str, Any]) -> str:
    return ", ".join(known["fix_versions"]) or "no version"


def main() -> None:
    """Exit code 1 when the report speaks against a release, or is not there."""
    report, lock = (Path(argument) for argument in sys.argv[1:])
    pins = locked(lock)
    try:
        found = list(problems(json.loads(report.read_text(encoding="utf-8")), pins)) if pins else ["the lock is empty"]
    except (OSError, ValueError, KeyError) as error:
        found = [f"{report}: no report of pip-audit ({type(error).__name__})"]
    for line in found:
        print(line)
    print(f"{len(pins)} packages locked, {len(found)} problems")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
