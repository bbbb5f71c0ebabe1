"""Texts of requests: the documented samples, and functions that build others."""

from __future__ import annotations

import json

SOURCE = "eni-008322622e675cd80"
TARGET = "eni-05fc8d0b34b762305"
BALANCER = (
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
    "loadbalancer/net/capture/0123456789abcdef"
)
ENDPOINT = "vpce-0123456789abcdef0"

RULE = {"direction": "ingress", "protocol": "tcp"}
PARAMS = {"sourceNicId": SOURCE, "targetNicId": TARGET}

DOCUMENTED_CREATE = """
{
  "driverRequest": {
    "actions": [
      {
        "actionId": "41f206a1-a6c0-4603-90f7-6492cd0fb00d",
        "type": "CreateTrafficMirroring",
        "actionParams": {
          "type": "CreateTrafficMirroringParams",
          "sourceNicId": "eni-008322622e675cd80",
          "targetNicId": "eni-05fc8d0b34b762305",
          "sessionNumber": "5",
          "filterRules": [
            {
              "type": "TrafficFilterRule",
              "direction": "ingress",
              "protocol": "tcp",
              "sourcePortRange": {
                "type": "PortRange", "fromPort": "50000", "toPort": "65535"
              },
              "sourceCidr": "192.168.0.124/24"
            }
          ]
        }
      }
    ]
  }
}
"""

DOCUMENTED_REMOVE = """
{
  "driverRequest": {
    "actions": [
      {
        "actionId": "514d18dc-cd6c-4725-ac60-9e281d0b8e27",
        "type": "RemoveTrafficMirroring",
        "sessionId": "",
        "targetNicId": "eni-08e44d9a954444e3f"
      }
    ]
  }
}
"""


def request(*actions: object) -> str:
    """Wrap actions as CloudShell's callers do."""
    return json.dumps({"driverRequest": {"actions": list(actions)}})


def create_action(*, action_id: str = "1", **params: object) -> dict[str, object]:
    """Return a Create action from SOURCE to TARGET, parameters added or replaced."""
    return {
        "actionId": action_id,
        "type": "CreateTrafficMirroring",
        "actionParams": {**PARAMS, **params},
    }


def create(**params: object) -> str:
    """Return a request of one Create action."""
    return request(create_action(**params))


def rule(**fields: object) -> str:
    """Return a Create request with one rule: ingress tcp, fields added or replaced."""
    return create(filterRules=[{**RULE, **fields}])


def remove_action(*, action_id: str = "1", **fields: object) -> dict[str, object]:
    """Return a Remove action."""
    return {"actionId": action_id, "type": "RemoveTrafficMirroring", **fields}


def remove(**fields: object) -> str:
    """Return a request of one Remove action."""
    return request(remove_action(**fields))
