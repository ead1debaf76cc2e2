"""Who may call and what may be called: tokens of the client, its FHIR server, browser pages."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.hooks.cors import SANDBOX
from cds_service.registration.counterpart import Counterpart
from cds_service.registration.running import Running
from cds_service.registration.sheet import ANALYST, ITEMS, Row, Table, ToFillIn, Value, exact

_BEARER = (
    "A JWT (RFC 7519) as bearer token in every call and every feedback. Whatever is wrong with it, the answer is 401."
)
_FHIR = "What the call brings in fhirServer and fhirAuthorization, used for that call and forgotten."


def token(running: Running, counterpart: Counterpart) -> Table:
    """What a token of the client has to be."""
    from cds_service.hooks.authentication import LONGEST_TOKEN, REQUIRED_CLAIMS

    client = counterpart.client
    leeway = running.site.authentication.leeway_seconds
    claims = exact(*REQUIRED_CLAIMS)
    rows: list[Row] = [
        ("alg", exact(*sorted(client.algorithms)), "the key has to fit it"),
        ("typ", exact("JWT"), ""),
        ("kid", "needed", "the id of the key in the client's key set"),
        ("jku", *_jku(counterpart)),
        ("Claims needed", claims, "others are ignored, but those below"),
        ("iss", _or_open(counterpart, "issuer", exact(client.issuer), "iss of the EHR's tokens"), "exactly"),
        *_audiences(running, counterpart),
        ("exp", f"at most {client.lifetime_seconds} seconds after iat", f"clocks may differ by {leeway} seconds"),
        ("jti", *_jti(counterpart)),
        ("tenant", *_listed(counterpart, "tenants", "tenant")),
        ("sub", *_listed(counterpart, "subjects", "sub")),
        ("Length", f"at most {LONGEST_TOKEN} characters", ""),
    ]
    return Table("token", "Token of the client", _BEARER, ITEMS, tuple(rows))


def fhir_access(running: Running, counterpart: Counterpart) -> Table:
    """Under which conditions the client's FHIR server is read."""
    limits = running.site.limits
    rows: list[Row] = [
        ("fhirServer", *_servers(counterpart)),
        ("fhirAuthorization.token_type", exact("Bearer"), "a token of another type is not used"),
        (
            "fhirAuthorization.subject",
            _or_open(counterpart, "fhir_subject", _subject(counterpart), "our client id at its authorization server"),
            "a token whose subject is another is not used" if counterpart.client.fhir_subject else "",
        ),
        ("fhirAuthorization.patient", "the patient of the call, if it is sent", "another patient: 400"),
        ("fhirAuthorization.expires_in", "above 0", "an expired token is not used"),
        ("Time for all reads", f"{limits.fhir_seconds:g} seconds", "side by side; what comes later counts as unknown"),
        ("Of a search", f"at most {limits.entries} entries and {limits.pages} pages are read", "same server only"),
        ("Of an answer", f"at most {limits.answer_mb:g} MB are read", ""),
        ("Redirects", "none is followed", "nor any reference to another server"),
    ]
    return Table("fhir_access", "Access to the FHIR server", _FHIR, ITEMS, tuple(rows))


def browser(running: Running, _: Counterpart) -> Table:
    """Which pages in a browser may call (CORS)."""
    listed = running.site.cors.origins
    rows: list[Row] = [
        ("Origins allowed", exact(*listed) if listed else "none listed", "cors.origins of the site file")
    ]
    if not running.site.clients:
        rows.append(("In open mode also", exact(SANDBOX), "and pages on this machine"))
    says = "Only for EHRs whose pages call the service themselves; a server that calls needs none of it."
    return Table("browser", "Browser origins (CORS)", says, ITEMS, tuple(rows))


def audiences(running: Running, counterpart: Counterpart) -> tuple[str, ...]:
    """The values of `aud` for calls."""
    return tuple(
        dict.fromkeys(
            audience
            for service in running.services
            for audience in counterpart.client.accepted_audiences(running.address(service))
        )
    )


def _audiences(running: Running, counterpart: Counterpart) -> Iterator[Row]:
    client = counterpart.client
    for service in running.services:
        address = running.address(service)
        yield f"aud, call of {service.id}", exact(*client.accepted_audiences(address)), _one_of(client.audiences)
        accepted = client.accepted_audiences(address, is_feedback=True)
        yield f"aud, feedback to {service.id}", exact(*accepted), _one_of(accepted[1:])
    if not counterpart.knows("audiences"):
        what = "only if its tokens name another audience (the site file then lists it as audiences)"
        yield "aud, if typed in otherwise", ToFillIn(ANALYST, what), ""


def _one_of(more: tuple[str, ...]) -> str:
    return "one of these" if more else ""


def _jku(counterpart: Counterpart) -> tuple[Value, str]:
    client = counterpart.client
    if not counterpart.knows("jku"):
        return ToFillIn(ANALYST, "the address of its key set (JWKS), or the key set itself"), "https, no redirect"
    if not client.jku:
        return "none: the key set was handed over", "a token may not name one"
    beside = "; the key set that was handed over is looked at first" if client.keys else ""
    return exact(*client.jku), f"one of these, if the token names one{beside}"


def _jti(counterpart: Counterpart) -> tuple[Value, str]:
    if counterpart.client.replay_check:
        return "another one in every token", "a token is good for one request"
    return "needed", "a token may be used again"


def _listed(counterpart: Counterpart, key: str, claim: str) -> tuple[Value, str]:
    """A claim that the site may hold against a list."""
    listed: frozenset[str] = getattr(counterpart.client, key)
    if listed:
        return exact(*sorted(listed)), "one of these"
    if counterpart.knows(key):
        return "any, or none", f"{key} of the site file would list those accepted"
    return ToFillIn(ANALYST, f"{claim} of its tokens, if they have one"), f"listed as {key}, then checked"


def _servers(counterpart: Counterpart) -> tuple[Value, str]:
    if not counterpart.knows("fhir_servers"):
        return ToFillIn(ANALYST, "the FHIR base address that calls name"), "https; listed as fhir_servers"
    if not counterpart.client.fhir_servers:
        return "none is listed", "no FHIR server is called: prefetch alone counts"
    return exact(*counterpart.client.fhir_servers), "these and addresses below them; no other is called"


def _subject(counterpart: Counterpart) -> Value:
    subject = counterpart.client.fhir_subject
    return exact(subject) if subject else "any"


def _or_open(counterpart: Counterpart, key: str, value: Value, what: str) -> Value:
    return value if counterpart.knows(key) else ToFillIn(ANALYST, what)
