"""Names and lines, letter by letter or word by word.  Every ``sample`` is printed whole into the script.

No name or line is drawn twice, so that those of the test share are ones the network has never seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Task, datasets

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator

PAD, START, END = "·", "⊢", "⊣"
"""What fills a row up, what the first token is foretold from, and what says that the string is over."""
LETTERS = " '-abcdefghijklmnopqrstuvwxyzßàáäçèéêëìíîñòóöùúüýčěňřšťůž"
"""Every letter of the surnames, small."""
LONGEST_NAME = 14
COUNTRIES = {
    "United States": "en_US",
    "France": "fr_FR",
    "Germany": "de_DE",
    "Italy": "it_IT",
    "Spain": "es_ES",
    "Finland": "fi_FI",
    "Netherlands": "nl_NL",
    "Czechia": "cs_CZ",
}
Country = Literal[
    "all", "United States", "France", "Germany", "Italy", "Spain", "Finland", "Netherlands", "Czechia"
]


class Names(Dataset):
    """Surnames of eight countries, as the package faker lists them; in small letters, at most 14 of them."""

    n_each: int = Field(
        400,
        ge=20,
        le=400,
        title="Names of a country",
        description="How many names of each country are taken at most; Czechia has about 200",
        json_schema_extra={"step": 20},
    )

    @property
    def planar(self) -> bool:
        return False

    @property
    def size(self) -> int:
        return _n_names(self)

    def at_most(self, n_points: int) -> Names:
        return self.model_copy(update={"n_each": max(20, n_points // len(COUNTRIES))})


@lru_cache(maxsize=64)
def _n_names(data: Names) -> int:
    return len(data.draw(0)[0])


@datasets.add
class Surnames(Names):
    """Tell the country from a surname, letter by letter.

    A name that is at home in several of the countries is left out: it has no one answer.  Rows are filled up
    on the left, so that the last step a recurrent layer sees is the last letter.
    """

    kind: Literal["surnames"] = "surnames"
    title = "Surname to country"

    @property
    def n_classes(self) -> int:
        return len(COUNTRIES)

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(COUNTRIES)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return (PAD, *LETTERS)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (LONGEST_NAME,)

    def arguments(self) -> dict[str, Any]:
        found = {"length": LONGEST_NAME, "locales": list(COUNTRIES.values()), "letters": LETTERS}
        return {**super().arguments(), **found}

    @staticmethod
    def sample(rng: Generator, n_each: int, length: int, locales: list[str], letters: str) -> Drawn:
        from importlib import import_module

        homes: dict[str, set[int]] = {}
        for country, locale in enumerate(locales):
            for name in import_module(f"faker.providers.person.{locale}").Provider.last_names:
                homes.setdefault(name.lower(), set()).add(country)
        number = {letter: i for i, letter in enumerate(letters, 1)}
        rows, answers = [], []
        for country in range(len(locales)):
            names = [n for n in sorted(homes) if homes[n] == {country} and len(n) <= length]
            names = [n for n in names if set(n) <= set(letters)]
            for i in rng.permutation(len(names))[:n_each]:
                rows.append([0] * (length - len(names[i])) + [number[letter] for letter in names[i]])
                answers.append(country)
        return np.array(rows), np.array(answers)


class NextToken(Dataset):
    """Strings of which each token is to be foretold from those before it.

    A string begins with ``⊢`` and is over with ``⊣``; rows are filled up on the right, where nothing is
    asked.  Only a network that does not look ahead learns anything from it: the answer at a step is the
    input of the next.
    """

    @property
    def planar(self) -> bool:
        return False

    @property
    def task(self) -> Task:
        return Task.TOKENS

    @property
    def n_classes(self) -> int:
        return len(self.vocabulary)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.vocabulary

    @property
    def answer_shape(self) -> tuple[int, ...]:
        return self.sample_shape

    @property
    def unasked(self) -> tuple[int, ...]:
        """Tokens that are never an answer, besides the start and what fills rows up."""
        return ()

    def split_up(self, text: str) -> list[str]:
        """A text as tokens, without start and end; what is not in the vocabulary is left out."""
        return [letter for letter in text.lower() if letter in self.vocabulary[3:]]

    def written(self, tokens: Iterable[str]) -> str:
        """Tokens as a text again."""
        return "".join(tokens)


@datasets.add
class SurnameLetters(NextToken, Names):
    """Foretell each letter of a surname from those before it; a network that can makes up new ones.

    Bengio et al., 2003; Karpathy, makemore.
    """

    kind: Literal["surname_letters"] = "surname_letters"
    title = "Next letter of a surname"
    country: Country = Field("all", description="Where the names are from")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return (PAD, START, END, *LETTERS)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (LONGEST_NAME + 1,)

    def arguments(self) -> dict[str, Any]:
        locales = COUNTRIES.values() if self.country == "all" else [COUNTRIES[self.country]]
        found = {"length": LONGEST_NAME, "locales": list(locales), "letters": LETTERS}
        return {"n_each": self.n_each, **found}

    @staticmethod
    def sample(rng: Generator, n_each: int, length: int, locales: list[str], letters: str) -> Drawn:
        from importlib import import_module

        known: set[str] = set()
        chosen: list[str] = []
        for locale in locales:
            listed = import_module(f"faker.providers.person.{locale}").Provider.last_names
            names = {name.lower() for name in listed if len(name) <= length}
            here = sorted(name for name in names - known if set(name) <= set(letters))
            chosen += [here[i] for i in rng.permutation(len(here))[:n_each]]
            known |= names
        number = {letter: i for i, letter in enumerate(letters, 3)}
        x, y = np.zeros((len(chosen), length + 1), int), np.full((len(chosen), length + 1), -100)
        for row, name in enumerate(chosen):
            numbers = [number[letter] for letter in name]
            x[row, : len(name) + 1] = [1, *numbers]
            y[row, : len(name) + 1] = [*numbers, 2]
        return x, y
