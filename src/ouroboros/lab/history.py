"""Whether the version history bears out that every criterion was there before the evidence it judges."""

import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ouroboros.lab.errors import LabError
from ouroboros.lab.store import Evidence, load_all_evidence
from ouroboros.ledger.digests import criterion_digest
from ouroboros.ledger.experiments import Criterion
from ouroboros.ledger.yamlfile import read_yaml

_EXPERIMENTS = "ledger/experiments.yml"


def history_faults(root: Path, ledger: Any) -> list[str]:
    """Criteria that were not committed before the evidence they judge, one line each.

    A criterion is known by the digest that the evidence recorded. It must stand in the ledger of a commit
    that is an ancestor of the commit which first held the evidence's table; or, if the evidence itself says
    that it was judged anew, of the commit which first held the judgement.

    Raises
    ------
    LabError
        If there is no whole git history to look at.
    """
    history = _History(root)
    faults = []
    for name, evidence in load_all_evidence(root, ledger).items():
        faults += _faults_of(history, name, evidence)
    return faults


def _faults_of(history: "_History", name: str, evidence: Evidence) -> list[str]:
    file = f"evidence/{name}.json"
    faults = []
    result_seen = history.first_commit_with(file, evidence.table.sha256)
    for criterion in evidence.criteria:
        anew = criterion.id in evidence.judged_anew
        seen = history.first_commit_with(file, criterion.digest) if anew else result_seen
        if history.criterion_before(criterion.digest, seen):
            continue
        when = f"commit {seen[:10]}" if seen else "it, which is not committed yet"
        what = "judgement of" if anew else "result of"
        faults.append(
            f"{file}: criterion {criterion.id} was not committed in this form before the first {what} "
            f"the experiment ({when}); commit criteria first, then run and accept"
        )
    return faults


class _History:
    """The commits of a checkout that matter here, read once."""

    def __init__(self, root: Path):
        self.root = root
        try:
            shallow = self._git("rev-parse", "--is-shallow-repository").strip()
        except LabError as error:
            raise LabError(f"--history: no git history to look at: {error}") from error
        if shallow == "true":
            raise LabError("--history: the clone is shallow (git fetch --unshallow, then again)")

    def first_commit_with(self, file: str, text: str) -> str | None:
        """Oldest commit whose version of a file holds a text; None if no commit does."""
        for commit in self._commits_of(file):
            if text in self._content(commit, file):
                return commit
        return None

    def criterion_before(self, digest: str, commit: str | None) -> bool:
        """Whether a criterion stood in the ledger of a proper ancestor of a commit (of any if it is None)."""
        if digest in self._digests_at(f"{commit}^" if commit else "HEAD"):
            return True
        # Rarely needed: the criterion was there once and was reworded or superseded before the evidence came.
        ancestors = self._ancestors(commit)
        return any(
            digest in self._digests_at(earlier)
            for earlier in self._commits_of(_EXPERIMENTS)
            if earlier in ancestors
        )

    def _ancestors(self, commit: str | None) -> set[str]:
        if commit not in self._ancestor_sets:
            found = self._git("rev-list", commit or "HEAD").split()
            self._ancestor_sets[commit] = set(found) - {commit}
        return self._ancestor_sets[commit]

    @cached_property
    def _ancestor_sets(self) -> dict[str | None, set[str]]:
        return {}

    def _commits_of(self, file: str) -> list[str]:
        """Commits that touched a file, oldest first, those on merged branches included."""
        if file not in self._commit_lists:
            listed = self._git("log", "--format=%H", "--full-history", "--topo-order", "--", file).split()
            self._commit_lists[file] = listed[::-1]
        return self._commit_lists[file]

    @cached_property
    def _commit_lists(self) -> dict[str, list[str]]:
        return {}

    def _digests_at(self, revision: str) -> set[str]:
        """Digests of all criteria in the ledger of a revision, as far as today's schema can read them."""
        text = self._content(revision, _EXPERIMENTS)
        if text not in self._digests:
            self._digests[text] = set(_criterion_digests(text))
        return self._digests[text]

    @cached_property
    def _digests(self) -> dict[str, set[str]]:
        return {}

    def _content(self, revision: str, file: str) -> str:
        """Content of a file at a revision; empty if it was not there."""
        try:
            return self._git("show", f"{revision}:./{file}")
        except LabError:
            return ""

    def _git(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=self.root, capture_output=True, check=True, timeout=120
            )
        except FileNotFoundError as error:
            raise LabError("git is not installed") from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines()
            raise LabError(said[0] if said else "git failed") from error
        return done.stdout.decode(errors="replace")


def _criterion_digests(text: str) -> Iterator[str]:
    data = read_yaml(text, _EXPERIMENTS).data
    experiments = data.get("experiments") if isinstance(data, dict) else None
    for experiment in experiments or ():
        criteria = experiment.get("criteria") if isinstance(experiment, dict) else None
        for entry in criteria or ():
            try:
                yield criterion_digest(Criterion.model_validate(entry))
            except ValidationError:
                # A form that an older schema allowed: it cannot have today's digest either.
                continue


def judged(root: Path, ledger: Any) -> int:
    """How many criteria accepted evidence has been judged by."""
    return sum(len(record.criteria) for record in load_all_evidence(root, ledger).values())
