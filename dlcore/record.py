"""Records: named facts and named arrays as one run of bytes.

What crosses between processes, into files and into the browser; nothing in it can be executed.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
DTYPES = {"float32": 4, "int64": 8, "int32": 4, "uint8": 1, "int8": 1, "float64": 8}
ALIGN = 8


class RecordError(ValueError):
    """Refuse bytes that are no record."""


@dataclass(frozen=True)
class Record:
    """Facts (JSON) and arrays (any of ``DTYPES``)."""

    facts: Mapping[str, Any]
    arrays: Arrays = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Header length (4 bytes, little-endian), header, then each array at a multiple of 8 bytes.

        Raises ``ValueError`` for facts that are not JSON, nan and infinities included: browsers refuse them.
        """
        layout: list[list[Any]] = []
        bodies: list[bytes] = []
        offset = 0
        for name, array in self.arrays.items():
            if str(array.dtype) not in DTYPES:
                raise RecordError(f"an array of {array.dtype} is not allowed")
            body = np.ascontiguousarray(array).tobytes()
            layout.append([name, str(array.dtype), list(array.shape), offset])
            bodies += [body, b"\0" * (-len(body) % ALIGN)]
            offset += len(body) + (-len(body) % ALIGN)
        header = json.dumps(
            {"facts": self.facts, "arrays": layout}, separators=(",", ":"), allow_nan=False
        ).encode()
        header += b" " * (-(len(header) + 4) % ALIGN)
        return b"".join([struct.pack("<I", len(header)), header, *bodies])

    @classmethod
    def from_bytes(cls, data: bytes) -> Record:
        """Read a record.  Raises ``RecordError`` for anything else; the arrays are views of ``data``."""
        try:
            (length,) = struct.unpack_from("<I", data)
            header = json.loads(data[4 : 4 + length])
            arrays: Arrays = {}
            for name, dtype, shape, offset in header["arrays"]:
                if dtype not in DTYPES:
                    raise RecordError(f"an array of {dtype} is not allowed")
                if not all(isinstance(side, int) and side >= 0 for side in shape) or offset < 0:
                    raise RecordError(f"an array cannot have shape {shape} at {offset}")
                count = math.prod(shape)
                arrays[name] = np.frombuffer(data, dtype, count, 4 + length + offset).reshape(shape)
            return cls(header["facts"], arrays)
        except (struct.error, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise RecordError("these bytes are no record") from error
