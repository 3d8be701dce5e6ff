"""The experiment as a PyTorch script that runs by itself and makes the very same run."""

from __future__ import annotations

from inspect import getsource
from typing import NamedTuple

from dlcore.experiment import Experiment
from dlcore.export import script_data, script_network, script_training
from dlcore.export.printed import NEWLINE, source
from dlcore.layers import Dense, Dropout

DEFAULT_EPOCHS = 200
ENDLESS = 1_000_000
"""Epochs of a script that ends when its stop is met."""
MOST_NAMED = 6
"""Layers up to which the first line of a script names them."""


class Section(NamedTuple):
    """A piece of a script, and what it does in a sentence."""

    sentence: str
    code: str


def script(experiment: Experiment, epochs: int = 0) -> str:
    """Write the experiment as Python that needs nothing but numpy, torch and what its data comes from.

    It trains for ``epochs`` epochs (0: as long as the experiment says, else 200) and makes the same weights
    as a session does on the same machine, to the last bit.
    """
    codes = [each.code for each in sections(experiment, epochs)]
    return (NEWLINE * 3).join(
        [f'"""{title(experiment)}: an experiment from Glassbox."""{NEWLINE * 2}{codes[0]}', *codes[1:]]
    ) + NEWLINE


def sections(experiment: Experiment, epochs: int = 0) -> list[Section]:
    """The pieces of the script, in order; what one defines, those after it use."""
    e = experiment
    epochs = epochs or e.stop.epochs or (ENDLESS if script_training.stops(e) else DEFAULT_EPOCHS)
    every = max(1, (DEFAULT_EPOCHS if epochs == ENDLESS else epochs) // 20)
    own = source([each for made in script_network.calls(e) for each in made.all()])
    found = [
        Section(
            "What is needed, on one thread, so that the numbers are the same each time.",
            _imports(e, own.imports),
        ),
        Section("The samples: drawn, shared out, and written as tensors.", script_data.data(e)),
    ]
    if own.definitions:
        found.append(Section("The modules that PyTorch does not have.", (NEWLINE * 3).join(own.definitions)))
    found += [
        Section("The network with its first weights, its loss and its optimizer.", script_network.network(e)),
        Section("How good the network is.", script_training.judgement(e)),
        Section("The training.", script_training.training(e, epochs, every)),
    ]
    return [Section(sentence, code.strip()) for sentence, code in found]


def title(e: Experiment) -> str:
    """The experiment in a line: its data, its network, its optimizer."""
    if e.data.planar and all(isinstance(layer, Dense | Dropout) for layer in e.network):
        network = "-".join(str(shape[-1]) for shape in e.shapes())
    elif len(e.network) <= MOST_NAMED:
        network = ", ".join(layer.heading() for layer in e.network) or "no hidden layer"
    else:
        network = f"{len(e.network)} layers"
    return f"{e.data.heading()}, {network}, {e.optimizer.heading()}"


def _imports(e: Experiment, further: tuple[str, ...]) -> str:
    own = {*further}
    if "math." in getsource(type(e.schedule).factor):
        own.add("import math")
    if e.regularisation.average != "none":
        own.add("from torch.optim import swa_utils")
    plain = sorted(line for line in own if line.startswith("import "))
    named = sorted(own - {*plain})
    ours = [line for line in named if "torch" in line]
    above = NEWLINE.join([*plain, *(line for line in named if line not in ours)])
    imports = NEWLINE.join(["import numpy as np", "import torch", "from torch import nn", *ours])
    return f"{above}{NEWLINE * 2 if above else ''}{imports}{NEWLINE * 2}torch.set_num_threads(1)"
