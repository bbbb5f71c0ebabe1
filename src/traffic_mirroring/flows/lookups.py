"""
Owns: the look-ups of NICs, instances and network that mirrors need, in batches.

A look-up that fails or isn't allowed does not fail a mirror: its result is Unchecked.
Must not know: how mirrors are created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from logging import Logger
from typing import TypeVar

from traffic_mirroring.aws.network import Ec2Network
from traffic_mirroring.errors import CallForbidden, user_message
from traffic_mirroring.models import Mirror, NicId
from traffic_mirroring.plan.prerequisites import is_balancer, nics_of
from traffic_mirroring.topology import (
    AllowedSources,
    Attachments,
    Nic,
    Topology,
    Unchecked,
)
from traffic_mirroring.workers import Workers

T = TypeVar("T")


class Lookups:
    """Look up NICs, instances and what lies between them, for one command."""

    def __init__(self, ec2: Ec2Network, workers: Workers, log: Logger) -> None:
        self._ec2 = ec2
        self._workers = workers
        self._log = log

    def find_attachments(self, mirrors: Sequence[Mirror]) -> Attachments:
        """Return the mirrors' NICs and the instances that they are attached to."""
        nic_ids = {nic_id for mirror in mirrors for nic_id in nics_of(mirror)}
        return self._attachments(nic_ids)

    @contextmanager
    def topology(
        self, mirrors: Sequence[Mirror], attachments: Attachments
    ) -> Iterator[Future[Topology]]:
        """Look up what lies between the mirrors' NICs; done after the block."""
        result: Future[Topology] = Future()
        types = _types(mirrors, attachments)
        pairs = _pairs(mirrors, attachments)
        groups = {group_id for _, target in pairs for group_id in target.group_ids}
        apart = {nic.vpc_id for pair in pairs if _in_two_vpcs(*pair) for nic in pair}
        arns = {each.destination for each in mirrors if is_balancer(each.destination)}
        with (
            self._start(lambda: self._ec2.find_types(types)) as kinds,
            self._workers.in_background(
                lambda: self._allowed_sources(groups)
            ) as allowed_sources,
            self._start(lambda: self._ec2.find_peerings(apart)) as peerings,
            self._start(lambda: self._ec2.find_listeners(arns)) as listeners,
        ):
            yield result
        result.set_result(
            Topology(
                kinds.result(),
                *allowed_sources.result(),
                peerings.result(),
                listeners.result(),
            )
        )

    def _attachments(self, nic_ids: set[NicId]) -> Attachments:
        """Look up instances with their NICs, and then the NICs that are on none."""
        attached = self._unchecked_on_error(lambda: self._ec2.find_attached(nic_ids))
        if isinstance(attached, Unchecked):
            return Attachments(
                self._unchecked_on_error(lambda: self._ec2.find_nics(nic_ids)), attached
            )
        instances = {nic_id: instance for nic_id, (_, instance) in attached.items()}
        nics = {nic_id: nic for nic_id, (nic, _) in attached.items()}
        others = self._unchecked_on_error(
            lambda: self._ec2.find_nics(nic_ids - nics.keys())
        )
        if isinstance(others, Unchecked):
            return Attachments(others, instances)
        return Attachments({**nics, **others}, instances)

    def _allowed_sources(
        self, group_ids: set[str]
    ) -> tuple[
        Mapping[str, AllowedSources] | Unchecked,
        Mapping[str, frozenset[str]] | Unchecked,
    ]:
        """Look up security groups, and then the prefix lists that they name."""
        allowed_sources = self._unchecked_on_error(
            lambda: self._ec2.find_allowed_sources(group_ids)
        )
        if isinstance(allowed_sources, Unchecked):
            return allowed_sources, {}
        lists = {
            list_id
            for allowed in allowed_sources.values()
            for list_id in allowed.prefix_list_ids
        }
        return allowed_sources, self._unchecked_on_error(
            lambda: self._ec2.find_prefix_lists(lists)
        )

    def _start(
        self, call: Callable[[], T]
    ) -> AbstractContextManager[Future[T | Unchecked]]:
        return self._workers.in_background(lambda: self._unchecked_on_error(call))

    def _unchecked_on_error(self, call: Callable[[], T]) -> T | Unchecked:
        try:
            return call()
        except CallForbidden as error:
            self._log.info("%s", error)
            return Unchecked(f"{error.permission} is not allowed")
        except Exception as error:
            self._log.warning("A look-up failed", exc_info=True)
            return Unchecked(user_message(error))


def _types(mirrors: Sequence[Mirror], attachments: Attachments) -> set[str]:
    """Return the types of the sources' instances, as far as they are known."""
    if isinstance(attachments.instances, Unchecked):
        return set()
    sources = {mirror.source_nic_id for mirror in mirrors}
    return {
        instance.type
        for nic_id, instance in attachments.instances.items()
        if nic_id in sources
    }


def _pairs(
    mirrors: Sequence[Mirror], attachments: Attachments
) -> list[tuple[Nic, Nic]]:
    """Return the sources and targets that are NICs and known."""
    if isinstance(attachments.nics, Unchecked):
        return []
    known = attachments.nics
    ends = [(mirror.source_nic_id, NicId(mirror.destination)) for mirror in mirrors]
    return [
        (known[source], known[target])
        for source, target in ends
        if source in known and target in known
    ]


def _in_two_vpcs(source: Nic, target: Nic) -> bool:
    return source.vpc_id != target.vpc_id
