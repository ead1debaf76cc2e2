"""What every page for people is sent with: nothing is loaded from elsewhere, nothing runs in it unless it says so."""

from __future__ import annotations

from flask import Response

# img-src: the empty icon, so that browsers do not ask for one
_ALWAYS = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
FOR_READING = f"{_ALWAYS}; form-action 'none'"
WITH_FORMS = f"{_ALWAYS}; form-action 'self'"
WITH_SCRIPTS = f"{WITH_FORMS}; script-src 'self'; connect-src 'self'"


def page_response(page: str, policy: str = FOR_READING) -> Response:
    """The answer with this page, and with the Content-Security-Policy under which a browser shows it."""
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
