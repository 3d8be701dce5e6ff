"""The averaged weights of a run, which are judged and shown while training moves the weights themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim import swa_utils

from dlcore.record import Arrays
from dlcore.regularisation import Regularisation
from dlcore.updates import count_anew


class Averages:
    """The mean of a network's weights over its past, and the network with it in place.

    Batch norm's running statistics belong to the weights they were counted with: with the averaged weights
    in place they are counted anew, over ``x`` (N, *input_shape).
    """

    def __init__(self, how: Regularisation, module: nn.Module, x: Tensor) -> None:
        self.n = 0
        """How often weights have been taken into the mean; 0 shows the weights themselves."""
        self._module = module
        self._in_place = False
        self._mean = [parameter.detach().clone() for parameter in module.parameters()]
        self._set(how, x)

    def _set(self, how: Regularisation, x: Tensor) -> None:
        self.how = how
        self._x = x
        self._counted: tuple[int, list[Tensor]] | None = None
        self._average: Callable[[list[Tensor], list[Tensor], Tensor], None] = (
            swa_utils.get_swa_multi_avg_fn()  # type: ignore[no-untyped-call]  # torch leaves it open
            if how.average == "SWA"
            else swa_utils.get_ema_multi_avg_fn(how.memory)  # type: ignore[no-untyped-call]  # the same
        )

    @classmethod
    def going_on(
        cls, before: Averages | None, how: Regularisation, module: nn.Module, x: Tensor
    ) -> Averages | None:
        """What a run has with these settings and samples; another kind of mean begins anew, none is None."""
        if before is None or how.average != before.how.average:
            return None if how.average == "none" else cls(how, module, x)
        before._set(how, x)
        return before

    def begin_anew(self) -> None:
        """Forget the past, because somebody has put the weights where they are."""
        self.n, self._counted = 0, None

    def end_step(self, epoch: float) -> None:
        """Take the weights after a step into the mean."""
        if self.how.average == "EMA":
            self._add()

    def end_epoch(self, epoch: int) -> None:
        """Take the weights after ``epoch`` epochs into the mean."""
        if self.how.average == "SWA" and epoch >= self.how.average_from:
            self._add()

    def _add(self) -> None:
        weights = [parameter.detach() for parameter in self._module.parameters()]
        if self.n == 0:
            for mean, weight in zip(self._mean, weights, strict=True):
                mean.copy_(weight)
        else:
            self._average(self._mean, weights, torch.tensor(self.n))
        self.n += 1

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The network with the averaged weights; afterwards it is as it was."""
        if self._in_place or not self.n:
            yield
            return
        buffers = [buffer.clone() for buffer in self._module.buffers()]
        self._exchange()
        self._in_place = True
        try:
            self._count_anew()
            yield
        finally:
            self._in_place = False
            self._exchange()
            _fill(self._module, buffers)

    def _exchange(self) -> None:
        for i, parameter in enumerate(self._module.parameters()):
            parameter.data, self._mean[i] = self._mean[i], parameter.data

    def _count_anew(self) -> None:
        if self._counted is None or self._counted[0] != self.n:
            count_anew(self._module, self._x)
            self._counted = self.n, [buffer.clone() for buffer in self._module.buffers()]
        else:
            _fill(self._module, self._counted[1])

    def arrays(self) -> Arrays:
        """The mean, ``average.0`` and on; ``counted.0`` and on the buffers that go with it, to take along."""
        with self.in_place():
            counted = [buffer.numpy().copy() for buffer in self._module.buffers()]
        return {
            **{f"average.{i}": mean.numpy().copy() for i, mean in enumerate(self._mean)},
            **({f"counted.{i}": buffer for i, buffer in enumerate(counted)} if self.n else {}),
        }

    def read(self, n: int, arrays: Arrays) -> None:
        """Read back ``n`` and what :meth:`arrays` wrote."""
        self.n, self._counted = n, None
        self._mean = [torch.tensor(arrays[f"average.{i}"]) for i in range(len(self._mean))]


@torch.no_grad()
def _fill(module: nn.Module, values: list[Tensor]) -> None:
    for buffer, value in zip(module.buffers(), values, strict=True):
        buffer.copy_(value)
