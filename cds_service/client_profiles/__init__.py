"""Ready-made choices for clients, by profile: what their vendors document in public, one TOML file each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KEY = "profile"


def profiles() -> tuple[str, ...]:
    """The names of the ready-made profiles."""
    return tuple(sorted(path.stem for path in HERE.glob("*.toml")))


def with_profile(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices for a client on top of those of the profile that they name, if there is such a profile.

    What stands in a table (`answers`, `cards` …) is overridden key by key, everything else as a whole.
    """
    name = choices.get(KEY)
    if name not in profiles():
        return dict(choices)
    return _over(tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8")), choices)


def _over(defaults: Mapping[str, Any], choices: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **choices}
    for key, value in choices.items():
        if isinstance(value, Mapping) and isinstance(defaults.get(key), Mapping):
            merged[key] = _over(defaults[key], value)
    return merged
