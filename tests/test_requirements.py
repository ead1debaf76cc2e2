"""docs/requirements.md: every row has a test, and the page says which."""

from __future__ import annotations

import pytest

from tests.requirements import PAGE, Requirement, by_row, not_ours, page, sections

ROWS = [row for section in sections() for row in section.rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_requirement_has_a_test_of_its_own_or_a_reason_why_not(row: Requirement) -> None:
    assert (row.id in by_row()) != (row.id in not_ours()), "write the id into the docstring of its test"


def test_no_row_comes_twice_and_none_is_left_out_of_nowhere() -> None:
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert set(not_ours()) <= set(ids)


def test_the_page_of_requirements_is_in_step() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make requirements"
