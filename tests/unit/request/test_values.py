"""Each kind of value accepts what it allows, and rejects the rest with its words."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request.values import flag, form, number, or_blank, text, word

ID = form("id-[0-9]{2}", "id- and 2 digits")
FROM_0 = number(0, 250)
FROM_5 = number(5, 40, ", or a guess")
WORD = word("yes", "no")
FLAG = flag()
TEXT = text(1, 3, "1 to 3 characters")

ACCEPTED = [
    (ID, "id-42", "id-42"),
    (ID, " \t\r\nid-42 \n", "id-42"),
    (or_blank(ID), "id-42", "id-42"),
    (or_blank(ID), "", None),
    (or_blank(ID), " \t\r\n", None),
    (FROM_0, 0, 0),
    (FROM_0, "0", 0),
    (FROM_0, "000", 0),
    (FROM_0, " 00250\n", 250),
    (FROM_5, 5, 5),
    (FROM_5, "40", 40),
    (or_blank(FROM_5), "", None),
    (WORD, "yes", "yes"),
    (WORD, "nO", "no"),
    (WORD, " yes\n", "yes"),
    (FLAG, True, True),
    (FLAG, False, False),
    (FLAG, "true", True),
    (FLAG, " FALSE\n", False),
    (FLAG, "True", True),
    (TEXT, "a", "a"),
    (TEXT, " ß ", " ß "),
]
REJECTED = [
    (ID, ""),
    (ID, "id-4"),
    (ID, "id-423"),
    (ID, "id-42\n id-43"),
    (ID, "\u00a0id-42"),
    (ID, "id-\u0664\u0662"),
    (ID, 42),
    (or_blank(ID), "\u00a0"),
    (or_blank(ID), 0),
    (or_blank(ID), []),
    (FROM_0, -1),
    (FROM_0, 251),
    (FROM_0, "251"),
    (FROM_0, "9" * 5_000),
    (FROM_0, "+1"),
    (FROM_0, "1_0"),
    (FROM_0, "1 0"),
    (FROM_0, "\u0665"),
    (FROM_0, ""),
    (FROM_0, "  "),
    (FROM_0, 1.0),
    (FROM_0, True),
    (FROM_0, False),
    (FROM_5, 4),
    (FROM_5, "0"),
    (WORD, ""),
    (WORD, "maybe"),
    (WORD, "yesno"),
    (WORD, "y es"),
    (WORD, "\u00a0yes"),
    (WORD, True),
    (FLAG, ""),
    (FLAG, "yes"),
    (FLAG, "1"),
    (FLAG, 1),
    (FLAG, 0),
    (FLAG, []),
    (TEXT, ""),
    (TEXT, "long"),
    (TEXT, "a\n"),
    (TEXT, "\x7f"),
    (TEXT, "\ud800"),
    (TEXT, "\uffff"),
    (TEXT, 1),
]


def ids(cases):
    """Name each case by what is allowed and what is given."""
    return [f"{value.allowed}: {given!r}"[:60] for value, given, *_ in cases]


@pytest.mark.parametrize(("value", "given", "read"), ACCEPTED, ids=ids(ACCEPTED))
def test_a_valid_value_is_read(value, given, read):
    """Ids, numbers and empty values are trimmed; other text is kept as it is."""
    assert value.read(given) == read


@pytest.mark.parametrize(("value", "given", "_"), ACCEPTED, ids=ids(ACCEPTED))
def test_the_schema_accepts_a_valid_value(value, given, _):
    """An editor marks no value that works."""
    assert Draft202012Validator(value.schema).is_valid(given)


@pytest.mark.parametrize(("value", "given"), REJECTED, ids=ids(REJECTED))
def test_an_invalid_value_is_rejected_with_what_is_allowed(value, given):
    """The error has the words of the kind."""
    with pytest.raises(NotAllowed) as error:
        value.read(given)

    assert error.value.allowed == value.allowed


def test_numbers_and_words_describe_themselves():
    """The words for what is allowed come from the limits, or from the words."""
    assert FROM_0.allowed == "0 to 250"
    assert FROM_5.allowed == or_blank(FROM_5).allowed == "5 to 40, or a guess"
    assert WORD.allowed == "yes or no"
