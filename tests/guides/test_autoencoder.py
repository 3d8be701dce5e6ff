"""The experiments of the autoencoder lab."""

from dlcore.guides.autoencoder import SIZES, AutoencoderSettings, experiments
from dlcore.layers import GaussianCode
from dlcore.limits import limits
from dlcore.objectives.base import code_place


def test_the_code_has_the_size_that_is_asked_for_in_every_kind():
    for how in ("plain", "denoising", "variational"):
        e = experiments(AutoencoderSettings(how=how, size=5))["code"]
        assert e.problems() == []
        assert e.shapes()[code_place(e.network, e.input_shape) + 1] == (5,)
        assert isinstance(e.network[3], GaussianCode) == (how == "variational")


def test_the_sizes_that_are_compared_differ_in_their_code_alone_and_fit_one_visitor():
    for size in (1, 2, 3, 16):
        found = experiments(AutoencoderSettings(size=size, compare=True))
        assert len(found) == len(SIZES) <= limits().max_runs_per_visitor
        assert next(iter(found)) == "code"
        codes = [e.shapes()[code_place(e.network, e.input_shape) + 1][0] for e in found.values()]
        assert len(set(codes)) == len(SIZES)
        assert codes[0] == size
        assert len({(e.data, e.seeds, e.split, e.optimizer) for e in found.values()}) == 1


def test_the_stranger_is_kept_from_the_network():
    e = experiments(AutoencoderSettings(stranger="4"))["code"]
    _, y = e.data.draw(1)
    assert set(y.tolist()) == set(range(10)) - {4}
    assert len(y) == e.data.size
    assert len(e.data.strangers()) == 1797 - e.data.size
