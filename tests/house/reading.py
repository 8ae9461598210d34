"""House rules that can be read off the source: each check returns `file:line what`."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

# Most files stay under 300 lines and most functions under 30; beyond these they have to be split.
FILE_LINES = 350
FUNCTION_LINES = 45
# The one function by which the follower moves what it has stored; it has no room's services.
STATE_DOORS = frozenset({("ton", "handling.py")})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_long(files: Iterable[Path]) -> list[str]:
    """Files and functions beyond the ceilings: split them by verb."""
    problems = []
    for path in files:
        lines = len(path.read_text().splitlines())
        if lines > FILE_LINES:
            problems.append(f"{path}:1 has {lines} lines, at most {FILE_LINES}")
        for node in ast.walk(_tree(path)):
            if isinstance(node, Function):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    problems.append(f"{path}:{node.lineno} {node.name} has {length} lines")
    return problems


def late_imports(files: Iterable[Path]) -> list[str]:
    """Imports inside functions; only AppConfig.ready() may import its own room late."""
    problems = []
    for path in files:
        for function in _functions(_tree(path)):
            if path.name == "apps.py" and function.name == "ready":
                continue
            problems += [
                f"{path}:{node.lineno} imports inside {function.name}"
                for node in ast.walk(function)
                if isinstance(node, ast.Import | ast.ImportFrom)
            ]
    return problems


def floats(files: Iterable[Path]) -> list[str]:
    """Float literals, calls of float() and true division: money is whole minor units."""
    problems = []
    for path in files:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                problems.append(f"{path}:{node.lineno} has the float {node.value}")
            if isinstance(node, ast.Call) and _name(node.func) == "float":
                problems.append(f"{path}:{node.lineno} calls float()")
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
                problems.append(f"{path}:{node.lineno} divides with /")
    return problems


def state_writes(files: Iterable[Path]) -> list[str]:
    """Assignments to `.state` and updates of a `state` column outside the services door."""
    problems = []
    for path in files:
        if "services" in path.with_suffix("").parts or path.parts[-2:] in STATE_DOORS:
            continue
        for node in ast.walk(_tree(path)):
            if _assigns_state(node) or _updates_state(node):
                line = getattr(node, "lineno", 1)
                problems.append(f"{path}:{line} writes a state outside services")
    return problems


def magnets(files: Iterable[Path]) -> list[str]:
    """Modules whose name says nothing and so attract everything."""
    return [f"{path}:1 is a drawer" for path in files if path.stem in {"utils", "helpers", "misc"}]


def _assigns_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    else:
        return False
    return any(
        isinstance(target, ast.Attribute)
        and target.attr in {"state", "money_status"}
        and _name(target.value) != "self"
        for target in targets
    )


def _updates_state(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "update"
        and any(keyword.arg in {"state", "money_status"} for keyword in node.keywords)
    )


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))
