"""A checkpoint as an ONNX file.  A program of its own: ``python -m dlcore.engine.onnx_file``.

It reads a checkpoint from standard input and writes the file to standard output.  torch's exporter takes
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


def onnx_file(checkpoint: Record) -> bytes:
    """The network with the weights of a checkpoint, samples (N, *input_shape) → answers (N, *outputs).

    What enters is what enters the network: inputs computed, columns on one scale.  What comes out are the
    numbers that the loss takes.
    """
    experiment = loads(checkpoint.facts["experiment"])
    module = build(experiment).module.eval()
    for kind, tensors in (("parameter", module.parameters()), ("buffer", module.buffers())):
        for i, tensor in enumerate(tensors):
            tensor.detach().copy_(torch.from_numpy(checkpoint.arrays[f"{kind}.{i}"].copy()))
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
        model.metadata_props.add(key=name, value=str(checkpoint.facts[name]))
    model.metadata_props.add(key="classes", value=", ".join(experiment.data.class_names))
    written: bytes = model.SerializeToString()
    return written


def _samples(e: Experiment) -> torch.Tensor:
    dtype = torch.int64 if e.data.vocabulary else torch.float32
    return torch.zeros(N_TRACED, *e.input_shape, dtype=dtype)


def main() -> None:
    """Answer one checkpoint."""
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
