import pytest

from dlcore.data import Digits, Iris, datasets
from dlcore.experiment import Experiment
from dlcore.layers import (
    Conv2d,
    Dense,
    Embedding,
    Flatten,
    GlobalPool,
    MaxPool,
    Patches,
    Residual,
    SelfAttention,
    Upsample,
)
from dlcore.limits import Limits
from tests.layers.around import Letters, Steps

BOUNDS = Limits()
REVERSE = datasets["reverse"]()


def mended(experiment, bounds=BOUNDS):
    """The first problem and the experiment after its remedy."""
    problem = experiment.problems(bounds)[0]
    return problem, experiment.model_copy(update=dict(problem.remedy))


@pytest.mark.parametrize(
    ("data", "network", "bridged"),
    [
        (Digits(), (), (Flatten(),)),
        (Digits(), (Dense(),), (Flatten(), Dense())),
        (Digits(), (Conv2d(), Dense()), (Conv2d(), Flatten(), Dense())),
        (Steps(), (Dense(),), (Dense(), Flatten())),
        (Letters(), (), (Embedding(), Flatten())),
        (Letters(), (Dense(),), (Embedding(), Dense())),
        (REVERSE, (SelfAttention(),), (Embedding(), SelfAttention())),
        (REVERSE, (), (Embedding(),)),
    ],
)
def test_a_misfit_is_mended_by_a_bridge(data, network, bridged):
    problem, after = mended(Experiment(data=data, network=network))
    assert problem.where == "Network"
    assert after.network == bridged


@pytest.mark.parametrize("layer", [Conv2d(), MaxPool(), Upsample(), Patches()])
def test_what_no_bridge_mends_is_taken_away(layer):
    problem, after = mended(Experiment(data=Iris(), network=(Dense(), layer)))
    assert problem.what.startswith(f"Layer 2 ({layer.heading()}) needs ")
    assert problem.what.endswith(", and layer 1 gives 4.")
    assert after.network == (Dense(),)


def test_every_step_that_is_asked_for_must_be_left():
    network = (Embedding(), MaxPool())
    problem, after = mended(Experiment(data=REVERSE, network=network))
    assert problem.what == "The output layer needs all 8 steps, and layer 2 gives 4 × 16."
    assert after.problems() == []
    assert after.network == network[:1]


def test_what_is_too_large_is_cut_and_bridged():
    wide = Experiment(data=Digits(), network=(Conv2d(channels=64), Conv2d(channels=64)))
    bounds = Limits(max_parameters=5000)
    problem, after = mended(wide.model_copy(update={"network": (*wide.network, Flatten())}), bounds)
    assert "parameters are more than" in problem.what
    assert after.problems(bounds) == []
    assert after.network == (Conv2d(channels=64), GlobalPool())


def test_too_many_layers_leave_room_for_the_bridge():
    bounds = Limits(max_layers=3)
    problem, after = mended(Experiment(data=Digits(), network=(*[Conv2d()] * 5, Flatten())), bounds)
    assert problem.what == "6 layers are more than this server's 3."
    assert after.network == (Conv2d(), Conv2d(), Flatten())
    assert after.problems(bounds) == []


def test_more_numbers_than_a_server_holds_are_refused():
    e = Experiment(
        data=Digits(), network=(Upsample(factor=4), Upsample(factor=4), Conv2d(channels=64), GlobalPool())
    )
    problem, after = mended(e)
    made = 32**2 + 128**2 + 64 * 128**2 + 64 + 10
    assert problem.what == f"Its layers make {made} numbers of one sample; this server holds 500000."
    assert after.problems() == []
    inside = e.model_copy(update={"network": (*e.network[:2], Residual(inside=e.network[2:3]), GlobalPool())})
    assert "numbers of one sample" in inside.problems()[0].what


def test_a_batch_takes_as_many_samples_as_a_server_holds():
    e = Experiment(data=Digits(), network=(Conv2d(channels=8), Flatten()), batch_size=500)
    numbers = 8 * 64 + 8 * 64 + 10
    assert e.problems(Limits(max_numbers=500 * numbers // 100)) == []
    problem, after = mended(e, Limits(max_numbers=300 * numbers // 100))
    assert (problem.where, after.batch_size) == ("Batch size", 300)
