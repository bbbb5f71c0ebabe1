"""Installing shells by the REST calls of shellfoundry."""

import http.client

import pytest
from cloudshell.rest.api import PackagingRestApiClient
from cloudshell.rest.exceptions import PackagingRestApiError, ShellNotFound

from emulator.cloudshell import Resource, User
from tests.emulator.cloudshell.shell_texts import package, redefined

NAME = "Shell Y"
SECRET = "Secret: {type: cloudshell.datatypes.Password, default: a secret}"


def test_a_new_shell_is_added(client, cloudshell):
    """Shellfoundry's way: look, update, and add if the update gets 404."""
    with pytest.raises(ShellNotFound):
        client.get_shell(NAME)
    with pytest.raises(ShellNotFound):
        client.update_shell_from_buffer(package(), NAME)
    client.add_shell_from_buffer(package())
    shell = client.get_shell_as_model(NAME)
    assert (shell.name, shell.version, shell.is_official) == (NAME, "1.9.0", False)
    with pytest.raises(PackagingRestApiError, match="There is a shell 'Shell Y'"):
        client.add_shell_from_buffer(package())
    assert (cloudshell.shell(NAME).driver_folder / "driver.py").is_file()


@pytest.mark.parametrize("version", ["1.9.0", "1.10.0", "2.0.0"])
def test_an_installed_shell_is_updated(client, version):
    """The same version replaces a shell, and so does a higher one."""
    client.add_shell_from_buffer(package())
    client.update_shell_from_buffer(redefined("1.9.0", version), NAME)
    assert client.get_shell_as_model(NAME).version == version


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("1.9.0", "1.8.12", "can't be downgraded from 1.9.0 to 1.8.12"),
        ("Shell Y", "Shell Z", "'Shell Z'"),
        ("Model Y", "Model Z", "'Model Z'"),
        (SECRET, "Other: {type: string}", "can't lose its attribute Secret"),
    ],
)
def test_a_bad_update_changes_nothing(client, old, new, complaint):
    """An update keeps name, model and attributes, and is no downgrade."""
    client.add_shell_from_buffer(package())
    with pytest.raises(PackagingRestApiError) as caught:
        client.update_shell_from_buffer(redefined(old, new), NAME)
    assert complaint in str(caught.value)
    assert client.get_shell_as_model(NAME).version == "1.9.0"


def test_resources_go_along_with_an_update(client, cloudshell):
    """A resource keeps its values, and gets the new attributes."""
    client.add_shell_from_buffer(package())
    given = {"Region": "there", "Secret": "mine"}
    shell = cloudshell.shell(NAME)
    cloudshell.add_resource(Resource("Y1", shell=shell, attributes=given))
    before = {each.name: each.value for each in cloudshell.resource("Y1").attributes}
    more = f"{SECRET}\n      More: {{type: string, default: new}}"
    client.update_shell_from_buffer(redefined(SECRET, more), NAME)
    resource = cloudshell.resource("Y1")
    after = {each.name: each.value for each in resource.attributes}
    assert after == {**before, "Model Y.More": "new"}
    assert resource.shell == cloudshell.shell(NAME)


def test_a_model_belongs_to_one_shell(client):
    """Two shells can't define the same model."""
    client.add_shell_from_buffer(package())
    with pytest.raises(PackagingRestApiError, match="'Model Y' already"):
        client.add_shell_from_buffer(redefined("Shell Y", "Shell Z"))


def test_only_administrators_install(client, cloudshell):
    """All users may look, but only administrators may install."""
    client.add_shell_from_buffer(package())
    cloudshell.add_user(User("bob", "pw"))
    bob = PackagingRestApiClient.login(cloudshell.host, "bob", "pw")
    assert bob.get_shell_as_model(NAME).name == NAME
    with pytest.raises(PackagingRestApiError, match="Only administrators"):
        bob.add_shell_from_buffer(package())
    with pytest.raises(PackagingRestApiError, match="Only administrators"):
        bob.update_shell_from_buffer(package(), NAME)


@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", "/API/Shells/x"), ("PUT", "/API/Shells/x"), ("POST", "/API/Shells")],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic invented"}])
def test_a_bad_token_is_unauthorized(post, verb, path, headers):
    """Without a valid token, all calls get HTTP 401."""
    status, content = post(path, b"", headers, port=9000, verb=verb)
    assert (status, "token is not valid" in content) == (401, True)


def test_routes_are_found_in_any_case_and_escaped(client, cloudshell):
    """Paths ignore case, and a space in a name is %20."""
    client.add_shell_from_buffer(package())
    connection = http.client.HTTPConnection(cloudshell.host, 9000)
    headers = {"Authorization": f"Basic {client._token}"}
    connection.request("GET", "/Api/shells/Shell%20Y", headers=headers)
    assert connection.getresponse().status == 200
    connection.close()


def test_a_form_without_the_file_is_refused(client, post):
    """The package must come in the field `files` of a form."""
    headers = {"Authorization": f"Basic {client._token}"}
    status, content = post("/API/Shells", package(), headers, port=9000)
    assert (status, "field 'files'" in content) == (400, True)


def test_a_stopped_server_keeps_no_packages(client, cloudshell):
    """stop() deletes the uploaded files."""
    client.add_shell_from_buffer(package())
    folder = cloudshell.shell(NAME).driver_folder
    cloudshell.stop()
    assert not folder.exists()
