"""
Show the traffic mirrors of a sandbox: a table with their warnings, and a picture.

    python show_traffic_mirroring.py RESERVATION_ID
    python show_traffic_mirroring.py RESERVATION_ID --svg mirrors.svg

The picture opens in any browser. Nothing is changed. The exit code is 0 if the mirrors
could be listed, also if some have warnings.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

from command_line import execute, make_parser, write_file

HEADINGS = ("SOURCE", "NO.", "VXLAN", "TARGET", "MIRRORED", "SKIPPED")
TARGETS = ("targetNicId", "networkLoadBalancerArn", "gatewayLoadBalancerEndpointId")

# The picture: columns of sources, sessions and targets, and a row for each session.
WIDTH, TOP, ROW, GAP = 940, 64, 72, 14
SOURCE_X, SESSION_X, TARGET_X = 24, 312, 712
SOURCE_WIDTH, SESSION_WIDTH, TARGET_WIDTH = 204, 300, 204
BLUE, RED, DARK, GRAY = "#0b69c7", "#c62828", "#1f2933", "#52606d"


def main() -> None:
    parser = make_parser("Show a sandbox's traffic mirrors.")
    parser.add_argument("--svg", type=Path, help="draw them into this file, too")
    arguments = parser.parse_args()
    request = {"driverRequest": {"actions": [{"type": "GetTrafficMirroring"}]}}
    answer = execute(arguments, "GetTrafficMirroring", json.dumps(request))
    (result,) = answer["driverResponse"]["actionResults"]
    if not result["success"]:
        sys.exit(result["errorMessage"])
    print(make_table(result["mirrors"]))
    print(f"\n{result['infoMessage']}")
    if arguments.svg:
        write_file(arguments.svg, draw(result["mirrors"]))


def make_table(mirrors: list) -> str:
    """Return a row per mirror, with its session, rules and warnings below it."""
    rows = [make_row(mirror) for mirror in mirrors]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows)]
    lines = [format_row(HEADINGS, widths)]
    for row, mirror in zip(rows, mirrors):
        lines += [format_row(row, widths), f"    session {mirror['sessionId']}"]
        lines += [f"    {rule}" for rule in describe_rules(mirror["actionParams"])]
        lines += [f"    {warning}" for warning in mirror["warnings"]]
    return "\n".join(lines)


def make_row(mirror: dict) -> tuple:
    params = mirror["actionParams"]
    return (
        params["sourceNicId"],
        str(mirror["sessionNumber"]),
        str(mirror["virtualNetworkId"]),
        find_target(params),
        get_figure(mirror, "packetsMirrored"),
        get_figure(mirror, "packetsSkipped"),
    )


def format_row(texts: tuple, widths: list) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(texts, widths)).rstrip()


def get_figure(mirror: dict, name: str) -> str:
    """Return a figure of the source's instance in the last 15 minutes."""
    value = (mirror["traffic"] or {}).get(name)
    return "unknown" if value is None else str(value)


def find_target(params: dict) -> str:
    """Return the target's NIC or endpoint, or the load balancer's name."""
    found = next((params[name] for name in TARGETS if name in params), "unknown")
    return f"nlb {found.split('/')[-2]}" if found.startswith("arn:") else found


def describe_rules(params: dict) -> list:
    """Return a line for each rule."""
    if "filterRules" not in params:
        return ["everything"]
    return [describe_rule(rule) for rule in params["filterRules"] or ()]


def describe_rule(rule: dict) -> str:
    ends = []
    for name, word in (("source", "from"), ("destination", "to")):
        ports = rule.get(f"{name}PortRange")
        range_ = f" ports {ports['fromPort']}-{ports['toPort']}" if ports else ""
        ends.append(f"{word} {rule[f'{name}Cidr']}{range_}")
    words = (rule["ruleAction"], rule["direction"], str(rule["protocol"]), *ends)
    return " ".join(words)


def draw(mirrors: list) -> str:
    """Return an SVG picture of sources, sessions and targets."""
    targets = place_targets(mirrors)
    parts = [draw_headings(), *draw_sources(mirrors)]
    for row, mirror in enumerate(mirrors):
        target = find_target(mirror["actionParams"])
        parts += draw_session(mirror, row, targets[target])
    parts += [draw_target(name, y) for name, y in targets.items()]
    y = TOP + max(len(mirrors), 1) * ROW
    for line in wrap_warnings(mirrors):
        y += 18
        parts.append(draw_text(SOURCE_X, y, line, 12, RED, "start"))
    height = y + 18
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="Helvetica, Arial, sans-serif">'
        "\n<title>Traffic mirrors of a sandbox</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def wrap_warnings(mirrors: list) -> list:
    return [
        line
        for mirror in mirrors
        for warning in mirror["warnings"]
        for line in textwrap.wrap(f"{mirror['sessionId']}: {warning}", 140)
    ]


def place_targets(mirrors: list) -> dict:
    """Return the middle of each target: near its sessions, without an overlap."""
    rows = {}
    for row, mirror in enumerate(mirrors):
        rows.setdefault(find_target(mirror["actionParams"]), []).append(row)
    means = {name: sum(numbers) / len(numbers) for name, numbers in rows.items()}
    names = sorted(means, key=means.get)
    places, lowest = {}, 0
    for index, name in enumerate(names):
        # Rows are left for the targets below, of which there are not more than rows.
        highest = len(mirrors) - len(names) + index
        place = min(max(means[name], lowest), highest)
        places[name] = middle_of(place)
        lowest = place + 1
    return places


def middle_of(row: float) -> float:
    return TOP + row * ROW + (ROW - GAP) / 2


def draw_headings() -> str:
    columns = (
        (SOURCE_X + SOURCE_WIDTH / 2, "source NICs"),
        (SESSION_X + SESSION_WIDTH / 2, "sessions, packets of 15 minutes"),
        (TARGET_X + TARGET_WIDTH / 2, "targets"),
    )
    return "\n".join(draw_text(x, 36, text, 15, DARK) for x, text in columns)


def draw_sources(mirrors: list) -> list:
    """Return a box per source, which is as high as its sessions together."""
    rows = {}
    for row, mirror in enumerate(mirrors):
        rows.setdefault(mirror["actionParams"]["sourceNicId"], []).append(row)
    parts = []
    for name, numbers in rows.items():
        top, height = TOP + numbers[0] * ROW, len(numbers) * ROW - GAP
        parts.append(draw_box(SOURCE_X, top, SOURCE_WIDTH, height))
        middle = SOURCE_X + SOURCE_WIDTH / 2, top + height / 2 + 5
        parts.append(draw_text(*middle, name, 13, DARK))
    return parts


def draw_session(mirror: dict, row: int, target_y: float) -> list:
    """Return a session's box, and its lines from the source and to the target."""
    broken = any(each.startswith("warning") for each in mirror["warnings"])
    color, y, center = RED if broken else BLUE, middle_of(row), SESSION_X + 150
    left, right = SOURCE_X + SOURCE_WIDTH, SESSION_X + SESSION_WIDTH
    bend = (right + TARGET_X) / 2
    curve = f"M{right} {y}C{bend} {y} {bend} {target_y} {TARGET_X} {target_y}"
    return [
        draw_line(f"M{left} {y}H{SESSION_X}", color, broken),
        draw_line(curve, color, broken),
        draw_box(SESSION_X, TOP + row * ROW, SESSION_WIDTH, ROW - GAP, color),
        draw_text(center, y - 5, name_session(mirror), 13, DARK),
        draw_text(center, y + 15, describe(mirror), 12, RED if broken else GRAY),
    ]


def name_session(mirror: dict) -> str:
    number, network = mirror["sessionNumber"], mirror["virtualNetworkId"]
    return f"number {number}, VXLAN network {network}"


def describe(mirror: dict) -> str:
    rules = describe_rules(mirror["actionParams"])
    what = "everything" if rules == ["everything"] else f"rules: {len(rules)}"
    packets = get_figure(mirror, "packetsMirrored")
    return f"{what}, packets: {packets}, warnings: {len(mirror['warnings'])}"


def draw_target(name: str, y: float) -> str:
    box = draw_box(TARGET_X, y - (ROW - GAP) / 2, TARGET_WIDTH, ROW - GAP)
    return f"{box}\n{draw_text(TARGET_X + TARGET_WIDTH / 2, y + 5, name, 13, DARK)}"


def draw_box(x: float, y: float, width: float, height: float, color: str = GRAY) -> str:
    fill = "#f1f4f8" if color == GRAY else "#ffffff"
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" '
        f'fill="{fill}" stroke="{color}"/>'
    )


def draw_line(path: str, color: str, dashed: bool) -> str:
    dashes = ' stroke-dasharray="6 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2"{dashes}/>'


def draw_text(
    x: float, y: float, text: str, size: int, color: str, anchor: str = "middle"
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{color}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


if __name__ == "__main__":
    main()
