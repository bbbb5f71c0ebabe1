"""
A driver's zip.

Owns: what it must contain. Must not know: the shell that it belongs to.
"""

from pathlib import Path

from emulator.execution.archives import unpack
from emulator.execution.driver_metadata import METADATA, load_driver_metadata
from emulator.execution.errors import ShellError

REQUIREMENTS = "requirements.txt"


def unpack_driver(archive: Path, folder: Path) -> None:
    """
    Unpack a driver's zip into the folder; raises ShellError if something is missing.

    CloudShell itself finds this with the first command only.
    """
    what = f"Driver {archive.name}"
    names = unpack(archive.read_bytes(), folder, what)
    for name in (METADATA, REQUIREMENTS):
        if name not in names:
            raise ShellError(f"{what} has no {name} at its top")
    metadata = load_driver_metadata(folder)
    if not metadata.name or not metadata.version:
        raise ShellError(f"{what}: {METADATA} has no Name or no Version")
    path = metadata.module.replace(".", "/")
    if not names.intersection({f"{path}.py", f"{path}/__init__.py"}):
        raise ShellError(
            f"{what} has no module {metadata.module}, which MainClass names"
        )
