"""A small valid shell package, and variants of it."""

import io
import zipfile

META = "TOSCA-Metadata/TOSCA.meta"
DEFINITION = """\
metadata: {template_name: Shell Y, template_version: 1.9.0, template_icon: icon.png}
node_types:
  vendor.resource.Model Y:
    derived_from: cloudshell.nodes.CustomCloudProvider
    properties:
      Secret: {type: cloudshell.datatypes.Password, default: a secret}
    artifacts:
      driver: {file: Driver.zip, type: tosca.artifacts.File}
      manual: {file: manual.txt, type: tosca.artifacts.File}
"""
PACKAGE = {
    META: "CSAR-Version: 1.1\nEntry-Definitions: definition.yaml\n",
    "definition.yaml": DEFINITION,
    "icon.png": "an icon",
    "manual.txt": "a manual",
}
METADATA = '<Driver Name="Y" Version="1" MainClass="{}.Main" PythonVersion="3"/>'
DRIVER = {
    "drivermetadata.xml": METADATA.format("driver"),
    "requirements.txt": "",
    "driver.py": "",
}


def zipped(files, changes):
    """Return a zip of the files with changes; None removes a file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in {**files, **changes}.items():
            if text is not None:
                archive.writestr(name, text)
    return content.getvalue()


def package(changes=(), driver_changes=()):
    """Return a valid package with changes."""
    driver = zipped(DRIVER, dict(driver_changes))
    return zipped({**PACKAGE, "Driver.zip": driver}, dict(changes))


def redefined(old, new):
    """Return a package with a change in its definition."""
    assert old in DEFINITION
    return package({"definition.yaml": DEFINITION.replace(old, new)})
