"""
Which service carries out an action: traffic mirroring, STS or moto.

Owns: the state of all accounts and regions, and the emulator's one lock. The lock is
held while state is read or changed, moto's included.
Must not know: the call log, faults, latency.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from emulator.ec2.actions import (
    READING,
    Action,
    Ec2Reply,
    error_reply,
    with_parameters,
)
from emulator.ec2.errors import Ec2Error, Refusal, ec2_error
from emulator.ec2.iam.identities import Identities, TemporaryKey
from emulator.ec2.iam.permissions import check_permissions
from emulator.ec2.iam.sts import Sts
from emulator.ec2.mirroring.existence import check_ids
from emulator.ec2.mirroring.operations import (
    OPERATIONS,
    existing_resources,
    run_operation,
)
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.moto.accounts import MotoAccounts
from emulator.ec2.moto.application import Moto, correct_load_balancer_arn
from emulator.ec2.moto.balancers import update_interfaces
from emulator.ec2.moto.deployment import DeployedInstance, deploy_instances
from emulator.ec2.moto.formats import (
    read_params,
    required_params,
    write_result,
)
from emulator.ec2.moto.instances import MotoInstances
from emulator.ec2.moto.interfaces import give_to_service, set_requested_type
from emulator.ec2.moto.lookups import Parameters, look_up
from emulator.ec2.moto.metrics import MotoMetrics, check_metric_queries
from emulator.ec2.moto.nics import MotoNics
from emulator.ec2.moto.resources import MotoResources
from emulator.ec2.settings import Lag, Settings
from emulator.http import HttpRequest

if TYPE_CHECKING:
    from emulator.ec2.packets.network import Network

_CHANGE_INSTANCES = ("RunInstances", "StartInstances", "TerminateInstances")
_INSTANCE_ID = re.compile(rb"<instanceId>([^<]+)</instanceId>")
_LOGGER = logging.getLogger("emulator")


class Services:
    """EC2, STS, load balancers and CloudWatch everywhere; thread-safe."""

    def __init__(self, moto: Moto, settings: Settings) -> None:
        self._moto = moto
        self._accounts = MotoAccounts()
        self._lock = Lock()
        self._states: dict[tuple[str, str], RegionState] = {}
        self._networks: dict[str, Network] = {}
        self._start_over(settings)

    def reset(self, settings: Settings) -> None:
        """Forget all resources, identities and packets."""
        with self._lock:
            self._moto.reset()
            self._start_over(settings)

    def _start_over(self, settings: Settings) -> None:
        self._states.clear()
        self._networks.clear()
        self._settings = settings
        self._instances = MotoInstances(settings)
        self.identities = Identities()
        self._sts = Sts(self.identities, self._accounts, settings)

    def deploy_instances(
        self, account: str | None, region: str, count: int
    ) -> list[DeployedInstance]:
        """Run instances in a network of their own."""
        with self._lock:
            account = account or self._accounts.default
            deployed = deploy_instances(account, region, count)
            ids = [each.id for each in deployed]
            self._instances.after_change("RunInstances", ids, {})
        return deployed

    def existing_resources(self, region: str, kind: str) -> list[dict[str, Any]]:
        """Return the default account's targets, filters or sessions."""
        with self._lock:
            return existing_resources(self._state(self._accounts.default, region), kind)

    def rename_interface(self, old: str, new: str) -> None:
        """Change the id of an untagged interface; raises KeyError."""
        with self._lock:
            self._moto.rename_interface(old, new)

    def rename_load_balancer(self, old: str, new: str) -> None:
        """Change the ARN of a load balancer without listeners; raises KeyError."""
        with self._lock:
            self._moto.rename_load_balancer(old, new)

    def rename_endpoint(self, old: str, new: str) -> None:
        """Change the id of a VPC endpoint; raises KeyError."""
        with self._lock:
            self._moto.rename_endpoint(old, new)

    def keep_pending(self, instance_id: str, lag: Lag) -> None:
        """Make an instance pending as long as the lag says; raises KeyError."""
        with self._lock:
            self._instances.keep_pending(instance_id, lag)

    def give_to_service(self, interface_id: str, requester: str, kind: str) -> None:
        """Make a detached interface an AWS service's; raises KeyError, ValueError."""
        with self._lock:
            give_to_service(interface_id, requester, kind)

    def temporary_key(self, role: str) -> TemporaryKey:
        """Return a key of a role without a request; raises ValueError."""
        if not self.identities.has_role(role):
            raise ValueError(f"there is no role {role}: add_role() it first")
        with self._lock:
            return self._sts.issue_key(role, "emulator")

    def account_of(self, access_key: str) -> str:
        """Return the account that a key belongs to."""
        with self._lock:
            return self._accounts.account_of(access_key)

    @contextmanager
    def network(self, region: str) -> Iterator[Network]:
        """Lend the network of the default account, and hold the lock meanwhile."""
        # Imported late: scapy takes a second to load, and few callers need it.
        from emulator.ec2.packets.network import Network

        with self._lock:
            if region not in self._networks:
                account = self._accounts.default
                state = self._state(account, region)
                place = account, region
                self._networks[region] = Network(
                    state, MotoNics(*place), MotoMetrics(*place)
                )
            yield self._networks[region]

    def carry_out(
        self, request: HttpRequest, action: Action, request_id: str
    ) -> Ec2Reply:
        """Carry out an action, and return its result or its error."""
        try:
            self._authorize(action)
            if action.service == "sts":
                return self._sts_reply(action, request_id)
            if action.service == "ec2":
                return self._ec2_reply(request, action, request_id)
            return self._other_reply(request, action, request_id)
        except Ec2Error as error:
            return error_reply(error, request_id, action)
        except NotImplementedError:
            missing = ec2_error(Refusal.NOT_EMULATED, operation=action.operation)
            return error_reply(missing, request_id, action)
        except Exception as crash:
            _LOGGER.exception("%s failed inside the emulator", action.operation)
            reason = f"{type(crash).__name__}: {crash}"
            failed = ec2_error(Refusal.CRASHED, reason=reason)
            return error_reply(failed, request_id, action)

    def _authorize(self, action: Action) -> None:
        """Raise unless the caller is known and its policies allow the action."""
        self.identities.authenticate(action)
        if self._settings.ids_before_permissions and action.service == "ec2":
            with self._lock:
                check_ids(self._state_for(action), action.parameters)
        policies = self.identities.policies_of(action.access_key)
        if policies:
            with self._lock:
                state = self._state_for(action)
                caller = self._accounts.caller_of(action.access_key, action.region)
                check_permissions(action, state, policies, caller.arn)

    def _sts_reply(self, action: Action, request_id: str) -> Ec2Reply:
        with self._lock:
            result = self._sts.answer(action)
        body = write_result(action.operation, result, request_id, "sts")
        return Ec2Reply(200, body)

    def _ec2_reply(
        self, request: HttpRequest, action: Action, request_id: str
    ) -> Ec2Reply:
        if action.operation in OPERATIONS:
            return self._mirroring_reply(action, request_id)
        if action.parameters.get("DryRun", "").lower() == "true":
            raise ec2_error(Refusal.DRY_RUN)
        if not action.operation.startswith(READING):
            return self._change(request, action, request_id)

        def ask_moto(parameters: Parameters) -> Ec2Reply:
            changed = replace(action, parameters=parameters)
            return self._moto.forward(
                with_parameters(request, changed), "ec2", request_id
            )

        with self._lock:
            self._instances.update(counts=action.operation == "DescribeInstances")
            return look_up(self._state_for(action), action, request_id, ask_moto)

    def _mirroring_reply(self, action: Action, request_id: str) -> Ec2Reply:
        params = read_params(action.operation, action.parameters)
        required = required_params(action.operation)
        with self._lock:
            self._instances.update(counts=False)
            result = run_operation(self._state_for(action), params, required)
        return Ec2Reply(200, write_result(action.operation, result, request_id))

    def _change(
        self, request: HttpRequest, action: Action, request_id: str
    ) -> Ec2Reply:
        with self._lock:
            self._instances.update(counts=False)
            reply = self._moto.forward(request, "ec2", request_id)
            if action.operation == "CreateNetworkInterface":
                reply = set_requested_type(action, reply)
            if action.operation in _CHANGE_INSTANCES and not reply.error_code:
                ids = [each.decode() for each in _INSTANCE_ID.findall(reply.body)]
                self._instances.after_change(action.operation, ids, action.parameters)
            for state in self._states.values():
                state.drop_orphaned_sessions()
        return reply

    def _other_reply(
        self, request: HttpRequest, action: Action, request_id: str
    ) -> Ec2Reply:
        if not action.service:
            # moto's administration is unsigned: its reset would leave our state as is.
            raise ec2_error(Refusal.NOT_EMULATED, operation="unsigned requests")
        if action.operation == "GetMetricData":
            check_metric_queries(action)
        with self._lock:
            reply = self._moto.forward(request, action.service, request_id)
            account = self._accounts.account_of(action.access_key)
            if action.operation == "CreateLoadBalancer":
                reply = correct_load_balancer_arn(action, account, reply)
            if not action.operation.startswith(READING):
                update_interfaces(account, action.region)
        return reply

    def _state_for(self, action: Action) -> RegionState:
        account = self._accounts.account_of(action.access_key)
        return self._state(account, action.region)

    def _state(self, account: str, region: str) -> RegionState:
        place = account, region
        if place not in self._states:
            resources = MotoResources(*place)
            self._states[place] = RegionState(*place, self._settings, resources)
        return self._states[place]
