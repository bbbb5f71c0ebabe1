"""Removal of credentials from texts and exceptions."""

import logging

import pytest

from traffic_mirroring.aws.redaction import (
    MAX_TEXT,
    keep_secret_logs_off,
    printable_cause,
    redact,
)

KEY_ID = "AKIA" + "X" * 16
SECRETS = (KEY_ID, "c0ffee", "t0ken", "sEcret", "signed")
QUOTES = [
    f"AWS4-HMAC-SHA256 Credential={KEY_ID}\\n/20261126/us-east-1/ec2/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=c0ffee",
    f"Invalid header value b'AWS4-HMAC-SHA256 Credential={KEY_ID}\\n/2026, c0ffee'",
    "Invalid header value b't0ken\\n'",
    "should have been 'POST\n/\n\nhost:ec2\nx-amz-security-token:t0ken\n\nhost'",
    "{'X-Amz-Security-Token': b't0ken', 'host': 'ec2'}",
    "<SecretAccessKey>sEcret</SecretAccessKey><SessionToken>t0ken</SessionToken>",
    "aws_secret_access_key = sEcret",
    '{"SecretAccessKey": "sEcret", "AccessKeyId": "signed"}',
    f"The key {KEY_ID} is not active",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_no_credential_is_left(quote):
    """However AWS or one of its libraries quotes it."""
    text = redact(f"The request failed: {quote}")

    assert [secret for secret in SECRETS if secret in text] == []
    assert text.startswith("The request failed: ")
    assert "[redacted]" in text


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:iam::123456789012:user/x is not authorized to perform this",
        "Credential should be scoped to a valid region.",
        "Cannot delete tmt-1. Target is in use by tms-1",
        "The security token included in the request is invalid",
    ],
)
def test_other_texts_stay_as_they_are(text):
    """AWS's own words help."""
    assert redact(text) == text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\x00b\x1b[31m", "a\\x00b\\x1b[31m"),
        ("\ud800\ufffe\uffff", "\\ud800\\ufffe\\uffff"),
        (']]> <a> & "\t\r\n\u2028\U0001f600', ']]> <a> & "\t\r\n\u2028\U0001f600'),
    ],
)
def test_characters_that_xml_cannot_carry_are_escaped(given, shown):
    """All others stay: XML's own markup is escaped by its writer."""
    assert redact(given) == shown


def test_a_long_text_is_cut():
    """At 10,000 characters, more than any error of AWS has."""
    assert redact("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert redact("x" * 10_000_000) == "x" * MAX_TEXT + "..."


def test_a_secret_at_the_cut_is_removed():
    """The rest of it is redacted, too."""
    text = "x" * (MAX_TEXT - 13) + " Signature=c0ffee"

    assert redact(text).endswith(" Signature=[redacted]...")


def raised_from(cause, *, explicitly):
    """Return an error that was raised while this one was handled."""
    try:
        try:
            raise cause
        except ValueError as error:
            if explicitly:
                raise KeyError("outer") from error
            raise KeyError("outer")  # noqa: B904 - the implicit chain is the point
    except KeyError as error:
        return error


@pytest.mark.parametrize("explicitly", [True, False])
def test_a_cause_with_credentials_is_not_printed(explicitly):
    """A traceback shows the whole chain, so one error in it is enough."""
    assert (
        printable_cause(raised_from(ValueError(QUOTES[2]), explicitly=explicitly))
        is None
    )


def test_other_causes_are_printed():
    """They help to find a defect."""
    error = raised_from(ValueError("no"), explicitly=True)

    assert printable_cause(error) is error


class Unsure(ValueError):
    """An error that can be printed twice."""

    times = 0

    def __str__(self):
        self.times += 1
        assert self.times <= 2
        return "no"


def test_an_error_that_is_its_own_cause_is_looked_at_once():
    """Python allows `raise error from error`."""
    error = Unsure()
    error.__cause__ = error

    assert printable_cause(error) is error


@pytest.fixture
def botocore_log():
    """Return botocore's logger, and restore all levels afterwards."""
    names = (None, "botocore", "botocore.credentials", "botocore.tokens")
    loggers = [logging.getLogger(name) for name in names]
    levels = [each.level for each in loggers]
    yield loggers[1]
    for each, level in zip(loggers, levels):
        each.setLevel(level)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING])
def test_debug_logs_of_botocore_are_off_whatever_the_root_loggers_level(
    botocore_log, level
):
    """They have requests and responses; nothing else changes."""
    botocore_log.setLevel(logging.NOTSET)
    logging.getLogger().setLevel(level)

    keep_secret_logs_off()

    parsers = logging.getLogger("botocore.parsers")
    assert parsers.getEffectiveLevel() == max(level, logging.INFO)
    assert logging.getLogger().level == level


@pytest.mark.parametrize("name", ["botocore.credentials", "botocore.tokens"])
@pytest.mark.usefixtures("botocore_log")
def test_failed_renewals_are_not_logged_by_botocore(name):
    """Its warning has a traceback with all that AWS answered."""
    keep_secret_logs_off()

    assert not logging.getLogger(name).isEnabledFor(logging.WARNING)
