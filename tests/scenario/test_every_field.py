"""Every field of a mirror has an effect in EC2, and is in the list of mirrors."""

from __future__ import annotations

from tests.scenario import ec2_resources
from tests.scenario.conftest import clean_up, create_mirrors
from traffic_mirroring.request import rules, shapes
from traffic_mirroring.tags import OWN_KEYS

PORTS = {"fromPort": 10, "toPort": 20}
RULE = {
    "direction": "ingress",
    "protocol": "tcp",
    "sourcePortRange": PORTS,
    "destinationPortRange": PORTS,
    "sourceCidr": "10.1.0.0/16",
    "destinationCidr": "10.2.0.0/16",
}

OTHER_PORTS = {"fromPort": 11, "toPort": 21}
OTHER_RULE = {
    "direction": "egress",
    "protocol": "udp",
    "sourcePortRange": {"fromPort": 1, "toPort": 2},
    "destinationPortRange": {"fromPort": 1, "toPort": 2},
    "sourceCidr": "10.3.0.0/16",
    "destinationCidr": "10.4.0.0/16",
    "ruleAction": "reject",
    "description": "other",
}
"""For each field another value than in RULE, by which nothing else differs."""

NO_IDENTITY = {"description", "a rule's description", "tags", "dryRun"}
"""Fields that don't decide whether a mirror exists already."""

GENERATED = ("TargetId", "FilterId", "FilterRuleId", "SessionId")
RULES = ("IngressFilterRules", "EgressFilterRules")


def other_params(world):
    """Return, for each field of actionParams, what another value of it replaces."""
    balancer = ec2_resources.create_load_balancer(world, 4789)
    endpoint = ec2_resources.create_endpoint(world)
    return {
        "sourceNicId": {"sourceNicId": world.nic("db")},
        "sourceAppName": {"sourceNicId": None, "sourceAppName": "db"},
        "targetNicId": {"targetNicId": world.nic("ids")},
        "targetAppName": {"targetNicId": None, "targetAppName": "ids"},
        "networkLoadBalancerArn": {
            "targetNicId": None,
            "networkLoadBalancerArn": balancer,
        },
        "gatewayLoadBalancerEndpointId": {
            "targetNicId": None,
            "gatewayLoadBalancerEndpointId": endpoint,
        },
        "sessionNumber": {"sessionNumber": 2},
        "filterRules": {"filterRules": []},
        "packetLength": {"packetLength": 96},
        "virtualNetworkId": {"virtualNetworkId": 2},
        "description": {"description": "other"},
        "networkServices": {"networkServices": ["amazon-dns"]},
        "tags": {"tags": {"other": "1"}},
        "dryRun": {"dryRun": True},
    }


def with_rule(**fields):
    """Return the rules of a request whose rule has other values in these fields."""
    return {"filterRules": [{**RULE, **fields}]}


def variations(world):
    """Return all changes of the request, by the field that changes."""
    found = dict(other_params(world))
    for field, value in OTHER_RULE.items():
        found[f"a rule's {field}"] = with_rule(**{field: value})
    for field, value in OTHER_PORTS.items():
        found[f"a range's {field}"] = with_rule(sourcePortRange={**PORTS, field: value})
    return found


def fields_of(shape):
    """Return the fields of an object, without the one that names its type."""
    return {field.alias for field in shape.model_fields.values()} - {"type"}


def effect(world, params):
    """Create a mirror, return it as EC2 has it and as it is listed, and delete it."""
    create_mirrors(world, world.mirror(**params))
    resources = [*world.targets, *world.filters, *world.sessions]
    in_ec2 = [given(resource) for resource in resources]
    listed = [each["actionParams"] for each in world.list_mirrors()["mirrors"]]
    assert clean_up(world)["success"]
    return in_ec2, listed


def given(resource):
    """Return a resource in EC2 without new ids and the shell's own tags."""
    kept = {key: resource[key] for key in resource if not key.endswith(GENERATED)}
    tags = [tag for tag in kept.get("Tags", ()) if tag["Key"] not in OWN_KEYS]
    rules_of = {
        key: [given(rule) for rule in kept[key]] for key in RULES if key in kept
    }
    return {**kept, "Tags": tags, **rules_of}


def test_every_field_is_varied(quick_world):
    """A new field fails this test until it has another value in this file."""
    assert set(other_params(quick_world)) == fields_of(
        shapes.CreateTrafficMirroringParams
    )
    assert set(OTHER_RULE) == fields_of(rules.TrafficFilterRule)
    assert set(OTHER_PORTS) == fields_of(rules.PortRange)


def test_another_value_has_another_effect(quick_world):
    """Requests that differ in a single field create mirrors that differ."""
    world = quick_world
    # All that EC2 or the pool would choose is given.
    base = {"sessionNumber": 1, "virtualNetworkId": 1, **with_rule()}
    in_ec2, listed = effect(world, base)
    effects = {
        field: effect(world, {**base, **change})
        for field, change in variations(world).items()
    }

    # So the differences are the fields'.
    assert effect(world, base) == (in_ec2, listed)
    assert [field for field, found in effects.items() if found[0] == in_ec2] == []
    assert [field for field, found in effects.items() if found[1] == listed] == []


def test_every_field_makes_another_mirror_or_is_known_not_to(quick_world):
    """An existing mirror is found whatever the fields of NO_IDENTITY are, no others."""
    world = quick_world
    (existing,) = create_mirrors(world, world.mirror(**with_rule()))
    changes = variations(world)

    results = world.create(
        *(
            world.mirror(**{**with_rule(), **change, "dryRun": True})
            for change in changes.values()
        )
    )

    assert {
        field
        for field, result in zip(changes, results, strict=True)
        if result["sessionId"] == existing["sessionId"]
    } == NO_IDENTITY
