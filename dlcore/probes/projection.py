"""A layer's answers to many samples, laid into the plane."""

from __future__ import annotations

import importlib
import threading
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dlcore.data import Task
from dlcore.probes.base import Probe, add
from dlcore.probes.samples import SHARE, after, first, numbered, parts
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST, FEWEST = 300, 60
MOST_NEIGHBOURS = 150
"""Samples that methods which compare each with each take: they last a quarter of a second."""
PRODUCTS = 120_000_000
NEIGHBOURS_EVERY_S = 3.0
PCA, TSNE, UMAP = range(3)
Plane = NDArray[np.float64]
_compiling: list[threading.Thread] = []

_last: WeakKeyDictionary[nn.Module, dict[tuple[int, int], Plane]] = WeakKeyDictionary()
"""Where samples lay in the last picture of each network, by layer and method: the next is turned to it."""


@add
class Projection(Probe):
    """The first test samples, as one layer answers to them, in two dimensions.

    With ``flat`` 0 their two principal components, at most 300 samples; with 1 t-SNE and with 2 UMAP, where
    it is installed, at most 150.  Turned to lie as nearly as can be as in the picture before, the first one
    so that the classes lie round a circle in their order (orthogonal Procrustes).  ``place`` (N, 2) float32;
    ``truth`` (N,) float32, the class, of tokens that of the last step asked, or the first value; ``share``
    (2,) float32, how much of the variance each component holds, nan but for principal components.

    Before its first picture UMAP compiles itself for half a minute, beside the training; until then there is
    nothing to read.

    Of an embedding the rows of its vocabulary are laid out instead, at most 300: ``token`` (N,) int32 says
    which.
    """

    kind = "projection"
    every_s = 0.3
    layer: int = 0
    flat: int = 0

    def read(self, session: Session) -> Arrays:
        layer, how = numbered(session, self.layer), min(self.flat, UMAP)
        if how == UMAP and not compiled():
            return {}
        most = MOST if how == PCA else MOST_NEIGHBOURS
        n = min(first(session, PRODUCTS, FEWEST, most), len(session.tensors[SHARE].x))
        table = next((part for part in parts(session, layer) if isinstance(part, nn.Embedding)), None)
        with looking(session.network.module):
            made = (
                after(session, layer, session.tensors[SHARE].x[:n]) if table is None else table.weight[:most]
            )
            rows = torch.nan_to_num(made.float(), posinf=0.0, neginf=0.0).flatten(1).double().numpy()
        n = len(rows)
        truth = truths(session, n) if table is None else np.zeros(n)
        known = _last.setdefault(session.network.module, {})
        before = known.get((layer, how))
        before = before if before is not None and len(before) == n else None
        share = np.full(2, np.nan)
        if how == PCA:
            flat, share = principal(rows)
        elif how == TSNE:
            flat = tsne(rows, before)
        else:
            flat = umap(rows, before)
        flat = turned(flat, circle(session, truth) if before is None else before)
        known[layer, how] = flat
        tokens = {} if table is None else {"token": np.arange(n, dtype=np.int32)}
        return tokens | {
            "place": flat.astype(np.float32),
            "truth": truth.astype(np.float32),
            "share": share.astype(np.float32),
        }


def truths(session: Session, n: int) -> NDArray[np.float64]:
    """What colours the first n test samples: (N,)."""
    truth = session.points[SHARE].y[:n].astype(np.float64)
    if session.experiment.data.task is not Task.TOKENS:
        return truth.reshape(n, -1)[:, 0]
    last = truth.shape[1] - 1 - (truth >= 0)[:, ::-1].argmax(1)
    return np.asarray(np.maximum(truth[np.arange(n), last], 0))


def principal(rows: NDArray[np.float64]) -> tuple[Plane, NDArray[np.float64]]:
    """The two principal components of rows (N, D), and the share of the variance that each holds."""
    # by torch, which keeps to one thread: numpy's would wait for each other on a busy machine
    centred = torch.from_numpy(rows - rows.mean(0))
    n, width = centred.shape
    # where rows are longer than there are rows, the products of rows with rows say as much
    values, vectors = torch.linalg.eigh(centred @ centred.T if width >= n else centred.T @ centred)
    values, vectors = values.flip(0).clamp(min=0)[:2], vectors.flip(1)[:, :2]
    flat = (vectors * values.sqrt() if width >= n else centred @ vectors).numpy()
    total, missing = max(float(centred.square().sum()), 1e-300), 2 - flat.shape[1]
    share = np.append(values.numpy() / total, np.zeros(missing))
    return np.concatenate([flat, np.zeros((n, missing))], 1), share


def tsne(rows: NDArray[np.float64], before: Plane | None) -> Plane:
    """t-SNE (van der Maaten and Hinton, 2008), begun where the samples lay before."""
    from sklearn.manifold import TSNE as Method
    from threadpoolctl import threadpool_limits

    start = "pca" if before is None else 1e-4 * before / max(before[:, 0].std(), 1e-12)
    method = Method(
        init=start, perplexity=min(20, (len(rows) - 1) / 3), max_iter=400, method="exact",
        learning_rate="auto", random_state=0, n_jobs=1,
    )  # fmt: skip
    with threadpool_limits(1):
        return np.asarray(method.fit_transform(rows.astype(np.float32)), float)


def compiled() -> bool:
    """Whether UMAP is ready to lay samples out at once; where it is not, it begins to become so."""
    if not _compiling:
        rows = np.random.default_rng(0).normal(size=(FEWEST, 4))
        _compiling.append(threading.Thread(target=umap, args=(rows, None), daemon=True))
        _compiling[0].start()
    return not _compiling[0].is_alive()


def umap(rows: NDArray[np.float64], before: Plane | None) -> Plane:
    """UMAP (McInnes et al., 2018), begun where the samples lay before."""
    method = importlib.import_module("umap").UMAP(
        n_components=2, init="spectral" if before is None else before, random_state=0, n_jobs=1
    )
    return np.asarray(method.fit_transform(rows), float)


def circle(session: Session, truth: NDArray[np.float64]) -> Plane:
    """Where samples would lie if each class had a place on a circle, or each value one on a line: (N, 2)."""
    if session.experiment.data.task is Task.REGRESSION:
        return np.stack([truth - truth.mean(), np.zeros(len(truth))], 1)
    angle = 2 * np.pi * truth / max(1, session.experiment.data.n_classes)
    places = np.stack([np.cos(angle), np.sin(angle)], 1)
    return np.asarray(places - places.mean(0))


def turned(flat: Plane, towards: Plane) -> Plane:
    """Turn and mirror (N, 2) to lie as nearly as can be like another (Schönemann, 1966)."""
    centred = flat - flat.mean(0)
    left, _, right = np.linalg.svd(centred.T @ (towards - towards.mean(0)))
    return np.asarray(centred @ left @ right)
