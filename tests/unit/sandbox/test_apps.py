"""Apps by name: which App and which NIC a name means, and the errors for others."""

from types import SimpleNamespace

import pytest
from urllib3.exceptions import ProtocolError

from traffic_mirroring.errors import AppRejected, CallFailed
from traffic_mirroring.models import AppName
from traffic_mirroring.sandbox.apps import find_apps


def network(nic=None, *, primary=False, key="nic"):
    """Return a NIC of VM details, as the API client reads it."""
    data = [SimpleNamespace(Name="ip", Value="10.0.0.4")]
    if nic:
        data.append(SimpleNamespace(Name=key, Value=nic))
    return SimpleNamespace(IsPrimary=primary, AdditionalData=data)


def resource(name, *networks, origin=None, uid="i-1"):
    """Return a deployed App, as the API client reads it."""
    return SimpleNamespace(
        Name=name,
        AppDetails=SimpleNamespace(AppName=origin) if origin else None,
        VmDetails=SimpleNamespace(UID=uid, NetworkData=list(networks)),
    )


class Server:
    """CloudShell's API, with one sandbox."""

    def __init__(self, *resources, waiting=(), errors=()):
        self.calls = []
        self._errors = list(errors)
        self._description = SimpleNamespace(
            Resources=list(resources),
            Apps=[SimpleNamespace(Name=name) for name in waiting],
        )

    def GetReservationDetails(self, reservationId, disableCache):  # noqa: N802, N803 - the API's
        self.calls.append((reservationId, disableCache))
        if self._errors:
            raise self._errors.pop(0)
        return SimpleNamespace(ReservationDescription=self._description)


WEB = resource("web_1a2b", network("eni-1a", primary=True), origin="web")
CAPTURE = resource("capture", network("eni-2a", primary=True), origin="capture")
PROVIDER = SimpleNamespace(Name="AWS", VmDetails=None, AppDetails=None)


def primary(name, *resources, **sandbox):
    """Return the NIC that a name means."""
    return find_apps(Server(*resources, **sandbox), "res-1").primary_nic(AppName(name))


@pytest.mark.parametrize(
    ("name", "nic"),
    [("web_1a2b", "eni-1a"), ("web", "eni-1a"), ("capture", "eni-2a")],
)
def test_an_app_is_found_by_its_deployed_name_or_its_name_in_the_blueprint(name, nic):
    """Resources that are no Apps don't matter."""
    assert primary(name, PROVIDER, WEB, CAPTURE) == nic


def test_a_deployed_name_comes_before_names_in_the_blueprint():
    """Two Apps come from "web", and one is called so."""
    own = resource("web", network("eni-3a", primary=True), origin="other")

    assert primary("web", WEB, own) == "eni-3a"


def test_the_primary_nic_is_used_wherever_it_is_in_the_list():
    """CloudShell may list another one first."""
    app = resource("web", network("eni-1a"), network("eni-2a", primary=True))

    assert primary("web", app) == "eni-2a"


def test_the_only_nic_is_the_primary_one():
    """Even if CloudShell does not say so."""
    assert primary("web", resource("web", network("eni-1a"))) == "eni-1a"


@pytest.mark.parametrize("uid", [None, "", "42-0"])
def test_an_app_with_a_nic_of_ec2_is_on_aws_whatever_its_id(uid):
    """CloudShell may not know the instance's id."""
    app = resource("web", network("eni-1a", primary=True), uid=uid)

    assert primary("web", app) == "eni-1a"


def test_an_app_without_an_id_and_nics_is_not_on_aws():
    """Whatever its other data say."""
    with pytest.raises(AppRejected, match="AWS did not deploy it"):
        primary("vm", resource("vm", network(), uid=None))


@pytest.mark.parametrize(
    ("name", "resources", "named"),
    [
        ("Web", [WEB, CAPTURE], "no such App"),
        ("web_", [WEB, CAPTURE], "no such App"),
        ("AWS", [WEB, CAPTURE, PROVIDER], "no such App"),
        ("db", [WEB, CAPTURE], "not deployed yet"),
        (
            "web",
            [WEB, resource("web_3", origin="web"), CAPTURE],
            "2 Apps are deployed from it: give one of web_1a2b, web_3",
        ),
        (
            "vm",
            [WEB, resource("vm", network("vmnic1", primary=True), uid="42-0"), CAPTURE],
            "AWS did not deploy it",
        ),
        ("vm", [WEB, resource("vm", network()), CAPTURE], "no primary NIC"),
        ("vm", [WEB, resource("vm"), CAPTURE], "no primary NIC"),
        (
            "vm",
            [WEB, resource("vm", network("eni-3a"), network("eni-4a")), CAPTURE],
            "no primary NIC",
        ),
    ],
)
def test_a_name_that_means_no_nic_is_rejected_with_the_apps(name, resources, named):
    """The error lists each App with its NICs."""
    with pytest.raises(AppRejected) as caught:
        primary(name, *resources, waiting=["db"])

    assert repr(name) in str(caught.value)
    assert named in str(caught.value)
    assert "web_1a2b (eni-1a)" in str(caught.value)
    assert "capture (eni-2a)" in str(caught.value)


def test_apps_without_and_with_several_nics_are_listed():
    """The primary NIC first."""
    several = resource("vm", network("eni-3a"), network("eni-4a", primary=True))

    with pytest.raises(AppRejected) as caught:
        primary("x", resource("bare"), several)

    assert caught.value.apps == ("bare (no NIC)", "vm (eni-4a, eni-3a)")


def test_a_sandbox_without_apps_says_so():
    """There is nothing to list."""
    with pytest.raises(AppRejected, match="deployed Apps are none"):
        primary("web")


@pytest.mark.parametrize("nic", ["eni-*", "eni-1 ", "ENI-1A", "vmnic1", ""])
def test_what_is_no_id_of_a_nic_is_none(nic):
    """It comes from another cloud, and EC2 would take a wildcard for any NIC."""
    with pytest.raises(AppRejected, match="no primary NIC"):
        primary("web", resource("web", network(nic, primary=True)))


def test_empty_lists_of_the_client_are_understood():
    """The client reads absent elements as None."""
    bare = resource("bare")
    bare.VmDetails.NetworkData = None
    server = Server(bare)
    server._description.Apps = None

    with pytest.raises(AppRejected, match=r"bare \(no NIC\)"):
        find_apps(server, "res-1").primary_nic(AppName("bare"))


def test_the_sandbox_is_looked_up_past_the_servers_cache():
    """The server keeps answers for five seconds."""
    server = Server(WEB)

    find_apps(server, "res-1")

    assert server.calls == [("res-1", True)]


def test_a_look_up_that_fails_says_what_failed():
    """With CloudShell's own words."""
    with pytest.raises(CallFailed, match="Looking up the Apps of the sandbox: no way"):
        find_apps(Server(errors=[RuntimeError("no way")]), "res-1")


def test_a_look_up_without_an_answer_is_repeated(monkeypatch):
    """It changes nothing."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    server = Server(WEB, errors=[ProtocolError("gone")])

    assert find_apps(server, "res-1").deployed[0].name == "web_1a2b"
    assert len(server.calls) == 2
