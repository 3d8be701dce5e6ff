import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from dlcore.experiment import Experiment
from dlcore.export.onnx import as_onnx
from dlcore.export.weights import as_safetensors
from dlcore.link import dumps, encode
from dlcore.store import store
from pages.parts import take_along
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture ends the runs


def with_popover(**query):
    at = opened(**query)
    at.session_state["code"] = True
    at.run()
    assert not at.exception
    return at


def put(at, key, name, data, mime="application/octet-stream"):
    at.file_uploader(key=key).set_value((name, data, mime)).run()
    assert not at.exception
    return at


def downloads(at):
    """The label of each download in the popover, and whether it is not to be had."""
    ours = [each for each in at.get("download_button") if each.key.startswith("take:")]
    return {each.proto.label: each.proto.disabled for each in ours}


def told(at):
    return [toast.value for toast in at.toast]


def test_the_popover_offers_code_weights_and_the_experiment():
    at = with_popover()
    offered = downloads(at)
    assert offered == dict.fromkeys(
        ["PyTorch script", "Notebook", "Keras script", "safetensors", "ONNX", "JSON", "Save the experiment"],
        False,
    )


def test_what_keras_does_not_have_is_said_and_not_offered():
    at = with_popover(x=encode(Experiment(optimizer="lbfgs")))
    offered = downloads(at)
    assert offered["Keras script"]
    assert any("L-BFGS" in caption.value for caption in at.caption)


def test_why_there_is_nothing_to_download_is_said_beside_the_buttons_until_there_is(monkeypatch):
    at = with_popover()
    made = {}
    monkeypatch.setattr(
        take_along.st, "download_button", lambda label, make, *rest, **how: made.update({label: make})
    )
    at.run()
    monkeypatch.setattr(
        here(at).run, "weights", lambda **at: (_ for _ in ()).throw(ConnectionError("it is gone"))
    )
    with pytest.raises(ConnectionError):
        made["safetensors"]()
    assert here(at).stale
    assert "safetensors: it is gone" in at.run().error[0].value
    monkeypatch.undo()
    made["safetensors"]()
    assert not at.run().error


def test_the_experiment_of_a_file_is_opened():
    wanted = Experiment(data="rings", network=({"kind": "dense", "units": 5},))
    at = put(with_popover(), "experiment-file", "experiment.json", dumps(wanted).encode())
    assert here(at).experiment == wanted
    assert here(at).run.experiment == wanted
    assert any("is open" in each for each in told(at))


def test_what_cannot_be_used_of_a_file_is_set_aside_and_said():
    raw = json.loads(dumps(Experiment()))
    raw["batch_size"] = 7_000
    raw["optimizer"] = {"kind": "no such optimizer"}
    at = put(with_popover(), "experiment-file", "experiment.json", json.dumps(raw).encode())
    assert here(at).experiment == Experiment(batch_size=500)
    assert any("Set aside" in each for each in told(at))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no JSON"),
        (b"{" * 100_000, "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"\x80\x04\x95", "no JSON"),
        (b"[1, 2]", "describes no experiment"),
        (b'{"name": "a package"}', "describes no experiment"),
        (b'{"glassbox": 99}', "another version"),
    ],
)
def test_a_file_that_is_no_experiment_is_refused_and_all_stays(data, sentence):
    at = put(with_popover(), "experiment-file", "experiment.json", data)
    assert here(at).experiment == Experiment()
    assert any(sentence in each and "stays as it was" in each for each in told(at))


def test_weights_go_out_and_come_back_into_another_run():
    at = with_popover()
    here(at).do("step")
    saved = as_safetensors(here(at).run.weights())
    other = with_popover()
    assert (
        load(as_safetensors(here(other).run.weights()))["0.weight"].tobytes()
        != load(saved)["0.weight"].tobytes()
    )
    put(other, "weights-file", "weights.safetensors", saved)
    back = load(as_safetensors(here(other).run.weights()))
    assert {name: array.tobytes() for name, array in back.items()} == {
        name: array.tobytes() for name, array in load(saved).items()
    }
    assert any("in the network" in each for each in told(other))


def test_weights_of_another_network_are_refused_and_all_stays():
    at = with_popover()
    before = as_safetensors(here(at).run.weights())
    put(at, "weights-file", "weights.safetensors", save({"0.weight": np.zeros((3, 3), np.float32)}))
    assert as_safetensors(here(at).run.weights()) == before
    assert any("another network" in each and "stay as they were" in each for each in told(at))


def test_the_network_of_the_run_goes_out_as_onnx():
    import onnxruntime

    run = here(opened()).run
    weights = load(as_safetensors(run.weights()))
    session = onnxruntime.InferenceSession(as_onnx(run.weights()))
    assert session.get_inputs()[0].shape == ["n", weights["0.weight"].shape[1]]


def test_a_lesson_that_locks_the_code_lets_nothing_in():
    from dlcore.lesson import Lesson
    from dlcore.lesson import encode as encode_lesson

    at = opened(lesson=encode_lesson(Lesson(locked=("code",))))
    at.session_state["code"] = True
    at.run()
    assert len(downloads(at)) == 7
    assert len(at.file_uploader) == 0


def test_a_run_has_a_report_once_it_has_learnt(monkeypatch):
    at = with_popover()
    assert any("Press Play first" in caption.value for caption in at.caption)
    run = here(at).run
    here(at).do("play")
    until(lambda: run.frame((), fresh=True).epoch > 2)
    here(at).do("pause")
    until(lambda: store().of(here(at).owner).get(run.saved_as))
    made = {}
    monkeypatch.setattr(
        take_along.st, "download_button", lambda label, make, *rest, **how: made.update({label: make})
    )
    assert not at.run().exception
    assert f"Saved as {run.saved_as}" in made["Report"]().decode()
