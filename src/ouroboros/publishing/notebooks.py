"""Run the notebooks before Sphinx starts: in parallel, through a cache, with failures named by cell.

A notebook's key is its code cells plus one digest of everything else it depends on (see
:func:`dependency_digest`). The digest is written into the kernel metadata of the staged copy, which
is part of what jupyter-cache hashes, so Sphinx finds the same entry and executes nothing.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_client.kernelspec import NoSuchKernel
from myst_nb.core.read import read_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sqlalchemy.exc import SQLAlchemyError

from ouroboros.lab.digest import reached_by_code
from ouroboros.lab.jobs import QUIET_VARIABLES
from ouroboros.publishing.errors import NotebookError

# Seconds. On a busy machine a kernel may take minutes to answer, which is no fault of the notebook.
_STARTS_WITHIN = 300
_WRITING = "being-written"
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ran:
    """One notebook of a build."""

    name: str
    cached: bool
    seconds: float


def is_notebook(path: Path) -> bool:
    """Whether a Markdown page is a MyST notebook (its front matter names a kernel)."""
    match = _FRONT_MATTER.match(path.read_text("utf-8")) if path.suffix == ".md" else None
    return bool(match) and "kernelspec" in (yaml.safe_load(match[1]) or {})


def declared_files(path: Path, root: Path) -> list[Path]:
    """Files that a notebook says it reads, in its front matter: ``reads: [ledger/claims.yml]``.

    Raises
    ------
    NotebookError
        If one of them is not in the checkout.
    """
    match = _FRONT_MATTER.match(path.read_text("utf-8"))
    files = [root / name for name in (yaml.safe_load(match[1]) or {}).get("reads", [])]
    for missing in (file for file in files if not file.is_file()):
        place = path.relative_to(root)
        raise NotebookError(f"{place}:1: says it reads {missing.relative_to(root)}, which is not there")
    return files


def dependency_digest(source: str, data: list[bytes]) -> str:
    """Digest what a notebook depends on besides its own cells.

    Parameters
    ----------
    source : str
        All code cells, joined.
    data : list of bytes
        Content of the ledger entries, evidence and other files that the notebook shows.

    Returns
    -------
    str
        SHA-256 over the normalised code of every module of ours that the cells reach, and `data`.
    """
    total = sha256()
    plain = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))
    for name, value in reached_by_code(plain, "notebook").items():
        total.update(f"{name}={value}\n".encode())
    for content in data:
        total.update(sha256(content).digest())
    return total.hexdigest()


def stage(name: str, source: Path, target: Path, data: list[bytes]) -> nbformat.NotebookNode:
    """Copy a notebook with its dependency digest in the kernel metadata.

    Returns
    -------
    nbformat.NotebookNode
        The notebook as Sphinx will read it.
    """
    text = source.read_text("utf-8")
    notebook = read_myst_markdown_notebook(text)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    try:
        digest = dependency_digest(code, data)
    except SyntaxError as error:
        raise NotebookError(
            f"{name}: a cell is not Python: {error.msg}: {(error.text or '').strip()}"
        ) from error
    front = _FRONT_MATTER.match(text)
    meta = yaml.safe_load(front[1])
    meta["kernelspec"]["ouroboros_digest"] = digest
    # One line of JSON, which is YAML too, and blank ones: every later line keeps its number in messages.
    head = json.dumps(meta, sort_keys=True, default=str) + "\n" * (front[1].count("\n") + 1)
    staged = f"---\n{head}---\n{text[front.end() :]}"
    if not target.exists() or target.read_text("utf-8") != staged:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(staged, "utf-8")
        shutil.copystat(source, target)
    return read_myst_markdown_notebook(staged)


def run_all(
    notebooks: dict[str, tuple[Path, nbformat.NotebookNode]],
    cache_folder: Path,
    *,
    root: Path,
    workers: int,
    timeout: int = 300,
    on_done: Callable[[Ran], None] = lambda ran: None,
) -> list[Ran]:
    """Execute every notebook that the cache does not hold.

    Parameters
    ----------
    notebooks : dict
        Name shown in messages -> (staged file, notebook read from it).
    cache_folder : Path
        A jupyter-cache folder outside the Sphinx sources.
    root : Path
        The checkout; notebooks find it in ``OUROBOROS_ROOT``.
    workers : int
        Kernels at once.
    timeout : int
        Seconds that one cell may take.
    on_done : callable
        Told about every notebook as it finishes.

    Raises
    ------
    NotebookError
        If any notebook fails; all failures are named and what succeeded stays in the cache.
    """
    cache = _open_cache(cache_folder)
    done, faults, waiting = [], [], {}
    for name, (path, notebook) in notebooks.items():
        try:
            record = cache.match_cache_notebook(notebook)
            done.append(Ran(name, True, record.data.get("execution_seconds", 0.0)))
            on_done(done[-1])
        except KeyError:
            waiting[name] = (path, notebook)
    clients: list[NotebookClient] = []
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        running = {
            pool.submit(_execute, name, path, notebook, root, timeout, clients): (name, path, notebook)
            for name, (path, notebook) in waiting.items()
        }
        try:
            for future in as_completed(running):
                name, path, notebook = running[future]
                try:
                    seconds = future.result()
                except NotebookError as error:
                    faults.append(str(error))
                    continue
                bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
                with _writing(cache_folder):
                    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
                done.append(Ran(name, False, seconds))
                on_done(done[-1])
        except BaseException:
            # Leaving the pool waits for what runs: an interrupted build must not wait for its kernels.
            pool.shutdown(wait=False, cancel_futures=True)
            _kill_kernels(clients)
            raise
    if faults:
        raise NotebookError("\n".join(sorted(faults)))
    return sorted(done, key=lambda ran: ran.name)


def _open_cache(folder: Path) -> JupyterCacheAbstract:
    """Open the cache; one that a killed build left half-written, or that cannot be read, is begun anew."""
    if (folder / _WRITING).exists():
        shutil.rmtree(folder)
    try:
        cache = get_cache(str(folder))
        cache.list_cache_records()
    except (SQLAlchemyError, RuntimeError):
        shutil.rmtree(folder)
        cache = get_cache(str(folder))
    return cache


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Mark the cache while a record and its file are written, which jupyter-cache does one after the other."""
    (folder / _WRITING).touch()
    yield
    (folder / _WRITING).unlink()


def _kill_kernels(clients: list[NotebookClient]) -> None:
    for client in clients:
        provisioner = getattr(client.km, "provisioner", None)
        if provisioner is not None and getattr(provisioner, "pid", None):
            with suppress(ProcessLookupError):
                os.kill(provisioner.pid, signal.SIGKILL)


def _execute(
    name: str,
    path: Path,
    notebook: nbformat.NotebookNode,
    root: Path,
    timeout: int,
    clients: list[NotebookClient],
) -> float:
    # One BLAS thread a kernel: kernels run side by side, and results must not depend on the core count.
    environment = {
        **QUIET_VARIABLES,
        **os.environ,
        "OUROBOROS_ROOT": str(root),
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
    client = NotebookClient(
        notebook,
        timeout=timeout,
        startup_timeout=_STARTS_WITHIN,
        kernel_name=notebook.metadata.kernelspec.get("name", "python3"),
        resources={"metadata": {"path": str(path.parent)}},
        allow_errors=False,
        extra_arguments=["--Application.log_level=40"],
    )
    clients.append(client)
    start = perf_counter()
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        cell = _failed_cell(notebook)
        raise NotebookError(f"{name}: cell {cell}: {error.ename}: {_first_line(error.evalue)}") from error
    except CellTimeoutError as error:
        raise NotebookError(f"{name}: cell {_failed_cell(notebook)}: took longer than {timeout} s") from error
    except DeadKernelError as error:
        raise NotebookError(f"{name}: cell {_failed_cell(notebook)}: the kernel died") from error
    except NoSuchKernel as error:
        raise NotebookError(
            f"{name}: no kernel named '{error.name}' (the front matter must say python3)"
        ) from error
    except RuntimeError as error:
        # nbclient has cleaned up already and would fail to do so again as the process ends.
        atexit.unregister(client._cleanup_kernel)
        raise NotebookError(
            f"{name}: the kernel did not start: {_first_line(str(error))} (run the same command again)"
        ) from error
    seconds = perf_counter() - start
    faults = _missing_figures(notebook)
    if faults:
        raise NotebookError("\n".join(f"{name}: {fault}" for fault in faults))
    _forget_timing(notebook)
    return seconds


def _failed_cell(notebook: nbformat.NotebookNode) -> int:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        if any(output.output_type == "error" for output in cell.outputs) or cell.execution_count is None:
            return number
    return len(code)


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else ""


def _missing_figures(notebook: nbformat.NotebookNode) -> list[str]:
    faults = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        wanted = cell.metadata.get("mystnb", {}).get("figure")
        drawn = any("image/svg+xml" in output.get("data", {}) for output in cell.outputs)
        if wanted and not drawn:
            faults.append(f"cell {number}: promises figure '{wanted.get('name', '?')}' but draws no SVG")
        if drawn and not cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
            faults.append(f"cell {number}: a figure without alternative text (mystnb: image: alt)")
    return faults


def _forget_timing(notebook: nbformat.NotebookNode) -> None:
    """Drop when each cell ran: it would make two builds differ."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
