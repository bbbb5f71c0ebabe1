"""CloudShell through the real client: logon, tokens, sandboxes, resources."""

import json
import socket

import pytest
import urllib3
from cloudshell.api.cloudshell_api import CloudShellAPISession
from cloudshell.api.common_cloudshell_api import CloudShellAPIError, UnauthorizedError
from cloudshell.rest.api import PackagingRestApiClient
from cloudshell.rest.exceptions import LoginFailedError, ShellNotFound

from emulator.cloudshell import (
    App,
    CloudShellServer,
    Nic,
    Reservation,
    Resource,
    User,
    free_address,
)
from emulator.faults import Fault


@pytest.mark.parametrize("host", ["192.0.2.1", "", "localhost", "10.0.0.1", "::1"])
def test_only_loopback_addresses_are_served(host):
    """Only loopback addresses can be bound."""
    with pytest.raises(ValueError, match="loopback addresses"):
        CloudShellServer(host)


def test_a_taken_address_is_an_error_and_leaves_no_port_open():
    """If one of the ports is in use, the other one is released."""
    host = free_address()
    with socket.create_server((host, 9000)):
        with pytest.raises(OSError, match="in use"):
            CloudShellServer(host).start()
        with socket.create_server((host, 8029)):
            pass


def test_a_stopped_server_answers_no_call(cloudshell, session, sandbox):
    """After stop(), open connections get no answer."""
    session.GetReservationStatus(sandbox.id)
    cloudshell.stop()
    session._attempts = 1
    with pytest.raises(urllib3.exceptions.HTTPError):
        session.GetReservationStatus(sandbox.id)


@pytest.mark.parametrize(
    ("user", "password", "domain"),
    [
        ("admin", "my guess", "Global"),
        ("eve", "admin", "Global"),
        ("admin", "admin", "X"),
    ],
)
def test_a_bad_logon_is_an_api_error(cloudshell, user, password, domain):
    """Wrong credentials get code 100, and the error doesn't show the password."""
    with pytest.raises(CloudShellAPIError, match="Login failed") as caught:
        CloudShellAPISession(cloudshell.host, user, password, domain)
    assert caught.value.code == "100"
    assert "my guess" not in caught.value.message


def test_a_bad_token_logon_is_an_api_error(cloudshell):
    """A logon with an unknown token gets no HTTP 401: the client would recurse."""
    with pytest.raises(CloudShellAPIError, match="not valid") as caught:
        CloudShellAPISession(cloudshell.host, token_id="invented", domain="Global")
    assert caught.value.code == "118"


def test_logon_returns_domain_user_and_token(session):
    """The answer to a logon has domain, user and token, for old clients."""
    reply = session.Logon("admin", "admin", "Global")
    assert reply.Domain.DomainId
    assert (reply.User.Name, reply.User.IsAdmin) == ("admin", True)
    again = session.SecureLogon(reply.Token.Token, "Global")
    assert again.Token.Token not in ("", reply.Token.Token)


def test_an_expired_session_logs_on_again_by_itself(cloudshell, session, sandbox):
    """The client logs on again after an expired token, which gets HTTP 401."""
    before = session.authentication.xmlrpc_token
    cloudshell.expire_sessions()
    status = session.GetReservationStatus(sandbox.id).ReservationSlimStatus
    assert status.Status == "Started"
    assert session.authentication.xmlrpc_token != before


def test_a_session_that_stays_invalid_is_unauthorized(session, sandbox):
    """A token that is rejected twice raises the client's own error."""
    session.authentication.logon = lambda: None
    session.authentication._xmlrpc_token = "invented"
    with pytest.raises(UnauthorizedError):
        session.GetReservationStatus(sandbox.id)


def test_reservation_details_show_apps_and_nics(session, sandbox):
    """The NIC ids of a sandbox are found as documented."""
    details = session.GetReservationDetails(sandbox.id).ReservationDescription
    assert (details.Name, details.Owner, details.Status) == ("demo", "admin", "Started")
    assert (details.DomainName, details.Id) == ("Global", sandbox.id)
    assert details.Topologies == ["bp"]
    web, aws = details.Resources
    assert (web.Name, web.FullAddress, aws.Name) == ("web", "10.0.0.4", "AWS")
    assert aws.VmDetails is None
    assert web.VmDetails.UID == "i-1"
    assert [each.NetworkId for each in web.VmDetails.NetworkData] == [
        "subnet-1",
        "subnet-2",
    ]
    assert [each.IsPrimary for each in web.VmDetails.NetworkData] == [True, False]
    nics = [
        next(item.Value for item in each.AdditionalData if item.Name == "nic")
        for each in web.VmDetails.NetworkData
    ]
    assert nics == ["eni-1", "eni-2"]


def test_an_app_has_resource_details(session, sandbox):
    """A deployed App is a resource with VM details."""
    details = session.GetResourceDetails("web")
    assert details.CreatedInReservationId == sandbox.id
    data = details.VmDetails.NetworkData[0].AdditionalData
    assert {each.Name: each.Value for each in data}["nic"] == "eni-1"


def test_the_details_of_a_sandbox_are_cached(session, sandbox):
    """For some seconds, unless the caller objects."""
    session.GetReservationDetails(sandbox.id, True)
    sandbox.apps.clear()

    cached = session.GetReservationDetails(sandbox.id).ReservationDescription
    fresh = session.GetReservationDetails(sandbox.id, True).ReservationDescription
    again = session.GetReservationDetails(sandbox.id).ReservationDescription

    assert [each.Name for each in cached.Resources] == ["web", "AWS"]
    assert [each.Name for each in fresh.Resources] == ["AWS"]
    assert [each.Name for each in again.Resources] == ["AWS"]


def test_an_app_may_have_no_nic_and_come_from_another_cloud(cloudshell, session):
    """Its VM details have no NIC, or NICs without an id of EC2."""
    apps = [
        App("bare", "i-2"),
        App("vm", "42-0", [Nic("vmnic1", key="Network Adapter")], "vCenter"),
    ]
    sandbox = cloudshell.add_reservation(Reservation("mixed", apps=apps))

    details = session.GetReservationDetails(sandbox.id, True).ReservationDescription

    bare, vm = (each.VmDetails for each in details.Resources)
    assert bare.NetworkData == []
    assert (vm.UID, vm.CloudProviderFullName) == ("42-0", "vCenter")
    names = [each.Name for each in vm.NetworkData[0].AdditionalData]
    assert "network adapter" in names
    assert "nic" not in names


def test_an_empty_sandbox_is_complete(cloudshell, session):
    """Empty fields are empty texts and lists for the client."""
    empty = cloudshell.add_reservation(Reservation("empty", owner="", domain="Labs"))
    details = session.GetReservationDetails(empty.id, True).ReservationDescription
    assert (details.Description, details.Owner) == ("", "")
    assert (details.Resources, details.DomainName) == ([], "Labs")


def test_the_end_of_a_sandbox_shows_in_its_status(cloudshell, session, sandbox):
    """The status of an ended sandbox is Completed."""
    cloudshell.end_reservation(sandbox.id)
    status = session.GetReservationStatus(sandbox.id).ReservationSlimStatus
    assert (status.ReservationId, status.Status) == (sandbox.id, "Completed")


def test_messages_and_live_status_are_kept(cloudshell, session, sandbox):
    """Messages are in the sandbox's output, a live status is on the resource."""
    text = "50% <b>done</b>\nü"
    session.WriteMessageToReservationOutput(sandbox.id, text)
    assert sandbox.output == [text]
    session.SetResourceLiveStatus("AWS", "Progress 50", "half")
    details = session.GetResourceDetails("AWS")
    assert details.ResourceLiveStatusName == "Progress 50"
    assert details.ResourceLiveStatusDescription == "half"
    assert cloudshell.resource("AWS").live_status == "Progress 50"


@pytest.mark.parametrize(
    ("method", "arguments", "complaint"),
    [
        ("GetReservationDetails", ("x",), "no reservation 'x'"),
        ("GetReservationStatus", ("",), "no reservation ''"),
        ("WriteMessageToReservationOutput", ("x", "m"), "no reservation 'x'"),
        ("GetResourceDetails", ("x",), "no resource 'x'"),
        ("SetResourceLiveStatus", ("x", "Online"), "no resource 'x'"),
        ("SetResourceLiveStatus", ("AWS", "Great"), "no live status 'Great'"),
        ("ExecuteCommand", ("x", "AWS", "Resource", "y"), "no reservation 'x'"),
        ("GetDomainDetails", ("Global",), "no API method 'GetDomainDetails'"),
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_what_is_unknown_is_refused(session, method, arguments, complaint):
    """Unknown methods, sandboxes, resources and statuses are API errors."""
    with pytest.raises(CloudShellAPIError, match=complaint) as caught:
        getattr(session, method)(*arguments)
    assert caught.value.code == "100"


def test_error_text_survives_whatever_it_holds(cloudshell, session, sandbox):
    """Special characters are escaped, characters that XML can't carry dropped."""
    message = "a<b> & \"c\" 'd'\nü \U0001f600"
    cloudshell.pools.faults.append(
        Fault("ReleaseFromPool", message=message + "\x00\x01\x1b\ufffe")
    )
    with pytest.raises(CloudShellAPIError) as caught:
        session.ReleaseFromPool(["1"], "p", sandbox.id, "o")
    frame = "Error occurred in ReleaseFromPool. Error: "
    assert caught.value.message == frame + message


def test_stored_passwords_need_decrypting(cloudshell, session, shell_with_password):
    """The stored text of a Password is encrypted; decrypting returns the secret."""
    resource = Resource(
        "Cloud", shell=shell_with_password, attributes={"Key": "top <secret> ü"}
    )
    stored = cloudshell.add_resource(resource).attributes
    assert "secret" not in repr(resource) + repr(stored)
    details = {
        each.Name: each
        for each in session.GetResourceDetails("Cloud").ResourceAttributes
    }
    key = details["Model X.Key"]
    assert (key.Type, details["Model X.Region"].Value) == ("Password", "here")
    assert "secret" not in key.Value
    assert session.DecryptPassword(key.Value).Value == "top <secret> ü"
    empty = details["Model X.Empty"].Value
    assert empty != ""
    assert session.DecryptPassword(empty).Value == ""
    assert session.DecryptPassword("").Value == ""


@pytest.mark.parametrize("text", ["top secret", "c2VjcmV0", "!", "AAAA" * 20])
def test_only_what_was_encrypted_can_be_decrypted(session, text):
    """Decrypting a plain text is an error that doesn't show the text."""
    with pytest.raises(CloudShellAPIError, match="did not encrypt it") as caught:
        session.DecryptPassword(text)
    assert text not in caught.value.message or text == "!"


def test_unknown_attributes_are_refused(cloudshell, shell_with_password):
    """Adding a resource with an unknown attribute is an error."""
    with pytest.raises(ValueError, match="no attribute Regoin"):
        cloudshell.add_resource(
            Resource("C", shell=shell_with_password, attributes={"Regoin": "x"})
        )


def test_the_rest_endpoint_serves_the_same_calls(cloudshell, sandbox):
    """With use_webapi_endpoint the client gets the same answers over port 9000."""
    session = cloudshell.session(use_webapi_endpoint=True)
    details = session.GetReservationDetails(sandbox.id, True).ReservationDescription
    assert details.Resources[0].VmDetails.UID == "i-1"
    session.WriteMessageToReservationOutput(sandbox.id, "over REST")
    session.SetResourceLiveStatus("AWS", "Online", "")
    assert sandbox.output == ["over REST"]
    with pytest.raises(CloudShellAPIError, match="did not encrypt it"):
        session.DecryptPassword("x")
    with pytest.raises(CloudShellAPIError, match="no driver") as caught:
        session.EnqueueCommand(sandbox.id, "AWS", "Resource", "x")
    assert caught.value.code == "129"
    # These two are not in the REST API: the client uses the XML API for them.
    criteria = {
        "type": "SpecificNumeric",
        "poolId": "p",
        "reservationId": sandbox.id,
        "ownerId": "o",
        "isolation": "Exclusive",
        "requestedItem": {"value": "7"},
    }
    assert session.CheckoutFromPool(json.dumps(criteria)).Items == ["7"]
    with pytest.raises(CloudShellAPIError, match="no driver"):
        session.ExecuteCommand(sandbox.id, "AWS", "Resource", "x")


def test_rest_refuses_bad_credentials_and_tokens(cloudshell):
    """Wrong credentials fail the REST logon; an expired token is an API error."""
    with pytest.raises(Exception, match="Unauthorized"):
        cloudshell.session(User("admin", "wrong"), use_webapi_endpoint=True)
    session = cloudshell.session(use_webapi_endpoint=True)
    cloudshell.expire_sessions()
    with pytest.raises(CloudShellAPIError, match="token is not valid"):
        session.GetReservationStatus("any")


def test_rest_is_as_strict_as_xml(session, post):
    """A REST body with missing or misplaced arguments is rejected, too."""
    headers = {"Authorization": f"Bearer {session.authentication.xmlrpc_token}"}
    for path, body, complaint in (
        ("GetReservationStatus", b"{}", "has none"),
        ("GetReservationStatus", b"[]", "not a JSON object"),
        ("GetReservationStatus", b"{", "not JSON"),
        ("GetReservationStatus", b'{"reservationId": 5}', "must be text"),
        ("ExecuteCommand", b"{}", "no API method 'ExecuteCommand'"),
        ("GetReservationDetails", b'{"disableCache": true}', "in this order"),
    ):
        status, content = post(f"/api//RMAPI/{path}", body, headers, port=9000)
        assert (status, complaint in content) == (200, True), content


def test_installed_shells_can_be_looked_up(shell_with_password, execution_for):
    """The packages' REST client finds the shell by its model and by its name."""
    execution = execution_for(shell_with_password)
    with CloudShellServer(free_address(), execution) as cloudshell:
        client = PackagingRestApiClient.login(cloudshell.host, "admin", "admin")
        for name in ("Model X", "Shell X"):
            shell = client.get_shell_as_model(name)
            assert (shell.name, shell.version) == ("Shell X", "2.0.0")
        with pytest.raises(ShellNotFound):
            client.get_shell_as_model("Model Y")
        with pytest.raises(LoginFailedError):
            PackagingRestApiClient.login(cloudshell.host, "admin", "nope")


def test_two_servers_live_side_by_side(session, sandbox):
    """Servers on two addresses share nothing."""
    with CloudShellServer(free_address()) as other:
        stranger = other.session()
        with pytest.raises(CloudShellAPIError, match="no reservation"):
            stranger.GetReservationStatus(sandbox.id)
    assert session.GetReservationStatus(sandbox.id)
