"""The conductor of get_inventory: whether a cloud provider resource can work."""

from __future__ import annotations

from logging import Logger

from traffic_mirroring.aws.clients import AwsClients, similar_regions
from traffic_mirroring.aws.errors import aws_errors
from traffic_mirroring.aws.permissions import Permissions
from traffic_mirroring.errors import Ec2Failed, Ec2Unanswered, InvalidConfiguration
from traffic_mirroring.workers import Workers


class Inspector:
    """Checks region, credentials and permissions; changes nothing."""

    def __init__(self, aws: AwsClients, workers: Workers, log: Logger) -> None:
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
            with aws_errors(f"Asking AWS in {self._region} whose the credentials are"):
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
        """Suggest regions similar to an unknown one."""
        near = similar_regions(self._region)
        if near is None:
            return ""
        similar = f"; similar ones are {', '.join(near)}" if near else ""
        return f"; {self._region} is no known region{similar}"
