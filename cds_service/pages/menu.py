"""Which pages there are, for the menu at the top of each: those that this service offers."""

from __future__ import annotations

from flask import Flask

_PAGES = (  # title, endpoint
    ("Playground", "playground"),
    ("Service", "landing"),
    ("Rules", "rules"),
    ("Outcomes", "outcomes"),
    ("Registration sheet", "sheet"),
)


def add_menu(app: Flask) -> None:
    """Lets templates see `menu`: (title, endpoint) of each page that was added to the application."""
    app.context_processor(lambda: {"menu": [page for page in _PAGES if page[1] in app.view_functions]})
