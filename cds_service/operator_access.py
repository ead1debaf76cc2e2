"""May this caller read what the operator alone is meant to see: metrics, the export of the ledger, the outcomes?"""

from __future__ import annotations

from base64 import b64decode
from hmac import compare_digest

from cds_service.config import Settings
from cds_service.errors import NotAuthenticated

BEARER = "Bearer"
BASIC = 'Basic realm="operator", charset="UTF-8"'


def check_operator(settings: Settings, authorization: str | None, *, is_page: bool = False) -> None:
    """Raises NotAuthenticated unless `authorization`, the header as sent, bears the operator's token.

    `is_page`: a person looks with a browser, which asks for a name, whatever it is, and the token as the password.
    Where no token is configured, everyone on this machine is the operator: the service then listens on loopback only
    and has no public address, for behind a proxy every caller comes from loopback.
    """
    challenges = (BEARER, BASIC) if is_page else (BEARER,)
    if settings.operator_token is None:
        if settings.is_for_this_machine:
            return
        raise NotAuthenticated(challenges=challenges)
    scheme, _, given = (authorization or "").partition(" ")
    token = given.strip().encode() if scheme.lower() == "bearer" else b""
    if is_page and scheme.lower() == "basic":
        token = _password(given)
    if not compare_digest(token, settings.operator_token.get_secret_value().encode()):
        raise NotAuthenticated(challenges=challenges)


def _password(credentials: str) -> bytes:
    """The password of a name and a password, in Base64 as browsers send them; empty when it is not that."""
    try:
        return b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except ValueError:  # binascii's is one, and text that is not ASCII raises it too
        return b""
