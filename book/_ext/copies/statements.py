"""Which statements of a page a piece of code rests on.

Code is read, not run: a statement matters if it binds or changes a name that is needed
further down. Names inside a function count as needed wherever the function is.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

BINDS_WHOLLY = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.Import, ast.ImportFrom)
QUERIED = re.compile(r"@([A-Za-z_]\w*)")  # names in the text of DataFrame.query
SCOPES = (ast.FunctionDef, ast.Lambda, ast.ClassDef)


class Statement(NamedTuple):
    """A statement with the comments above it, and what it does to names."""

    text: str
    tree: ast.stmt
    binds: frozenset[str]
    changes: frozenset[str]
    uses: frozenset[str]

    @property
    def rebinds(self) -> frozenset[str]:
        """Names of which nothing that was bound above is left."""
        if isinstance(self.tree, BINDS_WHOLLY):
            return self.binds - self.changes
        return frozenset()

    @property
    def called(self) -> str:
        """The name of the function that this statement calls for its effect."""
        return called(self.tree)


def called(tree: ast.stmt) -> str:
    """The name of the function that is called for its effect, else nothing."""
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Call):
        function = tree.value.func
        return function.id if isinstance(function, ast.Name) else ""
    return ""


@cache
def statements(code: str) -> tuple[Statement, ...]:
    """The statements of a cell, each with the blank lines and comments above it."""
    lines = code.splitlines(keepends=True)
    found = []
    written = 0
    for tree in ast.parse(code).body:
        assert tree.end_lineno
        text = "".join(lines[written : tree.end_lineno])
        written = tree.end_lineno
        binds, uses = names(ast.unparse(tree))
        if isinstance(tree, ast.For):  # it binds what it counts with before it uses it
            uses -= (
                names(ast.unparse(tree.target))[1] - names(ast.unparse(tree.iter))[1]
            )
        changes = frozenset(changed(tree))
        found.append(Statement(text.rstrip(), tree, binds, changes, uses | changes))
    if found and written < len(lines):  # comments at the end
        last = found[-1]
        found[-1] = last._replace(text=last.text + "\n" + "".join(lines[written:]))
    return tuple(found)


def names(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that code binds in the notebook, and names that it looks up there."""
    table = symtable.symtable(code, "cell", "exec")
    binds, uses = set(), set()
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            binds.add(symbol.get_name())
        if symbol.is_referenced():
            uses.add(symbol.get_name())
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        uses |= {s.get_name() for s in scope.get_symbols() if s.is_global()}
    for part in ast.walk(ast.parse(code)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            uses |= set(QUERIED.findall(part.value))
    return frozenset(binds), frozenset(uses)


def changed(tree: ast.AST) -> Iterator[str]:
    """Names whose objects a statement may change without binding them anew.

    A method called for its effect counts as one that changes its object.
    """
    if isinstance(tree, SCOPES):
        return
    if isinstance(tree, ast.Attribute | ast.Subscript):
        if isinstance(tree.ctx, ast.Store | ast.Del):
            yield from root(tree)
    elif isinstance(tree, ast.AugAssign) and isinstance(tree.target, ast.Name):
        yield tree.target.id
    elif isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Call):
        yield from root(tree.value.func)
    for child in ast.iter_child_nodes(tree):
        yield from changed(child)


def root(tree: ast.AST) -> Iterator[str]:
    """The name at the start of ``name.x[y].z``; none for a function's own name."""
    if isinstance(tree, ast.Name):
        return
    while isinstance(tree, ast.Attribute | ast.Subscript):
        tree = tree.value
    if isinstance(tree, ast.Name):
        yield tree.id


def rests_on(needed: Iterable[str], above: list[Statement]) -> list[Statement]:
    """The statements above that the needed names rest on, in their order."""
    inside = inside_functions(above)
    wanted, kept = with_inner(needed, inside), []
    for statement in reversed(above):
        if not (statement.binds | statement.changes) & wanted:
            continue
        kept.append(statement)
        wanted -= statement.rebinds
        wanted |= with_inner(statement.uses, inside)
    return kept[::-1]


def free(code: Iterable[Statement]) -> set[str]:
    """Names that code looks up without having bound them before."""
    written = list(code)
    inside = inside_functions(written)
    wanted: set[str] = set()
    for statement in reversed(written):
        wanted -= statement.rebinds
        wanted |= with_inner(statement.uses, inside)
    return wanted


def inside_functions(code: Iterable[Statement]) -> dict[str, frozenset[str]]:
    """The names that each function looks up when it is called."""
    return {
        name: statement.uses
        for statement in code
        if isinstance(statement.tree, ast.FunctionDef)
        for name in statement.binds
    }


def with_inner(names: Iterable[str], inside: dict[str, frozenset[str]]) -> set[str]:
    """Names, and those that the functions among them look up when called."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += inside.get(name, ())
    return found


def imported(statement: Statement, wanted: Iterable[str]) -> str:
    """An import, cut down to the names that are wanted; empty if none is."""
    tree = statement.tree
    assert isinstance(tree, ast.Import | ast.ImportFrom)
    kept = [name for name in tree.names if (name.asname or name.name) in set(wanted)]
    if len(kept) == len(tree.names):
        return statement.text
    if not kept:
        return ""
    if isinstance(tree, ast.Import):
        return ast.unparse(ast.Import(kept))
    one_line = ast.unparse(ast.ImportFrom(tree.module, kept, tree.level))
    if len(one_line) < 80:
        return one_line
    listed = "".join(f"    {ast.unparse(name)},\n" for name in kept)
    return f"from {tree.module} import (\n{listed})"
