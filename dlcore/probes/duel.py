"""The round to come of an adversarial game, phase by phase."""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from dlcore.adversaries import seen_through, taken_in
from dlcore.experiment import Experiment
from dlcore.objectives import Adversarial
from dlcore.probes.base import Probe, add
from dlcore.probes.rivals import pushes, score_map
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session


@add
class Duel(Probe):
    """What the next round will do, made on a copy: on the plane, float32.

    ``real`` and ``seen`` (B, 2), the real samples and the fakes of the discriminator's last step;
    ``before`` and ``after`` (S, S), its scores, as ``rivals`` has them; ``fake`` (B, 2), what the generator
    makes then; ``push`` (B, 2), where its loss drives each; ``moved`` (B, 2), the same noise after its step.
    ``loss`` (4,): the discriminator's before and after, the generator's before and after.
    Nothing where the run has stopped.
    """

    kind = "duel"
    every_s = 0.5

    def applies(self, experiment: Experiment) -> bool:
        return isinstance(experiment.objective, Adversarial) and experiment.data.planar

    def read(self, session: Session) -> Arrays:
        if session.stopped:
            return {}
        copy = Session.restored(session.checkpoint())
        judged, noise = _given(copy.criterion.discriminator), _given(copy.network.module)
        copy.advance(1)
        critic, generator, rule = copy.criterion, copy.network.module, copy.criterion.game
        fake = judged.pop()
        # a step of the discriminator looks at real samples, at fakes, and with a penalty in between
        first = -3 if critic.penalty else -2
        rests = not judged
        real, seen = (session.tensors["train"].y[: len(fake)], fake) if rests else judged[first:][:2]
        with looking(generator):
            moved = generator(noise[-1])
        losses = []
        for player in (session.criterion, critic):
            with looking(player):
                scores = player.discriminator(real), player.discriminator(seen)
                losses.append(seen_through(rule, *scores).item())
        with looking(critic):
            losses += [taken_in(rule, critic.discriminator(each)).item() for each in (fake, moved)]
        arrays = {"real": real, "seen": seen, "fake": fake, "push": pushes(critic, fake), "moved": moved}
        return {
            **{name: tensor.numpy().copy() for name, tensor in arrays.items()},
            "before": score_map(session.criterion, real, seen),
            "after": score_map(critic, real, seen),
            "loss": np.array(losses, np.float32),
        }


def _given(module: nn.Module) -> list[Tensor]:
    """What a module is given from now on, call by call."""
    given: list[Tensor] = []
    module.register_forward_pre_hook(lambda module, inputs: given.append(inputs[0].detach().clone()))
    return given
