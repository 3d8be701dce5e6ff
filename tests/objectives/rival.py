"""An objective whose loss is itself learnt, as small as can be: only tests know it."""

from typing import Literal

import torch
from pydantic import Field
from torch import nn

from dlcore.objectives.reconstruction import GivingBack
from dlcore.spec import LIVE, Call


class Rivalled(GivingBack):
    """Give back what was given, as a rival measures it."""

    kind: Literal["rivalled"] = "rivalled"
    learns = True
    formula = ""
    rate: float = Field(0.01, gt=0, json_schema_extra=LIVE)

    def criterion(self, loss, data, counts=()):
        return Call("tests.objectives.rival.Rival", 64, rate=self.rate)


class Rival(nn.Module):
    """A weighted error whose weights learn to make it large."""

    def __init__(self, size, rate):
        super().__init__()
        self.weigh = nn.Linear(size, 1)
        self.rate = rate
        self.optimizer = torch.optim.Adam(self.parameters(), lr=rate)

    def forward(self, outputs, targets):
        return self.weigh((outputs - targets).square()).square().mean()

    def learn(self, network, x, y):
        self.optimizer.param_groups[0]["lr"] = self.rate
        self.optimizer.zero_grad()
        (-self(network(x).detach() + 0.1 * torch.randn_like(y), y)).backward()
        self.optimizer.step()
