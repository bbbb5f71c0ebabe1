"""`make mutants` on a small package whose tests miss known mutants."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.environments import environment
from tools.checkout import ROOT

AGES = """
def doubled(number):
    return number * 2


LIMIT = doubled(9)


def is_adult(age):
    return age >= LIMIT


def is_child(age):
    return age < 12


def never_called():
    return 1


class Person:
    def __init__(self, name):
        self._name = name

    @property
    def name(self):
        return self._name.strip()

    @classmethod
    def named(cls, name):
        return cls(name)
"""
TESTS = """
from sample.ages import Person, is_adult, is_child

def test_adults():
    assert is_adult(18)
    assert not is_adult(17)

def test_children():
    assert is_child(3)
    assert not is_child(30)

def test_names():
    assert Person.named(" Ann ").name == "Ann"
"""
RUN = """
import sys
from pathlib import Path
from reliability.mutants.__main__ import Subject, main
root = Path(sys.argv[1])
subject = Subject(
    root, root / "sample", ("tests",), root / "survivors", root / "build"
)
sys.exit(main(subject, sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def python():
    """Return the Python of an environment with mutmut."""
    return environment(sys.executable, "mutmut>=3.8,<3.9", "pyyaml>=6,<7")


@pytest.fixture
def project(tmp_path):
    """Return the folder of a project with a package and its tests."""
    for folder in ("sample", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "sample" / "__init__.py").touch()
    (tmp_path / "sample" / "ages.py").write_text(AGES)
    (tmp_path / "tests" / "test_ages.py").write_text(TESTS)
    settings = '[tool.mutmut]\nsource_paths = ["sample"]\n'
    (tmp_path / "pyproject.toml").write_text(settings)
    return tmp_path


def run(python, project, *arguments):
    """Try the project's mutants; return the exit code and the printed lines."""
    done = subprocess.run(
        [python, "-c", RUN, project, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.strip().splitlines()


def survivors(lines):
    """Return the mutants that were printed, without file and function."""
    return {line.rpartition(": ")[2] for line in lines if " => " in line}


def test_survivors_are_those_that_no_test_notices(python, project):
    """Functions that run at import and properties have mutants, too."""
    code, lines = run(python, project)

    assert code == 1
    assert survivors(lines) == {
        "return age < 12 => return age <= 12",
        "return age < 12 => return age < 13",
        "return 1 => return 2",
    }
    assert "no test: ages.py never_called: return 1 => return 2" in lines
    assert lines[-2].startswith("2 survived, 1 are reached by no test")
    assert lines[-1] == "mutants killed: 5 of 8, 62.5 %"


def test_explained_survivors_are_not_printed_and_killed_ones_not_repeated(
    python, project
):
    """The percentage counts them all the same."""
    _, first = run(python, project)
    texts = [line.partition(": ")[2] for line in first if " => " in line]
    (project / "survivors").mkdir()
    (project / "survivors" / "sample.yaml").write_text(
        json.dumps([{"why": "nobody is 12", "mutants": texts}])
    )

    code, lines = run(python, project)

    assert code == 1
    assert survivors(lines) == set()
    assert lines[-1] == first[-1]


def test_a_test_for_a_survivor_kills_it(python, project):
    """Survivors are tried again with the new tests."""
    run(python, project)
    tests = project / "tests" / "test_ages.py"
    tests.write_text(TESTS + "    assert not is_child(12)\n")

    _, lines = run(python, project)

    assert "return age < 12 => return age <= 12" not in survivors(lines)
    assert "return 1 => return 2" in survivors(lines)


def test_the_time_limit_leaves_a_random_sample(python, project):
    """The last line says so, with the seed."""
    code, lines = run(python, project, "--minutes", "0", "--seed", "7")

    assert code == 1
    assert lines[-1].startswith("mutants killed: 0 of 0, 0.0 %")
    assert lines[-1].endswith("(of 8, chosen at random by seed 7)")


def test_failing_tests_end_the_run(python, project):
    """Nothing would be known: every mutant would seem to be killed."""
    (project / "tests" / "test_ages.py").write_text("def test_no(): assert False\n")

    with pytest.raises(AssertionError, match="the tests fail without a mutant"):
        run(python, project)
