import json

import pytest
from typer.testing import CliRunner

from dlcore.__main__ import app
from dlcore.experiment import Experiment
from dlcore.link import decode, dumps, encode, loads
from dlcore.training.session import Session


def said(*arguments, stdin=""):
    return CliRunner().invoke(app, list(arguments), input=stdin)


def test_new_prints_an_experiment_that_can_run():
    for kind in ("spiral", "rings", "plane"):
        e = loads(said("new", kind).stdout)
        assert e.data.kind_name() == kind
        assert e.problems() == []


def test_an_unknown_data_set_is_refused_with_the_known_ones():
    answer = said("new", "swirl")
    assert answer.exit_code == 2
    assert "spiral" in answer.stderr


def test_train_ends_with_one_line_of_json_that_agrees_with_a_session():
    answer = said("train", "-", "--epochs", "3", stdin=dumps(Experiment()))
    assert answer.exit_code == 0
    result = json.loads(answer.stdout.splitlines()[-1])
    session = Session(Experiment())
    for _ in range(3):
        session.advance_epoch()
    now = session.evaluate()
    assert list(result) == ["epochs", "steps", "seconds", "train_loss", "test_loss", "accuracy"]
    assert (result["epochs"], result["steps"]) == (3, 75)
    assert (result["train_loss"], result["test_loss"]) == (now.train_loss, now.test_loss)
    assert result["accuracy"] == now.test_score


def test_the_history_comes_with_json():
    answer = said("train", "-", "--epochs", "4", "--json", stdin=dumps(Experiment()))
    history = json.loads(answer.stdout.splitlines()[-1])["history"]
    assert [row["epoch"] for row in history] == [0, 1, 2, 3, 4]
    assert set(history[0]) > {"epoch", "train_loss", "test_loss"}


def test_a_link_can_be_trained_and_printed():
    e = Experiment(data="moons", batch_size=50)
    assert json.loads(said("train", f"?x={encode(e)}", "--epochs", "1").stdout)["steps"] == 5
    assert decode(said("link", "-", stdin=dumps(e)).stdout.strip().removeprefix("?x=")).experiment == e


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no experiment"),
        ("{}[", "no experiment"),
        ('{"loss": "hing"}', "hinge"),
        ('{"batch_size": 0}', "batch_size"),
        ('{"data": "plane"}', "does not fit"),
        ('{"glassbox": 99}', "another version"),
    ],
)
def test_what_is_no_experiment_is_refused_in_words(text, word):
    answer = said("train", "-", stdin=text)
    assert answer.exit_code == 2
    assert word in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    answer = said("train", str(tmp_path / "none.json"))
    assert answer.exit_code == 2
    assert "cannot be read" in answer.stderr


def test_a_run_that_diverges_says_so_and_fails():
    e = Experiment(data="plane", loss="mean_squared", optimizer={"kind": "sgd", "learning_rate": 10.0})
    answer = said("train", "-", "--epochs", "50", stdin=dumps(e))
    assert answer.exit_code == 1
    assert "The loss became" in answer.stderr
    assert json.loads(answer.stdout)["epochs"] < 50


@pytest.mark.parametrize(
    ("form", "file", "holds"),
    [
        ("script", "experiment.py", b"for epoch in range(3):"),
        ("notebook", "experiment.ipynb", b'"nbformat"'),
        ("keras", "experiment.py", b"import keras"),
        ("json", "experiment.json", b'"glassbox"'),
        ("safetensors", "experiment.safetensors", b"0.weight"),
    ],
)
def test_export_writes_a_file_of_its_kind(tmp_path, monkeypatch, form, file, holds):
    monkeypatch.chdir(tmp_path)
    answer = said("export", "-", "--as", form, "--epochs", "3", stdin=dumps(Experiment()))
    assert answer.exit_code == 0, answer.stderr
    assert holds in (tmp_path / file).read_bytes()
    assert file in answer.stderr


def test_export_refuses_in_words_what_keras_does_not_have(tmp_path):
    e = Experiment(optimizer="lbfgs")
    answer = said("export", "-", "--as", "keras", "--to", str(tmp_path / "x.py"), stdin=dumps(e))
    assert answer.exit_code == 2
    assert "L-BFGS" in answer.stderr
    assert not (tmp_path / "x.py").exists()
