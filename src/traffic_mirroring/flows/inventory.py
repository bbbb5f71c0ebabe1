"""The flow of get_inventory: whether a cloud provider resource can work."""

from __future__ import annotations

from logging import Logger

from traffic_mirroring.aws.clients import AwsClients, similar_regions
from traffic_mirroring.aws.errors import aws_errors
from traffic_mirroring.aws.permissions import Permissions, check_permissions
from traffic_mirroring.aws.settings import SERVER
from traffic_mirroring.errors import (
    CredentialsRejected,
    Ec2Failed,
    Ec2Unanswered,
    InvalidConfiguration,
)
from traffic_mirroring.workers import Workers


def check_provider(aws: AwsClients, workers: Workers, log: Logger) -> None:
    """
    Check region, credentials and permissions; change nothing.

    Raises InvalidConfiguration, with all missing permissions in one message.
    """
    try:
        found = _check(aws, workers, log)
    except (Ec2Unanswered, CredentialsRejected) as error:
        hint = _region_hint(aws.ec2.meta.region_name)
        raise InvalidConfiguration(f"{error}{hint}") from error
    except Ec2Failed as error:
        raise InvalidConfiguration(str(error)) from error
    _report(found, log, use_server_role=aws.use_server_role)


def _check(aws: AwsClients, workers: Workers, log: Logger) -> Permissions:
    """Check credentials and permissions concurrently; silence takes a minute each."""
    with workers.in_background(lambda: _check_credentials(aws, log)) as credentials:
        try:
            found = check_permissions(aws, workers)
        except Ec2Failed:
            credentials.result()  # if this fails too, its error says more
            raise
    credentials.result()
    return found


def _check_credentials(aws: AwsClients, log: Logger) -> None:
    try:
        with aws_errors(f"Checking the credentials in {aws.ec2.meta.region_name}"):
            identity = aws.sts.get_caller_identity()
    except Ec2Unanswered:
        # Some networks only allow connections to EC2, which is all the shell needs.
        log.warning("STS can't be reached", exc_info=True)
        return
    log.info(
        "The credentials are those of %s, account %s",
        identity["Arn"],
        identity["Account"],
    )


def _report(found: Permissions, log: Logger, *, use_server_role: bool) -> None:
    """Log what is missing or unchecked; raise if a needed permission is missing."""
    if found.missing_optional:
        log.warning(
            "Optional permissions are missing: %s", ", ".join(found.missing_optional)
        )
    if found.unchecked:
        log.info("Permissions not checked: %s", ", ".join(found.unchecked))
    if found.missing:
        raise InvalidConfiguration(_missing_message(found, use_server_role))


def _missing_message(found: Permissions, use_server_role: bool) -> str:
    message = (
        f"The credentials lack permissions: {', '.join(found.missing)}; "
        "allow them, as docs/iam-policy.json does"
    )
    if use_server_role:
        message += f"; the credentials are those of {SERVER}"
    if found.unchecked:
        message += f"; not checked: {', '.join(found.unchecked)}"
    return message


def _region_hint(region: str) -> str:
    """Suggest regions similar to an unknown one, as the end of a message."""
    near = similar_regions(region)
    if near is None:
        return ""
    similar = f"; similar ones are {', '.join(near)}" if near else ""
    return f"; {region} is no known region{similar}"
