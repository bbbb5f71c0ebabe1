"""Every field of a request is tested with values and announced in the changelog."""

from __future__ import annotations

import re

import pytest

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.valid_requests import VALID_CREATES, VALID_REMOVES
from tools.checkout import ROOT
from traffic_mirroring.request import rules, shapes

FIELDS = {
    str(field.alias)
    for shape in (
        shapes.CreateTrafficMirroring,
        shapes.CreateTrafficMirroringParams,
        rules.TrafficFilterRule,
        rules.PortRange,
        shapes.RemoveTrafficMirroring,
        shapes.GetTrafficMirroring,
        shapes.CleanupNetwork,
    )
    for field in shape.model_fields.values()
} - {"type"}

OF_THE_FIRST_RELEASE = {
    "actionId",
    "actionParams",
    "destinationCidr",
    "destinationPortRange",
    "direction",
    "filterRules",
    "fromPort",
    "gatewayLoadBalancerEndpointId",
    "networkLoadBalancerArn",
    "protocol",
    "ruleAction",
    "sessionId",
    "sessionNumber",
    "sourceCidr",
    "sourceNicId",
    "sourcePortRange",
    "targetNicId",
    "toPort",
}
"""Fields that 1.0.0 had without naming them in the changelog; add none."""

TEXTS = {
    "bad_requests.py": [
        text for text, _ in (*BAD_CREATES.values(), *BAD_REMOVES.values())
    ],
    "valid_requests.py": [
        text for text, _ in (*VALID_CREATES.values(), *VALID_REMOVES.values())
    ],
}


def test_the_changelog_names_every_field():
    """A user of the last release learns of a new one there."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    named = set(re.findall(r"`(\w+)`", changelog))

    assert FIELDS - named - OF_THE_FIRST_RELEASE == set()


@pytest.mark.parametrize("file", TEXTS)
def test_every_field_has_values(file):
    """Invalid and valid ones, which the parser and the schema are tested with."""
    used = {key for text in TEXTS[file] for key in re.findall(r'"(\w+)"\s*:', text)}

    assert FIELDS - used == set()
