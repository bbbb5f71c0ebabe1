"""
Owns: the copy of the package with all mutants in it, and how a mutant is named.

Must not know: tests.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import libcst as cst
from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents

_MARK = "__mutmut_"
_SEPARATOR = "ǁ"


@dataclass(frozen=True)
class Mutant:
    """
    A change of one function.

    `name` is what chooses it, `function` is mutmut's name of the original. `text` is
    the file, the function, and the changed lines before and after. `digest` identifies
    the original function's source.
    """

    name: str
    function: str
    text: str
    digest: str


def write_mutants(package: Path, folder: Path) -> list[Mutant]:
    """Write the mutated copy of a package into a folder; files that exist are kept."""
    found = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        copy = folder / package.name / inside
        copy.parent.mkdir(parents=True, exist_ok=True)
        found += _write_file(path, copy, inside, package.name)
    return found


def _write_file(path: Path, copy: Path, inside: Path, package: str) -> list[Mutant]:
    source = path.read_text()
    digest = hashlib.sha256(source.encode()).hexdigest()
    index = copy.with_suffix(".json")
    if index.exists():
        known = json.loads(index.read_text())
        if known["digest"] == digest:
            return [Mutant(**each) for each in known["mutants"]]
    try:
        mutated = mutate_file_contents(str(path), _without_decorators(source))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    copy.write_text(mutated.code)
    module = ".".join([package, *inside.with_suffix("").parts])
    mutants = [*_mutants(mutated, str(inside), module.removesuffix(".__init__"))]
    known = {"digest": digest, "mutants": [asdict(each) for each in mutants]}
    index.write_text(json.dumps(known))
    return mutants


def _mutants(mutated: MutatedFile, file: str, module: str) -> Iterator[Mutant]:
    lines = mutated.code.splitlines()

    def source_of(generated: str) -> list[str]:
        span = mutated.line_span_by_function_name[generated]
        code = (line.strip() for line in lines[span.start - 1 : span.end])
        own = (line for line in code if not line.startswith("@_mutmut"))
        return [line.replace(generated, "") for line in own]

    seen: Counter[str] = Counter()
    for name in mutated.mutant_names:
        function = name.partition(_MARK)[0]
        original = source_of(f"{function}{_MARK}orig")
        before, after = _changes(original, source_of(name))
        if _is_wording(before, after):
            continue
        text = f"{file} {_plain(function)}: {before} => {after}"
        seen[text] += 1
        if seen[text] > 1:
            text += f" ({seen[text]})"
        digest = hashlib.sha256("\n".join(original).encode()).hexdigest()[:12]
        yield Mutant(f"{module}.{name}", f"{module}.{function}", text, digest)


def _is_wording(before: str, after: str) -> bool:
    """
    Return whether only the words or the case of a message differ.

    Tests compare every message with docs/troubleshooting.md, but those read the source
    or start driver processes, so that mutants can't be tried with them. A text without
    blanks is a name, as in "RuleNumber", and must not change.
    """
    if before not in (after, after.replace("XX", "")) and (
        before.lower() != after.lower()
    ):
        return False
    changed = [a for a, b in zip(_texts(before), _texts(after)) if a != b]
    return bool(changed) and all(" " in text.strip() for text in changed)


def _texts(line: str) -> list[str]:
    return re.findall(r""" "[^"]*" | '[^']*' """, line, re.VERBOSE)


def _plain(function: str) -> str:
    """Return a function's name in the source, as in Class.method."""
    parts = function.split(_SEPARATOR)
    return ".".join(parts[1:]) if len(parts) > 1 else function.removeprefix("x_")


def _changes(before: list[str], after: list[str]) -> tuple[str, str]:
    """Return the lines that differ, joined."""
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "-+"]
    old, new = (" ".join(it[2:] for it in changed if it[0] == sign) for sign in "-+")
    return old, new


class _Undecorated(cst.CSTTransformer):
    """
    Replaces decorators by assignments, because mutmut leaves decorated functions alone.

    `@property def x(): ...` becomes `def x(): ...; x = property(x)`.
    """

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: ARG002, N802 - libcst's
        return False

    def leave_FunctionDef(  # noqa: N802 - libcst's
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        decorators = [each.decorator for each in original_node.decorators]
        names = [each.value for each in decorators if isinstance(each, cst.Name)]
        if not decorators or names in (["classmethod"], ["staticmethod"]):
            return updated_node  # mutmut can do these
        value: cst.BaseExpression = original_node.name
        for decorator in reversed(decorators):
            value = cst.Call(decorator, [cst.Arg(value)])
        assignment = cst.Assign([cst.AssignTarget(original_node.name)], value)
        plain = updated_node.with_changes(decorators=[])
        return cst.FlattenSentinel([plain, cst.SimpleStatementLine([assignment])])


def _without_decorators(source: str) -> str:
    code: str = cst.parse_module(source).visit(_Undecorated()).code
    return code
