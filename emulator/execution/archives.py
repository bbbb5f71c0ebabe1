"""
Unpacking uploaded zips.

Owns: which paths a zip may contain. Must not know: what the files are.
"""

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from emulator.execution.errors import ShellError

_UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


def unpack(content: bytes, folder: Path, what: str) -> frozenset[str]:
    """Unpack into the folder and return the files' names; raises ShellError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [each.filename for each in archive.infolist()]
            for entry in entries:
                _check(entry, what)
            folder.mkdir(parents=True)
            archive.extractall(folder)
    except _UNREADABLE as error:
        raise ShellError(f"{what} can't be unpacked: {error}") from error
    names = [str(PurePosixPath(each)) for each in entries if not each.endswith("/")]
    if len(names) != len(set(names)):
        raise ShellError(f"{what} contains a file twice")
    return frozenset(names)


def _check(entry: str, what: str) -> None:
    path = PurePosixPath(entry)
    if path.is_absolute() or ".." in path.parts or "\\" in entry or ":" in entry:
        raise ShellError(
            f"{what} contains {entry!r}: a path must be relative, with / and without .."
        )
    if "__pycache__" in path.parts or path.suffix == ".pyc":
        raise ShellError(f"{what} contains {entry!r}: remove compiled files from it")
