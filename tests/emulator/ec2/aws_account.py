"""An emulator as an AWS account: two free network interfaces, a foreign mirror."""

from __future__ import annotations

from typing import Any

from conformance.account import Chosen, Clients, open_account
from conformance.calls import Calls
from conformance.emulated import emulated_place
from conformance.interruption import Interruption
from conformance.kinds import FILTER, MIRRORING, SESSION, TARGET
from emulator.ec2 import Ec2Emulator

RUN_ID = "a-run"


class AwsAccount:
    """An account with two instances that nothing mirrors, and a foreign mirror."""

    def __init__(self, ec2: Ec2Emulator, client: Any, unchecked: Any) -> None:
        self.ec2 = ec2
        self.client = client
        self.clients = Clients(client, unchecked)
        place = emulated_place(ec2, client)
        self.chosen = Chosen(place.source, place.target)
        self.place = open_account(self.chosen, self.clients).place
        assert place.machines
        self.foreign_source = place.machines.run_instance().nic
        self.foreign_capture = place.machines.run_instance().nic
        self.foreign = self._create_foreign_mirror()
        self.before = self.state()

    def _create_foreign_mirror(self) -> dict[str, str]:
        """Create a mirror that is not the run's; return the ids of its resources."""
        target = self.client.create_traffic_mirror_target(
            NetworkInterfaceId=self.foreign_capture
        )[TARGET.member]
        mirror_filter = self.client.create_traffic_mirror_filter()
        ids = {
            TARGET.id: target[TARGET.id],
            FILTER.id: mirror_filter[FILTER.member][FILTER.id],
        }
        session = self.client.create_traffic_mirror_session(
            NetworkInterfaceId=self.foreign_source, SessionNumber=1, **ids
        )
        return {**ids, SESSION.id: session[SESSION.member][SESSION.id]}

    def state(self) -> dict[str, Any]:
        """Return all mirroring resources and network interfaces."""
        found = {
            kind.name: getattr(self.client, kind.describe)()[kind.members]
            for kind in MIRRORING
        }
        interfaces = self.client.describe_network_interfaces()["NetworkInterfaces"]
        return {**found, "interfaces": [e["NetworkInterfaceId"] for e in interfaces]}

    def calls(self, interruption: Interruption | None = None) -> Calls:
        """Return calls to the account, which need no pauses."""
        return Calls(
            self.client, RUN_ID, interruption or Interruption(), lambda _: None
        )
