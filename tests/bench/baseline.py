"""The yardsticks: Flask routes on the same server that parse the same body and return a constant card.

`/plain` as a Flask application does it (`request.get_json`, a dictionary returned); `/bare` with the fastest parser
there is and no help from Flask: the least that any answer could cost.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, request

CARD: dict[str, Any] = {
    "cards": [
        {
            "uuid": "2f8a6f0c-1f0d-4d4b-9a55-3b6f0a7d9c21",
            "summary": "A constant card",
            "indicator": "info",
            "source": {"label": "The yardstick"},
        }
    ]
}


def create_app() -> Flask:
    """Parses and answers, nothing else."""
    app = Flask(__name__)

    @app.post("/plain")
    def plain() -> dict[str, Any]:
        request.get_json()
        return CARD

    @app.post("/bare")
    def bare() -> Response:
        orjson.loads(request.get_data(cache=False))
        return Response(orjson.dumps(CARD), mimetype="application/json")

    @app.get("/readyz")
    def readyz() -> Response:
        return Response(b"{}", mimetype="application/json")

    return app
