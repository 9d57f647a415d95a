"""Broken notebooks: each is one line with notebook, cell and message, and what would be right where we can know.

With those of ledger, evidence and pages in the files of this name beside it, this is the corpus of faults. The
notebooks run side by side and once.
"""

import textwrap

import pytest

from ouroboros.publishing.errors import NotebookError
from ouroboros.publishing.notebooks import declared_files, run_all, stage

HEAD = "---\nkernelspec:\n  name: {kernel}\n  display_name: Python 3\n---\n\n# A page\n"
FIGURE = "---\nmystnb:\n  figure:\n    name: fig-a\n    caption: A finding.\n{more}---\n"
DRAW = "%config InlineBackend.figure_formats = ['svg']\nimport matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"


def notebook(*cells, kernel="python3"):
    fences = (f"\n```{{code-cell}} ipython3\n{textwrap.dedent(cell).strip()}\n```\n" for cell in cells)
    return HEAD.format(kernel=kernel) + "".join(fences)


RUN = {
    "raises": (notebook("1", "raise ValueError('first\\nsecond')"), "cell 2: ValueError: first"),
    "raises-silently": (notebook("raise KeyError"), "cell 1: KeyError: "),
    "name": (notebook("1", "1", "undefined + 1"), "cell 3: NameError: name 'undefined' is not defined"),
    "import": (
        notebook("import nowhere_at_all"),
        "cell 1: ModuleNotFoundError: No module named 'nowhere_at_all'",
    ),
    "asserts": (notebook("1", "assert 1 == 2, 'not equal'"), "cell 2: AssertionError: not equal"),
    "in-a-function": (
        notebook("def f():\n    return 1 / 0", "f()"),
        "cell 2: ZeroDivisionError: division by zero",
    ),
    "leaves": (notebook("1", "import sys; sys.exit('enough')"), "cell 2: SystemExit: enough"),
    "dies": (notebook("import os", "os._exit(3)"), "cell 2: the kernel died"),
    "kernel": (notebook("1", kernel="julia"), "no kernel named 'julia' (the front matter must say python3)"),
    "estimate": (
        notebook("from ouroboros.lab.errors import LabError\nraise LabError('toy: no estimate (near: toy)')"),
        "cell 1: LabError: toy: no estimate (near: toy)",
    ),
    "draws-nothing": (
        notebook("1", FIGURE.format(more="  image:\n    alt: A line.\n") + "print('no figure')"),
        "cell 2: promises figure 'fig-a' but draws no SVG",
    ),
    "draws-pixels": (
        notebook(FIGURE.format(more="  image:\n    alt: A line.\n") + DRAW.replace("svg", "png")),
        "cell 1: promises figure 'fig-a' but draws no SVG",
    ),
    "no-alternative": (
        notebook("1", FIGURE.format(more="") + DRAW),
        "cell 2: a figure without alternative text (mystnb: image: alt)",
    ),
}


def staged(folder, name, text):
    source = folder / "in" / f"{name}.md"
    source.parent.mkdir(exist_ok=True)
    source.write_text(text)
    target = folder / "staged" / f"{name}.md"
    return target, stage(f"{name}.md", source, target, [])


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    every = {f"{name}.md": staged(folder, name, text) for name, (text, _) in RUN.items()}
    with pytest.raises(NotebookError) as caught:
        run_all(every, folder / "cache", root=folder, workers=2)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("name", RUN)
def test_a_notebook_that_fails_is_one_line(told, name):
    (said,) = [line for line in told if line.startswith(f"{name}.md: ")]
    assert said.rstrip() == f"{name}.md: {RUN[name][1]}".rstrip()


def test_all_are_named_at_once_in_order(told):
    assert len(told) == len(RUN)
    assert told == sorted(told)


STAGE = {
    "a cell is not Python": (notebook("1", "x = ("), r"bad\.md: a cell is not Python: .*: x = \($"),
    "a cell is indented wrongly": (notebook("x = 1\n  y = 2"), r"bad\.md: a cell is not Python: "),
    "a cell imports what we do not have": (
        notebook("from ouroboros.lab.nowhere import x"),
        r"module ouroboros\.lab\.nowhere is not there",
    ),
}


@pytest.mark.parametrize(("text", "said"), STAGE.values(), ids=STAGE)
def test_what_can_be_seen_before_running_is_said_then(tmp_path, text, said):
    with pytest.raises(Exception, match=said) as caught:
        staged(tmp_path, "bad", text)
    assert "\n" not in str(caught.value)


def test_a_declared_file_that_is_not_there_is_named(tmp_path):
    page = tmp_path / "bad.md"
    page.write_text(notebook("1").replace("kernelspec", "reads: [ledger/nothing.yml]\nkernelspec", 1))
    with pytest.raises(
        NotebookError, match=r"^bad\.md:1: says it reads ledger/nothing\.yml, which is not there$"
    ):
        declared_files(page, tmp_path)
