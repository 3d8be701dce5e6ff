import numpy as np
import pytest
from safetensors.numpy import load

from dlcore.record import DTYPES, Record, RecordError
from dlcore.store.packed import pack, unpack


def test_a_record_comes_back_to_the_last_bit_and_safetensors_itself_reads_it():
    rng = np.random.default_rng(1)
    arrays = {name: rng.integers(0, 100, (2, 3)).astype(name) for name in DTYPES}
    arrays["none"], arrays["turned"] = np.zeros((0, 4), np.float32), rng.normal(size=(4, 3)).T
    record = Record({"names": ["schön"], "epoch": 3}, arrays)
    content = pack(record)
    again = unpack(content)
    assert again.facts == record.facts
    for found in (again.arrays, load(content)):
        assert found.keys() == arrays.keys()
        assert all(found[name].tobytes() == arrays[name].tobytes() for name in arrays)
        assert all(found[name].dtype == arrays[name].dtype for name in arrays)


@pytest.mark.parametrize("spoil", [lambda b: b"", lambda b: b[:-3], lambda b: b[:20], lambda b: b"x" * 99])
def test_damaged_bytes_are_refused(spoil):
    content = pack(Record({"a": 1}, {"x": np.arange(9.0)}))
    with pytest.raises(RecordError, match="damaged"):
        unpack(spoil(content))


def test_objects_are_never_written():
    with pytest.raises(RecordError, match="not allowed"):
        pack(Record({}, {"x": np.array([{}], object)}))
