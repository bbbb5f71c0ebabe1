"""The attributes of a cloud provider resource."""

from types import SimpleNamespace

import pytest

from traffic_mirroring.aws.settings import (
    Keys,
    ProviderSettings,
    decrypt_keys,
    read_settings,
)
from traffic_mirroring.errors import InvalidConfiguration

VALID = {
    "Region": "us-east-1",
    "AWS Access Key ID": "encrypted id",
    "AWS Secret Access Key": "encrypted secret",
    "Shared VPC Role Arn": "arn:aws:iam::123456789012:role/mirrors",
}


def settings(prefix="", **changes):
    """Read the settings of a resource whose attributes have this prefix."""
    changed = {key.replace("_", " "): value for key, value in changes.items()}
    attributes = {f"{prefix}{k}": v for k, v in {**VALID, **changed}.items()}
    return read_settings(
        SimpleNamespace(name="aws-1", model="Own AWS", attributes=attributes)
    )


@pytest.mark.parametrize("prefix", ["", "Own AWS."])
def test_attributes_are_read_with_the_models_name_or_without(prefix):
    """Second-generation shells have it, first-generation shells don't."""
    assert settings(prefix) == ProviderSettings(*VALID.values(), "aws-1")


def test_blanks_are_dropped():
    """They come along when a value is pasted."""
    assert settings(Region=" us-east-1 ") == settings()


@pytest.mark.parametrize("empty", ["", " ", None])
def test_a_region_is_required(empty):
    """The error names resource and attribute."""
    with pytest.raises(InvalidConfiguration, match="aws-1 has no value for 'Region'"):
        settings(Region=empty)


@pytest.mark.parametrize(
    "arn", ["x", "arn:aws:iam::12:role/x", "arn:aws:iam::123456789012:user/x"]
)
def test_the_role_is_an_arn(arn):
    """The error has the wrong value and an example."""
    with pytest.raises(InvalidConfiguration, match="as in arn:aws:iam::1234"):
        settings(Shared_VPC_Role_Arn=arn)


@pytest.mark.parametrize("arn", ["", None, "arn:aws-cn:iam::123456789012:role/a/b"])
def test_the_role_is_optional_and_may_be_of_any_partition(arn):
    """Partitions other than `aws` have names like it."""
    assert settings(Shared_VPC_Role_Arn=arn).role_arn == (arn or "")


PLAIN = {
    "encrypted id": "AKIA1",
    "encrypted secret": "s3cret",
    "empty": "",
    "blank": " \n",
    "ä": "ä",
}


@pytest.mark.parametrize("blank", ["", "\n", "\r\n", " ", "\t", "\u00a0"])
def test_keys_are_decrypted_without_blanks(blank):
    """Blanks and line breaks come along when a key is pasted."""

    def decrypt(stored):
        return blank.join(["", *PLAIN[stored], ""])

    assert decrypt_keys(settings(), decrypt) == Keys("AKIA1", "s3cret")


@pytest.mark.parametrize("empty", ["", "empty", "blank"])
def test_keys_are_optional(empty):
    """CloudShell stores no value as an empty text, encrypted or not."""
    found = settings(AWS_Access_Key_ID=empty, AWS_Secret_Access_Key=empty)

    assert decrypt_keys(found, PLAIN.__getitem__) is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"AWS_Access_Key_ID": "ä"}, "a value for 'AWS Access Key ID' with a"),
        ({"AWS_Secret_Access_Key": "ä"}, "a value for 'AWS Secret Access Key' with a"),
        ({"AWS_Access_Key_ID": ""}, "only one of 'AWS Access Key ID' and 'AWS Secret"),
        ({"AWS_Secret_Access_Key": "empty"}, "only one of 'AWS Access Key ID' and"),
    ],
)
def test_an_unusable_key_is_named(change, error):
    """By the resource and the attribute; the value is a secret."""
    with pytest.raises(InvalidConfiguration, match=f"aws-1 has {error}"):
        decrypt_keys(settings(**change), PLAIN.__getitem__)
