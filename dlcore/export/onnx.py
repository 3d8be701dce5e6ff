"""The trained network as ONNX, made by a process that ends with it."""

from __future__ import annotations

import subprocess
import sys
import threading

from dlcore.record import Record

PATIENCE_S = 120.0
_one_at_a_time = threading.Lock()


class OnnxError(RuntimeError):
    """Say why there is no file."""


def as_onnx(weights: Record) -> bytes:
    """Write the network with the weights of a run as ONNX; takes some seconds.  Raises ``OnnxError``.

    samples (N, *input_shape) → answers (N, *outputs), as the exported script's ``network``.
    """
    program = [sys.executable, "-m", "dlcore.engine.onnx_file"]
    with _one_at_a_time:  # each takes 500 MB for its seconds
        try:
            done = subprocess.run(
                program,
                input=weights.to_bytes(),
                capture_output=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise OnnxError("Writing the ONNX file took too long.  Try again later.") from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it was ended"]
        raise OnnxError(f"The ONNX file could not be written: {last[0]}")
    return done.stdout
