import pytest

from dlcore.experiment import Experiment
from dlcore.training.phases import phases
from dlcore.training.session import Session
from pages.parts.phases import PHASES, text
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture tidies up

CASES = {
    "binary": Experiment(network=({"kind": "dense"}, {"kind": "dropout"}, {"kind": "dense", "units": 12})),
    "classes": Experiment(data="rings"),
    "regression": Experiment(data="plane", loss="mean_squared", network=()),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_is_a_sentence_and_a_row_for_each_layer(case, phase):
    e = CASES[case]
    session = Session(e)
    session.advance(3)
    said = text(e, phases(session), phase)
    assert said.startswith("**")
    assert "nan" not in said
    n_rows = said.count("\n|") - 2
    learning = sum(layer.kind_name() == "dense" for layer in e.network) + 1
    assert n_rows == {"Forward": len(e.network) + 1, "Loss": -2}.get(phase, learning)


def test_the_numbers_are_those_of_the_step():
    e = CASES["regression"]
    session = Session(e)
    told = phases(session)
    session.advance(1)
    assert f"**{session.batch_loss:.3g}**" in text(e, told, "Loss")


def test_the_panel_asks_the_run_and_its_button_makes_the_step():
    at = opened()
    told = here(at).run.phases(patience_s=20)
    assert told.facts["step"] == 1
    assert set(told.arrays) >= {"input", "0.value", "0.weight_grad", "3.weight_after"}
    assert not at.exception
