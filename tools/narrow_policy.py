"""
Narrow docs/iam-policy.json to an account and a region.

    python3 tools/narrow_policy.py 123456789012 eu-west-1 > policy.json

Owns: which statements can name an account or only a region. Must not know: what the
permissions are for.

AWS evaluates a look-up (Describe, Get) without a resource, so a region can only be a
condition there, and an account can't be named: a policy applies to its own account's
resources anyway.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

POLICY = Path(__file__).resolve().parents[1] / "docs" / "iam-policy.json"

_ANYWHERE = "arn:aws:ec2:*:*:"
_PREFIX_LIST = "prefix-list/"


def narrow(policy: Mapping[str, Any], account: str, region: str) -> dict[str, Any]:
    """
    Return the policy for the resources of one account and region.

    Raises ValueError for an ARN that is not EC2's, of any account and region.
    """
    statements = [_narrow(each, account, region) for each in policy["Statement"]]
    return {**policy, "Statement": statements}


def _narrow(statement: Mapping[str, Any], account: str, region: str) -> dict[str, Any]:
    resources = statement["Resource"]
    if resources == "*":
        conditions = statement.get("Condition", {})
        equal = {**conditions.get("StringEquals", {}), "aws:RequestedRegion": region}
        return {**statement, "Condition": {**conditions, "StringEquals": equal}}
    if isinstance(resources, str):
        return {**statement, "Resource": _arn(resources, account, region)}
    narrowed = [_arn(each, account, region) for each in resources]
    return {**statement, "Resource": narrowed}


def _arn(arn: str, account: str, region: str) -> str:
    if not arn.startswith(_ANYWHERE):
        raise ValueError(f"{arn} does not begin with {_ANYWHERE}")
    name = arn.removeprefix(_ANYWHERE)
    # Prefix lists of AWS's own services have "aws" instead of an account.
    owner = "*" if name.startswith(_PREFIX_LIST) else account
    return f"arn:{_partition(region)}:ec2:{region}:{owner}:{name}"


def _partition(region: str) -> str:
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    found = (name for prefix, name in prefixes.items() if region.startswith(prefix))
    return next(found, "aws")


def main(arguments: list[str]) -> None:
    """Print the narrowed policy; exit with a message if the arguments are wrong."""
    account, region = arguments if len(arguments) == 2 else ("", "")
    if not re.fullmatch(r"\d{12}", account) or not re.fullmatch(r"[a-z-]+\d", region):
        sys.exit("Usage: narrow_policy.py ACCOUNT REGION, e.g. 123456789012 eu-west-1")
    policy = narrow(json.loads(POLICY.read_text()), account, region)
    print(json.dumps(policy, indent=2))  # noqa: T201 - this is its output


if __name__ == "__main__":
    main(sys.argv[1:])
