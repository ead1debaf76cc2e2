"""Changes of a request that keep it a JSON tree: what stands somewhere goes, is something else, or stands elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz.odd_values import near, odd_number, odd_text, odd_value

Tree = dict[str, Any]
Path = tuple[Any, ...]
_DEEP = (3, 60, 230, 280)


def mutated(tree: Tree, donors: list[Tree], random: Random) -> Tree:
    """A changed copy, one to six changes made. `donors` are whole requests about other patients."""
    changed = _copied(tree)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        places = _places(changed)
        if not places:
            return changed
        holder, key = random.choice(places)
        random.choice(_CHANGES)(changed, holder, key, donors, random)
    places = _places(changed)
    if places and random.random() < 0.05:
        _nest(*random.choice(places), random)
    return changed


def _copied(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (object or list, key or index) of a tree."""
    holders = [value]
    for holder in holders:  # which grows on the way
        inside = holder.values() if type(holder) is dict else holder
        holders += [inner for inner in inside if type(inner) is dict or type(inner) is list]
    return [(holder, key) for holder in holders for key in (holder if type(holder) is dict else range(len(holder)))]


def _drop(_: Tree, holder: Any, key: Any, *__: Any) -> None:
    del holder[key]


def _retype(_: Tree, holder: Any, key: Any, __: Any, random: Random) -> None:
    value = holder[key]
    holder[key] = random.choice(([value], {"value": value}, str(value)[:200], None, odd_value(random), [value, value]))


def _odd(_: Tree, holder: Any, key: Any, __: Any, random: Random) -> None:
    value = holder[key]
    if isinstance(value, str):
        holder[key] = near(value, random) if random.random() < 0.3 else odd_text(random)
    elif isinstance(value, int | float):
        holder[key] = odd_number(random)
    else:
        holder[key] = odd_value(random)


def _nest(holder: Any, key: Any, random: Random) -> None:
    name = random.choice(("concept", "coding", "extension", "contained", "resource", "reference", None))
    for _level in range(random.choice(_DEEP)):
        holder[key] = [holder[key]] if name is None else {name: holder[key]}


def _repeat(_: Tree, holder: Any, key: Any, __: Any, random: Random) -> None:
    if isinstance(holder, list):
        times = random.choice((1, 2, 30, 600))
        holder[key:key] = [
            _copied(holder[key]) for _number in range(min(times, 1 + 20_000 // (1 + _size(holder[key]))))
        ]
    else:
        holder[f"{key}{random.choice('2_ ')}"] = _copied(holder[key])


def _exchange(tree: Tree, holder: Any, key: Any, _: Any, random: Random) -> None:
    """What stands here and what stands somewhere else change places: an order where a result is expected."""
    other, name = random.choice(_places(tree))
    here, there = _copied(holder[key]), _copied(other[name])
    holder[key], other[name] = there, here


def _splice(_: Tree, holder: Any, key: Any, donors: list[Tree], random: Random) -> None:
    """What another patient's request has at a place of this name, else anywhere."""
    places = _places(random.choice(donors))
    same = [(other, name) for other, name in places if name == key]
    other, name = random.choice(same or places)
    holder[key] = _copied(other[name])


def _size(value: Any) -> int:
    return len(_places(value)) if isinstance(value, dict | list) else 0


_CHANGES: tuple[Callable[..., None], ...] = (
    _drop, _retype, _odd, _odd, _odd, _odd, _repeat, _exchange, _splice, _splice
)  # fmt: skip
