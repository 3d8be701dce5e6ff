"""The weights of a run as an ONNX file.  A program of its own: ``python -m dlcore.engine.onnx_file``.

It reads them from standard input and writes the file to standard output.  torch's exporter takes
seconds and 170 MB, which neither the page nor a worker that is training can spare.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings

import torch

from dlcore.experiment import Experiment
from dlcore.link import loads
from dlcore.model import build
from dlcore.record import Record

SAMPLES, ANSWERS = "samples", "answers"
N_TRACED = 3
"""Samples of the batch that the exporter follows: of one it would believe that there is never more."""


def onnx_file(weights: Record) -> bytes:
    """The network with the weights of a run, samples (N, *input_shape) → answers (N, *outputs).

    What enters is what enters the network: inputs computed, columns on one scale.  What comes out are the
    numbers that the loss takes.
    """
    experiment = loads(weights.facts["experiment"])
    module = build(experiment).module.eval()
    module.load_state_dict({name: torch.from_numpy(each.copy()) for name, each in weights.arrays.items()})
    made = torch.onnx.export(
        module,
        (_samples(experiment),),
        dynamo=True,
        external_data=False,
        verbose=False,
        input_names=[SAMPLES],
        output_names=[ANSWERS],
        dynamic_shapes=({0: torch.export.Dim("n")},),
    )
    assert made is not None
    model = made.model_proto
    for node in model.graph.node:
        del node.metadata_props[:]  # where in this program each node came from
    for name in ("epoch", "step", "experiment"):
        model.metadata_props.add(key=name, value=str(weights.facts[name]))
    model.metadata_props.add(key="classes", value=", ".join(experiment.data.class_names))
    written: bytes = model.SerializeToString()
    return written


def _samples(e: Experiment) -> torch.Tensor:
    dtype = torch.int64 if e.data.vocabulary else torch.float32
    return torch.zeros(N_TRACED, *e.input_shape, dtype=dtype)


def main() -> None:
    """Answer one record of weights."""
    if hasattr(os, "nice"):
        os.nice(5)  # after the page, before what is training
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get into the file
    warnings.simplefilter("ignore")  # the exporter's remarks on itself
    logging.disable()
    torch.set_num_threads(1)
    with out:
        out.write(onnx_file(Record.from_bytes(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
