"""Running notebooks ahead of Sphinx: what makes one run again, and what is said of one that fails."""

import textwrap

import nbformat
import pytest
import yaml

from ouroboros.publishing import book, notebooks
from ouroboros.publishing.book import BuildError
from ouroboros.publishing.errors import NotebookError
from ouroboros.publishing.notebooks import run_all, stage

HEAD = "---\nkernelspec:\n  name: {kernel}\n  display_name: Python 3\n---\n\n# A page\n"
PACKAGE = "toybook"
FIGURE = """
---
mystnb:
  figure:
    name: fig-a
    caption: A finding.
  image:
    alt: A line.
---
"""
DRAW = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"
SVG = "%config InlineBackend.figure_formats = ['svg']\n"


def notebook(*cells, kernel="python3"):
    fences = (f"\n```{{code-cell}} ipython3\n{textwrap.dedent(cell).strip()}\n```\n" for cell in cells)
    return HEAD.format(kernel=kernel) + "".join(fences)


def entry(name):
    """An experiment with a module and a notebook of its own."""
    return {
        "id": f"toy.{name}",
        "protocol": "E99",
        "module": f"{PACKAGE}.{name}",
        "notebook": f"notebooks/{name}.md",
        "title": "T",
        "question": "Q?",
        "method": "M.",
        "not_shown": ["All."],
        "seed": 1,
        "tiers": {"smoke": {"n": 1}, "publish": {"n": 2}},
        "data": [f"data-{name}.csv"],
    }


@pytest.fixture
def two(small_book, monkeypatch):
    """A book with two experiments, a notebook for each, and a helper that only the first uses."""
    monkeypatch.syspath_prepend(str(small_book / "src"))
    package = small_book / "src" / PACKAGE
    package.mkdir(parents=True)
    files = {
        "__init__.py": "",
        "one.py": "from .helper import TWO\n",
        "other.py": "THREE = 3\n",
        "helper.py": "TWO = 2\n",
    }
    for name, text in files.items():
        (package / name).write_text(text)
    for name in ("one", "other"):
        (small_book / f"notebooks/{name}.md").write_text(notebook("1 + 1", f"print('{name}')"))
        (small_book / f"data-{name}.csv").write_text("x\n1\n")
        (small_book / f"evidence/{name}.txt").write_text("")
    (small_book / "notebooks/small.md").unlink()
    write_ledger(small_book, entry("one"), entry("other"))
    return small_book


def write_ledger(root, *experiments):
    (root / "ledger/experiments.yml").write_text(yaml.safe_dump({"experiments": list(experiments)}))


def ran(root):
    """Notebooks that were run because the cache did not hold them."""
    return [done.name for done in book._stage_and_run(root, 2, lambda line: None) if not done.cached]


def test_exactly_the_dependents_run_again(two):
    assert ran(two) == ["notebooks/one.md", "notebooks/other.md"]
    assert ran(two) == []

    page = two / "notebooks/one.md"
    page.write_text(page.read_text().replace("# A page", "# Another title\n\nProse."))
    assert ran(two) == [], "prose"
    page.write_text(page.read_text().replace("1 + 1", "1 + 2"))
    assert ran(two) == ["notebooks/one.md"], "a cell"

    helper = two / "src" / PACKAGE / "helper.py"
    helper.write_text('"""A docstring."""\n\n# A comment.\nTWO = 2\n')
    assert ran(two) == [], "a comment in a helper"
    helper.write_text("TWO = 2.0\n")
    assert ran(two) == ["notebooks/one.md"], "a constant in a helper"
    (two / "src" / PACKAGE / "unrelated.py").write_text("X = 1\n")
    assert ran(two) == [], "an unrelated module"

    (two / "data-other.csv").write_text("x\n2\n")
    assert ran(two) == ["notebooks/other.md"], "data that the experiment declares"
    (two / "evidence/toy.one.json").write_text("{}")
    assert ran(two) == ["notebooks/one.md"], "evidence"
    write_ledger(two, entry("one"), entry("other") | {"question": "Why?"})
    assert ran(two) == ["notebooks/other.md"], "its ledger entry"
    claims = two / "ledger/claims.yml"
    claims.write_text(claims.read_text().replace("The market grows.", "The market shrinks."))
    assert ran(two) == [], "another part of the ledger"


def test_a_half_written_cache_is_begun_anew(two):
    assert len(ran(two)) == 2
    cache = two / "_build/notebook-cache"
    (cache / "being-written").touch()
    assert len(ran(two)) == 2
    (cache / "global.db").write_bytes(b"no database" * 1000)
    assert len(ran(two)) == 2
    assert ran(two) == []


def execute(tmp_path, texts, **options):
    """Stage notebooks and run them without a book around them."""
    staged = {}
    for name, text in texts.items():
        source = tmp_path / "in" / name
        source.parent.mkdir(exist_ok=True)
        source.write_text(text)
        staged[name] = (tmp_path / "staged" / name, stage(name, source, tmp_path / "staged" / name, []))
    return run_all(staged, tmp_path / "cache", root=tmp_path, workers=2, **options), staged


def test_every_failure_is_named_with_notebook_cell_and_message_and_the_rest_is_kept(tmp_path):
    texts = {
        "good.md": notebook("1 + 1"),
        "raises.md": notebook("1 + 1", "def f():\n    raise ValueError('first\\nsecond')", "f()", "2"),
        "dies.md": notebook("import os", "1", "os._exit(3)"),
        "kernel.md": notebook("1 + 1", kernel="julia"),
        "draws-nothing.md": notebook("1", FIGURE + "print('no figure')"),
        "no-alternative.md": notebook(SVG + "1", DRAW),
    }
    with pytest.raises(NotebookError) as caught:
        execute(tmp_path, texts)
    assert str(caught.value).splitlines() == [
        "dies.md: cell 3: the kernel died",
        "draws-nothing.md: cell 2: promises figure 'fig-a' but draws no SVG",
        "kernel.md: no kernel named 'julia' (the front matter must say python3)",
        "no-alternative.md: cell 2: a figure without alternative text (mystnb: image: alt)",
        "raises.md: cell 3: ValueError: first",
    ]
    done, _ = execute(tmp_path, {"good.md": texts["good.md"]})
    assert [(r.name, r.cached) for r in done] == [("good.md", True)]


def test_a_cell_that_takes_too_long_is_named(tmp_path):
    with pytest.raises(NotebookError, match=r"^late\.md: cell 2: took longer than 2 s$"):
        execute(tmp_path, {"late.md": notebook("1", "import time; time.sleep(60)")}, timeout=2)


def test_a_kernel_that_does_not_answer_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "_STARTS_WITHIN", 0)
    # Whoever waits looks at the clock once a second: this kernel takes longer on any machine.
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow/sitecustomize.py").write_text("import time\n\ntime.sleep(5)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "slow"))
    said = r"^late\.md: the kernel did not start: Kernel didn't respond in 0 seconds \(run the same command again\)$"
    with pytest.raises(NotebookError, match=said):
        execute(tmp_path, {"late.md": notebook("1")})


def test_a_cell_that_is_not_python_is_named(tmp_path):
    with pytest.raises(NotebookError, match=r"bad\.md: a cell is not Python: .*: x = \($"):
        execute(tmp_path, {"bad.md": notebook("x = (")})


def test_what_runs_leaves_no_time_behind_and_keeps_the_lines_of_the_page(tmp_path):
    text = notebook("print('x')")
    _, staged = execute(tmp_path, {"a.md": text})
    path, run = staged["a.md"]
    assert "iopub" not in nbformat.writes(run)
    assert path.read_text().splitlines()[5:] == text.splitlines()[5:]
    assert path.read_text().count("\n") == text.count("\n")


def test_a_missing_data_file_is_one_line(two):
    (two / "data-one.csv").unlink()
    with pytest.raises(BuildError, match=r"^toy\.one: data data-one\.csv: No such file or directory$"):
        ran(two)
