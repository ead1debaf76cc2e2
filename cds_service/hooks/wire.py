"""The shapes of CDS Hooks on the wire, as pydantic models: for `/openapi.json` and for the conformance suite.

They state the specification, not what is tolerated: a hook call is read leniently by `request.py`. Members that are not
required are left out when there is nothing to say; an empty text, list or object is never written.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

SUMMARY_LIMIT = 139  # "fewer than 140"; the public test kit fails 140

UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
RELATIVE_REFERENCE = r"^[A-Z][A-Za-z]*/[^/\s]+$"
RFC_3339 = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$"
SEMANTIC_VERSION = r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$"
VISIBLE = r"\S"


def _absolute(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an absolute http or https address")
    return url


Text = Annotated[str, Field(min_length=1, pattern=VISIBLE)]
Url = Annotated[str, Field(min_length=1, json_schema_extra={"format": "uri"}), AfterValidator(_absolute)]
Uuid = Annotated[str, Field(pattern=UUID)]
Reference = Annotated[str, Field(pattern=RELATIVE_REFERENCE)]
Extension = dict[str, Any]
SelectionBehavior = Literal["any", "at-most-one"]


class Shape(BaseModel):
    """An object of the wire: members in camelCase, none but those named here, more of them in `extension`."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)

    extension: Extension = Field(default={}, min_length=1)


class Received(Shape):
    """What a client sends: members that are not named here are passed over."""

    model_config = ConfigDict(extra="ignore")


class Resource(BaseModel):
    """A FHIR resource; its members are FHIR's."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", strict=True)

    resource_type: str = Field(pattern=r"^[A-Z][A-Za-z]+$")


# -- discovery ------------------------------------------------------------------------------------------------------


class Service(Shape):
    """A service on offer. `version` and `hook_version`: CDS Hooks 3.0 only."""

    hook: Text
    id: str = Field(pattern=r"^[A-Za-z0-9._~-]+$")
    title: Text = ""
    description: Text
    prefetch: dict[str, Text] = Field(default={}, min_length=1)
    usage_requirements: Text = ""
    version: str = Field(default="", pattern=SEMANTIC_VERSION)
    hook_version: Text = ""


class Discovery(Shape):
    """The answer to GET /cds-services."""

    services: list[Service]


# -- hook calls -----------------------------------------------------------------------------------------------------


class FhirAuthorization(BaseModel):
    """A short-lived token for the client's FHIR server. `scope`: SMART scopes of either version, not taken apart."""

    model_config = ConfigDict(extra="ignore", strict=True)

    access_token: Text
    token_type: Literal["Bearer"]
    expires_in: int
    scope: Text
    subject: Text
    patient: Text = ""


class DraftEntry(BaseModel):
    """One entry of the draft orders."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", strict=True)

    full_url: str = ""
    resource: Resource


class DraftOrders(BaseModel):
    """The unsigned orders of the session, as a FHIR Bundle."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", strict=True)

    resource_type: Literal["Bundle"]
    type: str = "collection"
    entry: list[DraftEntry] = []


class Context(Received):
    """What both hooks tell of the moment. `patient_id`, `encounter_id`: bare ids."""

    user_id: Text
    patient_id: Text
    encounter_id: Text = ""
    draft_orders: DraftOrders


class OrderSelectContext(Context):
    """`selections`: Type/id of the drafts that were just chosen."""

    selections: list[Reference] = Field(min_length=1)


class HookCall(Received):
    """What a call of any hook has."""

    hook: Text
    hook_instance: Uuid
    fhir_server: Url = ""
    fhir_authorization: FhirAuthorization | None = None
    prefetch: dict[str, Any] = {}

    @model_validator(mode="after")
    def _server_of_token(self) -> Self:
        if self.fhir_authorization and not self.fhir_server:
            raise ValueError("cds-r-1: fhirAuthorization without the fhirServer that it is for")
        return self


class OrderSelectCall(HookCall):
    """A call at order-select."""

    hook: Literal["order-select"]
    context: OrderSelectContext


class OrderSignCall(HookCall):
    """A call at order-sign."""

    hook: Literal["order-sign"]
    context: Context


# -- cards ----------------------------------------------------------------------------------------------------------


class Topic(Shape):
    """What a card is about, as a coding."""

    system: Text
    code: Text
    display: Text = ""


class Source(Shape):
    """Where the guidance comes from."""

    label: Text
    url: Url = ""
    icon: Url = ""
    topic: Topic | None = None


class Action(Shape):
    """A change offered. create, update: `resource` whole; delete: `resource_id` (Type/id) and no resource."""

    type: Literal["create", "update", "delete"]
    description: Text
    resource: Resource | None = None
    resource_id: Reference = ""

    @model_validator(mode="after")
    def _names_what_it_changes(self) -> Self:
        if self.type == "delete" and (self.resource or not self.resource_id):
            raise ValueError("a delete names its resourceId, and no resource")
        if self.type != "delete" and not self.resource:
            raise ValueError("a create or an update holds the whole resource")
        return self


class Suggestion(Shape):
    """Actions to take together."""

    label: Text
    uuid: Uuid = ""
    is_recommended: bool = False
    actions: list[Action] = Field(default=[], min_length=1)


class Link(Shape):
    """An address to open. `app_context`: for smart links alone."""

    label: Text
    url: Url
    type: Literal["absolute", "smart"]
    app_context: Text = ""
    autolaunchable: bool = False


class OverrideReason(Shape):
    """A reason that may be given for not following a card."""

    system: Text
    code: Text
    display: Text


class Card(Shape):
    """One piece of guidance. `detail`: GitHub-flavoured Markdown."""

    uuid: Uuid = ""
    summary: Text = Field(max_length=SUMMARY_LIMIT)
    detail: Text = ""
    indicator: Literal["info", "warning", "critical"]
    source: Source
    suggestions: list[Suggestion] = Field(default=[], min_length=1)
    selection_behavior: SelectionBehavior | None = None
    override_reasons: list[OverrideReason] = Field(default=[], min_length=1)
    links: list[Link] = Field(default=[], min_length=1)

    @model_validator(mode="after")
    def _says_how_to_choose(self) -> Self:
        if self.suggestions and not self.selection_behavior:
            raise ValueError("suggestions without selectionBehavior")
        return self


class Answer(Shape):
    """The answer to a hook call; no guidance is an empty list. `system_actions`: for clients that ask for them."""

    cards: list[Card]
    system_actions: list[Action] = []


# -- feedback -------------------------------------------------------------------------------------------------------


class AcceptedSuggestion(Received):
    """A suggestion that was taken, by its uuid."""

    id: Text


class GivenReason(Received):
    """A reason as a client reports it; it may be the client's own."""

    system: str = ""
    code: Text
    display: str = ""


class GivenOverride(Received):
    """Why a card was not followed. `user_comment` may hold patient data."""

    reason: GivenReason | None = None
    user_comment: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.reason or self.user_comment):
            raise ValueError("cds-fb-3: neither reason nor userComment")
        return self


class FeedbackEntry(Received):
    """What became of one card."""

    card: Text
    outcome: Literal["accepted", "overridden"]
    accepted_suggestions: list[AcceptedSuggestion] = []
    override_reason: GivenOverride | None = None
    outcome_timestamp: str = Field(pattern=RFC_3339)

    @model_validator(mode="after")
    def _names_what_was_accepted(self) -> Self:
        if self.outcome == "accepted" and not self.accepted_suggestions:
            raise ValueError("cds-fb-2: accepted without acceptedSuggestions")
        return self


class Feedback(Received):
    """What became of some cards."""

    feedback: list[FeedbackEntry]


class FeedbackReceived(Shape):
    """The acknowledgement: how many entries were taken in."""

    received: int = Field(ge=0)


# -- errors ---------------------------------------------------------------------------------------------------------


class IssueDetails(BaseModel):
    """An issue in words."""

    model_config = ConfigDict(extra="allow", strict=True)

    text: Text = ""


class Issue(BaseModel):
    """One issue. `expression`: the member of the body at fault."""

    model_config = ConfigDict(extra="allow", strict=True)

    severity: Literal["fatal", "error", "warning", "information", "success"]
    code: Text
    details: IssueDetails | None = None
    diagnostics: Text = ""
    expression: list[Text] = Field(default=[], min_length=1)


class OperationOutcome(BaseModel):
    """FHIR's account of why there is no other answer."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", strict=True)

    resource_type: Literal["OperationOutcome"]
    issue: list[Issue] = Field(min_length=1)


# -- probes ---------------------------------------------------------------------------------------------------------


class Health(BaseModel):
    """The process answers."""

    status: str


class Readiness(BaseModel):
    """Orders can be reviewed, or not and why. `mode`: may anyone call, or only who has a token.

    `ledger`: off, opening (after a start), reachable or unreachable; a ledger out of reach keeps nobody from reviewing.
    """

    status: str
    mode: str
    version: str
    ledger: str
    because: str = ""
    rule_base: str = ""
