"""The conductor of get_inventory: whether a cloud provider resource can work."""

from __future__ import annotations

from difflib import get_close_matches
from logging import Logger

import boto3

from .aws import Aws
from .ec2_errors import doing
from .errors import Ec2Failed, Ec2Unanswered, InvalidConfiguration
from .permissions import Permissions
from .workers import Workers


class Inspector:
    """Checks region, credentials and permissions; changes nothing."""

    def __init__(self, aws: Aws, workers: Workers, log: Logger) -> None:
        self._aws = aws
        self._region = aws.ec2.meta.region_name
        self._permissions = Permissions(aws, workers)
        self._log = log

    def run(self) -> None:
        """Raise InvalidConfiguration with all that is wrong."""
        try:
            self._check_credentials()
            self._check_permissions()
        except Ec2Unanswered as error:
            raise InvalidConfiguration(f"{error}{self._hint()}") from error
        except Ec2Failed as error:
            raise InvalidConfiguration(str(error)) from error

    def _check_credentials(self) -> None:
        try:
            with doing(f"Asking AWS in {self._region} whose the credentials are"):
                identity = self._aws.sts.get_caller_identity()
        except Ec2Unanswered:
            # Some networks have a way to EC2 alone, and that is all the shell needs.
            self._log.warning("STS can't be reached", exc_info=True)
            return
        self._log.info(
            "The credentials are those of %s, account %s",
            identity["Arn"],
            identity["Account"],
        )

    def _check_permissions(self) -> None:
        missing = self._permissions.find_missing()
        if missing.optional:
            self._log.warning(
                "Optional permissions are missing: %s", ", ".join(missing.optional)
            )
        if missing.needed:
            raise InvalidConfiguration(
                f"The credentials lack permissions: {', '.join(missing.needed)}; "
                "allow them, as docs/iam-policy.json does"
            )

    def _hint(self) -> str:
        """Return what may be meant by a region that doesn't exist."""
        session = boto3.session.Session()
        known = {
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions("ec2", partition)
        }
        if self._region in known:
            return ""
        near = get_close_matches(self._region, sorted(known))
        similar = f"; similar ones are {', '.join(near)}" if near else ""
        return f"; {self._region} is no known region{similar}"
