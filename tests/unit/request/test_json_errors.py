"""A text that is no JSON is rejected with its mistake and the text at that place."""

from __future__ import annotations

import json

import pytest

from traffic_mirroring.request.json_errors import describe_json_error

COMMENT = "a comment, which JSON does not allow,"
QUOTE = "a quotation mark other than JSON's double one"
COMMA = "a comma before a closing bracket"
PYTHON = "a word of Python instead of true, false or null"


def description(text):
    """Return the words for the error in a text."""
    with pytest.raises(json.JSONDecodeError) as error:
        json.loads(text)
    return describe_json_error(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, // c\n"b": 2}', f'{COMMENT} in line 1, column 10: {{"a": 1, // c'),
        ("// c\n{}", f"{COMMENT} in line 1, column 1: // c"),
        ('{"a": 1 # c\n}', f'{COMMENT} in line 1, column 9: {{"a": 1 # c'),
        ('{"a":\n  /* c */ 1}', f"{COMMENT} in line 2, column 3: /* c */ 1}}"),
        ('{"a": 1}\n// c', f"{COMMENT} in line 2, column 1: // c"),
        ("{'a': 1}", f"{QUOTE} in line 1, column 2: {{'a': 1}}"),
        ("{\"a\": 'b'}", f"{QUOTE} in line 1, column 7: {{\"a\": 'b'}}"),
        (
            '{"a": \u201cb\u201d}',
            f'{QUOTE} in line 1, column 7: {{"a": \\u201cb\\u201d}}',
        ),
        ('{"a": 1,}', f'{COMMA} in line 1, column 8: {{"a": 1,}}'),
        ('{"a": [1, 2,\n]}', f'{COMMA} in line 1, column 12: {{"a": [1, 2,'),
        ("[1 , ]", f"{COMMA} in line 1, column 4: [1 , ]"),
        ('{"a": True}', f'{PYTHON} in line 1, column 7: {{"a": True}}'),
        ("[None]", f"{PYTHON} in line 1, column 2: [None]"),
        ("\n{'a': 1}", f"{QUOTE} in line 2, column 2: {{'a': 1}}"),
    ],
)
def test_a_usual_mistake_is_named(text, expected):
    """With the line and column where it begins, on every Python."""
    assert description(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a" 1}', "Expecting ':' delimiter in line 1, column 6: {\"a\" 1}"),
        ('{"a": 1 "b": 2}', "Expecting ',' delimiter in line 1, column 9: "),
        ('{"a": Truely}', "Expecting value in line 1, column 7: "),
        ('{"a": "b', "Unterminated string starting in line 1, column 7: "),
        ('{"a": "b\\x"}', "Invalid \\escape in line 1, column 9: "),
        ('{"a": "\t// b"}', "Invalid control character in line 1, column 8: "),
        ("{}\n\n{}", "Extra data in line 3, column 1: {}"),
        ("x,]", "Expecting value in line 1, column 1: x,]"),
        ('{"a": [1,\n 2\n\n', "it ends too early in line 2, column 2: 2"),
        ('{"a": 1,', 'it ends too early in line 1, column 8: {"a": 1,'),
        ("", "it is empty"),
        (" \n\t", "it is empty"),
    ],
)
def test_other_mistakes_have_the_words_of_the_parser(text, expected):
    """The text of the line is shown, whatever is wrong."""
    assert description(text).startswith(expected)


def test_a_line_is_cut_only_after_40_characters():
    """The dots show that there is more."""
    shown = "x" * 40

    assert description(shown).endswith(f": {shown}")
    assert description(f"{shown}x").endswith(f": {shown}...")


def test_a_long_line_is_cut_and_other_characters_are_escaped():
    """So the text can't fill a log, forge a line of it or control a terminal."""
    before, after = "x" * 500, "\x1b[31m\u00e4\ud800" + "y" * 500

    words = description(f'{{"{before}" {after}\n- forged')

    assert words == (
        "Expecting ':' delimiter in line 1, column 505: "
        f'...{"x" * 18}" \\x1b[31m\\xe4\\ud800{"y" * 33}...'
    )
