"""Builds of a book with thirty notebooks, each as a ratio to plain ``jupyter-book build --all`` on the same book.

The book is made anew in a temporary folder: the configuration of this repository, a small ledger, thirty copies of a
small notebook, one of which uses a helper through its experiment. The peer runs on a copy of its own, first cold and
then from its own cache. Peak memory is the largest sum of the resident memory of all processes of a command, sampled.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
COPIES = 30
# Where a build looks for code that changed; the package in it is found by its own name.
CODE = "src/ouroboros"
NOTEBOOK = """\
---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

# A notebook

```{{code-cell}} ipython3
import numpy as np
rng = np.random.default_rng({k})
```

```{{code-cell}} ipython3
x = rng.standard_normal(1000)
print(f"{{x.mean():.3f}}")
```
"""
MORE = {
    "ledger/experiments.yml": """\
experiments:
- id: toy.one
  protocol: E99
  module: benchbook.one
  notebook: notebooks/n0.md
  title: T
  question: Q?
  method: M.
  not_shown: [All.]
  seed: 1
  tiers: {smoke: {n: 1}, publish: {n: 2}}
""",
    "src/ouroboros/benchbook/__init__.py": "",
    "src/ouroboros/benchbook/one.py": "from .helper import TWO\n",
    "src/ouroboros/benchbook/helper.py": "TWO = 2\n",
}


def write_book(folder: Path, copies: int) -> Path:
    """Write the book of the tests with many notebooks instead of its one."""
    shutil.copytree(ROOT / "tests/small_book", folder)
    (folder / "notebooks/small.md").unlink()
    pages = [f"notebooks/n{k}" for k in range(copies)]
    toc = "".join(f"- file: {page}\n" for page in ["book/page", *pages])
    files = {**MORE, "_toc.yml": f"format: jb-book\nroot: index\nchapters:\n{toc}"}
    files |= {f"{page}.md": NOTEBOOK.format(k=k) for k, page in enumerate(pages)}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "evidence").mkdir()
    shutil.copy(ROOT / "_config.yml", folder)
    return folder


def measured(command: list[str], folder: Path, says: str = "") -> tuple[float, float]:
    """Seconds and peak memory in MB of a command and all its processes, which must say what it did."""
    environment = os.environ | {"PYTHONPATH": str(folder / CODE), "PYTHONHASHSEED": "0"}
    environment.pop("CI", None)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    peak, over = [0], threading.Event()

    def look() -> None:
        root = psutil.Process(process.pid)
        while not over.wait(0.1):
            total = 0
            try:
                for one in [root, *root.children(recursive=True)]:
                    total += one.memory_info().rss
            except psutil.Error:
                continue
            peak[0] = max(peak[0], total)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    said, _ = process.communicate()
    seconds = time.perf_counter() - start
    over.set()
    text = said.decode(errors="replace")
    assert process.returncode == 0 and says in text, text[-2000:]
    return seconds, peak[0] / 2**20


def edit(path: Path, old: str, new: str) -> None:
    """Replace a piece of text that must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=COPIES, help="notebooks in the book")
    copies = parser.parse_args().copies
    ours, plain = (
        ["-m", "ouroboros.cli", "build"],
        [str(Path(sys.executable).with_name("jupyter-book")), "build", "--all", "."],
    )
    with tempfile.TemporaryDirectory() as temporary:
        book, peer = (write_book(Path(temporary, name), copies) for name in ("ours", "peer"))
        cold, cold_memory = measured(plain, peer)
        warm, warm_memory = measured(plain, peer)
        rows = [("plain, cold", cold, cold_memory), ("plain, from its cache", warm, warm_memory)]
        rows.append(("cold build", *measured(ours, book, f" {copies} notebooks run")))
        rows.append(("no change", *measured(ours, book, "nothing changed since")))
        edit(book / "book/page.md", "# Page", "# Another page")
        rows.append(("prose edit", *measured(ours, book, " 0 notebooks run")))
        edit(book / "src/ouroboros/benchbook/helper.py", "2", "3")
        rows.append(("helper edit", *measured(ours, book, " 1 notebooks run")))
        edit(book / f"notebooks/n{copies - 1}.md", "1000", "2000")
        rows.append(("notebook edit", *measured(ours, book, " 1 notebooks run")))
    print(f"{copies} notebooks, {os.cpu_count()} processors; ratios to plain jupyter-book build --all")
    print(f"{'what':24} {'seconds':>8} {'to cold':>8} {'to cached':>10} {'peak MB':>8}")
    for what, seconds, memory in rows:
        print(f"{what:24} {seconds:8.1f} {seconds / cold:8.3f} {seconds / warm:10.3f} {memory:8.0f}")


if __name__ == "__main__":
    main()
