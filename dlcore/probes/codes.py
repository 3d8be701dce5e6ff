"""The code of an autoencoder: where samples lie in it, and what the decoder makes of its places."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.experiment import Experiment
from dlcore.layers import IMAGE, form
from dlcore.losses import Target
from dlcore.objectives.base import code_place
from dlcore.probes.base import Probe, add
from dlcore.probes.samples import after
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST = 600
"""Samples that are shown, and that the plane of the codes is laid by."""
MOST_STRANGE = 100
MOST_KNOWN = 2000
"""Training samples among which neighbours are looked for."""
NEIGHBOURS = 5
WIDEST = 20
"""Places of the grid along one side."""
PARTS = 1000
"""Into how many parts each side of the plane is cut, to name a place by whole numbers."""


class Plane(NamedTuple):
    """The plane in which codes are shown: of two numbers themselves, of more their principal components."""

    middle: Tensor
    """(D,)."""
    basis: Tensor
    """(2, D): its two directions."""
    low: Tensor
    """(2,): where the picture begins."""
    high: Tensor
    """(2,)."""

    def place(self, codes: Tensor) -> Tensor:
        """Where codes lie: (N, D) → (N, 2)."""
        return (codes - self.middle) @ self.basis.T

    def codes(self, places: Tensor) -> Tensor:
        """The codes at places of the plane: (N, 2) → (N, D)."""
        return self.middle + places @ self.basis


def gives_back(experiment: Experiment) -> bool:
    """Whether the network is an autoencoder with a layer that can be its code."""
    return experiment.head().target is Target.INPUT and bool(experiment.network)


def of_images(experiment: Experiment) -> bool:
    """Whether it is one whose answers are pictures."""
    return gives_back(experiment) and form(experiment.input_shape) == IMAGE


def encoded(session: Session, x: Tensor) -> Tensor:
    """The codes of samples: (N, *input_shape) → (N, D).  To be called while looking."""
    at = code_place(session.experiment.network, session.experiment.input_shape)
    return after(session, at, x).flatten(1)


def decoded(session: Session, codes: Tensor) -> Tensor:
    """What the decoder makes of codes: (N, D) → (N, F).  To be called while looking."""
    e = session.experiment
    at = code_place(e.network, e.input_shape)
    modules = list(session.network.module)[session.network.ends[at] :]
    found: Tensor = nn.Sequential(*modules)(codes.reshape(-1, *e.shapes()[at + 1]))
    return found


def plane(codes: Tensor) -> Plane:
    """Lay the plane by codes (N, D): nearly all of them lie in the picture."""
    width = codes.shape[1]
    if width <= 2:
        middle, basis = codes.new_zeros(width), torch.eye(2)[:, :width]
    else:
        middle = codes.mean(0)
        centred = (codes - middle).double()
        vectors = torch.linalg.eigh(centred.T @ centred).eigenvectors.flip(1)[:, :2].T
        # the sign of a direction is nobody's choice: its largest part is positive
        largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
        basis = (vectors * largest.sign()).float()
    flat = (codes - middle) @ basis.T
    low, high = flat.quantile(0.01, 0), flat.quantile(0.99, 0)
    room = 0.12 * (high - low).clamp(min=1e-3)
    return Plane(middle, basis, low - room, high + room)


def _laid(session: Session) -> Plane:
    return plane(torch.nan_to_num(encoded(session, session.tensors["train"].x[:MOST])))


@add
class Codes(Probe):
    """Where the first test samples (at most 600) lie in the plane of the codes.

    ``range`` (2, 2) float32: where the picture of the plane begins and where it ends, on both axes.

    ``place`` (N, 2) float32, ``truth`` (N,) float32; ``stranger`` (S, 2) float32, where samples of the kind
    that was left out lie, at most 100.  ``size`` (1,) int32: how many numbers a code has.
    """

    kind = "codes"

    def applies(self, experiment: Experiment) -> bool:
        return gives_back(experiment)

    def read(self, session: Session) -> Arrays:
        strange = strangers_of(session)[:MOST_STRANGE]
        x = session.tensors["test"].x[:MOST]
        with looking(session.network.module):
            laid = _laid(session)
            codes = encoded(session, torch.cat([x, strange]))
            place = torch.nan_to_num(laid.place(codes)).numpy().astype(np.float32)
        truth = session.points["test"].y[:MOST].reshape(len(x), -1)[:, 0]
        return {
            "place": place[: len(x)],
            "stranger": place[len(x) :],
            "truth": truth.astype(np.float32),
            "range": torch.stack([laid.low, laid.high]).numpy().astype(np.float32),
            "size": np.array([codes.shape[1]], np.int32),
        }


@add
class Neighbours(Probe):
    """How many of the first test samples (at most 600) are of the class that most of their five nearest
    neighbours in the code have, among the training samples: ``share`` (1,) float32, nan where there are no
    classes; twice a second.  Cover and Hart, 1967.
    """

    kind = "neighbours"
    every_s = 0.5

    def applies(self, experiment: Experiment) -> bool:
        return gives_back(experiment)

    def read(self, session: Session) -> Arrays:
        if session.experiment.data.n_classes < 2 or len(session.points["train"]) < NEIGHBOURS:
            return {"share": np.array([np.nan], np.float32)}
        known, asked = session.tensors["train"].x[:MOST_KNOWN], session.tensors["test"].x[:MOST]
        truth = torch.from_numpy(session.points["train"].y[: len(known)].copy())
        with looking(session.network.module):
            far = torch.cdist(encoded(session, asked), encoded(session, known))
            nearest = truth[far.topk(NEIGHBOURS, largest=False).indices]  # (N, 5)
            right = nearest.mode(1).values.numpy() == session.points["test"].y[: len(asked)]
        return {"share": np.array([right.mean()], np.float32)}


@add
class Manifold(Probe):
    """What the decoder draws over the plane of the codes, on ``side`` × ``side`` places: one picture.

    ``map`` (1, side · H, side · W) int8, 127 being 1; the second axis rises upwards.
    Kingma and Welling, 2013, figure 4.
    """

    kind = "manifold"
    every_s = 0.2
    side: int = 12

    def applies(self, experiment: Experiment) -> bool:
        return of_images(experiment)

    def read(self, session: Session) -> Arrays:
        side = min(max(self.side, 2), WIDEST)
        with looking(session.network.module):
            laid = _laid(session)
            shares = (torch.arange(side) + 0.5) / side
            up, across = torch.meshgrid(shares.flip(0), shares, indexing="ij")
            places = laid.low + torch.stack([across.flatten(), up.flatten()], 1) * (laid.high - laid.low)
            drawn = pictures(session, decoded(session, laid.codes(places)))  # (side², H, W)
        height, width = drawn.shape[1:]
        sheet = drawn.reshape(side, side, height, width).transpose(1, 2).reshape(1, side * height, -1)
        return {"map": brightness(sheet)}


@add
class Decoded(Probe):
    """What the decoder draws at one place of the plane of the codes, in thousandths of its sides.

    ``map`` (1, H, W) int8, 127 being 1; ``code`` (D,) float32.
    """

    kind = "decoded"
    across: int = PARTS // 2
    up: int = PARTS // 2

    def applies(self, experiment: Experiment) -> bool:
        return of_images(experiment)

    def read(self, session: Session) -> Arrays:
        share = torch.tensor([[self.across, self.up]]).clamp(0, PARTS) / PARTS
        with looking(session.network.module):
            laid = _laid(session)
            code = laid.codes(laid.low + share * (laid.high - laid.low))
            drawn = pictures(session, decoded(session, code))
        return {"map": brightness(drawn), "code": code[0].numpy().astype(np.float32)}


def pictures(session: Session, answers: Tensor) -> Tensor:
    """Answers as pictures of brightness between 0 and 1: (N, F) → (N, H, W), colours by their mean."""
    images = answers.reshape(-1, *session.experiment.input_shape)
    return torch.nan_to_num(images).clamp(0, 1).mean(1)


def brightness(maps: Tensor) -> NDArray[np.int8]:
    """Pictures of brightness between 0 and 1 as whole numbers, 127 being 1: (N, H, W) int8."""
    return (maps * 127).round().to(torch.int8).numpy()


def strangers_of(session: Session) -> Tensor:
    """The samples that were left out, as the network is given them: (M, *input_shape)."""
    data = session.experiment.data
    if data.planar or data.scale is not None:
        return session.tensors["test"].x[:0]
    return torch.from_numpy(data.strangers().copy())
