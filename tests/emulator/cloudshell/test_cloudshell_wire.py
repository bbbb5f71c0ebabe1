"""The API accepts exactly what the real client sends."""

import json

import pytest
from cloudshell.api.cloudshell_api import (
    CloudShellAPISession,
    DeployAppInput,
    InputNameValue,
)

from emulator.cloudshell.api import METHODS
from emulator.cloudshell.arguments import parse_xml
from emulator.cloudshell.envelope import failure, response_info, success
from emulator.cloudshell.errors import ApiError

CRITERIA = json.dumps({"type": "NextAvailableNumericFromRange"})
COMMAND = (
    "<reservationId>res-1</reservationId><targetName>AWS</targetName>"
    "<targetType>Resource</targetType><commandName>Create</commandName>"
)

# Method, arguments, body: samples of CloudShell's documented behavior.
SAMPLES = [
    (
        "Logon",
        ("op", "pw", "Global"),
        "<username>op</username><password>pw</password><domainName>Global</domainName>",
    ),
    (
        "SecureLogon",
        ("cmd-token", "Global"),
        "<token>cmd-token</token><domainName>Global</domainName>",
    ),
    (
        "ExecuteCommand",
        (
            "res-1",
            "AWS",
            "Resource",
            "Create",
            [InputNameValue("request", '{"a": "<\u00e9>"}')],
        ),
        COMMAND + "<commandInputs><InputNameValue><Name>request</Name>"
        '<Value>{"a": "&lt;&#233;&gt;"}</Value></InputNameValue></commandInputs>'
        "<printOutput>false</printOutput>",
    ),
    (
        "EnqueueCommand",
        ("res-1", "AWS", "Resource", "Create", [], True),
        COMMAND + "<commandInputs /><printOutput>true</printOutput>",
    ),
    (
        "CheckoutFromPool",
        (CRITERIA,),
        f"<selectionCriteriaJson>{CRITERIA}</selectionCriteriaJson>",
    ),
    (
        "ReleaseFromPool",
        (["7"], "eni-1", "res-1", "own"),
        "<values><string>7</string></values><poolId>eni-1</poolId>"
        "<reservationId>res-1</reservationId><ownerId>own</ownerId>",
    ),
    (
        "DecryptPassword",
        ("c2VjcmV0",),
        "<encryptedString>c2VjcmV0</encryptedString>",
    ),
    (
        "GetReservationDetails",
        ("res-1", True),
        "<reservationId>res-1</reservationId><disableCache>true</disableCache>",
    ),
    ("GetReservationStatus", ("res-1",), "<reservationId>res-1</reservationId>"),
    (
        "WriteMessageToReservationOutput",
        ("res-1", "text"),
        "<reservationId>res-1</reservationId><message>text</message>",
    ),
    (
        "SetResourceLiveStatus",
        ("AWS", "Online", ""),
        "<resourceFullName>AWS</resourceFullName>"
        "<liveStatusName>Online</liveStatusName><additionalInfo />",
    ),
    (
        "GetResourceDetails",
        ("AWS",),
        "<resourceFullPath>AWS</resourceFullPath>"
        "<showAllDomains>false</showAllDomains>",
    ),
    ("AutoLoad", ("AWS",), "<resourceFullPath>AWS</resourceFullPath>"),
    ("CancelResourceCommand", ("c-1",), "<commandId>c-1</commandId>"),
    ("GetRunningCommands", ("res-1",), "<reservationId>res-1</reservationId>"),
    (
        "GetResourceCommandExecutions",
        ("AWS",),
        "<resourceFullName>AWS</resourceFullName>",
    ),
    ("ClearResourceCommands", ("AWS",), "<resourceFullName>AWS</resourceFullName>"),
    (
        "SetSetupStage",
        ("Connectivity", "res-1"),
        "<setupStage>Connectivity</setupStage><reservationId>res-1</reservationId>",
    ),
    ("PrepareSandboxConnectivity", ("res-1",), "<reservationId>res-1</reservationId>"),
    ("CleanupSandboxConnectivity", ("res-1",), "<reservationId>res-1</reservationId>"),
    (
        "DeployAppToCloudProviderBulk",
        ("res-1", ["web"], [DeployAppInput("web", "Name", "web")]),
        "<reservationId>res-1</reservationId>"
        "<appNames><string>web</string></appNames>"
        "<commandInputs><DeployAppInput><AppName>web</AppName><Name>Name</Name>"
        "<Value>web</Value></DeployAppInput></commandInputs>"
        "<printOutput>false</printOutput>",
    ),
    (
        "ExecuteResourceConnectedCommand",
        ("res-1", "web", "PowerOn", "power"),
        "<reservationId>res-1</reservationId><resourceFullPath>web</resourceFullPath>"
        "<commandName>PowerOn</commandName><commandTag>power</commandTag>"
        "<parameterValues /><connectedPortsFullPath /><printOutput>false</printOutput>",
    ),
    (
        "RefreshVMDetails",
        ("res-1", ["web"]),
        "<reservationId>res-1</reservationId>"
        "<deployedAppNames><string>web</string></deployedAppNames>",
    ),
    (
        "RemapConnections",
        ("res-1", [], True),
        "<reservationId>res-1</reservationId><resourcesFullPath />"
        "<printOutput>true</printOutput>",
    ),
    (
        "ConfigureAppsV2",
        ("res-1", [], True),
        "<reservationId>res-1</reservationId><appConfigurationsData />"
        "<printOutput>true</printOutput>",
    ),
    (
        "RemoveResourcesFromReservation",
        ("res-1", ["web"]),
        "<reservationId>res-1</reservationId>"
        "<resourcesFullPath><string>web</string></resourcesFullPath>"
        "<deleteDeployedApps>true</deleteDeployedApps>",
    ),
    (
        "FindResources",
        ("", "Model"),
        "<resourceFamily /><resourceModel>Model</resourceModel><attributeValues />"
        "<showAllDomains>false</showAllDomains><resourceFullName />"
        "<exactName>true</exactName><includeSubResources>true</includeSubResources>"
        "<resourceAddress /><resourceUniqueIdentifier /><maxResults>500</maxResults>"
        "<includeExcludedResources>false</includeExcludedResources>",
    ),
]


class RecordingSession(CloudShellAPISession):
    """The real client, without sending requests."""

    def __init__(self):
        self.sent = []
        self.use_webapi_endpoint = False

    def _sendRequest(self, operation, message):  # noqa: N802 the client's name
        self.sent.append((operation, message))

    def _handle_api_response(self, response):
        return response


def parameters_of(name):
    """Return the emulator's parameters of a method."""
    return next(each.parameters for each in METHODS if each.name == name)


@pytest.mark.parametrize(("name", "arguments", "inner"), SAMPLES)
def test_the_client_sends_these_bytes_and_they_are_understood(name, arguments, inner):
    """The body of each method is what the real client sends."""
    client = RecordingSession()
    getattr(client, name)(*arguments)
    body = f"<{name}>{inner}</{name}>"
    assert client.sent == [(name, body)]
    parse_xml(name, parameters_of(name), body.encode())


def test_every_method_has_a_sample():
    """The bytes of all methods are compared."""
    known = {each.name for each in METHODS}
    assert known == {name for name, _, _ in SAMPLES}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("", "not XML"),
        ("<ReleaseFromPool>", "not XML"),
        ("<Other/>", "root is 'Other'"),
        ('<ReleaseFromPool a="1"/>', "root is"),
        ("<ReleaseFromPool/>", "has none"),
        (
            "<ReleaseFromPool><poolId/><values/><reservationId/><ownerId/>"
            "</ReleaseFromPool>",
            "in this order",
        ),
        (
            "<ReleaseFromPool><values/><poolId/><reservationId/><ownerId/><more/>"
            "</ReleaseFromPool>",
            "has values, poolId, reservationId, ownerId, more",
        ),
        (
            "<ReleaseFromPool><values><int>1</int></values><poolId/><reservationId/>"
            "<ownerId/></ReleaseFromPool>",
            "list of string",
        ),
        (
            "<ReleaseFromPool><values>1</values><poolId/><reservationId/>"
            "<ownerId/></ReleaseFromPool>",
            "list of string",
        ),
        (
            "<ReleaseFromPool><values/><poolId><a/></poolId><reservationId/>"
            "<ownerId/></ReleaseFromPool>",
            "poolId must be plain text",
        ),
    ],
)
def test_bodies_that_the_client_never_sends_are_refused(body, complaint):
    """Missing, unknown, misplaced and malformed arguments are errors."""
    with pytest.raises(ApiError, match=complaint):
        parse_xml("ReleaseFromPool", parameters_of("ReleaseFromPool"), body.encode())


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ("<InputNameValue><Name>a</Name></InputNameValue>", "a Name and a Value"),
        (
            "<InputNameValue><Value>a</Value><Name>a</Name></InputNameValue>",
            "a Name and a Value",
        ),
        (
            "<InputNameValue><Name>a</Name><Value /></InputNameValue>" * 2,
            "'a' is given twice",
        ),
        ("<string>a</string>", "list of InputNameValue"),
    ],
)
def test_malformed_command_inputs_are_refused(inputs, complaint):
    """An input needs a unique name and a value."""
    body = (
        f"<ExecuteCommand>{COMMAND}<commandInputs>{inputs}</commandInputs>"
        "<printOutput>false</printOutput></ExecuteCommand>"
    )
    with pytest.raises(ApiError, match=complaint):
        parse_xml("ExecuteCommand", parameters_of("ExecuteCommand"), body.encode())


def test_flags_are_true_or_false():
    """A flag must have the client's form."""
    body = (
        b"<GetReservationDetails><reservationId/><disableCache>True</disableCache>"
        b"</GetReservationDetails>"
    )
    with pytest.raises(ApiError, match="expected true or false"):
        parse_xml("GetReservationDetails", parameters_of("GetReservationDetails"), body)


def test_envelopes_have_the_platform_s_form():
    """Answers are exactly as the client can parse them."""
    head = (
        '<?xml version="1.0" encoding="utf-8"?><Response CommandName="{}" '
        'Success="{}" xmlns="http://schemas.qualisystems.com/ResourceManagement/'
        'ApiCommandResult.xsd" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    )
    info = response_info("CommandExecutionIdResponseInfo", Id="exec-1")
    assert success("EnqueueCommand", info).decode() == (
        head.format("EnqueueCommand", "true") + "<ErrorCode>0</ErrorCode>"
        '<ResponseInfo xsi:type="CommandExecutionIdResponseInfo" Id="exec-1" />'
        "</Response>"
    )
    assert failure("Logon", "100", "no <\x01> & \ud800").decode() == (
        head.format("Logon", "false")
        + "<Error>no &lt;&gt; &amp; </Error><ErrorCode>100</ErrorCode></Response>"
    )


def test_nested_objects_never_say_their_type(sandbox, session, post):
    """Only ResponseInfo has xsi:type; elsewhere it crashes the client."""
    token = session.authentication.xmlrpc_token
    body = (
        f"<GetReservationDetails><reservationId>{sandbox.id}</reservationId>"
        "<disableCache>false</disableCache></GetReservationDetails>"
    )
    # Header names in any case, the token at any position.
    headers = {"AUTHORIZATION": f"Token={token};MachineName=test:8029"}
    status, content = post("GetReservationDetails", body, headers)
    assert status == 200
    assert content.count("xsi:type") == 1
    assert '<VmDetails UID="i-1"' in content


@pytest.mark.parametrize("authorization", ["", "MachineName=a;Token=", "Token=wrong"])
def test_unknown_tokens_are_http_401(post, authorization):
    """A call without a valid token gets HTTP 401, even for unknown methods."""
    for method in ("GetReservationStatus", "NoSuchMethod"):
        status, _ = post(method, "<x/>", {"Authorization": authorization})
        assert status == 401


def test_other_addresses_are_not_found(post):
    """Other URLs of the port get 404."""
    assert post("/Other/Logon", "<Logon/>")[0] == 404
    assert post("Logon", None, verb="GET")[0] == 404
