"""
The AWS pages that the behaviors rely on.

Owns: addresses. Must not know: what the pages say.
"""

from __future__ import annotations

_GUIDE = "https://docs.aws.amazon.com/vpc/latest/mirroring/"
_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"

CONSIDERATIONS = f"{_GUIDE}traffic-mirroring-considerations.html"
LIMITS = f"{_GUIDE}traffic-mirroring-limits.html"
TARGETS = f"{_GUIDE}traffic-mirroring-targets.html"
FILTERS = f"{_GUIDE}traffic-mirroring-filters.html"
SESSIONS = f"{_GUIDE}traffic-mirroring-sessions.html"

ERRORS = f"{_API}errors-overview.html"
DRY_RUN = f"{_API}CommonParameters.html#DryRun"
PAGINATION = f"{_API}Query-Requests.html#api-pagination"
FILTER = f"{_API}API_Filter.html"
TAG_SPECIFICATION = f"{_API}API_TagSpecification.html"
IDEMPOTENCY = "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html"
CONSISTENCY = (
    "https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html"
)
TAGS = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html"
AUTHORIZATION = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "list_amazonec2.html"
)

CREATE_TARGET = f"{_API}API_CreateTrafficMirrorTarget.html"
CREATE_FILTER = f"{_API}API_CreateTrafficMirrorFilter.html"
CREATE_RULE = f"{_API}API_CreateTrafficMirrorFilterRule.html"
CREATE_SESSION = f"{_API}API_CreateTrafficMirrorSession.html"
DELETE_TARGET = f"{_API}API_DeleteTrafficMirrorTarget.html"
DELETE_FILTER = f"{_API}API_DeleteTrafficMirrorFilter.html"
DELETE_RULE = f"{_API}API_DeleteTrafficMirrorFilterRule.html"
DELETE_SESSION = f"{_API}API_DeleteTrafficMirrorSession.html"
MODIFY_SERVICES = f"{_API}API_ModifyTrafficMirrorFilterNetworkServices.html"
MODIFY_RULE = f"{_API}API_ModifyTrafficMirrorFilterRule.html"
MODIFY_SESSION = f"{_API}API_ModifyTrafficMirrorSession.html"
DESCRIBE_TARGETS = f"{_API}API_DescribeTrafficMirrorTargets.html"
DESCRIBE_FILTERS = f"{_API}API_DescribeTrafficMirrorFilters.html"
DESCRIBE_RULES = f"{_API}API_DescribeTrafficMirrorFilterRules.html"
DESCRIBE_SESSIONS = f"{_API}API_DescribeTrafficMirrorSessions.html"
