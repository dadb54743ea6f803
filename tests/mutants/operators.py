"""The changes that are tried: one expression or statement of a module at a time, each as a new source text.

Docstrings, annotations, logging and the wording of messages are left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

FLIPPED = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
SWAPPED = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*", ast.Pow: "*",
    ast.BitAnd: "|", ast.BitOr: "&",
}  # fmt: skip
OPPOSITES = {"and_": "or_", "or_": "and_", "min": "max", "max": "min", "any": "all", "all": "any"}
# Calls whose positional arguments are conditions, each of which is left out in turn.
CONDITIONS = {"where", "and_", "or_", "move_to", "filter"}
# Decorators that describe a class or an attribute, or only save time.
KEPT_DECORATORS = {"dataclass", "property", "classmethod", "staticmethod", "lru_cache", "contextmanager"}
# Keyword arguments that no behaviour depends on while the code is right.
KEPT_KEYWORDS = {"strict", "frozen", "hash", "maxsize"}
UNCHANGED_CALLS = {"TypeVar", "getLogger", "debug", "info", "warning", "error", "exception", "dataclass", "cast"}
GENERIC = {"tuple", "dict", "list", "set", "frozenset", "type", "Callable", "Sequence", "Mapping", "Iterator", "Row"}

Span = tuple[int, int]
Edit = tuple[int, int, str]


class Place(NamedTuple):
    """The lines of a statement, and whether it runs inside a function, not while its module is imported."""

    lines: frozenset[int]
    in_function: bool


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    `place` is the statement that was changed.
    """

    path: str
    line: int
    place: Place
    before: str
    after: str
    source: str


def mutants(path: str, text: str) -> list[Mutant]:
    """Every mutant of a module that still compiles."""
    module = _Module(text)
    found = {}
    for (start, end, new), place in module.edits():
        source = (module.raw[:start] + new.encode() + module.raw[end:]).decode()
        if source != text and _compiles(source):
            found.setdefault(source, _mutant(path, module.raw, (start, end, new), place, source))
    return list(found.values())


def _mutant(path: str, raw: bytes, edit: Edit, place: Place, source: str) -> Mutant:
    start, end, new = edit
    left = raw.rfind(b"\n", 0, start) + 1
    right = raw.find(b"\n", end)
    before = raw[left:right].decode()
    after = (raw[left:start] + new.encode() + raw[end:right]).decode()
    return Mutant(path, raw.count(b"\n", 0, start) + 1, place, _one_line(before), _one_line(after), source)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


class _Module:
    """A parsed module with the offsets of its nodes in bytes."""

    def __init__(self, text: str) -> None:
        self.raw = text.encode()
        self.tree = ast.parse(text)
        self.starts = [0]
        for line in self.raw.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> Span:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def edits(self) -> Iterator[tuple[Edit, Place]]:
        """Every change, and the statement that it is in."""
        yield from self._in_block(self.tree.body, in_function=False)

    def _in_block(self, body: list[ast.stmt], *, in_function: bool) -> Iterator[tuple[Edit, Place]]:
        for statement in body:
            if _is_left_alone(statement):
                continue
            blocks = list(_blocks(statement))
            place = Place(frozenset(_lines(statement, blocks)), in_function)
            own = _Statement(self, in_function=in_function)
            yield from ((edit, place) for edit in own.edits(statement))
            inside = in_function or isinstance(statement, ast.FunctionDef)
            for block in blocks:
                yield from self._in_block(block, in_function=inside)


def _is_left_alone(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Constant):
        return True
    return isinstance(value, ast.Call) and _name(value.func) in UNCHANGED_CALLS


def _lines(statement: ast.stmt, blocks: list[list[ast.stmt]]) -> range:
    """The lines of a definition, of a simple statement, or of what stands before the blocks of a compound one."""
    assert statement.end_lineno is not None
    if not blocks or isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return range(statement.lineno, statement.end_lineno + 1)
    return range(statement.lineno, max(statement.lineno + 1, blocks[0][0].lineno))


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(statement, name, None):
            yield block
    for handler in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        yield handler.body


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Call):
        return _name(node.func)
    return getattr(node, "id", None) or getattr(node, "attr", "")


class _Statement:
    """The changes of one statement, without those of the statements inside it."""

    def __init__(self, module: _Module, *, in_function: bool) -> None:
        self.module, self.in_function = module, in_function

    def edits(self, statement: ast.stmt) -> Iterator[Edit]:
        if self.in_function:
            yield from self._without(statement)
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            yield from self._decorators(statement)
        if isinstance(statement, (ast.If, ast.While)):
            yield from self._negated(statement.test)
        words = isinstance(statement, ast.Raise)
        for node in _expressions(statement):
            for kind, change in self._CHANGES:
                if isinstance(node, kind) and not (words and kind is ast.Constant and _is_text(node)):
                    yield from change(self, node)  # type: ignore[arg-type]

    def _without(self, statement: ast.stmt) -> Iterator[Edit]:
        start, end = self.module.span(statement)
        if isinstance(statement, ast.Return):
            if statement.value is not None and not isinstance(statement.value, ast.Constant):
                yield start, end, "return None"
        elif _has_effect(statement):
            yield start, end, "pass"

    def _decorators(self, definition: ast.FunctionDef | ast.ClassDef) -> Iterator[Edit]:
        for decorator in definition.decorator_list:
            if _name(decorator) not in KEPT_DECORATORS:
                start, end = self.module.span(decorator)
                yield start - 1, end, ""

    def _negated(self, test: ast.expr) -> Iterator[Edit]:
        if isinstance(test, (ast.Name, ast.Attribute, ast.Call)):
            start, _ = self.module.span(test)
            yield start, start, "not "

    def _compare(self, node: ast.Compare) -> Iterator[Edit]:
        yield from self._between([node.left, *node.comparators], [FLIPPED[type(each)] for each in node.ops])

    def _logic(self, node: ast.BoolOp) -> Iterator[Edit]:
        new = "or" if isinstance(node.op, ast.And) else "and"
        yield from self._between(node.values, [new] * (len(node.values) - 1))

    def _arithmetic(self, node: ast.BinOp) -> Iterator[Edit]:
        new = SWAPPED.get(type(node.op))
        if new and not any(isinstance(side, ast.JoinedStr) or _is_text(side) for side in (node.left, node.right)):
            yield from self._between([node.left, node.right], [new])

    def _between(self, operands: list[ast.expr], new: list[str]) -> Iterator[Edit]:
        for left, right, operator in zip(operands, operands[1:], new, strict=False):
            start, end = self.module.span(left)[1], self.module.span(right)[0]
            found = re.search(rb"is\s+not|not\s+in|[a-z]+|[^\s()a-z]+", self.module.raw[start:end])
            if found:
                yield start + found.start(), start + found.end(), operator

    def _not(self, node: ast.UnaryOp) -> Iterator[Edit]:
        if isinstance(node.op, (ast.Not, ast.Invert, ast.USub)):
            yield self.module.span(node)[0], self.module.span(node.operand)[0], ""

    def _choice(self, node: ast.IfExp) -> Iterator[Edit]:
        yield from self._negated(node.test)

    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        start, end = self.module.span(node)
        for new in _other_constants(node.value):
            yield start, end, new

    def _call(self, node: ast.Call) -> Iterator[Edit]:
        name = _name(node.func)
        start, end = self.module.span(node.func)
        if name in OPPOSITES and isinstance(node.func, ast.Name):
            yield start, end, OPPOSITES[name]
        for keyword in node.keywords:
            if keyword.arg and keyword.arg not in KEPT_KEYWORDS:
                yield self._left_out(*self.module.span(keyword))
        if name in CONDITIONS:
            for argument in node.args:
                yield self._left_out(*self.module.span(argument))

    def _elements(self, node: ast.Set | ast.List | ast.Tuple) -> Iterator[Edit]:
        if len(node.elts) > 1 and (not self.in_function or any(isinstance(each, ast.Compare) for each in node.elts)):
            for element in node.elts:
                yield self._left_out(*self.module.span(element))

    def _items(self, node: ast.Dict) -> Iterator[Edit]:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield self._left_out(self.module.span(key)[0], self.module.span(value)[1])

    def _left_out(self, start: int, end: int) -> Edit:
        """The change that drops an argument or element with the comma after it."""
        comma = re.match(rb"\)*\s*,\s*", self.module.raw[end:])
        return start, end + (comma.end() if comma and not comma[0].startswith(b")") else 0), ""

    _CHANGES = (
        (ast.Compare, _compare),
        (ast.BoolOp, _logic),
        (ast.BinOp, _arithmetic),
        (ast.UnaryOp, _not),
        (ast.IfExp, _choice),
        (ast.Constant, _constant),
        (ast.Call, _call),
        ((ast.Set, ast.List, ast.Tuple), _elements),
        (ast.Dict, _items),
    )


def _other_constants(value: object) -> list[str]:
    if isinstance(value, bool):
        return [repr(not value)]
    if isinstance(value, int):
        return [str(value + 1)]
    if isinstance(value, float):
        return [repr(float(round(value)) if value != round(value) and round(value) else value * 2)]
    if isinstance(value, bytes):
        return ['b""' if value else 'b"?"']
    if isinstance(value, str) and " " not in value:
        return ['""' if value else '"?"']
    return []


def _has_effect(statement: ast.stmt) -> bool:
    """Whether a statement can be left out without leaving a name undefined."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call)
    if isinstance(statement, ast.Assign):
        return not isinstance(statement.targets[0], (ast.Name, ast.Tuple))
    return isinstance(statement, (ast.Raise, ast.AugAssign, ast.Continue, ast.Break, ast.Delete))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement, without annotations, type aliases, logging and f-strings."""
    for name, value in ast.iter_fields(statement):
        if name in ("annotation", "returns", "bases", "decorator_list", "target", "targets"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, (ast.expr, ast.arguments, ast.ExceptHandler, ast.withitem)):
                yield from _below(each)


def _below(node: ast.AST) -> Iterator[ast.expr]:
    if _is_passed_over(node):
        return
    if isinstance(node, ast.expr):
        yield node
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "body") or isinstance(node, (ast.Lambda, ast.IfExp)):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.AST):
                    yield from _below(each)


def _is_passed_over(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _name(node.func) in UNCHANGED_CALLS
    if isinstance(node, ast.Subscript):
        return _name(node.value) in GENERIC
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.keyword) and node.arg in KEPT_KEYWORDS)
