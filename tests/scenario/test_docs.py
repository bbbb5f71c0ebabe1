"""Every example of the docs runs, and the reference describes every field."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import jmespath
import pytest
from jsonschema import Draft202012Validator

from tests.request_texts import PARAMS, RULE, SOURCE, TARGET, request
from tests.scenario.conftest import create_foreign_session, create_mirrors
from tests.scenario.ec2_resources import create_endpoint, create_load_balancer
from tools.checkout import ROOT
from traffic_mirroring.request import rules, shapes

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROSE = [
    *PAGES,
    *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "examples/README.md")),
]
PRODUCT = ROOT / "src" / "traffic_mirroring"
REFERENCE = (ROOT / "docs" / "requests.md").read_text()

SHAPES = {
    "The action": shapes.CreateTrafficMirroring,
    "`actionParams`": shapes.CreateTrafficMirroringParams,
    "A rule": rules.TrafficFilterRule,
    "A port range": rules.PortRange,
    "RemoveTrafficMirroring": shapes.RemoveTrafficMirroring,
    "GetTrafficMirroring": shapes.GetTrafficMirroring,
    "CleanupSandboxInfra": shapes.CleanupNetwork,
}
COMMANDS = {
    "CreateTrafficMirroring": "CreateTrafficMirroring",
    "RemoveTrafficMirroring": "RemoveTrafficMirroring",
    "GetTrafficMirroring": "GetTrafficMirroring",
    "cleanupNetwork": "CleanupSandboxInfra",
}


def rows(heading):
    """Return the examples of the table under a heading of the reference, by field."""
    section = re.split(rf"^##+ {re.escape(heading)}$", REFERENCE, flags=re.MULTILINE)[1]
    section = re.split(r"^##", section, flags=re.MULTILINE)[0]
    table = re.findall(r"^\| `(\w+)` \|.*\| `(\".*)` \|$", section, re.MULTILINE)
    return dict(table)


EXAMPLES = [
    pytest.param(heading, example, id=f"{shape.__name__}.{field}")
    for heading, shape in SHAPES.items()
    for field, example in rows(heading).items()
]
BLOCKS = [
    pytest.param(json.loads(block), id=f"{page.name} {number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"^```json\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    )
]
REQUESTS = [each for each in BLOCKS if "driverRequest" in each.values[0]]


@pytest.fixture
def sandbox(world):
    """Deploy Apps with the NIC ids that the documentation uses."""
    return world.lab.deploy("documented", {"web": SOURCE, "capture": TARGET})


def test_the_examples_are_found():
    """The patterns of this file still match the documentation."""
    assert len(EXAMPLES) > 25
    assert len(REQUESTS) >= 5


@pytest.mark.parametrize("heading", SHAPES)
def test_the_reference_lists_every_field(heading):
    """A new field of the models fails this test until it is described."""
    fields = {field.alias for field in SHAPES[heading].model_fields.values()}

    assert set(rows(heading)) == fields


def action_with(heading, field):
    """Return an action that has the field in the object that the heading names."""
    create = {"type": "CreateTrafficMirroring", "actionParams": PARAMS}
    ports = {"destinationPortRange": {"fromPort": 1, "toPort": 65535, **field}}
    rule = {"filterRules": [{**RULE, **(ports if "port" in heading else field)}]}
    if heading in ("A rule", "A port range"):
        return {**create, "actionParams": {**PARAMS, **rule}}
    if heading == "`actionParams`":
        others = {
            f"{end}NicId": None
            for end in ("source", "target")
            if f"{end}AppName" in field
        }
        return {**create, "actionParams": {**PARAMS, **others, **field}}
    if heading == "RemoveTrafficMirroring":
        ends = {} if "sessionId" in field else {"targetNicId": TARGET}
        return {"type": "RemoveTrafficMirroring", **ends, **field}
    if heading == "GetTrafficMirroring":
        return {"type": heading, **field}
    if heading == "CleanupSandboxInfra":
        return {"type": "cleanupNetwork", **field}
    return {**create, **field}


def with_existing_ids(world, action):
    """Replace documented ids by ids of resources that exist in EC2."""
    params = action.get("actionParams", {})
    if "networkLoadBalancerArn" in params:
        arn = {
            "targetNicId": None,
            "networkLoadBalancerArn": create_load_balancer(world, 4789),
        }
        return {**action, "actionParams": {**params, **arn}}
    if "gatewayLoadBalancerEndpointId" in params:
        gateway = {
            "targetNicId": None,
            "gatewayLoadBalancerEndpointId": create_endpoint(world),
        }
        return {**action, "actionParams": {**params, **gateway}}
    if action.get("sessionId"):
        return {**action, "sessionId": world.sessions[0]["TrafficMirrorSessionId"]}
    return action


@pytest.mark.parametrize(("heading", "example"), EXAMPLES)
def test_every_example_of_the_reference_runs(world, sandbox, heading, example):
    """Each example runs in a minimal request, after a mirror was created."""
    create = {"type": "CreateTrafficMirroring", "actionParams": PARAMS}
    world.execute("CreateTrafficMirroring", request(create), sandbox)
    action = with_existing_ids(
        world, action_with(heading, json.loads(f"{{{example}}}"))
    )

    (result,) = world.execute(COMMANDS[action["type"]], request(action), sandbox)

    assert result["errorMessage"] == ""
    assert result["success"]


@pytest.mark.parametrize("block", REQUESTS)
def test_every_documented_request_runs(world, sandbox, block):
    """Every documented request is valid and succeeds unchanged."""
    schema = json.loads((ROOT / "docs" / "request.schema.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(block)) == []
    kind = block["driverRequest"]["actions"][0]["type"]

    results = world.execute(COMMANDS[kind], json.dumps(block), sandbox)

    assert [result["errorMessage"] for result in results] == [""]


def test_the_readmes_answer_is_the_answer_to_its_request(world, sandbox):
    """The two differ only in the session id."""
    sent, documented = (each.values[0] for each in BLOCKS[:2])

    answer = world.execute("CreateTrafficMirroring", json.dumps(sent), sandbox)

    expected = documented["driverResponse"]["actionResults"]
    assert without_ids(answer) == without_ids(expected)


def test_the_documented_list_is_the_answer_after_its_mirror_was_created(world, sandbox):
    """Twelve packets of 54 bytes were mirrored meanwhile."""
    from scapy.layers.inet import TCP

    from tests.scenario.mirrored_traffic import Traffic

    (documented,) = (
        block.values[0]["driverResponse"]["actionResults"]
        for block in BLOCKS
        if '"mirrors"' in json.dumps(block.values[0])
    )
    params = documented[0]["mirrors"][0]["actionParams"]
    action = {"type": "CreateTrafficMirroring", "actionParams": params}
    world.execute("CreateTrafficMirroring", request(action), sandbox)
    world.sandbox = sandbox
    traffic = Traffic(world)
    for _ in range(12):
        assert traffic.is_mirrored(traffic.inbound(TCP()))

    answer = world.list_mirrors()

    assert without_ids([answer]) == without_ids(documented)


def without_ids(results):
    """Return the results as JSON, with what EC2 chooses replaced by the same text."""
    text = json.dumps(results, sort_keys=True)
    text = re.sub("(tm[sft])-[0-9a-f]+", r"\1-0", text)
    return re.sub(r'(VXLAN network |"virtualNetworkId": )\d+', r"\g<1>0", text)


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_named_file_exists(page):
    """Links and paths in backticks lead to files, in the project or the package."""
    text = page.read_text()
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", text)
    paths = re.findall(
        r"`((?:\.\./)?[\w/]+(?:\.(?:py|md|json|xml|yaml|txt|toml)|/))`", text
    )

    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [
        path
        for path in paths
        if not any((place / path).exists() for place in (ROOT, PRODUCT, page.parent))
    ]
    assert missing == []


def test_the_emulators_example_runs():
    """The example starts its own lab and prints what its comment says."""
    text = (ROOT / "docs" / "emulator.md").read_text()
    code = re.search(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[1]

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    (promised,) = re.findall(r"print\(.*\)  # (.*)", code)
    assert done.stdout.strip() == promised


def test_operations_queries_find_what_is_left(world):
    """Those for the removal of the shell list its sessions and filters, no others."""
    text = (ROOT / "docs" / "operations.md").read_text()
    queries = re.findall(r'--query \\\n +"(.+)"$', text, re.MULTILINE)
    create_foreign_session(world, "db", 7)
    (created,) = create_mirrors(world, world.mirror())
    resources = {
        "TrafficMirrorSessions": world.sessions,
        "TrafficMirrorFilters": world.filters,
    }

    found = [jmespath.search(query, resources) for query in queries]

    assert found == [[[created["sessionId"], world.nic("web")]], [created["filterId"]]]
