"""The templates: each fits its data, and learns."""

import pytest
import torch
from safetensors.torch import load

from dlcore.data import Digits, Iris, Mnist, Task, datasets
from dlcore.experiment import Experiment
from dlcore.export.weights import as_safetensors
from dlcore.model import build
from dlcore.templates import TEMPLATES, TRY, offered
from dlcore.training.look import looking
from dlcore.training.session import Session
from pages.parts.views import VIEWS

NAMES = [each.name for each in TEMPLATES]
SMALL = {"n_images": 300, "n_each": 40, "n_strings": 200}
EMPTY_AT_FIRST = {"own_table", "own_images", "own_series", "own_text"}


def smaller(data):
    """The same data, fewer: what takes long is their drawing."""
    return data.model_copy(update={name: n for name, n in SMALL.items() if name in data.settings()})


@pytest.mark.parametrize("template", TEMPLATES, ids=NAMES)
def test_a_template_has_no_problems_learns_in_20_steps_and_its_weights_are_taken_along(template):
    assert template.fits(template.data)
    e = template.on(smaller(template.data))
    assert e.problems() == []
    session = Session(e)
    before = session.evaluate().train_loss
    session.advance(20)
    assert session.evaluate().train_loss < before
    taken_along = build(e).module.eval()
    taken_along.load_state_dict(load(as_safetensors(session.weights())))
    x = session.tensors["test"].x[:5]
    with looking(session.network.module):
        assert torch.equal(taken_along(x), session.network.module(x))


def test_what_is_tried_can_run_and_opens_a_view_that_there_is():
    for each in TRY:
        assert each.preset.experiment.problems() == []
        view = next(view for view in VIEWS if view.name == each.view)
        assert view.applies(each.preset.experiment)


def test_the_names_are_those_people_know():
    assert len(set(NAMES)) == len(NAMES) >= 10


@pytest.mark.parametrize("kind", [kind for kind in datasets.kinds() if kind not in EMPTY_AT_FIRST])
def test_every_data_set_has_a_template_and_each_can_run(kind):
    data = datasets[kind]()
    found = offered(data)
    assert found
    for template in found:
        assert template.on(data).problems() == []


@pytest.mark.parametrize(
    ("data", "there", "not_there"),
    [
        (Mnist(), {"LeNet", "Small ResNet", "MLP-mixer"}, {"Tiny GPT", "LSTM forecaster"}),
        (Digits(), {"LeNet", "Small VGG"}, {"Char-RNN"}),
        (Iris(), {"Perceptron", "MLP"}, {"LeNet", "Tiny GPT"}),
        (datasets["sunspots"](), {"LSTM forecaster"}, {"LeNet", "Tiny GPT"}),
        (datasets["surnames"](), {"Tiny Transformer classifier"}, {"Tiny GPT", "MLP"}),
        (datasets["reverse"](), {"Tiny Transformer"}, {"MLP"}),
    ],
    ids=lambda value: value.kind_name() if hasattr(value, "kind_name") else None,
)
def test_what_is_offered_suits_the_data(data, there, not_there):
    names = {each.name for each in offered(data)}
    assert there <= names
    assert not not_there & names


@pytest.mark.parametrize("data", [cls() for cls in datasets if cls().task is Task.TOKENS], ids=repr)
def test_who_foretells_is_offered_nothing_that_looks_ahead(data):
    from dlcore.data import NextToken

    names = {each.name for each in offered(data)}
    assert ("Tiny Transformer" in names) == (not isinstance(data, NextToken))
    assert isinstance(Experiment(data=data).data, type(data))
