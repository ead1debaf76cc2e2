"""The yardstick: a Flask route on the same server that parses the same body and returns a constant card."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request

CARD = {
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

    @app.post("/cds-services/neuropathy-order-sign")
    def sign() -> Response:
        orjson.loads(request.get_data(cache=False))
        return Response(orjson.dumps(CARD), mimetype="application/json")

    @app.get("/readyz")
    def readyz() -> Response:
        return Response(b"{}", mimetype="application/json")

    return app
