"""All items of all pages, through boto3's own paginators."""

from io import BytesIO

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from traffic_mirroring.aws.pages import PAGE_SIZES, chunks, find_items, value_filters


def client_of(operation):
    """Return a client that has the operation, without any credentials of its own."""
    service = "elbv2" if operation == "describe_listeners" else "ec2"
    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "invented"}
    return boto3.client(service, "us-east-1", **keys)


@pytest.fixture(scope="module")
def clients():
    """Return a client per operation."""
    ec2, balancing = client_of(""), client_of("describe_listeners")
    return {
        operation: balancing if operation == "describe_listeners" else ec2
        for operation in PAGE_SIZES
    }


@pytest.mark.parametrize(
    "operation", [name for name, size in PAGE_SIZES.items() if size]
)
def test_page_sizes_are_within_botocores_limits(clients, operation):
    """The model has limits for some operations; AWS's documentation has the others."""
    client = clients[operation]
    name = client.meta.method_to_api_mapping[operation]
    members = client.meta.service_model.operation_model(name).input_shape.members
    size = members["PageSize" if operation == "describe_listeners" else "MaxResults"]

    assert PAGE_SIZES[operation] <= size.metadata.get("max", 1000)


def page(*ids, token=""):
    """Return a page of sessions as EC2 sends it."""
    items = "".join(
        f"<item><trafficMirrorSessionId>{each}</trafficMirrorSessionId></item>"
        for each in ids
    )
    return f"""<DescribeTrafficMirrorSessionsResponse>
        <trafficMirrorSessionSet>{items}</trafficMirrorSessionSet>
        <nextToken>{token}</nextToken></DescribeTrafficMirrorSessionsResponse>"""


def test_every_page_is_as_large_as_possible_and_an_empty_token_ends_the_list(clients):
    """Each call has the same filters; an empty page in between is not the end."""
    client = clients["describe_traffic_mirror_sessions"]
    pages = [page("tms-1", token="a"), page(token="b"), page("tms-2")]
    bodies = []

    def answer(request, **_):
        bodies.append(request.body)
        content = HTTPResponse(BytesIO(pages.pop(0).encode()), preload_content=False)
        return AWSResponse("", 200, {}, content)

    client.meta.events.register("before-send", answer)
    (filters,) = value_filters("network-interface-id", ["eni-1"])
    found = find_items(
        client,
        "describe_traffic_mirror_sessions",
        "TrafficMirrorSessions",
        "Looking",
        Filters=filters,
    )

    assert [each["TrafficMirrorSessionId"] for each in found] == ["tms-1", "tms-2"]
    assert all("MaxResults=1000" in each for each in bodies)
    assert all("Filter.1.Value.1=eni-1" in each for each in bodies)
    assert len(bodies) == 3


def test_chunks_have_every_item():
    """No chunk is empty, and none has more than the limit."""
    assert list(chunks(["a", "b", "c"], 2)) == [["a", "b"], ["c"]]
    assert list(chunks([], 2)) == []


def test_filters_have_every_value_once():
    """Each call has up to 200 values."""
    values = [f"eni-{n % 201:03}" for n in range(300)]

    first, second = value_filters("network-interface-id", values)

    assert first == [
        {"Name": "network-interface-id", "Values": sorted(set(values))[:200]}
    ]
    assert second == [{"Name": "network-interface-id", "Values": ["eni-200"]}]
