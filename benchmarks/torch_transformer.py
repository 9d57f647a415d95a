"""The character transformer of the package written in PyTorch, as a peer of its training step; needs PyTorch."""

from time import perf_counter

import numpy as np
import torch
from torch.nn import functional


class Peer(torch.nn.Module):
    """The model of `ouroboros.experiments.ladder.transformer`, with the weights that it is given."""

    def __init__(self, weights: dict, heads: int):
        super().__init__()
        self.heads = heads
        self.layers = sum(name.startswith("layer") for name in weights)
        self.parts = torch.nn.ParameterDict()
        for name, value in weights.items():
            inner = value if isinstance(value, dict) else {"": value}
            for key, array in inner.items():
                self.parts[name + key] = torch.nn.Parameter(torch.tensor(np.asarray(array)))

    def norm(self, x: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        """Divide by the root mean square."""
        return functional.rms_norm(x, x.shape[-1:], gain, eps=1e-6)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Logits of the next symbol at every place."""
        p, (count, places) = self.parts, rows.shape
        x = p["symbols"][rows] + p["places"][:places]
        for layer in range(self.layers):
            w = {key: p[f"layer{layer}{key}"] for key in ("norm_attention", "queries_keys_values", "merge")}
            mixed = (self.norm(x, w["norm_attention"]) @ w["queries_keys_values"]).view(
                count, places, 3, self.heads, -1
            )
            query, key, value = mixed.permute(2, 0, 3, 1, 4)
            read = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            x = x + read.transpose(1, 2).reshape(count, places, -1) @ w["merge"]
            hidden = self.norm(x, p[f"layer{layer}norm_feedforward"]) @ p[f"layer{layer}up"]
            x = x + functional.relu(hidden) @ p[f"layer{layer}down"]
        return self.norm(x, p["norm"]) @ p["symbols"].T


def losses_and_speed(
    windows: np.ndarray, weights: dict, heads: int, rate: float, *, warm: int, timed: int
) -> tuple[list[float], float]:
    """Losses of the first ``warm`` steps from the given weights, and characters per second of ``timed`` more."""
    torch.set_num_threads(1)
    model = Peer(weights, heads)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    parts = torch.from_numpy(windows.astype(np.int64))

    def step(rows: torch.Tensor) -> torch.Tensor:
        logits = model(rows[:, :-1])
        loss = functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), rows[:, 1:].reshape(-1))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.detach()

    losses = [float(step(parts[k])) for k in range(warm)]
    start = perf_counter()
    for k in range(timed):
        step(parts[k % len(parts)])
    return losses, timed * windows[0, :, 1:].size / (perf_counter() - start)
