"""The Order block of a card."""

from __future__ import annotations

from cards.orders import Hook, OrderedService, ServiceOrder
from cards.pharmacology.order_wording import order_line
from tests.cards.neurology.charts import stated
from tests.cards.pharmacology.charts import a_day, line, mg, order, signed


def test_a_drug_is_told_with_its_instructions_and_reason() -> None:
    one = order(line(mg(75), a_day(2)), reasons=(stated("E11.42"),))
    assert order_line(signed(one)) == "pregabalin 75 mg 2 times a day; stated reason: E11.42."


def test_a_line_without_a_timing_is_told_without_one() -> None:
    assert order_line(signed(order(line(mg(75), None)))) == "pregabalin 75 mg."


def test_a_procedure_is_told_by_its_name() -> None:
    draft = ServiceOrder("s", frozenset({"plasma_exchange"}), by_text=True, display="plasma exchange")
    told = order_line(OrderedService(Hook.ORDER_SELECT, (draft,)))
    assert told == "plasma exchange (procedure recognised by its name only)."
