"""Draws random networks with mirrors in them, and builds them in EC2."""

from __future__ import annotations

from uuid import uuid4

from hypothesis import strategies as st

from tests.scenario.ec2_resources import (
    create_load_balancer,
    create_prefix_list,
    run_instance,
)
from tests.scenario.network_resources import (
    attach_to_gateway,
    create_acl,
    create_internet_gateway,
    create_subnet,
    create_table,
    main_table,
    peer,
    route,
)

VPCS = range(3)
SUBNETS = [(vpc, subnet) for vpc in VPCS for subnet in (0, 1)]
PAIRS = [(0, 1), (0, 2), (1, 2)]
SOURCES = 4
CIDRS = [
    *("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"),
    *("10.0.0.0/24", "10.1.1.0/24", "10.2.0.0/25", "192.168.0.0/16"),
]
ANY = "0.0.0.0/0"

cidrs = st.sampled_from(CIDRS)
subnets = st.sampled_from(SUBNETS)
acls = st.one_of(
    *[st.none()] * 4,
    st.just([(1, "allow", ANY)]),
    st.lists(
        st.tuples(st.integers(1, 99), st.sampled_from(["allow", "deny"]), cidrs),
        max_size=3,
        unique_by=lambda entry: entry[0],
    ),
)
hops = st.sampled_from(["pcx", "pcx", "tgw", "igw"])
direct_routes = st.tuples(st.sampled_from(VPCS), st.sampled_from(["pcx", "tgw"])).map(
    lambda drawn: (f"10.{drawn[0]}.0.0/16", drawn[1], drawn[0])
)
odd_routes = st.tuples(
    st.sampled_from([*CIDRS, *["list"] * 5]), hops, st.sampled_from(VPCS)
)
routes = st.lists(
    st.one_of(*[direct_routes] * 3, odd_routes),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each[0],
)
groups = st.sampled_from(
    [
        ANY,
        ANY,
        ANY,
        "10.0.0.0/8",
        "10.0.0.0/8",
        "10.1.0.0/16",
        "list",
        "group",
        "nobody",
    ]
)
balancers = st.fixed_dictionaries(
    {
        "subnets": st.lists(subnets, min_size=1, max_size=2, unique=True).map(
            lambda chosen: [each for each in chosen if each[0] == chosen[0][0]]
        ),
        "group": st.one_of(st.none(), groups),
        "port": st.sampled_from([4789, 4789, 4789, 53]),
        "healthy": st.sampled_from([True, True, True, False]),
    }
)
targets = st.one_of(
    st.fixed_dictionaries({"subnet": subnets, "group": groups}),
    st.fixed_dictionaries({"subnet": subnets, "group": groups}),
    balancers,
)
networks = st.fixed_dictionaries(
    {
        "listed": st.lists(
            st.sampled_from(CIDRS[2:7]), min_size=1, max_size=2, unique=True
        ),
        "peered": st.fixed_dictionaries(
            dict.fromkeys(PAIRS, st.sampled_from([True, True, False, None]))
        ),
        "attached": st.sets(st.sampled_from(VPCS), min_size=1),
        "acls": st.fixed_dictionaries(dict.fromkeys(SUBNETS, acls)),
        "main routes": st.fixed_dictionaries(dict.fromkeys(VPCS, routes)),
        "own routes": st.fixed_dictionaries(
            dict.fromkeys(SUBNETS, st.one_of(st.none(), st.none(), routes))
        ),
        "mirrors": st.lists(
            st.fixed_dictionaries(
                {
                    "subnet": subnets,
                    "type": st.sampled_from(["t3.micro"] * 9 + ["m8g.large"]),
                    "target": targets,
                }
            ),
            min_size=SOURCES,
            max_size=SOURCES,
        ),
    }
)


class RandomNetwork:
    """A drawn network in EC2; `sources` and `targets` are NICs or load balancers."""

    def __init__(self, world, drawn) -> None:
        self._world, self._drawn, client = world, drawn, world.client
        self.vpcs = [
            client.create_vpc(CidrBlock=f"10.{each}.0.0/16")["Vpc"]["VpcId"]
            for each in VPCS
        ]
        self._subnets = {
            (vpc, each): create_subnet(world, self.vpcs[vpc], f"10.{vpc}.{each}.0/24")
            for vpc, each in SUBNETS
        }
        self._list = create_prefix_list(world, *drawn["listed"])
        for place, entries in drawn["acls"].items():
            if entries is not None:
                create_acl(world, self.vpcs[place[0]], self._subnets[place], *entries)
        self._create_routes()
        self._source_groups = [self._create_group(vpc, ANY) for vpc in VPCS]
        self.sources, self.targets = [], []
        for each in drawn["mirrors"]:
            place = each["subnet"]
            self._near = self._source_groups[place[0]]
            self.sources.append(self._run(place, self._near, each["type"]))
            self.targets.append(self._create_target(each["target"]))

    def _create_routes(self) -> None:
        self._peerings = {
            pair: peer(self._world, *(self.vpcs[each] for each in pair), accepted=yes)
            for pair, yes in self._drawn["peered"].items()
            if yes is not None
        }
        attached = [self._subnets[each, 0] for each in self._drawn["attached"]]
        self._gateway = attach_to_gateway(self._world, *attached)
        self._internet = [
            create_internet_gateway(self._world, each) for each in self.vpcs
        ]
        for vpc, drawn in self._drawn["main routes"].items():
            self._add_routes(vpc, main_table(self._world, self.vpcs[vpc]), drawn)
        for (vpc, subnet), drawn in self._drawn["own routes"].items():
            if drawn is not None:
                place = self._subnets[vpc, subnet]
                table = create_table(self._world, self.vpcs[vpc], place)
                self._add_routes(vpc, table, drawn)

    def _add_routes(self, vpc, table, drawn) -> None:
        for destination, kind, other in drawn:
            hop = self._hop(vpc, kind, other)
            # EC2 refuses routes that are as long as or longer than the local one.
            if hop and not destination.startswith(f"10.{vpc}."):
                place = self._list if destination == "list" else destination
                route(self._world, table, place, hop)

    def _hop(self, vpc, kind, other):
        if kind == "pcx":
            return self._peerings.get((min(vpc, other), max(vpc, other)))
        return self._gateway if kind == "tgw" else self._internet[vpc]

    def _create_target(self, drawn):
        if "subnet" in drawn:
            group = self._create_group(drawn["subnet"][0], drawn["group"])
            return self._run(drawn["subnet"], group)
        vpc = drawn["subnets"][0][0]
        backend = self._run((vpc, 0), self._source_groups[vpc])
        options = {"Subnets": [self._subnets[each] for each in drawn["subnets"]]}
        if drawn["group"]:
            options["SecurityGroups"] = [self._create_group(vpc, drawn["group"])]
        instance = describe(self._world, backend)["Attachment"]["InstanceId"]
        targets = [instance] if drawn["healthy"] else []
        return create_load_balancer(
            self._world, drawn["port"], targets=targets, **options
        )

    def _create_group(self, vpc, allowed):
        """Create a group that allows a CIDR, the list, the source's group or nobody."""
        client = self._world.client
        group = client.create_security_group(
            GroupName=uuid4().hex, Description="-", VpcId=self.vpcs[vpc]
        )["GroupId"]
        sources = {"IpRanges": [{"CidrIp": allowed}]}
        if allowed == "list":
            sources = {"PrefixListIds": [{"PrefixListId": self._list}]}
        if allowed == "group":
            sources = {"UserIdGroupPairs": [{"GroupId": self._near}]}
        if allowed != "nobody":
            client.authorize_security_group_ingress(
                GroupId=group, IpPermissions=[{"IpProtocol": "-1", **sources}]
            )
        return group

    def _run(self, place, group, kind="t3.micro"):
        return run_instance(self._world, self._subnets[place], group, kind)


def describe(world, nic):
    """Return EC2's description of a NIC."""
    found = world.client.describe_network_interfaces(NetworkInterfaceIds=[nic])
    return found["NetworkInterfaces"][0]
