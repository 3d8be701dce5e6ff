"""What dropout and noise draw for the members of an ensemble, each from its own random numbers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dlcore.blocks import GaussianNoise

CHANNELWISE = (nn.Dropout1d, nn.Dropout2d)
DRAWING = (nn.Dropout, *CHANNELWISE, GaussianNoise)


class Drawn(nn.Module):
    """(B, …) → (B, …): dropout or noise whose draw is handed in as ``chance``; nothing but while training."""

    chance: Tensor

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.noise = isinstance(module, GaussianNoise)
        self.channelwise = isinstance(module, CHANNELWISE)
        self.strength = float(module.std if self.noise else module.p)  # type: ignore[arg-type]  # a float of either
        self.register_buffer("chance", torch.zeros(()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return x + self.strength * self.chance if self.noise else x * self.chance

    def draw(self, shape: torch.Size, generator: torch.Generator) -> Tensor:
        """What the module itself would have drawn for an input of ``shape`` (B, …)."""
        if self.noise:
            return torch.randn(shape, generator=generator)
        if self.channelwise:
            shape = torch.Size([*shape[:2], *[1] * (len(shape) - 2)])
        kept = 1 - self.strength
        return torch.empty(shape).bernoulli_(kept, generator=generator).div_(kept)


class Chances:
    """The draws of every member in every step: of each the very numbers that a run by itself would draw."""

    def __init__(self, module: nn.Module, seeds: Sequence[int], x: Tensor) -> None:
        """Put a :class:`Drawn` in the place of whatever draws; x (1, *input_shape) is any sample."""
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._drawn: list[tuple[str, Drawn, torch.Size]] = []
        """Name, module and shape of its input, in the order in which a batch comes to them."""
        for name, part in list(module.named_modules()):
            if isinstance(part, DRAWING):
                owner, _, last = name.rpartition(".")
                silent = not isinstance(part, GaussianNoise) and part.p == 0
                module.get_submodule(owner).register_module(last, nn.Identity() if silent else Drawn(part))
        self._follow(module, x)

    def _follow(self, module: nn.Module, x: Tensor) -> None:
        """Note in which order a batch comes to what draws, and how large it is there."""

        def note(name: str, drawn: Drawn) -> torch.utils.hooks.RemovableHandle:
            return drawn.register_forward_pre_hook(
                lambda _, inputs: self._drawn.append((f"{name}.chance", drawn, inputs[0].shape))
            )

        hooks = [note(name, part) for name, part in module.named_modules() if isinstance(part, Drawn)]
        if hooks:
            module.eval()
            with torch.no_grad():
                module(x)
        for hook in hooks:
            hook.remove()

    def draw(self, size: int) -> dict[str, Tensor]:
        """The draws for a step on batches of ``size``, by the names of what they are handed to: (n, B, …)."""
        of_each = [
            [part.draw(torch.Size([size, *shape[1:]]), generator) for _, part, shape in self._drawn]
            for generator in self._generators
        ]
        return {
            name: torch.stack([draws[i] for draws in of_each]) for i, (name, _, _) in enumerate(self._drawn)
        }
