import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from dlcore.data import OwnTable, Split, Task, prepare
from dlcore.data.own_table import MISSING, OTHER, Plan, arrange, guess
from dlcore.data.shelf import shelf
from dlcore.data.split import cuts
from dlcore.data.table import TableError, read
from dlcore.experiment import Experiment
from dlcore.link import decode, encode, nearest

N = 60


def frame(seed=1):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "id": np.arange(N),
            "age": rng.integers(18, 80, N).astype(float),
            "income": rng.normal(3000, 900, N).round(2),
            "city": rng.choice(["Bern", "Genève", "Zürich"], N),
            "remark": [f"text {i}" for i in range(N)],
            "bought": rng.choice(["no", "yes"], N),
        }
    )
    data.loc[::7, "income"] = np.nan
    data.loc[::9, "city"] = None
    return data


def table(data=None):
    return read((frame() if data is None else data).to_csv(index=False).encode())


def kept(data=None, plan=None):
    """A table on the shelf, as the upload dialog leaves it."""
    read_in = table(data)
    made = arrange(read_in, plan or guess(read_in))
    return OwnTable(upload=shelf().put(made.arrays, made.about, "a visitor"))


def test_roles_are_guessed():
    assert guess(table()) == Plan(("ignore", "number", "number", "category", "ignore", "target"))


def test_a_column_of_many_numbers_is_learnt_as_a_value():
    plan = guess(read(b"a,b,y\n" + b"".join(b"%d,%d,%d\n" % (i % 5, i * i % 11, i * 3) for i in range(40))))
    assert plan == Plan(("number", "number", "target"), values=True)


def test_a_second_target_takes_the_place_of_the_first():
    plan = guess(table()).with_role(1, "target")
    assert plan.roles == ("ignore", "target", "number", "category", "ignore", "ignore")


def test_columns_are_numbers_then_categories_then_marks_each_with_a_name():
    data = kept()
    x, y = data.draw(1)
    assert data.columns == (
        "age", "income",
        "city = Bern", "city = Genève", "city = Zürich", f"city = {MISSING}",
        "income missing",
    )  # fmt: skip
    assert x.shape == (N, 7) == (data.size, *data.sample_shape)
    assert data.class_names == ("no", "yes")
    assert data.task is Task.BINARY
    assert len(y) == N
    assert OwnTable(upload=data.upload, mark_missing=False).sample_shape == (6,)


def test_it_is_what_sklearn_makes_fitted_on_the_training_share():
    """Oracle: an imputer with indicator, a one-hot encoder, and a scaler over all of it."""
    raw = frame()
    data, split = kept(raw), Split()
    parts = prepare(data, split, 3, 4)
    drawn = np.random.default_rng(3).permutation(N)
    shares = np.split(np.random.default_rng(4).permutation(N), cuts(N, split))
    rows = raw.iloc[drawn].reset_index(drop=True)
    encoder = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="mean"), ["age", "income"]),
            (
                "city",
                OneHotEncoder(sparse_output=False, categories=[["Bern", "Genève", "Zürich", None]]),
                ["city"],
            ),
            ("marks", SimpleImputer(strategy="constant", fill_value=0), ["gap"]),
        ]
    )
    rows = rows.assign(
        gap=rows.income.isna().astype(float), city=rows.city.astype(object).where(rows.city.notna(), None)
    )
    oracle = make_pipeline(encoder, StandardScaler()).fit(rows.iloc[shares[0]])
    for part, chosen in zip(parts.values(), shares, strict=True):
        np.testing.assert_allclose(part.x, oracle.transform(rows.iloc[chosen]), atol=1e-4)
        assert part.y.tolist() == (rows.bought.iloc[chosen] == "yes").astype(int).tolist()


@pytest.mark.parametrize("filling", ["mean", "median", "most frequent"])
def test_what_fills_a_gap_is_fitted_on_the_training_rows_alone(filling, monkeypatch):
    data = OwnTable(upload=kept().upload, filling=filling)
    before = prepare(data, Split(), 1, 1)["train"].x
    draw = OwnTable.draw

    def other(self, seed):
        x, y = draw(self, seed)
        unseen = np.random.default_rng(1).permutation(len(x))[cuts(len(x), Split())[0] :]
        x[unseen, :2] = 1e6
        return x, y

    monkeypatch.setattr(OwnTable, "draw", other)
    assert np.array_equal(prepare(data, Split(), 1, 1)["train"].x, before)


def test_no_gap_reaches_the_network():
    parts = prepare(kept(), Split(), 1, 1)
    assert all(np.isfinite(part.x).all() for part in parts.values())


def test_values_are_learnt_with_their_own_scale():
    plan = guess(table()).with_role(1, "target")
    data = kept(plan=Plan(plan.roles, values=True))
    assert data.task is Task.REGRESSION
    train = prepare(data, Split(), 1, 1)["train"]
    np.testing.assert_allclose([train.y.mean(), train.y.std()], [0, 1], atol=1e-5)


def test_the_rarest_of_many_categories_are_one():
    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        {"word": [f"w{min(k, 49)}" for k in rng.geometric(0.1, 500)], "y": rng.integers(0, 2, 500)}
    )
    made = arrange(table(data), Plan(("category", "target")))
    (_, values) = made.about["categories"][0]
    assert len(values) == 30
    assert OTHER in values
    assert {"w1", "w2", "w3"} <= set(values)
    counts = np.bincount(made.arrays["categories"][:, 0])
    assert counts[values.index("w1")] == (data.word == "w1").sum()
    assert counts.sum() == 500


def test_rows_without_an_answer_are_left_out_and_counted():
    data = frame()
    data.loc[:9, "bought"] = None
    made = arrange(table(data), guess(table()))
    assert len(made.arrays["y"]) == N - 10
    assert "10 of 60 rows have no answer" in made.notes[0]


def test_numbers_beyond_all_bounds_do_no_harm():
    data = frame()
    data.loc[3, "age"], data.loc[4, "age"] = 1e300, -1e300
    assert all(np.isfinite(part.x).all() for part in prepare(kept(data), Split(), 1, 1).values())


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (("ignore", "number", "number", "category", "ignore", "ignore"), "Make one column the target"),
        (("ignore", "ignore", "ignore", "ignore", "ignore", "target"), "No column is an input"),
        (
            ("ignore", "number", "number", "number", "ignore", "target"),
            "Hardly any cell of “city” is a number",
        ),
        (("ignore", "number", "number", "ignore", "target", "ignore"), "60 different labels; up to 20"),
    ],
)
def test_roles_that_make_no_task_are_refused_in_words(plan, sentence):
    with pytest.raises(TableError, match=sentence):
        arrange(table(), Plan(plan))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,y\n" + "1,x\n2,y\n" * 5, "10 rows have an answer in “y”; it takes 20"),
        ("a,y\n" + "1,x\n2,x\n" * 20, "is 'x' in every row"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused_in_words(text, sentence):
    with pytest.raises(TableError, match=sentence):
        arrange(read(text.encode()), Plan(("number", "target")))


def test_a_value_that_never_changes_is_refused():
    text = "a,y\n" + "1,5\n2,5\n" * 20
    with pytest.raises(TableError, match="the same in every row"):
        arrange(read(text.encode()), Plan(("number", "target"), values=True))


def test_too_many_inputs_are_refused():
    words = ",".join(f"c{i}" for i in range(20)) + ",y\n"
    rows = "".join(",".join(f"w{(k * 7 + i) % 25}" for i in range(20)) + f",{k % 2}\n" for k in range(60))
    with pytest.raises(TableError, match="inputs are more than 300"):
        arrange(read((words + rows).encode()), Plan(("category",) * 20 + ("target",)))


def test_fewer_rows_are_another_share_of_the_same_table():
    data = kept()
    assert len(data.at_most(30).draw(1)[0]) == 30 == data.at_most(30).size


def test_a_link_carries_the_name_alone_and_opens_the_same_table():
    e = Experiment(data=kept(), network=({"kind": "dense", "units": 4},))
    opened = decode(encode(e))
    assert (opened.experiment, opened.set_aside) == (e, ())
    assert len(encode(e)) < 150


@pytest.mark.parametrize("upload", ["f" * 32, "../../etc/passwd", "x", 7, None, ["a"]])
def test_a_link_to_what_is_not_there_opens_the_nearest_experiment_with_one_sentence(upload):
    e = Experiment(data=kept(), network=({"kind": "dense", "units": 4},))
    raw = {**e.compact(), "data": {"kind": "own_table", "upload": upload, "scaling": "robust"}}
    opened = nearest(raw)
    assert opened.experiment.data == OwnTable(scaling="robust")
    assert opened.experiment.network == e.network
    assert "upload" in opened.sentence()
    assert opened.experiment.problems() == []


def test_a_table_that_is_no_table_is_refused():
    name = shelf().put({"x": np.zeros((3, 1, 4, 4), np.uint8)}, {"holds": "images"}, "a visitor")
    with pytest.raises(ValidationError, match="another kind"):
        OwnTable(upload=name)
