"""
All errors of the emulator: one table, `Refusal`.

Owns: codes, messages and HTTP statuses. Must not know: when a call fails.

If AWS's code is neither documented nor seen in real output, it is a guess, marked by
`guessed=True`: a plausible EC2 code for a call that AWS rejects or might reject. Code
that is tested here must not depend on guessed codes. docs/emulator.md lists them, and
whether AWS is known to reject the call at all.
"""

from dataclasses import dataclass
from enum import Enum, unique


@dataclass(frozen=True)
class ErrorKind:
    """A kind of error; the message has placeholders."""

    code: str
    message: str
    status: int = 400
    guessed: bool = False


def _guess(code: str, message: str) -> ErrorKind:
    return ErrorKind(code, message, guessed=True)


@unique
class Refusal(Enum):
    """The errors of the emulator."""

    # Unknown ids.
    TARGET_MISSING = ErrorKind(
        "InvalidTrafficMirrorTargetId.NotFound",
        "The traffic mirror target '{id}' does not exist",
    )
    FILTER_MISSING = ErrorKind(
        "InvalidTrafficMirrorFilterId.NotFound",
        "The traffic mirror filter '{id}' does not exist",
    )
    RULE_MISSING = ErrorKind(
        "InvalidTrafficMirrorFilterRuleId.NotFound",
        "The traffic mirror filter rule '{id}' does not exist",
    )
    SESSION_MISSING = ErrorKind(
        "InvalidTrafficMirrorSessionId.NotFound",
        "The traffic mirror session '{id}' does not exist",
    )
    INTERFACE_MISSING = ErrorKind(
        "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID '{id}' does not exist",
    )

    LOAD_BALANCER_MISSING = ErrorKind(
        "InvalidNetworkLoadBalancerArn.NotFound",
        "The network load balancer '{id}' does not exist",
    )
    ENDPOINT_MISSING = ErrorKind(
        "InvalidVpcEndpointId.NotFound",
        "The Gateway Load Balancer endpoint '{id}' does not exist",
    )
    PEERING_MISSING = ErrorKind(
        "InvalidVpcPeeringConnectionID.NotFound",
        "The vpcPeeringConnection ID '{id}' does not exist",
    )
    NETWORK_ACL_MISSING = ErrorKind(
        "InvalidNetworkAclID.NotFound", "The networkAcl ID '{id}' does not exist"
    )
    ROUTE_TABLE_MISSING = ErrorKind(
        "InvalidRouteTableID.NotFound", "The routeTable ID '{id}' does not exist"
    )
    PREFIX_LIST_MISSING = ErrorKind(
        "InvalidPrefixListID.NotFound", "The prefix list '{id}' does not exist"
    )

    # Authentication and authorization.
    AUTH_FAILURE = ErrorKind(
        "AuthFailure", "The access credentials could not be validated", status=401
    )
    KEY_UNKNOWN = ErrorKind(
        "InvalidClientTokenId", "The security token of this request is invalid", 403
    )
    REQUEST_EXPIRED = ErrorKind("RequestExpired", "The request has expired")
    TOKEN_EXPIRED = ErrorKind(
        "ExpiredToken", "The security token of this request has expired", status=403
    )
    UNAUTHORIZED = ErrorKind(
        "UnauthorizedOperation",
        "This operation is not allowed. User: {principal} may not perform: {action} "
        "on resource: {resource}: {reason}. "
        "Encoded authorization failure message: {encoded}",
        status=403,
    )
    ACCESS_DENIED = ErrorKind(
        "AccessDenied",
        "User: {principal} may not perform: {action} on resource: {resource}: {reason}",
        status=403,
    )
    VALIDATION = ErrorKind("ValidationError", "Value '{value}' of {name} is invalid")
    QUERIES_LIMIT = ErrorKind(
        "ValidationError",
        "The collection MetricDataQueries must not have a size greater than {limit}.",
    )

    # Malformed ids.
    ID_MALFORMED = ErrorKind("InvalidParameterValue", "'{id}' is not a {prefix}- id")
    INTERFACE_MALFORMED = ErrorKind(
        "InvalidNetworkInterfaceId.Malformed", "Invalid id: '{id}' (expecting 'eni-')"
    )
    LOAD_BALANCER_MALFORMED = ErrorKind(
        "InvalidNetworkLoadBalancerArn.Malformed",
        "'{id}' is not the ARN of a network load balancer",
    )
    ENDPOINT_MALFORMED = ErrorKind(
        "InvalidVpcEndpointId.Malformed", "Invalid id: '{id}' (expecting 'vpce-')"
    )

    # Single parameters.
    PARAMETER_UNKNOWN = ErrorKind(
        "UnknownParameter", "The parameter {name} is not recognized by {operation}"
    )
    PARAMETER_MISSING = ErrorKind(
        "MissingParameter", "The request must contain the parameter {name}"
    )
    PARAMETER_UNREADABLE = ErrorKind(
        "InvalidParameterValue", "Value ({value}) for parameter {name} is invalid"
    )
    NOT_IN_RANGE = _guess(
        "InvalidParameterValue", "{name} must be from {low} to {high}, not {value}"
    )
    NOT_A_CHOICE = _guess(
        "InvalidParameterValue", "{name} must be one of {choices}, not '{value}'"
    )
    TEXT_TOO_LONG = _guess(
        "InvalidParameterValue", "{name} is longer than {limit} characters"
    )
    SET_AND_REMOVED = _guess(
        "InvalidParameterCombination", "{name} cannot be both set and removed"
    )
    NOTHING_TO_MODIFY = _guess("MissingParameter", "{operation} modifies nothing")
    DRY_RUN = ErrorKind(
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
        status=412,
    )
    TOKEN_REUSED = ErrorKind(
        "IdempotentParameterMismatch",
        "The client token was used before with other parameters",
    )

    # Targets.
    DESTINATION_COUNT = _guess(
        "InvalidParameterCombination",
        "Exactly one of NetworkInterfaceId, NetworkLoadBalancerArn and "
        "GatewayLoadBalancerEndpointId is required",
    )
    INTERFACE_HAS_TARGET = _guess(
        "InvalidNetworkInterface.InUse",
        "The network interface {interface} is in use by target {target}",
    )
    DESTINATION_TAKEN = _guess(
        "InvalidParameterValue", "{destination} is in use by target {target}"
    )
    TARGET_TYPE = _guess(
        "UnsupportedOperation", "A network interface of type {kind} can't be a target"
    )
    TARGET_REQUESTER = _guess(
        "UnsupportedOperation", "{id} is managed by {requester} and can't be a target"
    )
    INTERFACE_IS_SOURCE = _guess(
        "InvalidNetworkInterface.InUse",
        "The network interface {interface} is the source of session {session}",
    )
    TARGET_IN_USE = ErrorKind(
        "TrafficMirrorTargetInUse",
        "Cannot delete {id}. Target is in use by {sessions}",
    )
    TARGET_QUOTA = ErrorKind(
        "TrafficMirrorTargetLimitExceeded",
        "The limit of {limit} traffic mirror targets was reached",
    )

    # Filters and rules.
    FILTER_IN_USE = ErrorKind(
        "TrafficMirrorFilterInUse",
        "Cannot delete {id}. Filter is in use by {sessions}",
    )
    FILTER_QUOTA = ErrorKind(
        "TrafficMirrorFilterLimitExceeded",
        "The limit of {limit} traffic mirror filters was reached",
    )
    RULE_QUOTA = ErrorKind(
        "TrafficMirrorFilterRuleLimitExceeded",
        "Traffic mirror filter {id} has {limit} rules already",
    )
    RULE_NUMBER_TAKEN = ErrorKind(
        "TrafficMirrorFilterRuleAlreadyExists",
        "Rule number {number} ({direction}) of {filter} is in use by {rule}",
    )
    CIDR_INVALID = _guess("InvalidParameterValue", "{name} '{value}': {reason}")
    CIDR_FAMILIES = _guess(
        "InvalidParameterCombination",
        "SourceCidrBlock and DestinationCidrBlock are of different IP versions",
    )
    PORTS_WITHOUT_PROTOCOL = _guess(
        "InvalidParameterCombination", "{name} needs Protocol 6 (TCP) or 17 (UDP)"
    )
    PORT_RANGE_HALF = _guess(
        "InvalidParameterValue", "{name} needs both FromPort and ToPort"
    )
    PORT_RANGE_REVERSED = _guess(
        "InvalidParameterValue", "{name}: FromPort is above ToPort"
    )

    # Sessions.
    SOURCE_IS_OWN_TARGET = _guess(
        "InvalidParameterCombination",
        "The network interface {interface} cannot be both source and target",
    )
    SOURCE_TYPE = _guess(
        "UnsupportedOperation", "A network interface of type {kind} can't be mirrored"
    )
    SOURCE_REQUESTER = _guess(
        "UnsupportedOperation", "{id} is managed by {requester} and can't be mirrored"
    )
    SOURCE_DETACHED = _guess(
        "IncorrectState", "The network interface {interface} is not attached"
    )
    SOURCE_INSTANCE_TYPE = _guess(
        "UnsupportedOperation",
        "{interface} is on a {type} instance, whose traffic can't be mirrored",
    )
    TARGET_GONE = _guess(
        "InvalidTrafficMirrorTarget", "{destination} of {target} does not exist"
    )
    TARGET_UNUSABLE = ErrorKind(
        "InvalidTrafficMirrorTarget",
        "The interface of {target} is not attached to a running instance",
    )
    SESSION_NUMBER_TAKEN = _guess(
        "InvalidParameterValue",
        "Session number {number} on {interface} is already being used by {session}",
    )
    SESSION_NUMBER_HIDDEN = _guess(
        "InvalidParameterValue",
        "Session number {number} on {interface} is already being used",
    )
    SESSION_DUPLICATE = _guess(
        "InvalidParameterValue",
        "{session} mirrors {interface} to {target} with {filter} already",
    )
    SESSIONS_PER_SOURCE = ErrorKind(
        "TrafficMirrorSessionsPerInterfaceLimitExceeded",
        "The network interface {interface} has {limit} sessions already",
    )
    SOURCES_PER_TARGET = ErrorKind(
        "TrafficMirrorSourcesPerTargetLimitExceeded",
        "Sources per interface-target limit reached ({count})",
    )
    SESSION_QUOTA = ErrorKind(
        "TrafficMirrorSessionLimitExceeded",
        "The limit of {limit} traffic mirror sessions was reached",
    )

    # Describe.
    FILTER_NAME = ErrorKind("InvalidParameterValue", "The filter '{name}' is invalid")
    FILTER_WITHOUT_VALUES = _guess(
        "InvalidParameterValue", "The filter '{name}' has no values"
    )
    FILTER_LIMIT = ErrorKind(
        "FilterLimitExceeded",
        "The maximum number of {what} specified on a single call is {limit}",
    )
    FILTER_VALUE_LENGTH = ErrorKind(
        "FilterLimitExceeded",
        "The maximum length of a filter value is {limit} characters",
    )
    MAX_RESULTS = ErrorKind(
        "InvalidMaxResults", "MaxResults must be from {low} to {high}, not {value}"
    )
    PAGES_OF_IDS = ErrorKind(
        "InvalidParameterCombination", "{name} cannot be combined with MaxResults"
    )
    TYPES_LIMIT = _guess(
        "InvalidParameterValue", "A call can name at most {limit} instance types"
    )
    NEXT_TOKEN = ErrorKind(
        "InvalidNextToken", "The token is not from this operation with these filters"
    )

    # Tags.
    TAG_SPECIFICATION = ErrorKind(
        "InvalidParameterValue",
        "'{value}' is not a valid taggable resource type for this operation",
    )
    TAG_SPECIFICATION_EMPTY = _guess(
        "InvalidParameterValue", "A tag specification must have at least one tag"
    )
    TAG_KEY = ErrorKind("InvalidParameterValue", "Tag key '{key}': {reason}")
    TAG_QUOTA = ErrorKind(
        "TagLimitExceeded", "A resource can have at most {limit} tags"
    )

    THROTTLED = ErrorKind("RequestLimitExceeded", "Request limit exceeded.", status=503)

    # Errors that AWS doesn't have.
    NOT_EMULATED = ErrorKind("InvalidAction", "The emulator does not have {operation}")
    CRASHED = ErrorKind("InternalError", "The emulator failed: {reason}", status=500)


class Ec2Error(Exception):
    """An error that the caller gets: its code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def ec2_error(refusal: Refusal, **details: object) -> Ec2Error:
    """Return the error to raise, with the details in its message."""
    kind = refusal.value
    return Ec2Error(kind.code, kind.message.format(**details), kind.status)
