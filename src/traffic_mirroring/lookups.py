"""
Looking up what mirrors need, in batches and beside other work.

A look-up that fails, or isn't allowed, keeps no mirror from being made: what it was
for is Unchecked then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from logging import Logger
from typing import TYPE_CHECKING, TypeVar

from .ec2_network import Ec2Network
from .errors import CallForbidden, told
from .models import Mirror, NicId
from .network import Machines, Network, Nic, Opening, Unchecked
from .prerequisites import is_balancer, nics_of
from .workers import Workers

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")


class Lookups:
    """Asks about NICs, instances and what is between them, for one command."""

    def __init__(self, ec2: Ec2Network, workers: Workers, log: Logger) -> None:
        self._ec2 = ec2
        self._workers = workers
        self._log = log

    @contextmanager
    def machines(self, mirrors: Sequence[Mirror]) -> Iterator[Callable[[], Machines]]:
        """Look up the mirrors' NICs while the block runs; after it they are known."""
        nic_ids = {nic_id for mirror in mirrors for nic_id in nics_of(mirror)}
        with self._workers.meanwhile(lambda: self._machines(nic_ids)) as machines:
            yield machines.result

    @contextmanager
    def network(
        self, mirrors: Sequence[Mirror], machines: Machines
    ) -> Iterator[Callable[[], Network]]:
        """Look up what is between the mirrors' NICs, as with `machines`."""
        types = _types(mirrors, machines)
        pairs = _pairs(mirrors, machines)
        groups = {group_id for _, target in pairs for group_id in target.group_ids}
        apart = {nic.vpc_id for pair in pairs if _apart(*pair) for nic in pair}
        arns = {each.destination for each in mirrors if is_balancer(each.destination)}
        with (
            self._meanwhile(lambda: self._ec2.find_types(types)) as kinds,
            self._workers.meanwhile(lambda: self._openings(groups)) as openings,
            self._meanwhile(lambda: self._ec2.find_peerings(apart)) as peerings,
            self._meanwhile(lambda: self._ec2.find_listeners(arns)) as listeners,
        ):
            yield lambda: Network(
                kinds.result(),
                *openings.result(),
                peerings.result(),
                listeners.result(),
            )

    def _machines(self, nic_ids: set[NicId]) -> Machines:
        """Look up instances with their NICs, and then the NICs that are on none."""
        attached = self._look(lambda: self._ec2.find_attached(nic_ids))
        if isinstance(attached, Unchecked):
            return Machines(self._look(lambda: self._ec2.find_nics(nic_ids)), attached)
        instances = {nic_id: instance for nic_id, (_, instance) in attached.items()}
        nics = {nic_id: nic for nic_id, (nic, _) in attached.items()}
        others = self._look(lambda: self._ec2.find_nics(nic_ids - nics.keys()))
        if isinstance(others, Unchecked):
            return Machines(others, instances)
        return Machines({**nics, **others}, instances)

    def _openings(
        self, group_ids: set[str]
    ) -> tuple[
        Mapping[str, Opening] | Unchecked,
        Mapping[str, frozenset[str]] | Unchecked,
    ]:
        """Look up security groups, and then the prefix lists that they name."""
        openings = self._look(lambda: self._ec2.find_openings(group_ids))
        if isinstance(openings, Unchecked):
            return openings, {}
        lists = {
            list_id
            for opening in openings.values()
            for list_id in opening.prefix_list_ids
        }
        return openings, self._look(lambda: self._ec2.find_prefix_lists(lists))

    def _meanwhile(
        self, call: Callable[[], T]
    ) -> AbstractContextManager[Future[T | Unchecked]]:
        return self._workers.meanwhile(lambda: self._look(call))

    def _look(self, call: Callable[[], T]) -> T | Unchecked:
        try:
            return call()
        except CallForbidden as error:
            self._log.info("%s", error)
            return Unchecked(f"{error.permission} is not allowed")
        except Exception as error:
            self._log.warning("A look-up failed", exc_info=True)
            return Unchecked(told(error))


def _types(mirrors: Sequence[Mirror], machines: Machines) -> set[str]:
    """Return the types of the sources' instances, as far as they are known."""
    if isinstance(machines.instances, Unchecked):
        return set()
    sources = {mirror.source_nic_id for mirror in mirrors}
    return {
        instance.type
        for nic_id, instance in machines.instances.items()
        if nic_id in sources
    }


def _pairs(mirrors: Sequence[Mirror], machines: Machines) -> list[tuple[Nic, Nic]]:
    """Return the sources and targets that are NICs and known."""
    if isinstance(machines.nics, Unchecked):
        return []
    known = machines.nics
    ends = [(mirror.source_nic_id, NicId(mirror.destination)) for mirror in mirrors]
    return [
        (known[source], known[target])
        for source, target in ends
        if source in known and target in known
    ]


def _apart(source: Nic, target: Nic) -> bool:
    return source.vpc_id != target.vpc_id
