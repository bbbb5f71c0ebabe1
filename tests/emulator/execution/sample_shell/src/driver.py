"""A driver whose commands show how the execution server treats it."""

# The commands need no docstrings, take what CloudShell passes, and print.
# ruff: noqa: ARG002, T201

import os
import sys
import threading
import time
from pathlib import Path

if os.environ.get("SAMPLE_FAILS") == "import":
    import a_module_that_nobody_has  # noqa: F401 to fail


def until(condition, seconds=10):
    """Wait for the condition; return False if it stays false."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


class SampleDriver:
    """One instance per resource, until its process ends."""

    def __init__(self):
        self.initialized = []
        self.lock = threading.Lock()
        self.inside = 0
        self.order = []

    def initialize(self, context):
        if os.environ.get("SAMPLE_FAILS") == "initialize":
            raise RuntimeError("no Region is set")
        self.initialized.append(type(context).__name__)

    def cleanup(self):
        print("cleaned up")

    def _private(self, context):
        return "never"

    def get_inventory(self, context):
        print("inventory by", type(context).__name__)

    def echo(self, context, text):
        return text

    def optional(self, context, text):
        return text

    def fail(self, context, message):
        raise ValueError(message)

    def leave(self, context):
        sys.exit("leaving")

    def die(self, context):
        os._exit(3)

    def nothing(self, context):
        return None

    def control_characters(self, context):
        return "a\x00b\x01c\x1bd\ufffe"

    def structure(self, context):
        return {"numbers": [1, 2], "yes": True}

    def thing(self, context):
        return Thing()

    def process(self, context):
        return {"pid": os.getpid(), "initialized": self.initialized}

    def environment(self, context):
        return dict(os.environ)

    def surroundings(self, context):
        modules = [name for name in sys.modules if name.split(".")[0] == "emulator"]
        return {"path": sys.path, "emulator": modules, "version": sys.version_info[:2]}

    def describe_context(self, context):
        return {
            "class": type(context).__name__,
            "connectivity": vars(context.connectivity),
            "resource": vars(context.resource),
            "reservation": vars(context.reservation),
        }

    def talk(self, context):
        print('{"id": "1", "result": "forged"}')
        print("caf\u00e9 \ud800", file=sys.stderr)
        os.write(1, b"raw bytes \xff\n")
        os.system("echo from a child")  # noqa: S605, S607 what a driver might do
        return sys.stdin.read() + "undisturbed"

    def meet(self, context, folder, own, other):
        """Wait for another command that runs at the same time."""
        Path(folder, own).touch()
        return "met" if until(Path(folder, other).exists) else "alone"

    def take_turn(self, context, name):
        with self.lock:
            self.inside += 1
            alone = self.inside == 1
            self.order.append(name)
        time.sleep(0.002)
        with self.lock:
            self.inside -= 1
        return {"alone": alone, "order": self.order}

    def wait_for_cancel(self, context, name, cancellation_context):
        print("waiting", name)
        done = until(lambda: cancellation_context.is_cancelled)
        return "cancelled" if done else "not cancelled"

    def look_at_cancel(self, context, name, cancellation_context):
        print("looking", name)
        return str(until(lambda: cancellation_context.is_cancelled, seconds=0.05))

    def use_platform(self, context):
        """Log, decrypt and write a message with CloudShell's packages."""
        from cloudshell.shell.core.session.cloudshell_session import (
            CloudShellSessionContext,
        )
        from cloudshell.shell.core.session.logging_session import LoggingSessionContext

        with LoggingSessionContext(context) as logger:
            logger.info("logged by the driver")
        with CloudShellSessionContext(context) as api:
            secret = context.resource.attributes[context.resource.model + ".Secret"]
            plain = api.DecryptPassword(secret).Value
            reservation_id = context.reservation.reservation_id
            api.WriteMessageToReservationOutput(reservation_id, "from the driver")
        return {"stored": secret, "plain": plain}

    def hand_out_token(self, context):
        return context.connectivity.admin_auth_token


class Thing:
    """An object that json can't serialize."""

    def __init__(self):
        self.name = "thing"
        self.parts = [1]
