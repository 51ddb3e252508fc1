"""A pytest plugin: which lines of the rooms ran in a parallel run; coverage.py makes the report.

Its tracer is not used: it follows every step of every library too, which doubles the time of the suite. Instead the
sources are changed as they are loaded, as pytest changes `assert`: each statement first says that it runs.
"""

import ast
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

import pytest
from coverage import Coverage

from doors.paths import ROOT

SAY = "__this_line_runs__"
ran: dict[str, set[int]] = defaultdict(set)


# ---- In each process that runs tests -------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Before Django loads the rooms."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        sys.meta_path.insert(0, RoomFinder(Coverage().get_option("run:source")))


class RoomFinder(MetaPathFinder):
    def __init__(self, rooms: Any) -> None:
        self.rooms = rooms

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name.partition(".")[0] in self.rooms else None
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = MarkingLoader(spec.loader.name, spec.loader.path)
        return spec


class MarkingLoader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Neither from __pycache__ nor into it."""
        tree = ast.parse(self.get_data(self.path), self.path)
        marked(tree)
        return compile(tree, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        setattr(module, SAY, ran[self.path].add)
        super().exec_module(module)


def marked(node: ast.AST) -> ast.AST:
    """Before each statement inside comes another, which says its line."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        inside = getattr(node, name, None)
        if isinstance(inside, list):
            setattr(node, name, [line for one in inside for line in (*_marks(node, one), marked(one))])
    return node


def _marks(around: ast.AST, one: ast.AST) -> Iterator[ast.stmt]:
    if not isinstance(one, ast.stmt) or _stays_first(one):
        return
    lines = {one.lineno, *(decorator.lineno for decorator in getattr(one, "decorator_list", []))}
    if isinstance(around, ast.ExceptHandler):
        lines.add(around.lineno)
    if isinstance(around, ast.match_case):
        lines.add(around.pattern.lineno)
    for line in lines:
        say = ast.Expr(ast.Call(ast.Name(SAY, ast.Load()), [ast.Constant(line)], []))
        yield ast.fix_missing_locations(ast.copy_location(say, one))


def _stays_first(statement: ast.stmt) -> bool:
    """A docstring, or what is imported from __future__."""
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


# ---- What they tell the process that hands the tests out -----------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["ran"] = {path: sorted(lines) for path, lines in ran.items()}
    elif ran and not _reported(session.config.get_terminal_writer()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for path, lines in getattr(node, "workeroutput", {}).get("ran", {}).items():
        ran[path].update(lines)


def _reported(terminal: Any) -> bool:
    """Whether enough ran; what the report was made of stays in .coverage, for `coverage html` and the like."""
    coverage = Coverage()
    options: list[Any] = [coverage.get_option(name) for name in ("run:source", "run:omit", "report:fail_under")]
    rooms, omit, enough = options
    coverage.erase()
    data = coverage.get_data()
    data.add_lines(ran)
    data.touch_files([str(file) for room in rooms for file in (ROOT / room).rglob("*.py")])
    terminal.line()
    terminal.sep("=", "coverage")
    total = coverage.report(file=terminal, skip_covered=True, omit=omit)
    terminal.line(f"Coverage: {total:.2f} % of the lines; needed: {enough} %.")
    return bool(total >= enough)
