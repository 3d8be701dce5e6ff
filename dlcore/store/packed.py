"""Records as safetensors: tensors by name, and the facts as JSON in the metadata.  Nothing is pickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load, save

from dlcore.record import DTYPES, Arrays, Record, RecordError

FACTS = "facts"


def pack(record: Record) -> bytes:
    """Write a record as safetensors.  Raises ``RecordError`` for arrays of other types than ``DTYPES``."""
    for array in record.arrays.values():
        if str(array.dtype) not in DTYPES:
            raise RecordError(f"an array of {array.dtype} is not allowed")
    facts = json.dumps(record.facts, separators=(",", ":"), allow_nan=False)
    return save({name: array.copy(order="C") for name, array in record.arrays.items()}, {FACTS: facts})


def unpack(content: bytes) -> Record:
    """Read what :func:`pack` wrote.  Raises ``RecordError`` where it is damaged."""
    try:
        arrays: Arrays = load(content)
        return Record(_metadata(content), arrays)
    except (SafetensorError, ValueError, KeyError, TypeError, IndexError) as error:
        raise RecordError("this checkpoint is damaged") from error


def _metadata(content: bytes) -> Mapping[str, Any]:
    # safetensors reads metadata from files alone: 8 bytes of length, then a header of JSON
    length = int.from_bytes(content[:8], "little")
    facts: Mapping[str, Any] = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][FACTS])
    return facts
