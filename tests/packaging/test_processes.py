"""`make test` starts no processes for a few selected tests."""

from __future__ import annotations

from argparse import Namespace

import pytest

from tests.processes import number_of_processes
from tools.checkout import ROOT

UNIT = str(ROOT / "tests" / "unit")


@pytest.mark.parametrize(
    ("keyword", "last_failed", "args", "expected"),
    [
        ("", False, [str(ROOT / "tests")], 4),
        ("", False, [UNIT, "tests/a.py"], 4),
        ("not demo", False, [UNIT], 4),
        ("demo", False, [UNIT], 0),
        ("", True, [UNIT], 0),
        ("", False, ["tests/a.py"], 0),
        ("", False, ["tests/a.py::test_x", "tests/b.py::test_y"], 0),
        ("", False, ["tests/a.py", "tests/b.py", "tests/c.py"], 3),
        ("", False, [f"tests/{name}.py" for name in "abcdef"], 4),
    ],
)
def test_the_number_of_processes(keyword, last_failed, args, expected):
    """Folders and many files are run in several; a selection in pytest's own."""
    option = Namespace(keyword=keyword, lf=last_failed)

    assert number_of_processes(option, args) == expected
