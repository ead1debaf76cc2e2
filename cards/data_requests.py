"""What is asked of the chart together, and what came of it. The requests stand in `data_requests.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from cards.records import Record, State


class Supplied(NamedTuple):
    """The answer to one data request. `read` yields its records, once, when first needed.

    `is_complete` False: a page was left unread, so that finding nothing proves nothing. `why` says why it is UNKNOWN.
    `foreign` counts resources of other patients that were left out.
    """

    state: State
    read: Callable[[], tuple[Record, ...]] = tuple
    is_complete: bool = True
    why: str = ""
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class DataRequest:
    """One entry of `data_requests.yaml`: concepts read together over one look-back."""

    name: str
    kind: str
    concepts: tuple[str, ...] = ()
    look_back_days: int | None = None
