"""The few modules torch does not have.  The exported script prints those it uses, source and all."""

from __future__ import annotations

import torch
from torch import nn


class Sine(nn.Module):
    """(*) → (*)."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.sin(z)


class Step(nn.Module):
    """(*) → (*), 1 where the input is positive, else 0; the gradient is zero everywhere."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return (z > 0).to(z.dtype) + 0.0 * z


class BinaryHingeLoss(nn.Module):
    """The mean of max(0, 1 − y·z) over scores z (B, 1) and targets y (B, 1) of −1 and 1."""

    def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (1 - y * z).clamp(min=0).mean()


class GaussianNoise(nn.Module):
    """(*) → (*), with noise of standard deviation ``std`` added while training."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.std * torch.randn_like(x) if self.training else x

    def extra_repr(self) -> str:
        return f"std={self.std}"


class TokenCrossEntropy(nn.Module):
    """The mean cross-entropy over logits (B, T, K) and classes (B, T), −100 where nothing is asked."""

    def __init__(self, weight: torch.Tensor | None = None, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.weight = weight
        self.label_smoothing = label_smoothing

    def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(
            z.flatten(0, 1), y.flatten(), self.weight, label_smoothing=self.label_smoothing
        )


class Transpose(nn.Module):
    """(B, T, D, …) → (B, D, T, …)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2)


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """(B, C, …) → (B, C, …).  A batch of one number for each channel has no variance of its own."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training and x.numel() == self.num_features:
            return nn.functional.batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
            )
        normed: torch.Tensor = super().forward(x)
        return normed

    def _check_input_dim(self, x: torch.Tensor) -> None:
        pass


class SqueezeExcite(nn.Module):
    """(B, C, H, W) → (B, C, H, W) or (B, T, C) → (B, T, C), each channel times a number between 0 and 1."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, squeezed)
        self.excite = nn.Linear(squeezed, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        image = x.dim() == 4
        mean = x.mean((2, 3)) if image else x.mean(1)
        weight: torch.Tensor = self.excite(self.squeeze(mean).relu()).sigmoid()  # (B, C)
        return x * (weight[:, :, None, None] if image else weight[:, None])


class Recurrent(nn.Module):
    """(B, T, D) → (B, T, H) or, of the last step, (B, H); forwards and backwards side by side.

    ``remember`` is added to the second block of the first bias: in an LSTM that of the gate which forgets, in
    a GRU that of the gate which keeps the state.
    """

    def __init__(self, cell: nn.RNNBase, last: bool, remember: float = 0.0) -> None:
        super().__init__()
        self.cell = cell
        self.last = last
        for name, bias in cell.named_parameters():
            if remember and name.startswith("bias_ih"):
                bias.data[cell.hidden_size : 2 * cell.hidden_size] += remember

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor
        states, last = self.cell(x)
        if not self.last:
            return states
        state: torch.Tensor = last[0] if isinstance(last, tuple) else last  # (directions, B, H)
        return state.transpose(0, 1).flatten(1)


class SinePositions(nn.Module):
    """(B, T, D) → (B, T, D), with waves of ever greater length along T added to the features."""

    positions: torch.Tensor

    def __init__(self, steps: int, size: int) -> None:
        super().__init__()
        i = torch.arange(0, size, 2) / size
        angles = torch.arange(steps)[:, None] / 10000**i  # (T, D / 2)
        waves = torch.stack([angles.sin(), angles.cos()], 2).flatten(1)[:, :size]
        self.register_buffer("positions", waves)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.positions


class LearnedPositions(nn.Module):
    """(B, T, D) → (B, T, D), with a row for each step added."""

    def __init__(self, steps: int, size: int) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.randn(steps, size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.positions


class SelfAttention(nn.Module):
    """(B, T, D) → (B, T, D), in heads of size D / heads; of a silenced head nothing is handed on."""

    cosines: torch.Tensor  # (T, D / heads / 2)
    sines: torch.Tensor

    def __init__(
        self,
        size: int,
        heads: int,
        causal: bool = False,
        dropout: float = 0.0,
        silenced: tuple[int, ...] = (),
        rotary_steps: int = 0,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.silenced = silenced
        self.causal = causal
        self.dropout = dropout
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)
        self.output = nn.Linear(size, size)
        self.rotary = rotary_steps > 0
        if self.rotary:
            pairs = size // heads // 2
            angles = torch.arange(rotary_steps)[:, None] / 10000 ** (torch.arange(pairs) / pairs)
            self.register_buffer("cosines", angles.cos())
            self.register_buffer("sines", angles.sin())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query, key, value = self.projected(x)
        p = self.dropout if self.training else 0.0
        seen = nn.functional.scaled_dot_product_attention(
            query, key, value, dropout_p=p, is_causal=self.causal
        )
        if self.silenced:
            seen = seen * self.speaking()
        made: torch.Tensor = self.output(seen.transpose(1, 2).flatten(2))
        return made

    def projected(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Queries, keys and values: (B, T, D) → three times (B, heads, T, D / heads)."""
        parts = [each(x).unflatten(2, (self.heads, -1)).transpose(1, 2) for each in self._matrices()]
        query, key = (self._turned(each) if self.rotary else each for each in parts[:2])
        return query, key, parts[2]

    def speaking(self) -> torch.Tensor:
        """1 for a head that is heard and 0 for one that is silenced: (heads, 1, 1)."""
        return torch.tensor([float(head not in self.silenced) for head in range(self.heads)])[:, None, None]

    def _matrices(self) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
        return self.query, self.key, self.value

    def _turned(self, x: torch.Tensor) -> torch.Tensor:
        """Turn each pair of numbers by an angle that grows with the step: (B, heads, T, S) → the same."""
        first, second = x.chunk(2, dim=-1)
        turned = (first * self.cosines - second * self.sines, first * self.sines + second * self.cosines)
        return torch.cat(turned, dim=-1)


class TransformerBlock(nn.Module):
    """(B, T, D) → (B, T, D): attention and thinking, each added to what was there."""

    def __init__(
        self, size: int, attention: nn.Module, thinking: nn.Module, norm_first: bool, dropout: float
    ) -> None:
        super().__init__()
        self.attention = attention
        self.thinking = thinking
        self.norm1 = nn.LayerNorm(size)
        self.norm2 = nn.LayerNorm(size)
        self.norm_first = norm_first
        self.dropout = dropout

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.norm_first:
            x = x + self._dropped(self.attention(self.norm1(x)))
            return x + self._dropped(self.thinking(self.norm2(x)))
        x = self.norm1(x + self._dropped(self.attention(x)))
        x = self.norm2(x + self._dropped(self.thinking(x)))
        return x

    def _dropped(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.dropout(x, self.dropout, self.training)


class Residual(nn.Module):
    """(B, …) → (B, …): what ``inside`` makes of the input, added to the input or to a projection of it."""

    def __init__(self, inside: nn.Module, project: nn.Module) -> None:
        super().__init__()
        self.inside = inside
        self.project = project

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.project(x) + self.inside(x)
        return made


class Parallel(nn.Module):
    """(B, …) → (B, …): what all paths make of the input, side by side along a dimension or added."""

    def __init__(self, paths: list[nn.Module], joined: int | None) -> None:
        super().__init__()
        self.paths = nn.ModuleList(paths)
        self.joined = joined

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ends = [path(x) for path in self.paths]
        return torch.stack(ends).sum(0) if self.joined is None else torch.cat(ends, self.joined)


class GaussianCode(nn.Module):
    """(B, F) → (B, code): a draw from the Gaussian of each sample while training, else its mean.

    ``divergence`` is how far the Gaussians of the last batch are from a standard normal, in nats.
    """

    def __init__(self, n_inputs: int, size: int) -> None:
        super().__init__()
        self.both = nn.Linear(n_inputs, 2 * size)
        self.divergence = torch.zeros(())

    def __getstate__(self) -> dict[str, object]:
        # torch copies no tensor that a gradient flows back from: a copy begins without
        return {**self.__dict__, "divergence": torch.zeros(())}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        both: torch.Tensor = self.both(x)
        mean, log_variance = both.chunk(2, 1)
        nats = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
        self.divergence = nats.sum(1).mean()
        return mean + (log_variance / 2).exp() * torch.randn_like(mean) if self.training else mean
