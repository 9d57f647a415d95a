"""Our CFR on Kuhn poker against OpenSpiel's Python and C++ solvers, to the same exploitability in one run.

Prints seconds and ratios. The batch row runs many replicates at once, which the peers do one by one.
"""

from time import perf_counter

import pyspiel
from open_spiel.python.algorithms import cfr, exploitability

from ouroboros.experiments.selfplay import kuhn, learners

TARGET = 0.003
ITERATIONS = 320
BATCH = 256


def _timed(work) -> tuple[float, float]:
    best, result = float("inf"), None
    for _ in range(3):
        start = perf_counter()
        result = work()
        best = min(best, perf_counter() - start)
    return best, float(result)


def _ours(shape: tuple[int, ...] = ()) -> float:
    ((_, _, average),) = learners.counterfactual_regret({ITERATIONS}, shape)
    return kuhn.exploitability(average).max()


def _python() -> float:
    game = pyspiel.load_game("kuhn_poker")
    solver = cfr.CFRSolver(game)
    for _ in range(ITERATIONS):
        solver.evaluate_and_update_policy()
    return exploitability.exploitability(game, solver.average_policy())


def _cpp() -> float:
    game = pyspiel.load_game("kuhn_poker")
    solver = pyspiel.CFRSolver(game)
    for _ in range(ITERATIONS):
        solver.evaluate_and_update_policy()
    return pyspiel.exploitability(game, solver.average_policy())


def main() -> None:
    """Run all and print the table."""
    ours, reached = _timed(_ours)
    batch, batch_reached = _timed(lambda: _ours((BATCH,)))
    python, python_reached = _timed(_python)
    cpp, cpp_reached = _timed(_cpp)
    rows = [
        ("ours, one replicate", ours, 1, reached),
        (f"ours, {BATCH} replicates at once", batch, BATCH, batch_reached),
        ("OpenSpiel, Python", python, 1, python_reached),
        ("OpenSpiel, C++", cpp, 1, cpp_reached),
    ]
    print(f"CFR on Kuhn poker, {ITERATIONS} iterations, best of three")
    print(f"{'solver':32} {'seconds':>9} {'per replicate':>14} {'ratio to ours':>14} {'exploitability':>15}")
    for name, seconds, replicates, end in rows:
        each = seconds / replicates
        print(f"{name:32} {seconds:9.4f} {each:14.6f} {each / ours:14.3f} {end:15.6f}")
        assert end <= TARGET, f"{name}: exploitability {end} is above {TARGET}"


if __name__ == "__main__":
    main()
