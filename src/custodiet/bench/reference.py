"""Run a file of reference cases: known inputs, what must come out, and how near.

A file is a JSON list of cases with `id`, `area`, `inputs`, `expected`, `tolerance`, `definition` and `source`. Every name
under `expected` is a measure of the case's area. A case that names a measure or a form of input that nothing here understands
fails, and says so.
"""

import ast
import json
import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from custodiet.bench.reference_data import Case, CaseError, is_number
from custodiet.bench.reference_measures import AREAS
from custodiet.model.errors import InputError

# Where a case gives no tolerance: what rounding in the last digits may do.
DEFAULT_TOLERANCE = {"rel": 1e-9}
NEGATED = "must_not_equal_"


@dataclass(frozen=True)
class Verdict:
    """What became of a case: what was expected and got by measure, why it failed where it did, and inputs nothing read."""

    id: str
    area: str
    passed: bool
    expected: dict[str, Any]
    got: dict[str, Any]
    why: str | None
    unread: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        return {
            "id": self.id, "area": self.area, "passed": self.passed, "expected": self.expected, "got": self.got,
            "why": self.why, "unread": list(self.unread),
        }  # fmt: skip


def read_cases(path: Path) -> list[Any]:
    """Return the cases of a file as they stand there.

    Raises:
        InputError: the file can't be read, is no JSON, or holds no list of cases.

    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); give a file of reference cases.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, byte {error.start}: not UTF-8; save the cases as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}); mend it there."
        ) from None
    except RecursionError:
        raise InputError(f"{path}: nested too deep for a list of cases; give a file of reference cases.") from None
    cases = content.get("cases") if isinstance(content, dict) else content
    if not isinstance(cases, list) or not cases:
        raise InputError(f"{path}: holds no list of cases; give a JSON list with at least one.")
    return cases


def run_cases(path: Path) -> list[Verdict]:
    """Run every case of a file, in its order. Paths in a case are relative to the file."""
    return [run_case(raw, position, path.parent) for position, raw in enumerate(read_cases(path), start=1)]


def run_case(raw: Any, position: int, folder: Path) -> Verdict:
    """Run one case; whatever is wrong with it is its verdict, not an exception."""
    name = str(raw.get("id", f"case {position}")) if isinstance(raw, dict) else f"case {position}"
    try:
        case = Case.read(raw, folder)
    except CaseError as error:
        return Verdict(name, "", passed=False, expected={}, got={}, why=str(error))
    got: dict[str, Any] = {}
    problems = []
    for measure, expected in case.expected.items():
        try:
            value = _measure(case, measure)
            got[measure] = _plain(value)
            problem = _compare(case, measure, expected, value)
        except CaseError as error:
            problem = str(error)
        except Exception as error:
            # A case is somebody's file: whatever can't be computed from it is the case's verdict, and never a traceback.
            problem = f"{measure}: can't be computed from these inputs ({type(error).__name__}: {error})"
        if problem:
            problems.append(problem)
    if not case.expected:
        problems.append("expects nothing")
    return Verdict(case.id, case.area, not problems, case.expected, got, "; ".join(problems) or None, case.inputs.unread())


def _measure(case: Case, measure: str) -> Any:
    if case.area not in AREAS:
        raise CaseError(f"the area {case.area!r} is unknown; the areas are {', '.join(AREAS)}")
    if not measure.startswith(NEGATED):
        return AREAS[case.area](case, measure)
    # `must_not_equal_pyeer_threshold`: the library's name comes first, then the measure.
    words = measure.removeprefix(NEGATED).split("_")
    for start in range(len(words)):
        try:
            return AREAS[case.area](case, "_".join(words[start:]))
        except CaseError:
            continue
    raise CaseError(f"{measure}: names no measure of {case.area}")


def _compare(case: Case, measure: str, expected: Any, got: Any) -> str | None:
    own = case.tolerance.get(measure)
    tolerance = own if isinstance(own, Mapping) else case.tolerance or DEFAULT_TOLERANCE
    if measure.startswith(NEGATED):
        return f"{measure}: got {got}, which is what it must not be" if _is_near(expected, got, tolerance) else None
    if "rule" in tolerance:
        low, high = _apply_rule(case, str(tolerance["rule"]))
        if low <= float(expected) <= high:
            return None
        return f"{measure}: {expected} does not lie from {low} to {high}; got {got}"
    if unknown := sorted(set(tolerance) - {"abs", "rel"} - set(case.expected)):
        raise CaseError(f"{measure}: the tolerance {unknown[0]!r} is unknown; write abs, rel or rule")
    return None if _is_near(expected, got, tolerance) else f"{measure}: expected {expected}, got {got}"


def _plain(value: Any) -> Any:
    """Return a measure as JSON has it, which knows no infinity."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _is_near(expected: Any, got: Any, tolerance: Mapping[str, Any]) -> bool:
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return set(expected) == set(got) and all(_is_near(expected[key], got[key], tolerance) for key in expected)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(_is_near, expected, got, [tolerance] * len(got)))
    if isinstance(expected, str) and isinstance(got, float) and is_number(expected) and not math.isfinite(got):
        # JSON has no infinity, so it stands as a word.
        return float(expected) == got
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return bool(expected == got)
    if not isinstance(got, int | float) or isinstance(got, bool):
        return False
    if expected == got:
        return True
    allowed = max(float(tolerance.get("abs", 0)), float(tolerance.get("rel", 0)) * abs(float(expected)))
    return math.isfinite(got) and abs(float(expected) - got) <= allowed


_ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _apply_rule(case: Case, rule: str) -> tuple[float, float]:
    """Return the bounds of a rule such as "must lie in [(max-h)/(min+h)-0.5, (max+h)/(min-h)+0.5]".

    `max`, `min` and `mean` are the inputs whose names end so; `h` is the rounding's half unit.
    """
    found = re.search(r"\[(.+),(.+)\]", rule)
    if not found:
        raise CaseError(f"the tolerance's rule {rule!r} has no interval in square brackets")
    names = {name: case.inputs[name] for name, value in case.inputs.items() if isinstance(value, int | float)}
    for name, value in list(names.items()):
        if (ending := name.rpartition("_")[2]) in ("max", "min", "mean"):
            names.setdefault(ending, value)
        if "half_unit" in name:
            names.setdefault("h", value)
    low, high = (_evaluate(part.strip(), names) for part in found.groups())
    return low, high


def _evaluate(text: str, names: Mapping[str, float]) -> float:
    def value(node: ast.expr) -> float:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in names:
            return float(names[node.id])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return float(_ARITHMETIC[type(node.op)](value(node.left), value(node.right)))
        raise CaseError(f"the rule's {text!r} is no sum of the case's inputs")

    try:
        return value(ast.parse(text, mode="eval").body)
    except SyntaxError:
        raise CaseError(f"the rule's {text!r} is no arithmetic") from None
