"""
The life of a mirror, step by step, with packets that are mirrored.

Owns: the steps of `make demo` and their claims. Must not know: how they are printed.

The scripts of examples/ call the emulated CloudShell as they would call a real one.
Their effects are then read from EC2 and from CloudShell's pools, and shown by packets.
Each step ends with a claim. The exit code is 0 if all claims are true.
"""

from __future__ import annotations

from rich.markup import escape

from demo.deployment import deploy_request
from demo.packets import (
    DemoPacket,
    SentPacket,
    copy_tree,
    inner_packet,
    packet_table,
    packets_for_demo_rule,
    packets_for_rules,
)
from demo.presenter import Presenter, ScriptResult
from demo.request import RequestFile
from demo.sending import send_packets
from demo.state import filters_of, has_no_orphans, read_sessions, removal_arguments
from demo.tables import app_table, call_table
from emulator.cloudshell import Nic, Reservation
from emulator.faults import Fault

APPS = {"web": "eni-008322622e675cd80", "capture": "eni-05fc8d0b34b762305"}
"""The NIC ids of the platform vendor's own example."""

OPTIONS = ("--protocol", "tcp", "--port", "443", "--cidr", "192.168.0.0/24")
"""What the demo mirrors."""

CREATE, REMOVE = "create_traffic_mirroring.py", "remove_traffic_mirroring.py"
SHOW = "show_traffic_mirroring.py"
FAULT_CODE = "TrafficMirrorSessionLimitExceeded"


class Demo(Presenter):
    """Shows all steps."""

    def run(self, request: RequestFile | None = None) -> bool:
        """Show all steps; return whether all claims are true."""
        arguments = ["--request", str(request.path)] if request else [*APPS, *OPTIONS]
        sandbox = self.deploy(request)
        if not request:
            self.try_out(sandbox, arguments)
        created = self.create(sandbox, arguments)
        if not created.session_ids:
            return self.end_without_mirror(created)
        self.show()
        sent = self.send(sandbox, own_rules=request is not None)
        self.list_mirrors(sandbox, created)
        self.repeat(sandbox, arguments, created)
        self.fail()
        self.remove(sandbox)
        self.show_end(sandbox, sent)
        self._print_problems(created)
        return self._all_true

    def deploy(self, request: RequestFile | None) -> Reservation:
        """Start a sandbox."""
        self._step("Deploy Apps in a sandbox")
        name = "Traffic mirroring demo"
        if request:
            sandbox = deploy_request(self._lab, name, request)
        else:
            sandbox = self._lab.deploy(name, APPS)
        self._console.print(app_table(sandbox))
        for each in (*request.load_balancers, *request.endpoints) if request else ():
            self._console.print(escape(f"Also deployed: {each}"))
        self._check("nothing is mirrored yet.", self._state().is_empty)
        return sandbox

    def try_out(self, sandbox: Reservation, arguments: list[str]) -> None:
        """Let the script say what it would create."""
        self._step("Ask first what would be created")
        self._lab.ec2.clear_calls()
        tried = self._run_script(CREATE, sandbox, *arguments, "--dry-run")
        writes = self._lab.ec2.writes()
        self._check(
            "the answer says what would be created between the Apps' NICs, and none of "
            f"{len(self._lab.ec2.calls)} calls to EC2 created anything.",
            tried.succeeded
            and all(nic in tried.results[0]["infoMessage"] for nic in APPS.values())
            and not (tried.session_ids or writes)
            and self._state().is_empty,
        )

    def create(self, sandbox: Reservation, arguments: list[str]) -> ScriptResult:
        """Run the script that creates mirrors."""
        self._step("Create the mirror, as a setup script would")
        created = self._run_script(CREATE, sandbox, *arguments, show_errors=False)
        sessions = self._state().sessions
        if created.session_ids:
            self._check(
                "one command created what was requested, and returned each session.",
                created.succeeded and sessions == {*created.session_ids},
            )
        return created

    def end_without_mirror(self, created: ScriptResult) -> bool:
        """Show that nothing was created, and why; a dry run is no failure."""
        self._check("nothing was created.", self._state().is_empty)
        self._print_problems(created)
        return self._all_true and created.succeeded

    def _print_problems(self, created: ScriptResult) -> None:
        """Print what is wrong with the request, as the last thing."""
        problems = [each["errorMessage"] for each in created.results]
        text = "\n".join(filter(None, [created.error_text.strip(), *problems]))
        if text:
            self._console.print("\n[bold]What is wrong with the request:[/]")
            self._console.print(escape(text), style="red", soft_wrap=True)

    def show(self) -> None:
        """Show what the script created."""
        self._step("What EC2 now has, and which session numbers are in use")
        self._show_resources()
        self._check(
            f"{self._state().summary}; the sessions use all of them.",
            has_no_orphans(self._lab),
        )

    def send(self, sandbox: Reservation, *, own_rules: bool) -> list[SentPacket]:
        """Send packets past the sources, and show which are mirrored."""
        self._step("Send packets past the source")
        sent = [
            each
            for nic in self._source_nics(sandbox)
            for each in send_packets(
                self._lab, nic, self._packets(nic, own_rules=own_rules)
            )
        ]
        self._console.print(packet_table(sent))
        mirrored = [each for each in sent if each.mirrored]
        if own_rules:
            claim = (
                "each packet that the rules accept arrived at its target "
                f"({len(mirrored)}), and no other one ({len(sent) - len(mirrored)})."
            )
        else:
            claim = "the packets that the rules accept were mirrored, no others."
        self._check(claim, bool(sent) and all(each.as_expected for each in sent))
        self._show_copy(mirrored)
        return sent

    def _packets(self, nic: Nic, *, own_rules: bool) -> list[DemoPacket]:
        if own_rules:
            return packets_for_rules(filters_of(self._lab, nic.id), nic.address)
        return packets_for_demo_rule(nic.address)

    def _show_copy(self, mirrored: list[SentPacket]) -> None:
        self._step("What the target received")
        if not mirrored:
            self._console.print("None of these packets was mirrored.")
            return
        first = mirrored[0]
        data = self._lab.ec2.received_by(first.target)[0]
        self._console.print(copy_tree(data))
        sent, copied = bytes(first.packet.packet), inner_packet(data)
        what = "the packet as it was sent" if sent == copied else "its beginning"
        self._check(f"it is {what}, in VXLAN, to UDP 4789.", sent.startswith(copied))

    def list_mirrors(self, sandbox: Reservation, created: ScriptResult) -> None:
        """Run the script that lists the mirrors."""
        self._step("List the mirrors, with the packets that AWS counted")
        self._lab.ec2.clear_calls()
        listed = self._run_script(SHOW, sandbox)
        self._check(
            "each session is listed as it is in EC2, and nothing was changed.",
            listed.succeeded
            and all(session in listed.text for session in created.session_ids)
            and not self._lab.ec2.writes(),
        )

    def repeat(
        self, sandbox: Reservation, arguments: list[str], created: ScriptResult
    ) -> None:
        """Request the same mirror again."""
        self._step("Request the same again, as a script that runs twice does")
        before = self._state()
        self._lab.ec2.clear_calls()
        again = self._run_script(CREATE, sandbox, *arguments)
        writes = self._lab.ec2.writes()
        self._check(
            "the answer has the same session, and nothing is created twice: "
            f"{len(writes) or 'none'} of {len(self._lab.ec2.calls)} calls to EC2 "
            f"wrote; still {self._state().summary}.",
            again.session_ids == created.session_ids
            and not writes
            and self._state() == before,
        )

    def fail(self) -> None:
        """Let a call to EC2 fail, while another sandbox creates a mirror."""
        self._step("Let a call to EC2 fail, in another sandbox")
        before = self._state()
        sandbox = self._lab.deploy("Traffic mirroring fails", dict.fromkeys(APPS))
        self._lab.ec2.clear_calls()
        fault = Fault(
            "CreateTrafficMirrorSession",
            code=FAULT_CODE,
            message="The account has reached its limit of traffic mirror sessions",
        )
        self._lab.ec2.faults.append(fault)
        failed = self._run_script(CREATE, sandbox, *APPS)
        self._console.print(call_table(self._lab.ec2.writes()))
        self._check(
            "the answer names the failed call, and everything is rolled back; "
            f"still {self._state().summary}.",
            not failed.succeeded
            and all(FAULT_CODE in each["errorMessage"] for each in failed.results)
            and failed.results != []
            and self._state() == before,
        )

    def remove(self, sandbox: Reservation) -> None:
        """Run the script that removes mirrors, once per target."""
        self._step("Remove the mirror, as a teardown script would")
        removed = [
            self._run_script(REMOVE, sandbox, *chosen)
            for chosen in removal_arguments(self._lab)
        ]
        self._check(
            "the sessions are deleted, and everything that only they used.",
            all(each.succeeded for each in removed) and self._state().is_empty,
        )

    def show_end(self, sandbox: Reservation, sent: list[SentPacket]) -> None:
        """Show that nothing remains, and send the same packets again."""
        self._step("What remains")
        self._show_resources()
        again = [
            each
            for nic in self._nics(sandbox)
            for each in send_packets(self._lab, nic, _past(nic, sent))
        ]
        self._check(
            "nothing remains, and no packet is mirrored any more.",
            self._state().is_empty
            and bool(again)
            and not any(each.delivery.copy for each in again),
        )

    def _source_nics(self, sandbox: Reservation) -> list[Nic]:
        sources = {each["NetworkInterfaceId"] for each in read_sessions(self._lab)}
        return [nic for nic in self._nics(sandbox) if nic.id in sources]

    def _nics(self, sandbox: Reservation) -> list[Nic]:
        return [nic for app in sandbox.apps for nic in app.nics]


def _past(nic: Nic, sent: list[SentPacket]) -> list[DemoPacket]:
    """Return the packets that were sent past a NIC."""
    return [each.packet for each in sent if each.delivery.interface_id == nic.id]
