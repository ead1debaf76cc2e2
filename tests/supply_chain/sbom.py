"""Is every locked package in the SBOM, with its hashes? `python -m tests.supply_chain.sbom build/sbom.json LOCK`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.supply_chain.locked import locked, normal


def problems(document: Mapping[str, Any], lock: Mapping[str, str]) -> Iterator[str]:
    """Everything that is missing, one line each."""
    if document.get("bomFormat") != "CycloneDX":
        yield "not a CycloneDX document"
    if document.get("metadata", {}).get("component", {}).get("name") != "neuropathy-cds":
        yield "it does not say what it is the list of"
    listed = {normal(part["name"]): part for part in document.get("components", ())}
    for name, version in lock.items():
        part = listed.get(name)
        if part is None or part.get("version") != version:
            yield f"{name} {version}: not listed"
        elif not any(reference.get("hashes") for reference in part.get("externalReferences", ())):
            yield f"{name} {version}: listed without its hashes"


def main() -> None:
    """Exit code 1 when something is missing."""
    document, lock = (Path(argument) for argument in sys.argv[1:])
    pins = locked(lock)
    found = list(problems(json.loads(document.read_text(encoding="utf-8")), pins)) if pins else ["the lock is empty"]
    for line in found:
        print(line)
    print(f"{document}: {len(pins)} components wanted, {len(found)} problems")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
