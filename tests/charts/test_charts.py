import json
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from dlcore.charts import boundary, curves
from dlcore.charts.theme import DASHES, MARKERS, OKABE_ITO, THEMES, layout, mixed
from dlcore.data import PLANE, Task, datasets
from dlcore.experiment import Experiment, with_value
from dlcore.layers import Dense
from dlcore.losses import MeanSquared
from dlcore.probes import probes
from dlcore.training.session import Session

SMALL = {"network": (Dense(units=4),)}
CASES = {
    "binary": Experiment(data=datasets["moons"](n_points=60), **SMALL),
    "classes": Experiment(data=datasets["blobs"](n_points=60, classes=6), **SMALL),
    "regression": Experiment(data=datasets["ripple"](n_points=60), loss=MeanSquared(), **SMALL),
}
every_case = pytest.mark.parametrize("case", CASES)
every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
every_measure = pytest.mark.parametrize("measure", ["loss", "score"])


@pytest.fixture(scope="module")
def sessions():
    trained = {case: Session(experiment) for case, experiment in CASES.items()}
    for session in trained.values():
        session.advance(17)
    return trained


def task_of(session):
    return session.experiment.data.task, session.experiment.data.n_classes


def map_of(session, theme):
    record = probes["boundary"]().read(session)
    return record, boundary.figure(record, *task_of(session), theme)


def curves_of(session, theme, measure="loss", **settings):
    record = probes["curves"]().read(session)
    now = {name: None if np.isnan(value) else value for name, value in session.evaluate()._asdict().items()}
    curve, view = curves.Curve(record, session.epoch, now), curves.View(measure, **settings)
    return record, curves.figure(curve, view, task_of(session)[0], theme)


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    """Contrast ratio (WCAG 2.2), 1 to 21."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@every_case
@every_theme
def test_the_axes_of_the_map_have_titles_and_cover_the_plane(sessions, case, theme):
    _, figure = map_of(sessions[case], theme)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("x₁", "x₂")
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (-PLANE, PLANE)


@every_theme
@pytest.mark.parametrize("case", ["binary", "regression"])
def test_the_map_shows_the_values_as_they_are(sessions, case, theme):
    record, figure = map_of(sessions[case], theme)
    (heatmap,) = figure.data
    np.testing.assert_array_equal(heatmap.z, record["value"])
    assert (heatmap.zmin, heatmap.zmax) == (-1, 1)


@every_theme
def test_the_map_of_classes_has_one_band_of_colour_for_each(sessions, theme):
    record, figure = map_of(sessions["classes"], theme)
    (heatmap,) = figure.data
    np.testing.assert_array_equal(np.floor(heatmap.z), record["label"])
    np.testing.assert_array_equal(heatmap.customdata, record["label"])
    assert (heatmap.zmin, heatmap.zmax) == (0, 6)
    stops = [stop for stop, _ in heatmap.colorscale]
    np.testing.assert_allclose(stops, np.repeat(np.arange(7), 2)[1:-1] / 6)


@every_case
def test_each_value_lies_at_the_middle_of_its_cell(sessions, case):
    _, figure = map_of(sessions[case], THEMES["light"])
    (heatmap,) = figure.data
    side = len(heatmap.z)
    for start, width in ((heatmap.x0, heatmap.dx), (heatmap.y0, heatmap.dy)):
        assert start == pytest.approx(-PLANE + PLANE / side)
        assert start + (side - 1) * width == pytest.approx(PLANE - PLANE / side)


@every_case
@every_theme
def test_every_point_is_drawn_once_where_it_is(sessions, case, theme):
    session = sessions[case]
    traces = boundary.points(session.points, *task_of(session), theme)
    drawn = np.concatenate([np.column_stack([trace.x, trace.y]) for trace in traces])
    given = np.concatenate([part.x for part in session.points.values()])
    np.testing.assert_array_equal(np.unique(drawn, axis=0), np.unique(given, axis=0))
    assert len(drawn) == len(given)


def test_classes_differ_in_shape_as_well_as_in_colour(sessions):
    session = sessions["classes"]
    traces = boundary.points({"train": session.points["train"]}, *task_of(session), THEMES["light"])
    assert (
        len({trace.marker.symbol for trace in traces}) == len({trace.marker.color for trace in traces}) == 6
    )
    assert len(MARKERS) == len(OKABE_ITO) == 6


@every_case
def test_points_that_are_not_learnt_from_look_different(sessions, case):
    session = sessions[case]
    looks = {}
    for share in ("train", "test"):
        traces = boundary.points({share: session.points[share]}, *task_of(session), THEMES["light"])
        looks[share] = {trace.marker.symbol for trace in traces}
    assert not looks["train"] & looks["test"]


def test_a_share_without_points_is_no_trace(sessions):
    session = sessions["binary"]
    part = session.points["train"]
    empty = {"train": part, "validation": type(part)(part.x[:0], part.y[:0])}
    names = [trace.name for trace in boundary.points(empty, *task_of(session), THEMES["light"])]
    assert names == ["class 0, train", "class 1, train"]


@every_case
@every_measure
@every_theme
def test_the_axes_of_the_curves_have_titles(sessions, case, measure, theme):
    _, figure = curves_of(sessions[case], theme, measure)
    expected = "loss" if measure == "loss" else "R²" if case == "regression" else "accuracy"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("epoch", expected)


@every_case
@every_measure
def test_curves_are_the_history_and_then_the_present(sessions, case, measure):
    session = sessions[case]
    record, figure = curves_of(session, THEMES["dark"], measure)
    assert [trace.name for trace in figure.data] == list(DASHES)
    for trace in figure.data:
        name = f"{trace.name}_{measure}"
        np.testing.assert_array_equal(trace.x, [*record["epoch"], session.epoch])
        np.testing.assert_allclose(trace.y, [*record[name], getattr(session.evaluate(), name)], rtol=1e-6)
        assert trace.line.dash == DASHES[trace.name]


def test_a_share_without_points_has_no_curve():
    session = Session(with_value(CASES["binary"], "split.validation", 0))
    _, figure = curves_of(session, THEMES["light"])
    assert [trace.name for trace in figure.data] == ["train", "test"]


@pytest.mark.parametrize(("log", "kind"), [(False, "linear"), (True, "log")])
def test_the_loss_can_be_drawn_on_a_logarithmic_axis(sessions, log, kind):
    _, figure = curves_of(sessions["binary"], THEMES["light"], log=log)
    assert figure.layout.yaxis.type == kind


@pytest.mark.parametrize("n_rows", [1, 2, 239, 240, 241, 425, 1430, 100_000])
def test_thinned_rows_keep_both_ends_and_are_never_too_many(n_rows):
    kept = curves.thinned(n_rows)
    assert (kept[0], kept[-1]) == (0, n_rows - 1)
    assert len(kept) == min(n_rows, 240)
    gaps = {b - a for a, b in pairwise(kept)}
    assert all(gap >= 1 for gap in gaps)
    assert max(gaps, default=0) - min(gaps, default=0) <= 1


def test_no_rows_are_thinned_to_none():
    assert len(curves.thinned(0)) == 0


@every_case
@every_measure
def test_every_picture_can_be_told_in_words(sessions, case, measure):
    task, n_classes = task_of(sessions[case])
    assert curves.title(measure, task) in curves.alt(measure, task)
    assert len(boundary.alt(task, n_classes)) > 20


@every_case
@every_theme
def test_a_figure_is_json_that_a_browser_can_read(sessions, case, theme):
    for _, figure in (map_of(sessions[case], theme), curves_of(sessions[case], theme)):
        assert isinstance(figure, go.Figure)
        assert json.loads(figure.to_json(), parse_constant=pytest.fail)["data"]


@every_theme
def test_figures_lie_on_the_page_and_keep_their_zoom(theme):
    made = layout(theme, margin={"l": 1})
    assert made.paper_bgcolor == made.plot_bgcolor == "rgba(0,0,0,0)"
    assert made.uirevision
    assert made.margin.l == 1


@every_theme
@pytest.mark.parametrize("token", ["text", "faint"])
@pytest.mark.parametrize("behind", ["ground", "panel"])
def test_text_can_be_read_on_its_ground(theme, token, behind):
    assert contrast(getattr(theme, token), getattr(theme, behind)) >= 4.5


@every_theme
@pytest.mark.parametrize("token", ["accent", "second", "positive", "negative", "faint"])
def test_lines_and_signs_stand_out_from_their_ground(theme, token):
    assert contrast(getattr(theme, token), theme.ground) >= 3


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_colours_are_mixed_channel_by_channel():
    assert mixed("#ff8000", "#000000", 0.5) == "#804000"
    assert [mixed("#123456", "#fedcba", share) for share in (0, 1)] == ["#fedcba", "#123456"]


@every_theme
def test_the_scale_goes_from_negative_through_the_ground_to_positive(theme):
    assert theme.diverging() == [[0.0, theme.negative], [0.5, theme.ground], [1.0, theme.positive]]


@every_theme
def test_tokens_name_every_colour(theme):
    tokens = theme.tokens()
    assert THEMES[tokens.pop("name")] is theme
    assert all(colour.startswith("#") and len(colour) == 7 for colour in tokens.values())


def test_pixels_are_the_colours_of_the_map_with_the_highest_x2_on_top():
    value = np.zeros((4, 4), np.float32)
    value[0, 1], value[3, 2] = 1, -1
    picture = boundary.pixels({"value": value}, Task.BINARY, THEMES["light"])
    theme = THEMES["light"]

    def mixture(colour):
        return [int(mixed(colour, theme.ground, boundary.MAP_STRENGTH)[i : i + 2], 16) for i in (1, 3, 5)]

    assert picture.shape == (4, 4, 3)
    assert picture[3, 1].tolist() == mixture(theme.positive)
    assert picture[0, 2].tolist() == mixture(theme.negative)
    assert picture[1, 1].tolist() == [int(theme.ground[i : i + 2], 16) for i in (1, 3, 5)]


def test_pixels_of_several_classes_fade_to_the_ground_where_the_answer_is_a_tie():
    theme = THEMES["dark"]
    record = {"label": np.array([[2, 2]], np.uint8), "strength": np.array([[0, 1]], np.float32)}
    picture = boundary.pixels(record, Task.CLASSES, theme)
    assert picture[0, 0].tolist() == [int(theme.ground[i : i + 2], 16) for i in (1, 3, 5)]
    full = mixed(OKABE_ITO[2], theme.ground, boundary.MAP_STRENGTH)
    assert picture[0, 1].tolist() == [int(full[i : i + 2], 16) for i in (1, 3, 5)]
