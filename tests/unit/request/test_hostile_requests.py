"""Requests that are written to do harm are ignored or rejected like any other."""

from __future__ import annotations

import json
import sys
import threading

import pytest

from reliability.request_checks import check_request
from tests.request_texts import RULE, create, create_action, remove_action, request
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.models import Filter, Session, Target
from traffic_mirroring.request.document import MAX_LEVELS
from traffic_mirroring.request.parsing import parse_create, parse_remove, render
from traffic_mirroring.results import ActionResult, GetResult, ListedMirror

JSONPICKLE_TAGS = {
    "py/object": "traffic_mirroring.commands.Commands",
    "py/type": "subprocess.Popen",
    "py/function": "os.system",
    "py/reduce": [{"py/type": "os.mkdir"}, {"py/tuple": ["/tmp/made"]}],  # noqa: S108
    "py/reduce_ex": [{"py/function": "os.system"}, ["true"]],
    "py/repr": "os/os.system('true')",
    "py/newargs": ["x"],
    "py/newargsex": [["x"], {}],
    "py/initargs": ["x"],
    "py/newobj": {"py/type": "subprocess.Popen"},
    "py/state": {"__class__": "x"},
    "py/id": 1,
    "py/ref": "/driverRequest",
    "py/tuple": [1],
    "py/set": [1],
    "py/seq": [1],
    "py/iterator": [1],
    "py/mod": "os",
    "py/enumvalue": 1,
    "py/bytes": "x",
    "py/b64": "eA==",
    "json://x": 1,
    "__class__": "os.system",
    "__proto__": {},
    "__init__": 1,
}


@pytest.mark.parametrize(("tag", "value"), JSONPICKLE_TAGS.items(), ids=JSONPICKLE_TAGS)
def test_a_tag_of_a_decoder_is_an_unknown_key(tag, value):
    """Ignored at the root and on an action, and rejected everywhere else."""
    harmless = parse_create(create())
    root = json.loads(create())

    assert parse_create(json.dumps({**root, tag: value})) == harmless
    assert parse_create(request({**create_action(), tag: value})) == harmless
    for text in (
        create(**{tag: value}),
        create(filterRules=[{**RULE, tag: value}]),
        create(filterRules=[{**RULE, "sourcePortRange": {tag: value}}]),
        create(sourceNicId={tag: value}),
        request({tag: value}),
        request({**create_action(), "type": {tag: value}}),
    ):
        with pytest.raises(InvalidRequest):
            parse_create(text)
        check_request(text)


def test_a_tag_of_a_decoder_is_an_allowed_key_of_an_aws_tag():
    """The list of mirrors returns it as it is."""
    tags = {tag: str(value) for tag, value in JSONPICKLE_TAGS.items()}
    (action,) = parse_create(create(tags=tags))
    session = Session("tms-1", "eni-1", "tmt-1", "tmf-1", 5, action.tags)
    mirror = ListedMirror(session, Target("tmt-1", "eni-2", {}), Filter("tmf-1", {}))
    answer = json.loads(render([GetResult("Get", "1", mirrors=(mirror,))]))

    (result,) = answer["driverResponse"]["actionResults"]
    assert result["mirrors"][0]["actionParams"]["tags"] == action.tags == tags


NUMBERS = (
    *("1e400", "-1e400", "1e-400", "-0", "-0.0", "0.1e1", "5.0", "1E0", "NaN"),
    *(
        "Infinity",
        "-Infinity",
        "9" * 40,
        "9" * 41,
        "-" + "9" * 41,
        "0" * 100,
        "1" * 5000,
    ),
    *(
        '"1e400"',
        '"\u0665"',
        '"0x5"',
        '"1_0"',
        '"+5"',
        '"\u096b"',
        '"5\\u0000"',
        '"5\\u200b"',
    ),
    *("true", "[5]", '{"5": 5}', '" "', '"\\ud835\\udfd3"', f'"{"1" * 100_000}"'),
)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
@pytest.mark.parametrize("field", ["packetLength", "virtualNetworkId"])
def test_a_number_is_digits_and_nothing_else(field, number):
    """Neither huge ones nor those of other scripts are read, or fill the message."""
    text = create(**{field: "?"}).replace('"?"', number)

    with pytest.raises(InvalidRequest) as error:
        parse_create(text)

    assert len(str(error.value)) < 500
    check_request(text)


TEXTS = {
    "formats": "%s%n%(x)s {0.__class__} {error!r} {} ${x} $(x) `x` \\N{BULLET}",
    "markup": "</Error>]]><x a='b'>&amp;&#0;",
    "a forged line": "x\n- actions[0]: forged\r\n2026-11-26 [INFO]: forged",
    "terminal codes": "\x1b[2J\x1b]0;x\x07\x9b31m\x08",
    "line separators": "\x85\u2028\u2029\x0b\x0c\x1c",
    "directions": "\u202e\u2066\u200f\ufeff",
    "no characters": "\ufffe\uffff\U0001ffff",
    "lone surrogates": "\ud800\udfff\udc80",
    "NUL": "a\x00b",
    "a path": "../../../etc/passwd\\..\\x:aux",
    "long": "x" * 1_000_000,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_in_any_place_is_accepted_or_rejected_in_ascii(text):
    """Wherever it is accepted, the answer has it unchanged."""
    for hostile in (
        text,
        json.dumps(text),
        request({**create_action(), "actionId": text}),
        request({**create_action(), text: 1}),
        request({**create_action(), "type": text}),
        request(remove_action(sessionId=text)),
        create(**{text: text}),
        create(sourceNicId=None, sourceAppName=text),
        create(description=text, tags={text[:20]: text[:20]}),
        create(filterRules=[{**RULE, "description": text, "protocol": text}]),
        create(networkServices=[text]),
    ):
        check_request(hostile)


def test_an_id_with_line_breaks_is_echoed_and_stays_in_its_place():
    """In JSON it can't end its text."""
    forged = 'x", "success": true}, {"actionId": "\n'
    (action,) = parse_remove(
        request(remove_action(action_id=forged, sessionId="tms-0"))
    )

    answer = render([ActionResult("x", action.action_id, error="no")])

    (result,) = json.loads(answer)["driverResponse"]["actionResults"]
    assert result["actionId"] == forged
    assert not result["success"]


@pytest.mark.parametrize("name", ["key", "tags", "list"])
def test_thousands_of_keys_or_items_give_a_short_message(name):
    """The problems are counted, and a hundred are in words."""
    many = dict.fromkeys(map(str, range(20_000)), 0)
    text = {
        "key": lambda: create(**many),
        "tags": lambda: create(tags=many),
        "list": lambda: request(*many.values()),
    }[name]()

    with pytest.raises(InvalidRequest) as error:
        parse_create(text)

    assert len(str(error.value)) < 100_000


def nested(depth):
    """Return values of a depth, in a request and alone, as lists and as objects."""
    lists = "[" * depth + "0" + "]" * depth
    objects = '{"a":' * depth + "0" + "}" * depth
    for value in (lists, objects):
        yield value
        yield create(sourceNicId="?").replace('"?"', value)
        yield request({**create_action(), "x": 0}).replace('"x": 0', f'"x": {value}')


def called_from_a_depth_of(frames, call):
    """Make a call from a stack with so many frames left; return its result."""
    used = 0
    frame = sys._getframe()
    while frame:
        used, frame = used + 1, frame.f_back

    def descend(more):
        return descend(more - 1) if more > 0 else call()

    return descend(sys.getrecursionlimit() - used - frames)


@pytest.mark.parametrize("frames", [200, 201, 202, 203, 350, 500])
def test_no_depth_is_too_deep_for_a_caller_deep_in_a_stack(frames):
    """Python's own limit is reached earlier there, and in the middle of the parser."""

    def check():
        for depth in [*range(MAX_LEVELS - 8, MAX_LEVELS + 8), *range(60, 700, 40)]:
            for text in nested(depth):
                check_request(text)

    called_from_a_depth_of(frames, check)


def test_a_thread_with_a_small_stack_survives_a_deep_request():
    """The parser must not end the process of the driver."""
    before = threading.stack_size(256 * 1024)
    try:
        errors = []

        def check():
            for text in nested(100_000):
                try:
                    parse_create(text)
                except InvalidRequest as error:
                    errors.extend(error.problems)

        thread = threading.Thread(target=check)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)

    assert set(errors) == {"the request: is nested too deeply; allowed: 50 levels"}
    assert len(errors) == 6
