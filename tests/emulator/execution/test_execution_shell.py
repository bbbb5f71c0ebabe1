"""Loading a shell: its definition and its driver's metadata."""

import pytest

from emulator.execution import ShellError, load_shell
from emulator.execution.driver_metadata import parse_driver_metadata

DRIVER = '<Driver MainClass="driver.Main" PythonVersion="3">{}</Driver>'
COMMAND = "<Layout><Category Name='c'>{}</Category></Layout>"


def test_a_definition_gives_model_family_and_attributes(shell):
    """A shell knows its model, family, version, attributes and commands."""
    assert (shell.model, shell.family) == ("Sample Provider 2G", "CS_CloudProvider")
    assert (shell.name, shell.version) == ("Sample Provider", "1.2.3")
    assert shell.concurrent
    assert shell.attributes["Secret"].type == "Password"
    assert shell.attributes["Region"].default == "us-east-1"
    assert shell.attributes["Retries"].default == "3"
    assert "Networking type" in shell.attributes
    assert shell.driver.commands["wait_for_cancel"].cancellable
    assert not shell.driver.commands["echo"].cancellable
    assert shell.driver.commands["echo"].category == "Hidden Commands"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("vendor.resource.", "vendor.other.", "one node type"),
        ("CustomCloudProvider", "Firewall", "derived_from"),
        ("type: integer", "type: number", "property Retries"),
        ("node_types:", "nodes:", "node_types must be"),
        ("metadata:", "metadata: [", "can't be read"),
    ],
)
def test_a_wrong_definition_says_what_is_wrong(shell, tmp_path, old, new, complaint):
    """Each mistake in a definition is an error that names it."""
    good = (shell.driver_folder.parent / "shell-definition.yaml").read_text()
    assert old in good
    path = tmp_path / "shell-definition.yaml"
    path.write_text(good.replace(old, new))
    with pytest.raises(ShellError, match=complaint):
        load_shell(path, driver_folder=shell.driver_folder)


def test_missing_files_are_errors(shell, tmp_path):
    """A definition or metadata file that is not there is named."""
    with pytest.raises(ShellError, match="can't be read"):
        load_shell(tmp_path / "none.yaml", driver_folder=tmp_path)
    definition = shell.driver_folder.parent / "shell-definition.yaml"
    with pytest.raises(ShellError, match=r"drivermetadata\.xml can't be read"):
        load_shell(definition, driver_folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<Driver", "not XML"),
        ("<Other/>", "root"),
        ("<Driver MainClass='driver' PythonVersion='3'/>", "MainClass"),
        ("<Driver MainClass='driver.Main'/>", "PythonVersion"),
        (DRIVER.format(COMMAND.format("<Command Name='_x'/>")), "'_x'"),
        (DRIVER.format(COMMAND.format("<Command/>")), "''"),
        (DRIVER.format(COMMAND.format("<Command Name='x'/>" * 2)), "two commands"),
        (
            DRIVER.format(COMMAND.format("<Command Name='x' EnableCancellation='1'/>")),
            "EnableCancellation",
        ),
        (
            DRIVER.format(
                COMMAND.format(
                    "<Command Name='x'><Parameters><Parameter Name='context'/>"
                    "</Parameters></Command>"
                )
            ),
            "'context'",
        ),
    ],
)
def test_wrong_metadata_says_what_is_wrong(text, complaint):
    """Each mistake in drivermetadata.xml is an error that names it."""
    with pytest.raises(ShellError, match=complaint):
        parse_driver_metadata(text)
