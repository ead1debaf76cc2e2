"""May this caller read what the operator alone is meant to see: metrics, the export of the ledger?"""

from __future__ import annotations

from hmac import compare_digest

from cds_service.config import Settings
from cds_service.errors import NotAuthenticated

_SCHEME = "bearer "


def check_operator(settings: Settings, authorization: str | None) -> None:
    """Raises NotAuthenticated unless `authorization`, the header as sent, bears the operator's token.

    Where no token is configured, everyone on this machine is the operator: the service then listens on loopback only
    and has no public address, for behind a proxy every caller comes from loopback.
    """
    if settings.operator_token is None:
        if settings.is_loopback and settings.public_url is None:
            return
        raise NotAuthenticated
    given = authorization or ""
    token = given[len(_SCHEME) :].strip() if given[: len(_SCHEME)].lower() == _SCHEME else ""
    if not compare_digest(token.encode(), settings.operator_token.get_secret_value().encode()):
        raise NotAuthenticated
