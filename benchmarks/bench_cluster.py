"""The jobs of one experiment in this process, under joblib, and on Dask workers of this machine: time and efficiency.

Efficiency is the time in one process divided by the number of processes times their time. Workers are warm: all jobs
have run once before the clock starts. All tables must be the same to the bit.
"""

import os
import time
from pathlib import Path

from ouroboros.lab.cluster import local_cluster
from ouroboros.lab.digest import tier_parameters
from ouroboros.lab.jobs import JobStore, prepare_libraries
from ouroboros.lab.running import join_tables, list_jobs, run_jobs
from ouroboros.ledger import load_ledger

ROOT = Path(__file__).resolve().parents[1]
EXPERIMENT = "collapse.gaussian-chain"
CHAINS = 40  # times those of the smoke grid: the jobs of a refresh take seconds, too
PROCESSES = (1, 2, 4)


def main() -> None:
    """Run all and print the table."""
    prepare_libraries()
    experiment = load_ledger(ROOT).experiments[EXPERIMENT]
    parameters = tier_parameters(experiment, "smoke")
    chains = {arm: [CHAINS * count for count in counts] for arm, counts in parameters["chains"].items()}
    jobs = list_jobs(experiment, parameters | {"chains": chains})

    def timed(**how) -> tuple[float, str]:
        def run(part):
            return run_jobs(experiment, part, what="", store=JobStore(None), progress=False, **how)[0]

        run(jobs)
        start = time.perf_counter()
        outcomes = run(jobs)
        return time.perf_counter() - start, join_tables(outcomes[job.id] for job in jobs)

    serial, expected = timed(workers=1)
    rows = [("this process", 1, serial)]
    for count in PROCESSES[1:]:
        seconds, table = timed(workers=count)
        assert table == expected, "joblib: another table"
        rows.append(("joblib", count, seconds))
    for count in PROCESSES:
        with local_cluster(count) as cluster:
            seconds, table = timed(cluster=cluster)
        assert table == expected, "Dask: another table"
        rows.append(("Dask", count, seconds))
    print(f"{len(jobs)} jobs of {EXPERIMENT}, {os.cpu_count()} processors, tables identical to the bit")
    print(f"{'where':14} {'processes':>9} {'seconds':>8} {'speed-up':>9} {'efficiency':>11}")
    for where, count, seconds in rows:
        print(f"{where:14} {count:9} {seconds:8.2f} {serial / seconds:9.2f} {serial / seconds / count:11.2f}")


if __name__ == "__main__":
    main()
