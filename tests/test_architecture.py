"""Imports point one way, and what must stay light stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "ouroboros"
SKIPPING = {"skip", "skipif", "importorskip", "xfail", "skipTest"}

# What the modules of a layer may import of ours, besides their own layer.
MAY_IMPORT = {
    "stats": set(),
    "ledger": set(),
    "plotting": set(),
    "experiments": {"stats"},
    "instruments": {"stats", "experiments", "plotting"},
    "forecasting": {"stats", "ledger"},
    "lab": {"stats", "ledger", "experiments"},
    "publishing": {"stats", "ledger", "experiments", "lab", "forecasting", "plotting"},
    "sphinxext": {"stats", "ledger", "experiments", "lab", "forecasting", "publishing", "plotting"},
    "cli_compliance": {"instruments"},
    "cli_instruments": {"instruments"},
    "cli_forecast": {"ledger", "lab", "forecasting"},
    "cli": {"stats", "ledger", "experiments", "lab", "forecasting", "publishing", "sphinxext", "instruments"}
    | {"cli_compliance", "cli_forecast", "cli_instruments"},
}


def module_name(path):
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module):
    """Second part of a dotted name: the layer; empty for the package itself."""
    return [*module.split("."), ""][1]


def own_imports(text, module, is_package=False):
    """Line and dotted name of every import of ours, those inside functions included."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")
            if node.level:
                base = base[: len(base) - node.level + is_package]
                base = [*base, *(node.module or "").split(".")] if node.module else base
            else:
                base = (node.module or "").split(".")
            names = [".".join([*base, alias.name]) for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] == "ouroboros")


def wrong_imports(text, module, is_package=False):
    own = layer(module)
    allowed = MAY_IMPORT[own] | {own} if own else set()
    return [
        f"{module}:{line}: imports {name} ({own or 'the package'} may import {', '.join(sorted(allowed)) or 'none'})"
        for line, name in own_imports(text, module, is_package)
        if layer(name) not in allowed
    ]


def test_imports_point_one_way():
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        wrong += wrong_imports(path.read_text("utf-8"), module_name(path), path.name == "__init__.py")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("ouroboros.ledger.load", "from ouroboros.experiments import collapse"),
        ("ouroboros.experiments.collapse.x", "def f():\n    from ouroboros.ledger import load_ledger"),
        ("ouroboros.stats.x", "import ouroboros.lab.running"),
        ("ouroboros.stats.x", "from ..lab import run"),
        ("ouroboros.lab.x", "from ouroboros import publishing"),
        ("ouroboros.plotting", "from ouroboros.stats import intervals"),
        ("ouroboros", "from ouroboros import stats"),
    ],
)
def test_a_wrong_import_is_found(module, text):
    assert wrong_imports(text, module)


def test_layers_are_all_named():
    found = {path.stem for path in SOURCE.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert found - {"__init__", "__pycache__"} <= MAY_IMPORT.keys()


def test_experiment_packages_have_empty_inits():
    assert [p for p in SOURCE.joinpath("experiments").rglob("__init__.py") if p.read_text().strip()] == []


def test_help_loads_nothing_heavy():
    code = "import sys, ouroboros.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "pandas", "scipy", "pydantic", "sphinx", "matplotlib", "joblib", "rich", "yaml"}
    assert not heavy & set(loaded.stdout.split())


def test_deciding_that_nothing_changed_loads_nothing_heavy():
    code = "import sys, ouroboros.publishing.book, ouroboros.lab.paths; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "pandas", "scipy", "pydantic", "sphinx", "matplotlib", "joblib", "sqlalchemy", "yaml"}
    assert not heavy & set(loaded.stdout.split())


def skipping(tree):
    """Lines that may keep a test from running."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return [node.lineno for node in nodes if node.attr in SKIPPING]


def test_no_test_can_be_skipped():
    """A skipped test is green and has looked at nothing. What tests need is installed, or they fail and say so."""
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in skipping(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []
    assert skipping(ast.parse("import pytest\n\npytest.skip('no node')\n")) == [3]
