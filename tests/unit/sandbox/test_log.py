"""The log file of a sandbox."""

import logging
import os
import platform
import re
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from traffic_mirroring import __version__
from traffic_mirroring.sandbox.log import file_name, log_of


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Return the folder of all logs."""
    monkeypatch.setenv("LOG_PATH", str(tmp_path / "logs"))
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    return tmp_path / "logs"


def context(sandbox="res-1", name="AWS"):
    """Return the context of a command; without a sandbox, that of get_inventory."""
    resource = SimpleNamespace(name=name)
    connectivity = SimpleNamespace(cloudshell_version="2025.1")
    if sandbox is None:
        return SimpleNamespace(resource=resource, connectivity=connectivity)
    reservation = SimpleNamespace(reservation_id=sandbox)
    return SimpleNamespace(
        resource=resource, connectivity=connectivity, reservation=reservation
    )


def logs(folder):
    """Return the content of each log file, by sandbox and file name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    shell = Path(sys.prefix).name
    assert {path.parent.name for path in files} <= {shell}
    return {(path.parent.parent.name, path.name): path.read_text() for path in files}


def test_a_sandbox_has_one_file_per_resource(folder):
    """All commands append to it, and each begins with the versions."""
    for text in ("one", "two"):
        with log_of(context()) as logger:
            logger.info("%s", text)

    ((place, text),) = logs(folder).items()
    assert place == ("res-1", "AWS.log")
    assert text.index("one") < text.index("two")
    assert text.count("CloudShell Version") == 2


@pytest.mark.parametrize("sandbox", [None, ""])
def test_without_a_sandbox_the_folder_is_inventory(folder, sandbox):
    """CloudShell's other shells use the same folder."""
    without = context(sandbox)
    if sandbox == "":
        without.reservation = None

    with log_of(without):
        pass

    assert set(logs(folder)) == {("inventory", "AWS.log")}


def test_an_error_is_logged_with_all_that_came_before(folder):
    """The debug file has what the log's level leaves out."""

    def fail():
        with log_of(context()) as logger:
            logger.debug("details")
            raise KeyError("broken")

    with pytest.raises(KeyError):
        fail()

    found = logs(folder)
    assert "broken" in found["res-1", "AWS.log"]
    assert "details" not in found["res-1", "AWS.log"]
    assert "details" in found["res-1", "AWS-debug.log"]


def test_concurrent_commands_of_two_sandboxes_have_files_of_their_own(folder):
    """No line is in another sandbox's file."""
    with log_of(context("res-1")) as one, log_of(context("res-2")) as two:
        one.info("of the first")
        thread = threading.Thread(target=two.info, args=("of the second",))
        thread.start()
        thread.join()

    found = logs(folder)
    assert "second" not in found["res-1", "AWS.log"]
    assert "of the second" in found["res-2", "AWS.log"]


def open_files(folder):
    """Return the files in a folder that this process has open."""
    found = []
    for each in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the listing's own descriptor
            found.append(os.readlink(f"/proc/self/fd/{each}"))
    return [each for each in found if each.startswith(str(folder))]


@pytest.mark.parametrize("fails", [False, True])
def test_a_process_is_as_small_after_many_sandboxes_as_before(folder, fails):
    """Only running commands have open files and handlers."""

    def run(sandbox):
        with suppress(KeyError), log_of(context(sandbox)):
            assert open_files(folder)
            if fails:
                raise KeyError

    handlers, loggers = len(logging._handlerList), len(logging.root.manager.loggerDict)
    for number in range(50):
        run(f"res-{number}")

    assert open_files(folder) == []
    assert len(logging._handlerList) <= handlers
    assert len(logging.root.manager.loggerDict) <= loggers


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("AWS eu-west-1", "AWS_eu-west-1"),
        ('a|b<c>d:e"f/g\\h?i*j\n', "a_b_c_d_e_f_g_h_i_j_"),
        ("ends with dots..", "ends_with_dots"),
        ("con", "_con"),
        ("LPT1.old", "_LPT1.old"),
        ("..", "_"),
        ("", "_"),
        ("Müller", "Müller"),
        ("\u4e2d" * 300, "\u4e2d" * 50),
        ("a" + "\u4e2d" * 300, "a" + "\u4e2d" * 49),
        ("NSX", "NSX"),
    ],
)
def test_file_names_are_valid_on_windows_and_linux(name, allowed):
    """Resource names may have any characters."""
    assert file_name(name) == allowed


def test_a_resource_may_have_any_name(folder):
    """Its file is in the sandbox's folder, whatever the name looks like."""
    with log_of(context(name="../../AWS|1")) as logger:
        logger.info("here")

    assert set(logs(folder)) == {("res-1", ".._.._AWS_1.log")}


def test_a_log_that_cannot_be_opened_does_not_stop_the_command(folder, capsys):
    """It goes to the standard output, which the execution server keeps."""
    place = folder / "res-1" / Path(sys.prefix).name / "AWS.log"
    place.mkdir(parents=True)

    with log_of(context()) as logger:
        logger.info("it goes on")

    output = capsys.readouterr().out
    header = r"^\d{4}-\d\d-\d\d .*"
    assert re.search(rf"{header}\[WARNING\].* The log file can't be opened", output)
    assert re.search(rf"{header}\[INFO\].* it goes on", output, re.MULTILINE)


def test_a_log_without_a_folder_does_not_stop_the_command(folder, monkeypatch, capsys):
    """As with a file that can't be opened."""
    folder.write_text("a file")
    monkeypatch.setenv("QS_CONFIG", str(folder))  # has no other folder

    with log_of(context()) as logger:
        logger.info("it goes on")

    assert "it goes on" in capsys.readouterr().out


def test_a_full_disk_does_not_stop_the_command(folder):
    """Neither while it runs nor when its log is closed."""
    place = folder / "res-1" / Path(sys.prefix).name
    place.mkdir(parents=True)
    (place / "AWS.log").symlink_to("/dev/full")

    with log_of(context()) as logger:
        logger.info("lost")

    assert open_files(folder) == []


def test_the_debug_file_has_as_many_records_as_the_settings_say(folder, monkeypatch):
    """A process with long commands stays small."""
    monkeypatch.setenv("QS_MEMORY_LOG_SIZE", "3")

    with log_of(context()) as logger:
        for number in range(9):
            logger.debug("detail %s", number)
        logger.error("broken")

    lines = logs(folder)["res-1", "AWS-debug.log"].splitlines()
    assert [line.split()[-1] for line in lines] == ["7", "8", "broken"]


def test_wrong_settings_of_the_log_do_not_stop_the_command(folder, monkeypatch, capsys):
    """As with a file that can't be opened."""
    monkeypatch.setenv("QS_MEMORY_LOG_SIZE", "many")

    with log_of(context()) as logger:
        logger.info("it goes on")

    assert not folder.exists()
    assert "it goes on" in capsys.readouterr().out


def test_each_command_begins_with_the_versions(folder):
    """Of the shell, of CloudShell and of Python."""
    with log_of(context()):
        pass

    (text,) = logs(folder).values()
    assert re.search(rf"Shell Version.*{re.escape(__version__)}", text)
    assert "2025.1" in text
    assert platform.python_version() in text


def test_a_server_that_does_not_send_its_version_is_of_an_unknown_one(folder):
    """The command runs nevertheless."""
    without = context()
    del without.connectivity.cloudshell_version

    with log_of(without):
        pass

    (text,) = logs(folder).values()
    assert re.search(r"CloudShell Version +: unknown$", text, re.MULTILINE)


def test_the_log_is_utf_8(folder):
    """Whatever the machine's locale."""
    with log_of(context()) as logger:
        logger.info("\u4e2d")

    (path,) = (each for each in folder.rglob("AWS.log"))
    assert "\u4e2d" in path.read_bytes().decode("utf-8")


FORGED = "2026-11-26 00:00:00,000 [INFO]: MainThread x - y all is well"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"])
def test_no_text_forges_a_record(folder, line_break):
    """Every line has the header of its own record, in tracebacks as well."""
    with log_of(context()) as logger:
        try:
            raise ValueError(f"no{line_break}{FORGED}")
        except ValueError as error:
            logger.exception("Failed: %s", error)

    text = logs(folder)[("res-1", "AWS.log")]
    lines = [line for line in text.splitlines() if line.endswith(FORGED)]
    assert len(lines) == 2
    assert [line for line in lines if "[ERROR]: MainThread test_log" not in line] == []


def test_every_line_of_a_record_has_its_header_and_no_more(folder):
    """As if each were a record of its own."""
    with log_of(context()) as logger:
        logger.info("%s\n%s", "first", "second")

    first, second = logs(folder)["res-1", "AWS.log"].splitlines()[-2:]
    assert first.endswith("first")
    assert second == first.replace("first", "second")


def test_a_record_whose_traceback_repeats_its_message_stays_short(folder):
    """cloudshell-logging's own formatter repeats all that is before it in each line."""
    with log_of(context()) as logger:
        try:
            raise ValueError("a line\n" * 100 + "Failed")
        except ValueError:
            logger.exception("Failed")

    text = logs(folder)[("res-1", "AWS.log")]
    assert len(text) < 100 * 200


def test_a_text_that_is_no_unicode_is_logged(folder):
    """With escapes, in place of an error of the log itself; in both files."""
    with log_of(context()) as logger:
        logger.error("a\ud800b\x1b[31mc\x00")

    found = logs(folder)
    assert {name for _, name in found} == {"AWS.log", "AWS-debug.log"}
    for text in found.values():
        assert text.endswith("a\\ud800b\\x1b[31mc\\x00\n")
