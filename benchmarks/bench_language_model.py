"""Training steps of the character transformer of `collapse.language-model` against the same model in PyTorch, eager.

Both start from the same weights and take the same batches; their losses must agree step by step before a speed is
printed. One thread each, batches of the size that the experiment uses and of 64. Best of three, taken in turn.

PyTorch is no requirement of the book. Without it this says so and ends with exit code 2.
"""

import importlib.util
import sys
from pathlib import Path
from time import perf_counter

import jax
import numpy as np

from ouroboros.experiments.collapse.character_model import machine
from ouroboros.experiments.collapse.character_windows import ALPHABET
from ouroboros.lab.jobs import prepare_libraries
from ouroboros.ledger import load_ledger

ROOT = Path(__file__).resolve().parents[1]
EXPERIMENT = "collapse.language-model"
LARGE = 64
RATE = 0.002
WARM, TIMED, ROUNDS = 40, 200, 3


def losses_and_speed(sizes: dict, windows: np.ndarray) -> tuple[dict, list[float], float]:
    """First weights, losses of the first steps, and characters per second of more."""
    learner = machine(sizes)
    state = first = learner.start(np.random.default_rng(1))
    losses = []
    for k in range(WARM):
        state, loss = learner.step(state, windows[k])
        losses.append(float(loss))
    start = perf_counter()
    for k in range(TIMED):
        state, loss = learner.step(state, windows[k % len(windows)])
    jax.block_until_ready(state)
    return first.weights, losses, TIMED * windows[0, :, 1:].size / (perf_counter() - start)


def main() -> None:
    """Run both and print the table."""
    if importlib.util.find_spec("torch") is None:
        print("skipped: needs PyTorch (python -m pip install --require-hashes -r requirements-bench.txt)")
        sys.exit(2)
    import torch
    from torch_transformer import losses_and_speed as peer_losses_and_speed

    prepare_libraries()
    model = dict(load_ledger(ROOT).experiments[EXPERIMENT].parameters("publish")["model"])
    model["rates"] = [[0, RATE]]
    print(
        f"{EXPERIMENT}; JAX {jax.__version__}, PyTorch {torch.__version__}; one thread; same weights, same losses"
    )
    print(
        f"{'windows a step':>15} {'ours, characters/s':>19} {'PyTorch, eager':>15} {'ratio':>6} {'losses apart':>13}"
    )
    for batch in (model["batch"], LARGE):
        sizes = model | {"batch": batch}
        shape = (WARM, batch, model["length"] + 1)
        windows = np.random.default_rng(2).integers(len(ALPHABET), size=shape).astype(np.int8)
        own = peer = apart = 0.0
        for _ in range(ROUNDS):
            weights, losses, speed = losses_and_speed(sizes, windows)
            others, other = peer_losses_and_speed(
                windows, weights, model["heads"], RATE, warm=WARM, timed=TIMED
            )
            apart = max(apart, float(np.abs(np.subtract(losses, others)).max()))
            own, peer = max(own, speed), max(peer, other)
        assert apart < 1e-3, f"not the same model: losses differ by {apart}"
        print(f"{batch:15} {own:19,.0f} {peer:15,.0f} {own / peer:6.2f} {apart:13.1e}")


if __name__ == "__main__":
    main()
