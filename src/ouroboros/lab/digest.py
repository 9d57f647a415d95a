"""Digests that decide whether evidence still belongs to the code and to the criteria it was judged by.

The code digest covers what can change a result and nothing else: the syntax trees, without comments,
docstrings and formatting, of the experiment's module and of every module of ours that it reaches by imports,
together with parameters, seed and declared data. It is the same on every supported Python: trees are
serialised here, because the output of :func:`ast.dump` differs between Python versions.

The unit is the module. An ``__init__`` that only hands names on is looked through: what is imported from a
package reaches the module that defines it and not the whole package.
"""

import ast
import functools
import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ouroboros.lab.errors import LabError

OWN_PACKAGE = "ouroboros"
_CHECK_MEANING = ("id", "statement", "estimate", "field", "comparison", "threshold", "reference")
_IMPORTS = (ast.Import, ast.ImportFrom)
_DYNAMIC_IMPORTS = {"import_module", "__import__"}


@dataclass(frozen=True, slots=True)
class CodeDigest:
    """Digest of one experiment at one tier, and the digests it is made of.

    Attributes
    ----------
    digest : str
        Hexadecimal SHA-256 over all parts.
    parts : dict of str to str
        One digest per module of ours reached, plus ``parameters``, ``seed`` and each data file.
    """

    digest: str
    parts: dict[str, str]


def code_digest(experiment: Any, tier: str, root: Path) -> CodeDigest:
    """Digest everything of ours that can change the outcome of an experiment at a tier.

    Parameters
    ----------
    experiment
        Ledger record with ``id``, ``module``, ``seed``, ``data`` and ``parameters(tier)``.
    tier : str
        Name of the parameters that count.
    root : Path
        Checkout that declared data files are relative to.

    Raises
    ------
    LabError
        If the tier, a module or a data file is not there, or a module imports by a computed name.
    """
    parameters = tier_parameters(experiment, tier)
    parts = {f"module {name}": value for name, value in reached_modules(experiment.module).items()}
    parts["parameters"] = text_digest(canonical_json(parameters))
    parts["seed"] = text_digest(canonical_json(experiment.seed))
    for entry in experiment.data:
        parts[f"data {entry}"] = hashlib.sha256(_read_data(entry, root, experiment.id)).hexdigest()
    return CodeDigest(text_digest(canonical_json(parts)), parts)


def tier_parameters(experiment: Any, tier: str) -> dict[str, Any]:
    """Parameters of one tier as plain containers; LabError if the ledger has no such tier."""
    try:
        return plain(experiment.parameters(tier))
    except KeyError:
        raise LabError(
            f"{experiment.id}: no tier {tier!r} in ledger/experiments.yml (choose another or add it)"
        ) from None


def check_digest(check: Any) -> str:
    """Digest over the fields that carry the meaning of a check (for a criterion the ledger has its own)."""
    meaning = {field: plain(getattr(check, field)) for field in _CHECK_MEANING}
    meaning["statement"] = " ".join(meaning["statement"].split())
    return text_digest(canonical_json(meaning))


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, numbers as Python writes them back exactly."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def plain(value: Any) -> Any:
    """Typed records, read-only mappings, tuples and NumPy scalars as dict, list and Python scalars."""
    if hasattr(value, "model_dump"):
        return plain(value.model_dump())
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(v) for v in value)
    if hasattr(value, "item") and not hasattr(value, "__len__"):
        return value.item()
    return value


# --- modules -----------------------------------------------------------------------------------------------


def reached_modules(module: str, *, dynamic_imports: bool = False) -> dict[str, str]:
    """Digests of the normalised trees of a module and of all modules of ours that it reaches by imports.

    Parameters
    ----------
    module : str
        Where the walk starts.
    dynamic_imports : bool
        Let modules import by a computed name; what they import then does not enter. An experiment may not,
        a notebook may reach the laboratory, which imports experiments by the name the ledger gives.

    Returns
    -------
    dict of str to str
        ``{module name: SHA-256}``, sorted; a package whose ``__init__`` was looked through appears as
        ``package:name`` with the place the name comes from.
    """
    search = _Reach({OWN_PACKAGE, module.partition(".")[0]}, dynamic_imports)
    search.module(module, wanted_by="ledger/experiments.yml")
    return dict(sorted(search.found.items()))


def reached_by_code(code: str, name: str) -> dict[str, str]:
    """Digests of all modules of ours that a piece of code reaches by its imports; its own text is left out.

    Parameters
    ----------
    code : str
        Code that may reach the laboratory, such as the cells of a notebook.
    name : str
        How messages call it.

    Raises
    ------
    SyntaxError
        If the code is not Python.
    """
    search = _Reach({OWN_PACKAGE}, dynamic_imports=True)
    for node in ast.walk(ast.parse(code)):
        search.follow(node, name, Path(name))
    return dict(sorted(search.found.items()))


def third_party_imports(module: str) -> set[str]:
    """Top-level names of the packages, neither ours nor the standard library's, that these modules import."""
    import sys

    search = _Reach({OWN_PACKAGE, module.partition(".")[0]})
    search.module(module, wanted_by="ledger/experiments.yml")
    return {name for name in search.foreign if name not in sys.stdlib_module_names}


class _Reach:
    """Walk over imports; collects a digest for each module of ours on the way."""

    def __init__(self, own: set[str], dynamic_imports: bool = False):
        self.own = own
        self.dynamic_imports = dynamic_imports
        self.found: dict[str, str] = {}
        self.foreign: set[str] = set()
        self._whole: set[str] = set()

    def module(self, name: str, wanted_by: str) -> None:
        """Take a module whole and follow its imports."""
        if name in self._whole:
            return
        path = _source_of(name)
        if path is None:
            raise LabError(f"{wanted_by}: module {name} is not there (no source file of that name)")
        self._whole.add(name)
        read = _read(path.read_bytes(), path.name, name)
        self.found[name] = read.digest
        self._parents(name)
        for node in read.importing:
            self.follow(node, name, path)

    def follow(self, node: ast.AST, name: str, path: Path) -> None:
        """Follow a node of the module `name` if it is an import."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                if self._is_own(alias.name):
                    self.module(alias.name, wanted_by=name)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, name, path)
            if self._is_own(base):
                for alias in node.names:
                    self._name(base, alias.name, wanted_by=name)
        elif _imports_by_call(node) and not self.dynamic_imports:
            raise LabError(
                f"{name}:{node.lineno}: {_called(node)}() hides what is imported from the code digest "
                "(write a plain import)"
            )

    def _is_own(self, name: str) -> bool:
        top = name.partition(".")[0]
        if top not in self.own and top:
            self.foreign.add(top)
        return top in self.own

    def _name(self, base: str, name: str, wanted_by: str) -> None:
        """Follow ``from base import name``; looks through a package's ``__init__`` that hands the name on."""
        path = _source_of(base)
        if path is None:
            raise LabError(f"{wanted_by}: module {base} is not there (no source file of that name)")
        if path.name != "__init__.py" or name == "*":
            self.module(base, wanted_by)
            return
        key = f"{base}:{name}"
        if key in self.found:
            return
        origin = _handed_on(_parse(path.read_bytes(), path.name, base), base, path, name)
        if origin is not None and self._is_own(origin[0]):
            self.found[key] = ":".join(origin)
            self._parents(f"{base}.{name}")
            self._name(*origin, wanted_by=base)
        elif _source_of(f"{base}.{name}") is not None:
            self.module(f"{base}.{name}", wanted_by)
        else:
            self.module(base, wanted_by)

    def _parents(self, name: str) -> None:
        """Take what the ``__init__`` of its packages does besides handing names on: importing runs it."""
        package = name.rpartition(".")[0]
        while package:
            path = _source_of(package)
            if path is not None and f"{package}:" not in self.found:
                tree = _parse(path.read_bytes(), path.name, package)
                rest = [node for node in tree.body if not self._hands_on(node, package, path)]
                text = canonical_tree(ast.Module(body=rest, type_ignores=[]))
                if text != canonical_tree(ast.Module(body=[], type_ignores=[])):
                    self.found[f"{package}:"] = text_digest(text)
            package = package.rpartition(".")[0]

    def _hands_on(self, node: ast.stmt, package: str, path: Path) -> bool:
        if _is_for_type_checkers(node):
            return all(self._hands_on(inner, package, path) for inner in node.body)
        if isinstance(node, ast.ImportFrom):
            return _absolute(node, package, path).partition(".")[0] in self.own
        if isinstance(node, ast.Import):
            return all(alias.name.partition(".")[0] in self.own for alias in node.names)
        if isinstance(node, ast.Assign):
            return all(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
        return False


def _handed_on(tree: ast.Module, package: str, path: Path, name: str) -> tuple[str, str] | None:
    """Module and name that a package's ``__init__`` imports a name from, None if it does not import it."""
    origin = None
    for statement in tree.body:
        # An __init__ that loads lazily names its imports for type checkers only.
        for node in statement.body if _is_for_type_checkers(statement) else [statement]:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        origin = (_absolute(node, package, path), alias.name)
    return origin


def _is_for_type_checkers(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _absolute(node: ast.ImportFrom, module: str, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package


def _source_of(module: str) -> Path | None:
    """Source file of a module of ours, found without importing any of it."""
    top, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if not spec.submodule_search_locations:
        return Path(spec.origin) if spec.origin and not rest else None
    for location in spec.submodule_search_locations:
        base = Path(location, *rest)
        for candidate in (base / "__init__.py", base.with_name(base.name + ".py")):
            if candidate.is_file():
                return candidate
    return None


def _parse(source: bytes, file: str, module: str) -> ast.Module:
    try:
        return ast.parse(source, filename=module)
    except SyntaxError as error:
        raise LabError(f"{file}:{error.lineno}: {module}: {error.msg}") from error


class _Read(NamedTuple):
    """What a walk needs of a module: its digest, and its nodes that import."""

    digest: str
    importing: tuple[ast.AST, ...]


@functools.lru_cache(maxsize=512)
def _read(source: bytes, file: str, module: str) -> _Read:
    """Read a module once for all experiments that reach it; one that was edited meanwhile has another content."""
    tree = _parse(source, file, module)
    importing = (node for node in ast.walk(tree) if isinstance(node, _IMPORTS) or _imports_by_call(node))
    return _Read(text_digest(canonical_tree(tree)), tuple(importing))


def _called(node: ast.Call) -> str | None:
    return getattr(node.func, "attr", None) or getattr(node.func, "id", None)


def _imports_by_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node) in _DYNAMIC_IMPORTS


def canonical_tree(node: ast.AST) -> str:
    """Text of a syntax tree without positions, docstrings and whatever differs between Python versions."""
    out: list[str] = []
    _write(node, out)
    return "".join(out)


def _write(node: Any, out: list[str]) -> None:
    if isinstance(node, ast.AST):
        out.append(type(node).__name__ + "(")
        for field, value in ast.iter_fields(node):
            if field in ("ctx", "kind", "type_comment", "type_ignores"):
                continue
            if field == "body" and isinstance(
                node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            ):
                value = _without_docstring(value)
            if field == "values" and isinstance(node, ast.JoinedStr):
                value = _merged(value)
            # Newer Pythons add empty fields (type_params): an absent and an empty field must read the same.
            if value is None and not isinstance(node, ast.Constant):
                continue
            if isinstance(value, list) and not value:
                continue
            out.append(field + "=")
            _write(value, out)
            out.append(",")
        out.append(")")
    elif isinstance(node, list):
        out.append("[")
        for item in node:
            _write(item, out)
            out.append(",")
        out.append("]")
    else:
        out.append(f"{type(node).__name__}:{node!r}")


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return body[1:]
    return body


def _merged(values: list[ast.expr]) -> list[ast.expr]:
    """Literal pieces of an f-string joined: Python 3.12 and later cut them differently."""
    merged: list[ast.expr] = []
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if not value.value:
                continue
            if merged and isinstance(merged[-1], ast.Constant):
                merged[-1] = ast.Constant(merged[-1].value + value.value)
                continue
        merged.append(value)
    return merged


# --- data --------------------------------------------------------------------------------------------------


def _read_data(entry: str, root: Path, experiment_id: str) -> bytes:
    """Content of ``path`` in the checkout or of ``package:NAME:path`` in an installed package."""
    if entry.startswith("package:"):
        _, _, rest = entry.partition(":")
        package, _, inner = rest.partition(":")
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise LabError(f"{experiment_id}: data {entry}: package {package} is not installed")
        path = Path(next(iter(spec.submodule_search_locations)), inner)
    else:
        path = root / entry
    try:
        return path.read_bytes()
    except OSError as error:
        raise LabError(f"{experiment_id}: data {entry}: {error.strerror}") from error


def text_digest(text: str) -> str:
    """Hexadecimal SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
