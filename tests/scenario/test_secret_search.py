"""The search for secrets that follows every scenario test finds them."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.lab import ACCESS_KEY, RESOURCE
from emulator.secret_values import SECRET_MARK
from tests.scenario.conftest import pytest_runtest_call
from tests.scenario.watched_lab import WatchedLab, find_secret


@pytest.fixture(scope="module")
def leaking_lab():
    """Run a driver that leaks its token."""
    with WatchedLab(driver_folder=Path(__file__).parent / "leaking_driver") as lab:
        yield lab


def leak(lab, way):
    """Run the leaking driver's command."""
    sandbox = lab.deploy("a blueprint", {})
    with suppress(CloudShellAPIError):
        lab.cloudshell.session().ExecuteCommand(
            *(sandbox.id, RESOURCE, "Resource", "GetTrafficMirroring"),
            [InputNameValue("request", way)],
        )


@pytest.mark.parametrize(
    "way",
    [
        *("answer", "log", "debug log", "root logger", "output", "error output"),
        *("error", "traceback"),
    ],
)
def test_a_leak_is_found_whatever_its_way(leaking_lab, way):
    """Each text that the driver writes is searched."""
    leak(leaking_lab, way)

    with pytest.raises(AssertionError, match="There is a secret in"):
        leaking_lab.check()


def test_the_test_that_leaks_fails(leaking_lab):
    """The search is part of the test's call, and it follows every one."""
    call = pytest_runtest_call()
    next(call)
    leak(leaking_lab, "log")

    with pytest.raises(AssertionError, match="There is a secret in"):
        next(call)


def test_an_error_that_no_traceback_shows_is_no_leak(leaking_lab):
    """That is how the product hides errors with secrets."""
    leak(leaking_lab, "hidden")

    leaking_lab.check()


@pytest.mark.parametrize(
    "text",
    [
        f"a {SECRET_MARK}0123",
        f"{ACCESS_KEY} is unknown",
        "Signature=c0ffee",
        "Credential=AKIA",
        "<SecretAccessKey>x",
    ],
)
def test_each_kind_of_secret_is_found(text):
    """Its place is shown with what comes before it, and nothing after it."""
    found = find_secret(f"before it: {text}")

    assert found.startswith("before it: ")
    assert find_secret("Signature=[redacted], Credential=[redacted]") is None


def test_the_scenarios_use_watched_labs():
    """A test with a lab of its own would not be searched."""
    texts = {path.name: path.read_text() for path in Path(__file__).parent.glob("*.py")}

    assert [name for name in texts if re.search(r"\bLab\(", texts[name])] == []
