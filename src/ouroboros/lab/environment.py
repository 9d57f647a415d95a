"""What was true of the machine, the libraries and the checkout that computed a result."""

import functools
import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from ouroboros.lab.digest import CodeDigest, third_party_imports

_ALWAYS_RECORDED = ("numpy", "pandas", "scipy", "joblib")


def run_record(experiment: Any, digest: CodeDigest, root: Path) -> dict[str, Any]:
    """What was true of this run and is no condition for reproducing it."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "python": platform.python_version(),
        **machine_record(),
        "libraries": library_versions(experiment.module),
        "commit": commit_of(root),
        "code": digest.parts,
    }


def machine_record() -> dict[str, Any]:
    """What of this machine decides the last bit of a result, and its number of processors."""
    return {
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "simd": _simd(),
        "processor": _processor(),
        "kernels": _kernels(),
    }


def library_versions(module: str) -> dict[str, str]:
    """Versions of the packages that the experiment's code imports, by distribution name."""
    providers = _providers()
    wanted = {*third_party_imports(module), *_ALWAYS_RECORDED}
    names = {distribution for package in wanted for distribution in providers.get(package, ())}
    return {name: metadata.version(name) for name in sorted(names)}


def _simd() -> list[str]:
    """Instruction sets that NumPy uses here: with the same versions they decide the last bit of a result."""
    found = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return [*found.get("baseline", ()), *found.get("found", ())]


def _processor() -> str:
    """Model of the processor: compilers and mathematical libraries choose their code by it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def _kernels() -> list[str]:
    """Kernels of the linear algebra in use; they may be chosen by hand, and decide the last bit too."""
    return sorted({library["architecture"] for library in threadpool_info() if "architecture" in library})


@functools.cache
def _providers() -> dict[str, list[str]]:
    """Distributions by the packages they install; reading it takes a fifth of a second."""
    return dict(metadata.packages_distributions())


def commit_of(root: Path) -> str | None:
    """Commit of the checkout, with ``-dirty`` if sources or ledger differ from it; None outside git."""
    try:
        head = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--", "src", "ledger")
    except (OSError, subprocess.SubprocessError):
        return None
    return head + ("-dirty" if changed else "")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=20
    )
    return done.stdout.strip()
