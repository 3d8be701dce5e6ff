"""The figures that text, tokens and series are held to, in as many epochs as take a few seconds."""

from dlcore.training.session import Session
from tests.bench.sequences import (
    REVERSE,
    SUNSPOTS,
    SURNAMES,
    anti_diagonal,
    bag_of_letters,
    exact,
    forecast_errors,
)


def trained(experiment, epochs):
    session = Session(experiment)
    for _ in range(epochs):
        session.advance_epoch()
    return session


def test_a_gru_tells_the_country_better_than_counting_letters():
    session = trained(SURNAMES, 7)
    assert session.evaluate().test_score >= 0.63 > bag_of_letters(session) > 0.5


def test_a_transformer_says_unseen_strings_backwards_along_the_anti_diagonal():
    session = trained(REVERSE, 8)
    assert exact(session) >= 0.99
    assert anti_diagonal(session) > 0.5


def test_an_lstm_forecasts_sunspots_better_than_the_season_before():
    network, naive = forecast_errors(trained(SUNSPOTS, 30))
    assert network < 0.8 * naive
