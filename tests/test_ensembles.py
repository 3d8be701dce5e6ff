import pytest

from dlcore.data.augment import Augmentation
from dlcore.data.points import Moons
from dlcore.ensembles import SIZES, member, obstacle, why_not
from dlcore.experiment import Experiment, Seeds, Stop
from dlcore.layers import Dense, layers
from dlcore.objectives import objectives
from dlcore.optimizers import LBFGS, Muon
from dlcore.regularisation import Regularisation
from dlcore.schedules import Plateau
from tests.layers.around import around

PLAIN = Experiment()
DIGITS = around(layers["conv2d"]())
NORMED = PLAIN.model_copy(update={"network": (Dense(), layers["batch_norm"]())})


@pytest.mark.parametrize(
    "e",
    [
        PLAIN.model_copy(update={"optimizer": Muon()}),
        PLAIN.model_copy(update={"optimizer": LBFGS()}),
        PLAIN.model_copy(update={"schedule": Plateau()}),
        PLAIN.model_copy(update={"stop": Stop(patience=5)}),
        PLAIN.model_copy(update={"stop": Stop(measure="test score", target=0.9)}),
        DIGITS.model_copy(update={"augmentation": Augmentation(shift=0.1)}),
        DIGITS.model_copy(update={"objective": objectives["reconstruction"]()}),
        NORMED.model_copy(update={"regularisation": Regularisation(average="EMA")}),
        PLAIN.model_copy(update={"data": Moons(), "batch_size": 10, "stop": Stop(epochs=3, patience=1)}),
    ],
    ids=lambda e: "",
)
def test_what_cannot_be_shared_is_refused_and_the_remedy_mends_it(e):
    found = obstacle(e)
    assert found is not None
    assert why_not(e) == f"{found.what}  {found.next}"
    assert found.remedy
    for _ in range(3):
        if found is not None:
            e = e.model_copy(update=dict(found.remedy))
            found = obstacle(e)
    assert found is None


def test_dropout_within_attention_is_refused():
    assert "dropout" in why_not(around(layers["self_attention"](dropout=0.1)))
    assert why_not(around(layers["self_attention"]())) == ""


def test_a_layer_within_another_is_refused_as_one_by_itself_is_and_one_that_is_off_is_not():
    drawn = layers["gaussian_code"](units=8)
    within = PLAIN.model_copy(update={"network": (layers["residual"](inside=(drawn,)),)})
    assert "Gaussian code" in why_not(within)
    left_out = PLAIN.model_copy(update={"network": (drawn.model_copy(update={"off": True}), Dense())})
    assert why_not(left_out) == ""


def test_so_many_networks_that_memory_runs_short_are_refused():
    wide = PLAIN.model_copy(update={"network": (Dense(units=256),) * 3, "batch_size": 500})
    assert why_not(wide, 16) == ""
    assert "fewer seeds" in why_not(wide, 64)


def test_seeds_begin_again_at_nought_past_the_last():
    e = PLAIN.model_copy(update={"seeds": Seeds(init=999_990, batches=7)})
    last = member(e, SIZES[0] - 1)
    assert (last.seeds.init, last.seeds.batches) == (5, 22)
    assert member(e, 0) == e
