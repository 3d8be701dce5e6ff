import pytest

from dlcore.link import encode
from dlcore.objectives import Reconstruction
from dlcore.templates import TEMPLATES
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # the fixture tidies up

AUTOENCODERS = {each.name: each for each in TEMPLATES if not each.objective.labelled}


def visit(name):
    at = opened("pages/builder.py", x=encode(AUTOENCODERS[name].on()))
    assert not at.exception
    return at


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_an_autoencoder_shows_its_code_and_no_view_of_right_and_wrong(name):
    at = visit(name)
    views = next(each for each in at.segmented_control if each.key == "tab")
    assert any("Code" in option for option in views.options)
    assert not any(word in option for option in views.options for word in ("Mistakes", "Answers", "Try it"))
    views.set_value("Code").run()
    assert not at.exception
    assert any("lie among their own kind" in each.value for each in at.caption)


def test_the_objective_is_chosen_in_the_settings_row_and_the_loss_follows():
    at = opened("pages/builder.py")
    assert "kind:objective" in keys(at)
    at.selectbox(key="kind:objective").set_value("reconstruction").run()
    assert not at.exception
    e = at.session_state["here"].experiment
    assert isinstance(e.objective, Reconstruction)
    assert e.loss.kind_name() == "mean_squared"
    assert {"set:objective.noise", "set:objective.mask"} <= keys(at)
