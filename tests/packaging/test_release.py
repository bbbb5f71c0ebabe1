"""`make release` refuses a checkout whose versions, changelog or files don't agree."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date

import pytest

from tools.checkout import ROOT
from tools.package import DEFINITION, PACKAGE, write_checksum
from tools.release import CHANGELOG, METADATA, problems
from traffic_mirroring import __version__

TODAY = date(2027, 1, 31)
SECTION = "## 9.1.0 - 2027-01-30\n\n- A change.\n\n"


@pytest.fixture
def checkout(tmp_path):
    """Return a repository that is ready for the release 9.1.0."""
    for name in (PACKAGE, METADATA, DEFINITION):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / name).read_text()
        # Only the version's own place has it in quotes or after the key.
        for place in ('"{}"', "template_version: {}"):
            text = text.replace(place.format(__version__), place.format("9.1.0"))
        (tmp_path / name).write_text(text)
    changelog = (ROOT / CHANGELOG).read_text()
    released = changelog[changelog.index(f"## {__version__} - ") :]
    (tmp_path / CHANGELOG).write_text(
        f"# Changelog\n\n## Unreleased\n\n{SECTION}{released}"
    )
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(folder, *arguments):
    """Run git, without the settings of this machine."""
    nobody = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"]
    subprocess.run(["git", *nobody, *arguments], cwd=folder, check=True)  # noqa: S607


def commit(folder):
    """Commit everything."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")


def test_a_prepared_checkout_can_be_released(checkout):
    """No problem is found."""
    assert problems(checkout, TODAY) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (PACKAGE, '"9.1.0"', '"9.2.0"', "The versions differ: 9.2.0 in src/traffic_"),
        (METADATA, 'Version="9.1.0"', 'Version="9.2.0"', "9.2.0 in src/drivermetadata"),
        (DEFINITION, "9.1.0", "9.2.0", "9.2.0 in shell-definition.yaml"),
        (PACKAGE, '"9.1.0"', '"9.1"', "9.1 does not consist of three numbers"),
        (CHANGELOG, "## Unreleased\n", "", "does not begin with a section Unreleased"),
        (CHANGELOG, "Unreleased\n", "Unreleased\n\n- More.\n", "has changes in Unrele"),
        (CHANGELOG, SECTION, "", f"newest release is {__version__}, not 9.1.0"),
        (CHANGELOG, "- A change.", "", "says nothing about 9.1.0"),
        (CHANGELOG, " - 2027-01-30", "", "has no past date, such as 2027-01-31"),
        (CHANGELOG, "2027-01-30", "2027-02-01", "has no past date"),
        (CHANGELOG, "2027-01-30", "2027-01-32", "has no past date"),
        (
            CHANGELOG,
            f"## {__version__} ",
            "## 9.1.1 ",
            "before 9.1.0 that is not older",
        ),
    ],
)
def test_a_contradiction_is_found(checkout, file, old, new, problem):
    """Each of the files is compared."""
    text = (checkout / file).read_text()
    assert old in text
    (checkout / file).write_text(text.replace(old, new, 1))
    commit(checkout)

    assert problem in " ".join(problems(checkout, TODAY))


def test_uncommitted_files_are_found(checkout):
    """The package would have them, the tag would not."""
    (checkout / "notes.txt").touch()

    assert problems(checkout, TODAY) == ["Files are not committed: notes.txt."]


def test_a_released_version_is_not_released_again(checkout):
    """Its tag exists."""
    git(checkout, "tag", "v9.1.0")

    assert problems(checkout, TODAY) == ["The tag v9.1.0 exists already."]


def test_the_changelog_keeps_an_unreleased_section():
    """It is the first one, also right after a release."""
    headings = [
        line
        for line in (ROOT / CHANGELOG).read_text().splitlines()
        if line.startswith("## ")
    ]
    assert headings[0] == "## Unreleased"


def test_the_checksum_is_what_sha256sum_reads(tmp_path):
    """Also for a name with blanks; a changed file does not match."""
    package = tmp_path / "AWS Traffic Mirroring Shell.zip"
    package.write_bytes(b"a package")
    checksum = write_checksum(package)

    assert sha256sum(checksum) == 0
    package.write_bytes(b"another package")
    assert sha256sum(checksum) != 0


def sha256sum(checksum):
    """Return the status of the program that admins use; macOS has shasum."""
    program = ["sha256sum"] if shutil.which("sha256sum") else ["shasum", "-a", "256"]
    command = [*program, "-c", checksum.name]
    return subprocess.run(command, cwd=checksum.parent, capture_output=True).returncode
