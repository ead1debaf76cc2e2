"""What every page for people is sent with: nothing runs in it, nothing is loaded from elsewhere."""

from __future__ import annotations

from flask import Response

# img-src: the empty icon, so that browsers do not ask for one
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def page_response(page: str) -> Response:
    """The answer with this page."""
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
