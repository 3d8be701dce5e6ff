"""Objectives: what the network is asked for, and what a step of training makes smaller.  One class a file."""

from dlcore.objectives.adversarial import Adversarial
from dlcore.objectives.base import Objective, objectives
from dlcore.objectives.next_token import NextToken
from dlcore.objectives.reconstruction import Reconstruction
from dlcore.objectives.supervised import Supervised
from dlcore.objectives.variational import Variational

__all__ = [
    "Adversarial",
    "NextToken",
    "Objective",
    "Reconstruction",
    "Supervised",
    "Variational",
    "objectives",
]
