"""What `from traffic_mirroring import ...` offers, and when it is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

import traffic_mirroring


def test_the_public_names_are_these():
    """A plug-in needs no other module of the package."""
    assert sorted(traffic_mirroring.__all__) == ["Commands", "Limits", "__version__"]
    for name in traffic_mirroring.__all__:
        assert getattr(traffic_mirroring, name) is not None


def test_other_names_are_errors():
    """As in any module."""
    with pytest.raises(AttributeError, match="no attribute 'Command'"):
        _ = traffic_mirroring.Command


def test_importing_the_package_loads_no_library():
    """A driver process loads boto3 and CloudShell's client when it needs them."""
    code = (
        "import sys, traffic_mirroring; "
        "print(*{'boto3', 'pydantic', 'cloudshell'} & {*sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""
