"""Run an experiment in memory and hold its estimates against the checks of the ledger."""

import importlib
import pickle

import numpy as np
import pandas as pd
import pytest


class Interrupted(Exception):
    """Raised by a checkpoint that has kept what it was given."""


class Kept:
    """A checkpoint in memory that interrupts its job as soon as something is kept for the first time."""

    def __init__(self):
        self.text, self.rng = None, None

    def save(self, state):
        first = self.text is None
        self.text = pickle.dumps((self.rng.bit_generator.state, state))
        if first:
            raise Interrupted

    def load(self):
        if self.text is None:
            return None
        self.rng.bit_generator.state, state = pickle.loads(self.text)
        return state


def interrupted_and_resumed(simulate, parameters, rng):
    """Table of a job that was interrupted after its first stage and went on with other random numbers at hand."""
    kept = Kept()
    kept.rng = rng
    with pytest.raises(Interrupted):
        simulate(parameters, kept.rng, checkpoint=kept)
    kept.rng = np.random.default_rng(77)
    return simulate(parameters, kept.rng, checkpoint=kept)


class Trial:
    """One experiment of the ledger, run on any parameters with any seed; writes nothing."""

    def __init__(self, experiment):
        self.experiment = experiment
        self.module = importlib.import_module(experiment.module)
        self.smoke = experiment.parameters("smoke")
        self.publish = experiment.parameters("publish")
        self.checks = [check for check in experiment.checks if "smoke" in check.tiers]
        self.criteria = experiment.criteria

    def table(self, parameters=None, entropy=907):
        parameters = self.smoke if parameters is None else parameters
        jobs = self.module.jobs(parameters)
        tables = []
        for job, seed in zip(jobs, np.random.SeedSequence(entropy).spawn(len(jobs)), strict=True):
            table = self.module.simulate(job.parameters, np.random.default_rng(seed))
            table.insert(0, "job", job.id)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def estimates(self, parameters=None, table=None):
        parameters = self.smoke if parameters is None else parameters
        table = self.table(parameters) if table is None else table
        return {estimate.name: estimate for estimate in self.module.analyse(table, parameters)}

    def missed(self, judged, found):
        """Ids of the checks or criteria that do not hold."""
        return {
            part.id
            for part in judged
            if not all(part.holds(getattr(found[name], part.field)) for name in part.estimate)
        }

    def same_bytes(self, job):
        """Whether the same seed gives the same table."""
        texts = [
            self.module.simulate(job.parameters, np.random.default_rng(seed)).to_csv() for seed in (1, 1)
        ]
        return texts[0] == texts[1]

    def resumed(self, job, entropy=5):
        """Tables of a job undisturbed, and of one interrupted after its first stage."""
        expected = self.module.simulate(job.parameters, np.random.default_rng(entropy))
        return expected, interrupted_and_resumed(
            self.module.simulate, job.parameters, np.random.default_rng(entropy)
        )


@pytest.fixture(scope="session")
def trial(ledger):
    """Trial of the experiment with an id."""
    return lambda experiment_id: Trial(ledger.experiments[experiment_id])
