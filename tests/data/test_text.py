from importlib import import_module

import numpy as np
import pytest

from dlcore.data import Split, prepare
from dlcore.data.text import COUNTRIES, END, LETTERS, LONGEST_NAME, PAD, START, SurnameLetters, Surnames


def listed(locale):
    names = import_module(f"faker.providers.person.{locale}").Provider.last_names
    return {name.lower() for name in names}


def names_of(data, x):
    return ["".join(data.vocabulary[token] for token in row).strip(PAD) for row in x]


def test_every_name_is_at_home_in_its_country_and_in_no_other():
    data = Surnames()
    x, y = data.draw(1)
    homes = [listed(locale) for locale in COUNTRIES.values()]
    for name, country in zip(names_of(data, x), y, strict=True):
        assert [name in home for home in homes] == [k == country for k in range(8)]


def test_at_most_so_many_names_are_of_one_country():
    counts = np.bincount(Surnames(n_each=300).draw(1)[1])
    assert counts.max() == 300
    assert 150 < counts[list(COUNTRIES).index("Czechia")] < 200


def test_a_name_ends_at_the_last_step():
    x, _ = Surnames().draw(1)
    assert (x[:, -1] > 0).all()
    assert (np.diff(x > 0, axis=1).sum(1) <= 1).all()


def test_other_names_are_drawn_with_another_seed():
    data = Surnames(n_each=100)
    one, two = (set(names_of(data, data.draw(seed)[0])) for seed in (1, 2))
    assert one != two


def test_nearly_every_listed_name_can_be_written():
    every = set().union(*(listed(locale) for locale in COUNTRIES.values()))
    usable = [name for name in every if len(name) <= LONGEST_NAME and set(name) <= set(LETTERS)]
    assert len(usable) / len(every) > 0.98


def test_the_answer_at_each_letter_is_the_next_one():
    data = SurnameLetters()
    x, y = data.draw(1)
    for row, answers in zip(x[:200], y[:200], strict=True):
        n = int((row > 0).sum())
        assert data.vocabulary[row[0]] == START
        assert answers[: n - 1].tolist() == row[1:n].tolist()
        assert data.vocabulary[answers[n - 1]] == END
        assert (answers[n:] == -100).all()


@pytest.mark.parametrize("country", COUNTRIES)
def test_names_of_one_country_are_of_that_country(country):
    data = SurnameLetters(country=country)
    names = {name.strip(START) for name in names_of(data, data.draw(1)[0])}
    assert names <= listed(COUNTRIES[country])


def test_a_name_that_two_countries_share_is_drawn_once():
    data = SurnameLetters()
    names = names_of(data, data.draw(1)[0])
    assert len(set(names)) == len(names) == data.size


def test_a_text_is_split_into_the_letters_of_the_vocabulary():
    data = SurnameLetters()
    assert data.split_up("Mü₂ller") == list("müller")
    assert data.written(data.split_up("Møller")) == "mller"


def test_the_names_of_the_test_share_are_unseen():
    data = Surnames()
    parts = prepare(data, Split(train=80, validation=0), 1, 1)
    assert not set(names_of(data, parts["train"].x)) & set(names_of(data, parts["test"].x))
