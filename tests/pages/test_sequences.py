"""The first look at series and text, the forecast, and uploads of them, without a browser."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.data import OwnSeries, OwnText, Split, datasets, prepare
from dlcore.data.series import Sunspots
from dlcore.data.text import SurnameLetters, Surnames
from dlcore.data.tokens import Addition
from pages.parts.first_look_text import facts, sample_table, vocabulary_table


def page(kind, settings):
    """A page of nothing but what is tested; run by AppTest, so that it imports for itself."""
    import streamlit as st

    from dlcore.data import Series, Task, datasets
    from dlcore.experiment import Experiment
    from dlcore.layers import GRU, Embedding
    from dlcore.losses import MeanSquared
    from pages.parts.first_look import first_look
    from pages.parts.state import open_here
    from pages.parts.upload_sequences import series_upload, text_upload
    from pages.parts.views.forecast import FORECAST

    here = open_here()
    if here.experiment.data.kind_name() != kind and "made" not in st.session_state:
        st.session_state.made = True
        data = datasets[kind](**settings)
        cell = GRU(units=4, keep="all steps" if data.task is Task.TOKENS else "last step")
        if isinstance(data, Series):
            here.replace(Experiment(data=data, network=(cell,), loss=MeanSquared()))
        else:
            here.replace(Experiment(data=data, network=(Embedding(size=4), cell)))
    if isinstance(here.experiment.data, Series):
        first_look(here)
        FORECAST.controls(here)
        FORECAST.show(here, here.frame(FORECAST.watched(here)))
        series_upload(here)
    else:
        first_look(here)
        text_upload(here)


def opened(kind, **settings):
    test = AppTest.from_function(page, args=(kind, settings), default_timeout=60).run()
    assert not test.exception
    return test


def here_of(test):
    return test.session_state["here"]


def test_a_series_says_its_numbers_and_how_it_is_shared_out():
    test = opened("sunspots")
    said = test.caption[0].value
    assert "309 steps" in said
    assert "follow each other in time" in said


def test_the_forecast_of_several_steps_is_looked_at_from_as_far_ahead_as_one_likes():
    test = opened("sunspots", horizon=5, window=12)
    test.slider(key="forecast-ahead").set_value(5).run()
    test.slider(key="forecast-window").set_value(9).run()
    assert not test.exception
    assert (here_of(test).inside.ahead, here_of(test).inside.sample) == (5, 8)


def test_a_series_is_uploaded_and_learnt_from():
    test = opened("sunspots")
    values = np.round(np.sin(np.arange(90) / 3), 4)
    test.file_uploader(key="upload-series").set_value(
        ("own.csv", "\n".join(map(str, values)).encode(), "text/csv")
    ).run()
    assert not test.exception
    data = here_of(test).experiment.data
    assert isinstance(data, OwnSeries)
    assert (data.upload != "", data.n_steps_in_all) == (True, 90)
    assert "90 steps" in test.caption[0].value


def test_a_file_that_is_no_series_is_refused_and_the_series_stays():
    test = opened("sunspots")
    test.file_uploader(key="upload-series").set_value(("own.csv", b"a,b,c\n1,2,3\n4,5,6", "text/csv")).run()
    assert not test.exception
    assert here_of(test).experiment.data == Sunspots()
    assert any("3 columns" in notice for notice in here_of(test).notices)


def test_typed_lines_are_learnt_from():
    test = opened("own_text", tokens="words")
    test.text_area(key="typed-lines").set_value("\n".join(f"line number {i}" for i in range(25)))
    test.button(key="use-lines").click().run()
    assert not test.exception
    data = here_of(test).experiment.data
    assert isinstance(data, OwnText)
    assert (data.upload != "", data.size, data.tokens) == (True, 25, "words")


def test_too_few_lines_are_refused_in_words():
    test = opened("own_text")
    test.text_area(key="typed-lines").set_value("one line")
    test.button(key="use-lines").click().run()
    assert here_of(test).experiment.data == OwnText()
    assert any("takes 20 lines" in notice for notice in here_of(test).notices)


def test_every_data_set_of_strings_has_a_first_look():
    for kind in ("surnames", "reverse", "brackets"):
        assert "No string of one share is in another" in opened(kind).caption[0].value


@pytest.mark.parametrize("data", [Surnames(), SurnameLetters(), Addition(), OwnText(tokens="words")])
def test_every_token_of_a_sample_stands_over_its_number(data):
    part = prepare(data, Split(), 1, 1)["train"]
    shown = sample_table(data, part, 0)
    for token in part.x[0]:
        if token:
            assert f"{data.vocabulary[token]}<small>{token}</small>" in shown


def test_an_answer_is_named():
    data = Surnames()
    part = prepare(data, Split(), 1, 1)["train"]
    assert f"{data.class_names[part.y[3]]}<small>{part.y[3]}</small>" in sample_table(data, part, 3)


def test_a_token_cannot_write_markup():
    data = datasets["brackets"](kinds=4)
    assert "<<small>" not in vocabulary_table(data)
    assert "&lt;<small>" in vocabulary_table(data)


def test_what_is_asked_is_said():
    assert "one of 8 answers for each" in facts(Surnames())
    assert "one of 10 answers at each step" in facts(Addition())
