"""
Owns: the look-ups of NICs, instances and network that mirrors need, in batches.

A look-up that fails or isn't allowed does not fail a mirror: its result is Unchecked.
Must not know: how mirrors are created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from logging import Logger
from typing import TypeVar, Union

from traffic_mirroring.aws.network import Ec2Network
from traffic_mirroring.errors import CallForbidden, user_message
from traffic_mirroring.models import Destination, Mirror, NicId
from traffic_mirroring.plan.prerequisites import is_balancer, nics_of
from traffic_mirroring.plan.warnings import find_legs
from traffic_mirroring.topology import (
    AllowedSources,
    Attachments,
    RouteTable,
    Topology,
    Unchecked,
)
from traffic_mirroring.workers import Workers

T = TypeVar("T")
PrefixLists = Union[Mapping[str, frozenset[str]], Unchecked]


@dataclass(frozen=True)
class _Needs:
    """
    The ids of what must be looked up for mirrors; often, most of them are empty.

    Network ACLs matter only between two subnets, routes only between two VPCs.
    """

    groups: set[str]
    subnets: set[str]
    source_vpcs: set[str]
    vpcs: set[str]
    balancers: set[Destination]


class Lookups:
    """Look up NICs, instances and what lies between them, for one command."""

    def __init__(self, ec2: Ec2Network, workers: Workers, log: Logger) -> None:
        self._ec2 = ec2
        self._workers = workers
        self._log = log

    def find_attachments(self, mirrors: Sequence[Mirror]) -> Attachments:
        """Return the mirrors' NICs, and the instances that they are attached to."""
        nic_ids = {nic_id for mirror in mirrors for nic_id in nics_of(mirror)}
        arns = {each.destination for each in mirrors if is_balancer(each.destination)}
        return replace(
            self._attachments(nic_ids),
            balancer_nics=self._unchecked_on_error(
                lambda: self._ec2.find_balancer_nics(arns)
            ),
        )

    @contextmanager
    def topology(
        self, mirrors: Sequence[Mirror], attachments: Attachments
    ) -> Iterator[Future[Topology]]:
        """Look up what lies between the mirrors' NICs; done after the block."""
        result: Future[Topology] = Future()
        needs = _needs(mirrors, attachments)
        start, ec2 = self._workers.in_background, self._ec2
        with (
            start(lambda: self._allowed_sources(needs.groups)) as allowed_sources,
            self._start(lambda: ec2.find_acls(needs.subnets)) as acls,
            start(lambda: self._route_tables(needs.source_vpcs)) as route_tables,
            self._start(lambda: ec2.find_peerings(needs.vpcs)) as peerings,
            self._start(lambda: ec2.find_transit_gateways(needs.vpcs)) as gateways,
            start(lambda: self._balancers(needs.balancers)) as balancers,
        ):
            yield result
        sources_allowed, group_lists = allowed_sources.result()
        tables, route_lists = route_tables.result()
        listeners, healthy = balancers.result()
        result.set_result(
            Topology(
                sources_allowed,
                acls.result(),
                _merged(group_lists, route_lists),
                tables,
                peerings.result(),
                gateways.result(),
                listeners,
                healthy,
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
    ) -> tuple[Mapping[str, AllowedSources] | Unchecked, PrefixLists]:
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
        return allowed_sources, self._prefix_lists(lists)

    def _route_tables(
        self, vpc_ids: set[str]
    ) -> tuple[tuple[RouteTable, ...] | Unchecked, PrefixLists]:
        """Look up route tables, and then the prefix lists that they name."""
        tables = self._unchecked_on_error(lambda: self._ec2.find_route_tables(vpc_ids))
        if isinstance(tables, Unchecked):
            return tables, {}
        destinations = {route.destination for table in tables for route in table.routes}
        lists = {each for each in destinations if each.startswith("pl-")}
        return tables, self._prefix_lists(lists)

    def _prefix_lists(self, list_ids: set[str]) -> PrefixLists:
        return self._unchecked_on_error(lambda: self._ec2.find_prefix_lists(list_ids))

    def _balancers(
        self, arns: set[Destination]
    ) -> tuple[
        Mapping[Destination, frozenset[str]] | Unchecked,
        Mapping[str, bool] | Unchecked,
    ]:
        """Look up load balancers' listeners, and then the targets behind them."""
        listeners = self._unchecked_on_error(lambda: self._ec2.find_listeners(arns))
        if isinstance(listeners, Unchecked):
            return listeners, {}
        groups = {group for found in listeners.values() for group in found}
        return listeners, self._unchecked_on_error(
            lambda: self._ec2.find_healthy(groups)
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


def _merged(first: PrefixLists, second: PrefixLists) -> PrefixLists:
    if isinstance(first, Unchecked):
        return first
    return second if isinstance(second, Unchecked) else {**first, **second}


def _needs(mirrors: Sequence[Mirror], attachments: Attachments) -> _Needs:
    legs = [leg for each in mirrors for leg in find_legs(each, attachments)]
    far = [leg for leg in legs if leg.source.vpc_id != leg.target.vpc_id]
    return _Needs(
        {group_id for leg in legs for group_id in leg.target.group_ids},
        {
            leg.target.subnet_id
            for leg in legs
            if leg.source.subnet_id != leg.target.subnet_id
        },
        {leg.source.vpc_id for leg in far},
        {vpc for leg in far for vpc in (leg.source.vpc_id, leg.target.vpc_id)},
        {each.destination for each in mirrors if is_balancer(each.destination)},
    )
