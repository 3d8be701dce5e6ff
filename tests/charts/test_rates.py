import pytest

from dlcore.charts import rates
from dlcore.charts.theme import DARK, LIGHT
from dlcore.schedules import Constant, Cosine, Cyclic, StepDecay, schedules

KNOWN = [cls for cls in schedules if not cls.watches]


@pytest.mark.parametrize("cls", KNOWN, ids=lambda cls: cls.kind_name())
def test_the_line_is_the_rate_of_the_schedule(cls):
    figure = rates.figure(cls(), 0.3, LIGHT)
    (line,) = figure.data
    for epoch, rate in zip(line.x[::17], line.y[::17], strict=True):
        assert rate == pytest.approx(0.3 * cls().at(epoch), abs=0.01)
    assert figure.layout.xaxis.title.text == "Epoch"
    assert figure.layout.yaxis.title.text == "Learning rate"


@pytest.mark.parametrize(
    ("schedule", "last"), [(StepDecay(every=10), 60), (Cyclic(epochs=10), 40), (Cosine(epochs=100), 115)]
)
def test_it_is_shown_as_long_as_it_takes_to_be_understood(schedule, last):
    assert rates.shown_epochs(schedule) == last


def test_the_alternative_text_tells_both_ends():
    assert rates.alt(Cosine(epochs=10), 0.5).endswith("0.5 at epoch 0, 0 at epoch 12.")


def test_both_appearances_differ():
    lines = [rates.figure(Constant(), 1, theme).data[0].line.color for theme in (LIGHT, DARK)]
    assert lines[0] != lines[1]
