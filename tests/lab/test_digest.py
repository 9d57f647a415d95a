import pytest

from ouroboros.lab.digest import (
    canonical_tree,
    code_digest,
    reached_by_code,
    reached_modules,
    third_party_imports,
)
from ouroboros.lab.errors import LabError


def digest(checkout, tier="publish"):
    return code_digest(checkout.experiment, tier, checkout.root).digest


def edit(checkout, module, old, new):
    text = checkout.source(module)
    assert old in text
    checkout.source(module, text.replace(old, new))


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("near", '"""Scale."""', '"""Scale by a factor, as is usual."""'),
        ("near", '    """Scale."""\n', ""),
        ("near", "# Half.", "# A half, not a third.\n\n    #"),
        ("near", "return FACTOR * values", "return (\n        FACTOR\n        * values\n    )"),
        ("mean", '"""Mean of normal values."""', "'''Something else.'''"),
        ("mean", '"raise"', "'raise'"),
        ("unrelated", "2", "3"),
    ],
)
def test_what_cannot_change_a_result_leaves_the_digest(checkout, module, old, new):
    before = digest(checkout)
    edit(checkout, module, old, new)
    assert digest(checkout) == before


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("farthest", "0.5", "0.25"),
        ("far", "farthest.HALF", "farthest.HALF + 1"),
        ("near", "FACTOR * values", "values * FACTOR"),
        ("mean", "standard_normal", "standard_cauchy"),
        ("mean", '"NA"', '"NB"'),
    ],
)
def test_what_can_change_a_result_moves_the_digest(checkout, module, old, new):
    before = digest(checkout)
    edit(checkout, module, old, new)
    assert digest(checkout) != before


def test_parameters_seed_and_data_move_the_digest(checkout):
    (checkout.root / "values.csv").write_text("1\n")
    checkout.entry["data"] = ["values.csv"]
    checkout.write()
    before = digest(checkout)
    checkout.set_parameters("smoke", repeats=9)
    assert digest(checkout) == before, "parameters of another tier"
    checkout.set_parameters("publish", repeats=4)
    after_parameters = digest(checkout)
    checkout.entry["seed"] = 8
    checkout.write()
    after_seed = digest(checkout)
    (checkout.root / "values.csv").write_text("2\n")
    assert len({before, after_parameters, after_seed, digest(checkout)}) == 4


def test_missing_data_module_and_tier_are_named(checkout):
    checkout.entry["data"] = ["nowhere.csv"]
    checkout.write()
    with pytest.raises(LabError, match=r"toy\.mean: data nowhere\.csv: No such file"):
        digest(checkout)
    with pytest.raises(LabError, match="no tier 'deep'"):
        digest(checkout, "deep")
    checkout.source("far", "from .lost import FACTOR\n")
    with pytest.raises(LabError, match=r"far: module .*lost is not there"):
        reached_modules(f"{checkout.package}.mean")


def test_imports_inside_functions_are_followed(checkout):
    checkout.source("near", "def scaled(values):\n    from .far import FACTOR\n    return FACTOR * values\n")
    before = digest(checkout)
    edit(checkout, "farthest", "0.5", "0.25")
    assert digest(checkout) != before


def test_imports_by_a_computed_name_are_refused(checkout):
    text = "import importlib\n\nFACTOR = importlib.import_module('os').sep\n"
    checkout.source("far", text)
    with pytest.raises(LabError, match=r"far:3: import_module\(\) hides"):
        digest(checkout)


def test_an_init_that_hands_names_on_is_looked_through(checkout):
    checkout.source("tools/__init__", "from .one import a\nfrom .two import b\n\n__all__ = ['a', 'b']\n")
    checkout.source("tools/one", "a = 1\n")
    checkout.source("tools/two", "b = 2\n")
    checkout.source("far", "from .tools import a as FACTOR\n")
    package = checkout.package
    found = reached_modules(f"{package}.mean")
    assert f"{package}.tools.one" in found
    assert f"{package}.tools.two" not in found
    before = digest(checkout)
    edit(checkout, "tools/two", "2", "3")
    assert digest(checkout) == before
    edit(checkout, "tools/__init__", "from .one import a\n", "from .two import b as a\n")
    assert digest(checkout) != before


def test_a_name_handed_on_from_another_one_of_the_same_module_counts(checkout):
    checkout.source("tools/__init__", "from .one import a\n")
    checkout.source("tools/one", "a = 1\nb = 2\n")
    checkout.source("far", "from .tools import a as FACTOR\n")
    before = digest(checkout)
    checkout.source("tools/__init__", "from .one import b as a\n")
    assert digest(checkout) != before


def test_an_init_that_does_something_counts(checkout):
    before = digest(checkout)
    checkout.source("__init__", "from .unrelated import TWO\n")
    assert digest(checkout) == before
    checkout.source("__init__", "import numpy\n\nnumpy.seterr(all='ignore')\n")
    assert digest(checkout) != before


def test_circular_imports_end(checkout):
    checkout.source("farthest", "from . import mean\n\nHALF = 0.5\n")
    assert f"{checkout.package}.farthest" in reached_modules(f"{checkout.package}.mean")


def test_library_names_are_found_without_ours(checkout):
    assert {"numpy", "pandas"} <= third_party_imports(f"{checkout.package}.mean")
    assert "ouroboros" not in third_party_imports(f"{checkout.package}.mean")


def test_tree_text_does_not_depend_on_the_python_version():
    import ast

    text = "def f(x: int = 1, *, y=None):\n    return f'{x!r:>{y}}a' + u'b', 1.5, None, ...\n"
    expected = (
        "Module(body=[FunctionDef(name=str:'f',args=arguments(args=[arg(arg=str:'x',annotation="
        "Name(id=str:'int',),),],kwonlyargs=[arg(arg=str:'y',),],kw_defaults=[Constant(value=NoneType:None,),],"
        "defaults=[Constant(value=int:1,),],),body=[Return(value=Tuple(elts=[BinOp(left=JoinedStr(values=["
        "FormattedValue(value=Name(id=str:'x',),conversion=int:114,format_spec=JoinedStr(values=["
        "Constant(value=str:'>',),FormattedValue(value=Name(id=str:'y',),conversion=int:-1,),],),),"
        "Constant(value=str:'a',),],),op=Add(),right=Constant(value=str:'b',),),Constant(value=float:1.5,),"
        "Constant(value=NoneType:None,),Constant(value=ellipsis:Ellipsis,),],),),],),],)"
    )
    assert canonical_tree(ast.parse(text)) == expected


def test_a_notebook_depends_on_the_modules_its_names_come_from():
    found = reached_by_code("from ouroboros import plotting\nfrom ouroboros.lab import find_root", "page.md")
    assert {"ouroboros.plotting", "ouroboros.lab.paths", "ouroboros.lab.errors"} <= found.keys()
    assert "ouroboros.lab.running" not in found


def test_the_lazy_names_of_the_laboratory_are_those_it_shows_to_type_checkers():
    import ast
    from pathlib import Path

    import ouroboros.lab

    block = next(n for n in ast.parse(Path(ouroboros.lab.__file__).read_text()).body if isinstance(n, ast.If))
    shown = {
        alias.name: node.module.removeprefix("ouroboros.lab.") for node in block.body for alias in node.names
    }
    assert shown == ouroboros.lab._MODULE_OF
    assert sorted(shown) == sorted(ouroboros.lab.__all__)
    assert all(callable(getattr(ouroboros.lab, name)) for name in shown)
