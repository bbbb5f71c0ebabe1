"""Invalid requests by what is wrong, each with parts of the expected error."""

from __future__ import annotations

import json

from tests.request_texts import (
    BALANCER,
    ENDPOINT,
    PARAMS,
    RULE,
    SOURCE,
    TARGET,
    create,
    create_action,
    remove,
    remove_action,
    request,
    rule,
)

PARAMETERS = "actions[0].actionParams"
NUMBER = f"{PARAMETERS}.sessionNumber"
RULES = f"{PARAMETERS}.filterRules"
PORTS = f"{RULES}[0].sourcePortRange"

Bad = tuple[str, tuple[str, ...]]


def _ports(**ports: object) -> str:
    return rule(sourcePortRange=ports)


def _create_without(key: str) -> str:
    params = {name: value for name, value in PARAMS.items() if name != key}
    return request({"type": "CreateTrafficMirroring", "actionParams": params})


BAD_CREATES: dict[str, Bad] = {
    # The JSON text and the frame around the actions.
    "a field beside actionParams": (
        request({**create_action(), "dryRun": True}),
        ("actions[0].dryRun: is not a field of the action; it belongs in",),
    ),
    "a misspelt field beside actionParams": (
        request({**create_action(), "FilterRules": []}),
        ("actions[0].FilterRules: is unknown",),
    ),
    "empty": ("", ("is not JSON: it is empty",)),
    "blank": ("  ", ("is not JSON: it is empty",)),
    "prose": (
        "please mirror",
        ("is not JSON: Expecting value in line 1, column 1: pl",),
    ),
    "cut off": (
        '{"driverRequest": {"actions": [',
        ("is not JSON: it ends too early in line 1, column 31: ",),
    ),
    "trailing text": (create() + "x", ("is not JSON: Extra data in line 1, column",)),
    "single quotes": (
        "{'driverRequest': {}}",
        (
            "is not JSON: a quotation mark other than JSON's double one in line 1, "
            "column 2: {'driverRequest': {}}",
        ),
    ),
    "a comment": (
        '{"driverRequest":\n  // all https; and dns\n  {"actions": []}}',
        (
            "is not JSON: a comment, which JSON does not allow, in line 2, column 3: "
            "// all https; and dns",
        ),
    ),
    "a trailing comma": (
        '{"driverRequest": {"actions": [],\n}}',
        ("is not JSON: a comma before a closing bracket in line 1, column 33: ",),
    ),
    "a word of Python": (
        '{"driverRequest": None}',
        ("is not JSON: a word of Python instead of true, false or null in line 1",),
    ),
    "a line break within text": (
        '{"driverRequest": "\n"}',
        ("is not JSON: Invalid control character in line 1, column 20: ",),
    ),
    "not a number": ('{"driverRequest": NaN}', ("is not JSON", "NaN")),
    "infinity": ('{"driverRequest": -Infinity}', ("is not JSON", "Infinity")),
    "nested too deeply": ("[" * 100_000, ("nested too deeply",)),
    "key twice": (
        '{"driverRequest": {"actions": [{"type": "CreateTrafficMirroring", '
        '"type": "CreateTrafficMirroring"}]}}',
        ('"type" appears twice',),
    ),
    "list at the root": ("[]", ("the request: []", "driverRequest")),
    "null at the root": ("null", ("the request: null", "driverRequest")),
    "text at the root": ('"driverRequest"', ("the request:", "driverRequest")),
    "no driverRequest": ("{}", ("driverRequest: is missing",)),
    "driverRequest misspelt": (
        '{"driverrequest": {"actions": []}}',
        ("driverRequest: is missing", '"driverrequest"'),
    ),
    "driverRequest null": ('{"driverRequest": null}', ("driverRequest: is missing",)),
    "driverRequest a list": ('{"driverRequest": []}', ("driverRequest: []",)),
    "no actions": ('{"driverRequest": {}}', ("actions: is missing",)),
    "actions null": ('{"driverRequest": {"actions": null}}', ("actions: is missing",)),
    "actions empty": (request(), ("actions: []", "at least one action")),
    "actions an object": ('{"driverRequest": {"actions": {}}}', ("actions: {}",)),
    "actions text": ('{"driverRequest": {"actions": "all"}}', ('actions: "all"',)),
    "driverRequest in two cases": (
        json.dumps(
            {
                "driverRequest": {"actions": [create_action()]},
                "DriverRequest": {"actions": [create_action()]},
            }
        ),
        ("DriverRequest: is unknown; did you mean driverRequest?",),
    ),
    "actions in two cases": (
        json.dumps({"driverRequest": {"actions": [create_action()], "ACTIONS": []}}),
        ("ACTIONS: is unknown; did you mean actions?",),
    ),
    "driverRequest in two cases, no actions": (
        '{"driverRequest": {}, "DRIVERREQUEST": {}}',
        ("2 problems", "DRIVERREQUEST: is unknown", "actions: is missing"),
    ),
    "keys in other cases at every level": (
        json.dumps(
            {
                "driverRequest": {
                    "actions": [{**create_action(Tags={}), "ActionID": "1"}],
                    "Actions": [],
                },
            }
        ),
        (
            "3 problems",
            "Actions: is unknown; did you mean actions?",
            "actions[0].ActionID: is unknown; did you mean actionId?",
            "actions[0].actionParams.Tags: is unknown; did you mean tags?",
        ),
    ),
    "51 levels": (
        create()[:-1] + ', "x": ' + "[" * 50 + "]" * 50 + "}",
        ("the request: is nested too deeply; allowed: 50 levels",),
    ),
    "an integer of 41 digits": (
        create(sessionNumber=10**40),
        ("is not JSON: a number has more than 40 digits",),
    ),
    # The action.
    "action null": (request(None), ("actions[0]: null", "an object")),
    "action a number": (request(7), ("actions[0]: 7", "an object")),
    "action a list": (request([]), ("actions[0]: []", "an object")),
    "type missing": (
        request({"actionParams": PARAMS}),
        ("actions[0].type: is missing; allowed: CreateTrafficMirroring",),
    ),
    "type null": (
        request({"type": None, "actionParams": PARAMS}),
        ("actions[0].type: is missing",),
    ),
    "type misspelt": (
        request({"type": "CreateTraficMirroring", "actionParams": PARAMS}),
        ('actions[0].type: "CreateTraficMirroring"', "allowed: CreateTrafficMirroring"),
    ),
    "type of another command": (
        request(create_action(), remove_action(sessionId="tms-0")),
        (
            'actions[1].type: "RemoveTrafficMirroring"',
            "allowed: CreateTrafficMirroring",
        ),
    ),
    "type of another command between problems": (
        request(
            create_action(packetLength=0),
            remove_action(sessionId="tms-0"),
            create_action(packetLength=0),
        ),
        (
            "3 problems",
            'actions[1].type: "RemoveTrafficMirroring"',
            "actions[2].actionParams.packetLength: 0",
        ),
    ),
    "type all lower": (
        request({"type": "createtrafficmirroring", "actionParams": PARAMS}),
        ("actions[0].type",),
    ),
    "type a class path": (
        request({"type": "os.system", "actionParams": PARAMS}),
        ('actions[0].type: "os.system"',),
    ),
    "type a number": (
        request({"type": 1, "actionParams": PARAMS}),
        ("actions[0].type: 1",),
    ),
    "actionId a number": (
        request({**create_action(), "actionId": 5}),
        ("actions[0].actionId: 5", "text"),
    ),
    "a key that is no Unicode": (
        create(**{"\ud800": 1}),
        (f'{PARAMETERS}: "\\ud800"; allowed: Unicode',),
    ),
    "actionId an object": (
        request({**create_action(), "actionId": {}}),
        ("actions[0].actionId: {}", "text"),
    ),
    "actionParams missing": (
        request({"type": "CreateTrafficMirroring"}),
        ("actions[0].actionParams: is missing",),
    ),
    "actionParams null": (
        request({"type": "CreateTrafficMirroring", "actionParams": None}),
        ("actions[0].actionParams: is missing",),
    ),
    "actionParams a list": (
        request({"type": "CreateTrafficMirroring", "actionParams": [PARAMS]}),
        ("actions[0].actionParams: [{", "an object"),
    ),
    "actionParams text": (
        request({"type": "CreateTrafficMirroring", "actionParams": "x"}),
        ('actions[0].actionParams: "x"', "an object"),
    ),
    "action keys in other case": (
        request({"Type": "CreateTrafficMirroring", "ACTIONPARAMS": PARAMS}),
        (
            "actions[0].Type: is unknown; did you mean type?",
            "actions[0].ACTIONPARAMS: is unknown; did you mean actionParams?",
        ),
    ),
    # The parameters.
    "params type wrong": (
        create(type="TrafficFilterRule"),
        ("actions[0].actionParams.type", "CreateTrafficMirroringParams"),
    ),
    "params type empty": (create(type=""), ('actions[0].actionParams.type: ""',)),
    "params unknown key": (
        create(sesionNumber="5"),
        ("actionParams.sesionNumber: is unknown", "did you mean sessionNumber?"),
    ),
    "params key in other case": (
        create(SourceNicId=SOURCE),
        ("actionParams.SourceNicId: is unknown", "did you mean sourceNicId?"),
    ),
    "source misspelt": (
        create(sourceNicId=None, sourceNic=SOURCE),
        ("1 problem", "actionParams.sourceNic: is unknown; did you mean sourceNicId?"),
    ),
    "source App misspelt": (
        create(sourceNicId=None, sourceApp="web"),
        ("1 problem", "actionParams.sourceApp: is unknown; did you mean sourceAppName"),
    ),
    "direction misspelt": (
        create(filterRules=[{"protocol": "tcp", "dir": "ingress"}]),
        ("1 problem", f"{RULES}[0].dir: is unknown; did you mean direction?"),
    ),
    "params unlike any key": (
        create(**{"vlan id": 7}),
        ('actionParams["vlan id"]: is unknown; allowed: type, sourceAppName',),
    ),
    "source missing": (
        _create_without("sourceNicId"),
        ("actions[0].actionParams.sourceNicId: is missing", "eni-"),
    ),
    "target missing": (
        _create_without("targetNicId"),
        ("actions[0].actionParams.targetNicId: is missing", "eni-"),
    ),
    "source null": (create(sourceNicId=None), ("sourceNicId: is missing",)),
    "source empty": (create(sourceNicId=""), ('sourceNicId: ""', "eni-")),
    "source blank": (create(sourceNicId="   "), ('sourceNicId: "   "', "eni-")),
    "source a wildcard": (create(sourceNicId="*"), ('sourceNicId: "*"',)),
    "source with wildcard": (create(sourceNicId="eni-*"), ('sourceNicId: "eni-*"',)),
    "source too short": (create(sourceNicId="eni-1234567"), ("sourceNicId",)),
    "source too long": (create(sourceNicId="eni-" + "0" * 18), ("sourceNicId",)),
    "source not hexadecimal": (create(sourceNicId="eni-0123456g"), ("sourceNicId",)),
    "source an instance": (create(sourceNicId="i-0123456789"), ("sourceNicId",)),
    "source a number": (create(sourceNicId=1), ("sourceNicId: 1",)),
    "source a list": (create(sourceNicId=[SOURCE]), ("sourceNicId: [",)),
    "source with a line break inside": (
        create(sourceNicId="eni-01234567\n89"),
        (r'sourceNicId: "eni-01234567\n89"',),
    ),
    "target is the source": (
        create(targetNicId=SOURCE),
        (f'targetNicId: "{SOURCE}"', "another NIC than sourceNicId"),
    ),
    "target is the source in blanks": (
        create(targetNicId=f" {SOURCE} "),
        ("another NIC than sourceNicId",),
    ),
    # Apps and dry runs.
    "source App and NIC": (
        create(sourceAppName="web"),
        (
            f'{PARAMETERS}.sourceNicId: "{SOURCE}" is given together with ',
            "exactly one of sourceNicId and sourceAppName",
        ),
    ),
    "source App blank": (
        create(sourceNicId=None, sourceAppName="  "),
        (f"{PARAMETERS}.sourceNicId: is missing", "or sourceAppName"),
    ),
    "source App a number": (
        create(sourceNicId=None, sourceAppName=7),
        (f"1 problem; nothing was touched:\n- {PARAMETERS}.sourceAppName: 7",),
    ),
    "source App too long": (
        create(sourceNicId=None, sourceAppName="x" * 256),
        (f"{PARAMETERS}.sourceAppName: ", "up to 255 characters"),
    ),
    "source App with a line break": (
        create(sourceNicId=None, sourceAppName="web\ndb"),
        (f'{PARAMETERS}.sourceAppName: "web\\ndb"',),
    ),
    "target App and NIC": (
        create(targetAppName="capture"),
        (f'{PARAMETERS}.targetNicId: "{TARGET}" is given together with targetAppName',),
    ),
    "target App and balancer": (
        create(
            targetNicId="", targetAppName="capture", networkLoadBalancerArn=BALANCER
        ),
        (
            "targetAppName and networkLoadBalancerArn are given; allowed: exactly one "
            "of targetNicId, targetAppName, networkLoadBalancerArn and "
            "gatewayLoadBalancerEndpointId",
        ),
    ),
    "target App is the source App": (
        create(
            sourceNicId=None,
            targetNicId=None,
            sourceAppName="web",
            targetAppName="web",
        ),
        (f'{PARAMETERS}.targetAppName: "web"; allowed: another App than',),
    ),
    "App name misspelt": (
        create(targetappname="web"),
        ("targetappname: is unknown; did you mean targetAppName?",),
    ),
    "number twice on one App": (
        request(
            create_action(sourceNicId=None, sourceAppName="web", sessionNumber=5),
            create_action(
                sourceNicId=None,
                sourceAppName="web",
                sessionNumber=5,
                filterRules=[RULE],
            ),
        ),
        ('actions[1].actionParams.sessionNumber: 5 is taken on "web" by actions[0]',),
    ),
    "dryRun yes": (
        create(dryRun="yes"),
        (f'{PARAMETERS}.dryRun: "yes"; allowed: true or false',),
    ),
    "dryRun empty": (create(dryRun=""), (f'{PARAMETERS}.dryRun: ""',)),
    "dryRun 1": (create(dryRun=1), (f"{PARAMETERS}.dryRun: 1; allowed",)),
    # The session number.
    "number 0": (create(sessionNumber="0"), (f'{NUMBER}: "0"', "1 to 32766")),
    "number 32767": (create(sessionNumber=32767), (f"{NUMBER}: 32767", "1 to 32766")),
    "number huge": (create(sessionNumber="9" * 10_000), (NUMBER, "1 to 32766")),
    "number negative": (create(sessionNumber="-1"), (f'{NUMBER}: "-1"',)),
    "number minus one": (create(sessionNumber=-1), (f"{NUMBER}: -1",)),
    "number signed": (create(sessionNumber="+7"), (f'{NUMBER}: "+7"',)),
    "number underscored": (create(sessionNumber="1_000"), (f'{NUMBER}: "1_000"',)),
    "number a fraction": (create(sessionNumber=5.0), (f"{NUMBER}: 5.0",)),
    "number a fraction as text": (create(sessionNumber="5.0"), (f'{NUMBER}: "5.0"',)),
    "number with exponent": (create(sessionNumber="1e3"), (f'{NUMBER}: "1e3"',)),
    "number hexadecimal": (create(sessionNumber="0x5"), (f'{NUMBER}: "0x5"',)),
    "number a boolean": (create(sessionNumber=True), (f"{NUMBER}: true",)),
    "number words": (create(sessionNumber="five"), (f'{NUMBER}: "five"',)),
    "number Arabic-Indic": (create(sessionNumber="\u0665"), (NUMBER,)),
    "number superscript": (create(sessionNumber="\u00b2"), (NUMBER,)),
    "number in no-break spaces": (create(sessionNumber="\u00a05"), (NUMBER,)),
    "number two numbers": (create(sessionNumber="5 6"), (f'{NUMBER}: "5 6"',)),
    "number a list": (create(sessionNumber=[5]), (f"{NUMBER}: [5]",)),
    "number twice on one source": (
        request(
            create_action(sessionNumber="5"),
            create_action(sessionNumber=5, filterRules=[RULE]),
        ),
        ("actions[1].actionParams.sessionNumber: 5", "actions[0]", SOURCE),
    ),
    "number twice after an action without one": (
        request(
            create_action(),
            create_action(sessionNumber=5),
            create_action(sessionNumber=5, filterRules=[RULE]),
        ),
        ("actions[2].actionParams.sessionNumber: 5", "actions[1]", SOURCE),
    ),
    "number twice on one source, to an App": (
        request(
            create_action(sessionNumber=5),
            create_action(sessionNumber=5, targetNicId="", targetAppName="capture"),
        ),
        (f"actions[1].actionParams.sessionNumber: 5 is taken on {SOURCE} by act",),
    ),
    # The rules.
    "rules an object": (create(filterRules={}), (f"{RULES}: {{}}", "a list")),
    "rules text": (create(filterRules="tcp"), (f'{RULES}: "tcp"', "a list")),
    "11 rules": (create(filterRules=[RULE] * 11), (f"{RULES}: 11 given", "at most 10")),
    "11 rules, one of them invalid": (
        create(filterRules=[RULE] * 10 + [{}]),
        (f"1 problem; nothing was touched:\n- {RULES}: 11 given",),
    ),
    "rule null": (create(filterRules=[None]), (f"{RULES}[0]: null", "an object")),
    "rule text": (create(filterRules=["tcp"]), (f'{RULES}[0]: "tcp"', "an object")),
    "rule type wrong": (
        rule(type="FilterRule"),
        (f"{RULES}[0].type", "TrafficFilterRule"),
    ),
    "direction missing": (
        create(filterRules=[{"protocol": "tcp"}]),
        (f"{RULES}[0].direction: is missing", "ingress or egress"),
    ),
    "direction both": (rule(direction="both"), (f'{RULES}[0].direction: "both"',)),
    "direction empty": (rule(direction=""), (f'{RULES}[0].direction: ""',)),
    "direction a number": (rule(direction=0), (f"{RULES}[0].direction: 0",)),
    "protocol missing": (
        create(filterRules=[{"direction": "ingress"}]),
        (f"{RULES}[0].protocol: is missing",),
    ),
    "protocol null": (rule(protocol=None), (f"{RULES}[0].protocol: is missing",)),
    "protocol empty": (rule(protocol=""), (f'{RULES}[0].protocol: ""',)),
    "protocol a star": (rule(protocol="*"), (f'{RULES}[0].protocol: "*"',)),
    "protocol unknown": (rule(protocol="tpc"), (f'{RULES}[0].protocol: "tpc"',)),
    "protocol 0": (
        rule(protocol=0),
        (f"{RULES}[0].protocol: 0 may mean every protocol", "allowed: all for every"),
    ),
    "protocol 0 as text": (
        rule(protocol="00"),
        (f'{RULES}[0].protocol: "00" may', "allowed: all for every protocol"),
    ),
    "protocol 0 in blanks": (
        rule(protocol=" 0 "),
        (f'{RULES}[0].protocol: " 0 " may', "allowed: all for every protocol"),
    ),
    "protocol hopopt": (rule(protocol="hopopt"), ("allowed: all for every protocol",)),
    "protocol IP": (
        rule(protocol="IP"),
        (f'{RULES}[0].protocol: "IP" may', "allowed: all for every protocol"),
    ),
    "protocol 256": (rule(protocol="256"), (f'{RULES}[0].protocol: "256"',)),
    "protocol -2": (rule(protocol="-2"), (f'{RULES}[0].protocol: "-2"',)),
    "protocol a fraction": (rule(protocol=6.0), (f"{RULES}[0].protocol: 6.0",)),
    "protocol a boolean": (rule(protocol=True), (f"{RULES}[0].protocol: true",)),
    "protocol a list": (rule(protocol=["tcp"]), (f"{RULES}[0].protocol: [",)),
    "rule unknown key": (
        rule(sourceCIDR="10.0.0.0/8"),
        (f"{RULES}[0].sourceCIDR: is unknown", "did you mean sourceCidr?"),
    ),
    "rule key misspelt": (
        rule(sourceCider="10.0.0.0/8"),
        (f"{RULES}[0].sourceCider: is unknown", "did you mean sourceCidr?"),
    ),
    "ports with icmp": (
        rule(protocol="icmp", destinationPortRange={"fromPort": 1, "toPort": 2}),
        (f'{RULES}[0].protocol: "icmp"', "destinationPortRange", "tcp or udp"),
    ),
    "ports with all": (
        rule(protocol="all", sourcePortRange={"fromPort": 1, "toPort": 2}),
        (f'{RULES}[0].protocol: "all"', "sourcePortRange", "tcp or udp"),
    ),
    "ports text": (rule(sourcePortRange="80-90"), (f'{PORTS}: "80-90"', "an object")),
    "ports a list": (rule(sourcePortRange=[80, 90]), (f"{PORTS}: [80, 90]",)),
    "ports empty": (_ports(), (f"{PORTS}.fromPort: is missing", f"{PORTS}.toPort: is")),
    "ports type wrong": (
        _ports(type="Range", fromPort=1, toPort=2),
        (f"{PORTS}.type", "PortRange"),
    ),
    "ports from alone": (_ports(fromPort="80"), (f"{PORTS}.toPort: is missing",)),
    "ports to alone": (_ports(toPort="80"), (f"{PORTS}.fromPort: is missing",)),
    "ports to null": (
        _ports(fromPort="80", toPort=None),
        (f"{PORTS}.toPort: is missing",),
    ),
    "ports misnamed": (
        _ports(**{"from": 1, "to": 2}),
        (
            f"{PORTS}.from: is unknown; did you mean fromPort?",
            f"{PORTS}.to: is unknown; did you mean toPort?",
        ),
    ),
    "ports reversed": (
        _ports(fromPort="90", toPort="80"),
        (f'{PORTS}.toPort: "80" is below fromPort', "90 to 65535"),
    ),
    "port 65536": (_ports(fromPort="1", toPort="65536"), (f'{PORTS}.toPort: "65536"',)),
    "port negative": (_ports(fromPort="-1", toPort="80"), (f'{PORTS}.fromPort: "-1"',)),
    "ports from empty": (
        _ports(fromPort="", toPort="80"),
        (
            f'{PORTS}.toPort: "80" is given, but fromPort is empty',
            "allowed: a value for both ends, or for neither",
        ),
    ),
    "ports to blank": (
        _ports(fromPort=80, toPort=" "),
        (f'{PORTS}.toPort: " " is empty, but fromPort is given',),
    ),
    "ports to empty, from invalid": (
        _ports(fromPort="http", toPort=""),
        (f'1 problem; nothing was touched:\n- {PORTS}.fromPort: "http"',),
    ),
    "ports empty, type wrong": (
        _ports(type="Range", fromPort="", toPort=""),
        (f"{PORTS}.type", "PortRange"),
    ),
    "ports empty, with an unknown key": (
        _ports(fromPort="", toPort="", too="80"),
        (f"{PORTS}.too: is unknown; did you mean toPort?",),
    ),
    "port a name": (
        _ports(fromPort="http", toPort="http"),
        (f'{PORTS}.fromPort: "http"',),
    ),
    "port a fraction": (_ports(fromPort=1.5, toPort=2), (f"{PORTS}.fromPort: 1.5",)),
    "port a boolean": (_ports(fromPort=False, toPort=2), (f"{PORTS}.fromPort: false",)),
    "CIDR two in one": (
        rule(sourceCidr="10.0.0.0/8 10.0.0.0/8"),
        (f"{RULES}[0].sourceCidr: ",),
    ),
    "CIDR nonsense": (
        rule(sourceCidr="everything"),
        (
            f'{RULES}[0].sourceCidr: "everything"; '
            "allowed: an IPv4 or IPv6 address, alone or with /prefix",
        ),
    ),
    "CIDR prefix too long": (
        rule(sourceCidr="10.0.0.0/33"),
        (f"{RULES}[0].sourceCidr",),
    ),
    "CIDR a netmask": (
        rule(sourceCidr="10.0.0.0/255.0.0.0"),
        (f"{RULES}[0].sourceCidr",),
    ),
    "CIDR an octet too large": (rule(sourceCidr="10.0.0.256"), ("sourceCidr",)),
    "CIDR three octets": (rule(destinationCidr="10.0.0/24"), ("destinationCidr",)),
    "CIDR a number": (rule(sourceCidr=10), (f"{RULES}[0].sourceCidr: 10",)),
    "CIDR with a zone": (rule(sourceCidr="fe80::1%eth0"), ("sourceCidr",)),
    "CIDR a list": (rule(sourceCidr=["10.0.0.0/8"]), (f"{RULES}[0].sourceCidr: [",)),
    "CIDRs of two families": (
        rule(sourceCidr="10.0.0.0/8", destinationCidr="::/0"),
        (f'{RULES}[0].destinationCidr: "::/0"', "IPv4, as sourceCidr is"),
    ),
    "CIDRs of two families, IPv6 first": (
        rule(sourceCidr="2001:db8::/32", destinationCidr="10.0.0.1"),
        (f'{RULES}[0].destinationCidr: "10.0.0.1"', "IPv6, as sourceCidr is"),
    ),
    # Targets, options, texts and tags.
    "no destination": (
        _create_without("targetNicId"),
        (
            f"{PARAMETERS}.targetNicId: is missing",
            "or networkLoadBalancerArn or gatewayLoadBalancerEndpointId",
        ),
    ),
    "every destination empty": (
        create(
            targetNicId="",
            networkLoadBalancerArn=" ",
            gatewayLoadBalancerEndpointId=None,
        ),
        (f'{PARAMETERS}.targetNicId: "" is missing',),
    ),
    "NIC and balancer": (
        create(networkLoadBalancerArn=BALANCER),
        (
            f'{PARAMETERS}.targetNicId: "{TARGET}" is given together with ',
            "networkLoadBalancerArn",
        ),
    ),
    "NIC and endpoint": (
        create(gatewayLoadBalancerEndpointId=ENDPOINT),
        ("is given together with gatewayLoadBalancerEndpointId", "one of targetNicId,"),
    ),
    "balancer and endpoint": (
        create(
            targetNicId=None,
            networkLoadBalancerArn=BALANCER,
            gatewayLoadBalancerEndpointId=ENDPOINT,
        ),
        (
            f"{PARAMETERS}.targetNicId: networkLoadBalancerArn and gatewayLoad",
            "are given",
        ),
    ),
    "an application balancer": (
        create(
            targetNicId="", networkLoadBalancerArn=BALANCER.replace("/net/", "/app/")
        ),
        (f"{PARAMETERS}.networkLoadBalancerArn: ", "loadbalancer/net/"),
    ),
    "a balancer's wildcard": (
        create(targetNicId="", networkLoadBalancerArn=BALANCER[:-4] + "*"),
        (f"{PARAMETERS}.networkLoadBalancerArn: ",),
    ),
    "endpoint a NIC": (
        create(targetNicId="", gatewayLoadBalancerEndpointId=TARGET),
        (f"{PARAMETERS}.gatewayLoadBalancerEndpointId: ", "vpce-"),
    ),
    "packet length 0": (
        create(packetLength=0),
        (f"{PARAMETERS}.packetLength: 0; allowed: 1 to 8500",),
    ),
    "packet length 8501": (
        create(packetLength="8501"),
        (f'{PARAMETERS}.packetLength: "8501"',),
    ),
    "packet length empty": (create(packetLength=""), (f"{PARAMETERS}.packetLength: ",)),
    "packet length true": (
        create(packetLength=True),
        (f"{PARAMETERS}.packetLength: true",),
    ),
    "packet length 96.0": (
        create(packetLength=96.0),
        (f"{PARAMETERS}.packetLength: 96.0",),
    ),
    "virtual network 0": (
        create(virtualNetworkId="0"),
        (f'{PARAMETERS}.virtualNetworkId: "0"', "1 to 16777215"),
    ),
    "virtual network of 25 bits": (
        create(virtualNetworkId=2**24),
        (f"{PARAMETERS}.virtualNetworkId: 16777216",),
    ),
    "description a number": (
        create(description=5),
        (f"{PARAMETERS}.description: 5; allowed: text",),
    ),
    "description too long": (
        create(description="x" * 256),
        (f"{PARAMETERS}.description: ", "up to 255"),
    ),
    "description of two lines": (
        create(description="a\nb"),
        (f"{PARAMETERS}.description: ", "control"),
    ),
    "services text": (
        create(networkServices="amazon-dns"),
        (f'{PARAMETERS}.networkServices: "amazon-dns"; allowed: a list',),
    ),
    "11 services": (
        create(networkServices=["amazon-dns"] * 11),
        (f"{PARAMETERS}.networkServices: 11 given",),
    ),
    "service unknown": (
        create(networkServices=["amazon-dns", "ntp"]),
        (f'{PARAMETERS}.networkServices[1]: "ntp"; allowed: amazon-dns',),
    ),
    "tags a list": (create(tags=[]), (f"{PARAMETERS}.tags: []; allowed: an object",)),
    "tag a number": (
        create(tags={"a": 1}),
        (f"{PARAMETERS}.tags.a: 1; allowed: text",),
    ),
    "tag key empty": (
        create(tags={"": "x"}),
        (f'{PARAMETERS}.tags[""]: "";', "1 to 127"),
    ),
    "tag key too long": (
        create(tags={"k" * 128: ""}),
        (f"{PARAMETERS}.tags.kkk", "1 to 127"),
    ),
    "tag value too long": (
        create(tags={"k": "v" * 257}),
        (f"{PARAMETERS}.tags.k: ", "256"),
    ),
    "tag key of AWS": (
        create(tags={"AWS:x": ""}),
        (f'{PARAMETERS}.tags["AWS:x"]', "aws:"),
    ),
    "tag key of the sandbox": (
        create(tags={"ReservationId": "another"}),
        (f"{PARAMETERS}.tags.ReservationId: ", "the sandbox's own: Name, CreatedBy"),
    ),
    "tag key of the shell": (
        create(tags={"MirrorFingerprint": "x"}),
        (f"{PARAMETERS}.tags.MirrorFingerprint: ",),
    ),
    "44 tags, all of them invalid": (
        create(tags=dict.fromkeys(map(str, range(41)), 0)),
        (f"1 problem; nothing was touched:\n- {PARAMETERS}.tags: 41 given",),
    ),
    "41 tags": (
        create(tags={str(number): "" for number in range(41)}),
        (f"{PARAMETERS}.tags: 41 given", "at most 40 tags"),
    ),
    "rule action unknown": (
        rule(ruleAction="drop"),
        (f'{RULES}[0].ruleAction: "drop"; allowed: accept or reject',),
    ),
    "rule description a list": (rule(description=[]), (f"{RULES}[0].description: []",)),
    "options on the action": (
        request({"type": "CreateTrafficMirroring", "packetLength": 5}),
        ("actions[0].packetLength: is not a field of the action; it belongs in",),
    ),
    # Keys and texts that a decoder or a formatter might act on.
    "py/object": (
        create(**{"py/object": "os.system"}),
        ('actionParams["py/object"]: is unknown',),
    ),
    "format string": (
        create(sourceNicId="{0.__class__}"),
        ('sourceNicId: "{0.__class__}"',),
    ),
    # Several problems at once.
    "five problems in two actions": (
        request(
            create_action(sessionNumber="x", filterRules=[{"direction": "up"}]),
            create_action(),
            create_action(targetNicId="?", filterRules=[{**RULE, "sourceCidr": "?"}]),
        ),
        (
            "5 problems",
            'actions[0].actionParams.sessionNumber: "x"',
            'actions[0].actionParams.filterRules[0].direction: "up"',
            "actions[0].actionParams.filterRules[0].protocol: is missing",
            'actions[2].actionParams.targetNicId: "?"',
            'actions[2].actionParams.filterRules[0].sourceCidr: "?"',
        ),
    ),
    "number twice, beside another bad action": (
        request(
            create_action(sessionNumber="5"),
            create_action(sessionNumber="5", filterRules=[RULE]),
            create_action(sourceNicId="?"),
        ),
        (
            "actions[1].actionParams.sessionNumber",
            "actions[2].actionParams.sourceNicId",
        ),
    ),
}

BAD_REMOVES: dict[str, Bad] = {
    "empty": ("", ("is not JSON",)),
    "no actions": (request(), ("actions: []",)),
    "type of another command": (
        request(create_action()),
        (
            'actions[0].type: "CreateTrafficMirroring"',
            "allowed: RemoveTrafficMirroring",
        ),
    ),
    "neither": (remove(), ("actions[0]:", "neither", "exactly one")),
    "both empty": (remove(sessionId="", targetNicId=""), ("actions[0]:", "neither")),
    "both null": (remove(sessionId=None, targetNicId=None), ("actions[0]:", "neither")),
    "both blank": (remove(sessionId=" ", targetNicId="\t"), ("actions[0]:", "neither")),
    "both": (
        remove(sessionId="tms-0123456789abcdef0", targetNicId=TARGET),
        ("actions[0]:", "both", "exactly one"),
    ),
    "session a wildcard": (
        remove(sessionId="*"),
        ('actions[0].sessionId: "*"', "tms-"),
    ),
    "session with wildcard": (remove(sessionId="tms-*"), ('sessionId: "tms-*"',)),
    "session a filter": (remove(sessionId="tmf-0123456789abcdef0"), ("sessionId",)),
    "session a number": (remove(sessionId=5), ("actions[0].sessionId: 5",)),
    "target a wildcard": (remove(targetNicId="*"), ('actions[0].targetNicId: "*"',)),
    "target with wildcard": (remove(targetNicId="eni-?????????"), ("targetNicId",)),
    "target a session": (remove(targetNicId="tms-0123456789abcdef0"), ("targetNicId",)),
    "target a list": (remove(targetNicId=[TARGET]), ("actions[0].targetNicId: [",)),
    "target in other case": (
        remove(TargetNicId=TARGET),
        (
            "1 problem",
            "actions[0].TargetNicId: is unknown; did you mean targetNicId? "
            "allowed: type, actionId, sessionId, targetNicId",
        ),
    ),
    "target in two cases": (
        remove(targetNicId=TARGET, TargetNicId=TARGET),
        ("actions[0].TargetNicId: is unknown; did you mean targetNicId?",),
    ),
    "in actionParams": (
        remove(actionParams={"sessionId": "tms-0123456789abcdef0"}),
        ("actions[0]:", "neither"),
    ),
    "one of several": (
        request(remove_action(targetNicId=TARGET), remove_action(sessionId="x")),
        ('actions[1].sessionId: "x"',),
    ),
}

# json.dumps can't write a key twice.
BAD_CREATES["CIDR twice"] = (
    json.dumps(json.loads(rule(sourceCidr="10.0.0.1"))).replace(
        '"sourceCidr": "10.0.0.1"',
        '"sourceCidr": "10.0.0.1", "sourceCidr": "0.0.0.0/0"',
    ),
    ('"sourceCidr" appears twice',),
)
