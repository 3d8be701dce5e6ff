import csv
import io
import json
import zipfile

import numpy as np
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from dlcore.__main__ import app
from dlcore.experiment import Experiment
from dlcore.owner import hashed
from dlcore.record import Record
from dlcore.resume import held_by, resume
from dlcore.runs_command import sparkline
from dlcore.store import Query, Store, StoreSettings
from dlcore.store.claim import Claim
from dlcore.store.packed import unpack
from dlcore.store.tables import RunRow
from dlcore.training.session import Session
from tests.export.entries import filed

DROPPING = Experiment(
    data="circle",
    network=({"kind": "dense", "units": 6}, {"kind": "dropout", "p": 0.2}, {"kind": "dense", "units": 3}),
    schedule="cosine",
)


@pytest.fixture
def url(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return f"sqlite:///{tmp_path}/runs.db"


@pytest.fixture
def store(url):
    opened = Store(StoreSettings(database_url=url))
    yield opened
    opened.close()


def said(url, *arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["runs", *arguments, "--store", url])


def result(answer):
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout.splitlines()[-1])


def test_runs_are_listed_newest_first_as_a_table_and_as_json(store, url):
    first = filed(store, name="Größe 🎈")
    second = filed(store, Experiment(data="moons"), owner="another")
    told = result(said(url, "list", "--json"))
    assert [each["id"] for each in told] == [second, first]
    assert told[1]["name"] == "Größe 🎈"
    assert told[0]["test_loss"] == store.everybodys().get(second).measures["test_loss"]
    shown = said(url, "list").stdout
    assert shown.index(second) < shown.index(first)
    assert "Größe 🎈" in shown
    assert [each["id"] for each in result(said(url, "list", "moons", "--json"))] == [second]


def test_a_run_is_shown_with_its_settings_its_result_and_the_fall_of_its_loss(store, url):
    run = filed(
        store, Experiment(data="circle", batch_size=25), name="[red]First", notes="Seen \x1b[31m", tags=["a"]
    )
    shown = said(url, "show", "last").stdout
    for words in ("[red]First", run, "[a]", "Batch size", "25", "Train loss", "3 checkpoints", "Seen"):
        assert words in shown
    assert "\x1b[31m" not in shown
    assert result(said(url, "show", run, "--json"))["name"] == "[red]First"


def test_each_form_is_written_and_can_be_read(store, url, tmp_path):
    ids = [filed(store, name="a"), filed(store, Experiment(data="moons"), name="b")]
    content = {}
    for form in ("html", "csv", "json", "tensorboard"):
        told = result(said(url, "export", *ids, "--as", form))
        assert told["runs"] == ids
        content[form] = (tmp_path / told["written"]).read_bytes()
        assert len(content[form]) == told["bytes"]
    assert content["html"].startswith(b"<!doctype html>")
    assert {line["run"].lstrip("'") for line in csv.DictReader(io.StringIO(content["csv"].decode()))} == set(
        ids
    )
    assert [each["id"] for each in json.loads(content["json"])["runs"]] == ids
    assert len(zipfile.ZipFile(io.BytesIO(content["tensorboard"])).namelist()) == 2
    for form in ("script", "safetensors", "checkpoint"):
        told = result(said(url, "export", ids[0], "--as", form, "--to", form))
        content[form] = (tmp_path / told["written"]).read_bytes()
        refused = said(url, "export", *ids, "--as", form)
        assert refused.exit_code == 2
        assert "one run" in refused.stderr
    compile(content["script"], "script.py", "exec")
    back = Session.restored(unpack(content["checkpoint"]))
    assert back.step == 60
    weights = unpack_weights(content["safetensors"])
    for name, value in back.weights().arrays.items():
        assert np.array_equal(weights[name], value)


def unpack_weights(content):
    from safetensors.numpy import load

    return load(content)


def parameters(session):
    return [p.detach().numpy() for p in session.network.module.parameters()]


@pytest.mark.parametrize("branch", [False, True])
def test_a_resumed_run_equals_one_that_was_never_interrupted_to_the_last_bit(store, url, branch):
    run = filed(store, DROPPING, steps=66)  # in the middle of an epoch
    told = result(said(url, "resume", run, "--epochs", "9", *(["--branch"] if branch else [])))
    whole = Session(DROPPING)
    while whole.epoch < told["epochs"]:
        whole.advance_epoch()
    assert told["epochs"] == store.everybodys().get(run).epoch + (9 if branch else 0)
    assert (told["id"] == run) is not branch
    saved = store.of("somebody").get(told["id"])
    assert (saved.parent, saved.parent_step) == ((run, 66) if branch else ("", 0))
    assert (saved.state, saved.step) == ("paused", whole.step)
    resumed = Session.restored(store.of("somebody").checkpoint(told["id"]))
    for ours, theirs in zip(parameters(resumed), parameters(whole), strict=True):
        assert np.array_equal(ours, theirs)
    rows, expected = (each.history.exact() for each in (resumed, whole))
    assert np.array_equal(rows["rows"], expected["rows"])
    assert np.array_equal(rows["epoch"], expected["epoch"])
    assert told["test_loss"] == whole.evaluate().test_loss


def test_a_run_goes_on_to_its_own_stop_and_further_when_told_how_far(store, url):
    run = filed(store, Experiment(data="circle", stop={"epochs": 4}))
    assert result(said(url, "resume", run))["epochs"] == 4
    assert store.everybodys().get(run).state == "finished"
    over = said(url, "resume", run)
    assert over.exit_code == 2
    assert "This run is over" in over.stderr
    assert result(said(url, "resume", run, "--epochs", "2"))["epochs"] == 6


def test_a_run_without_a_stop_asks_how_far(store, url):
    answer = said(url, "resume", filed(store))
    assert answer.exit_code == 2
    assert "--epochs" in answer.stderr


def test_what_was_trained_before_an_interruption_is_saved(store, url):
    saved = store.everybodys().get(filed(store))

    def interrupted(session):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resume(store, saved, store.everybodys().checkpoint(saved.id), 500, interrupted)
    now = store.everybodys().get(saved.id)
    assert now.step > saved.step
    assert Session.restored(store.everybodys().checkpoint(saved.id)).step == now.step


def test_a_run_that_somebody_else_went_on_with_meanwhile_is_left_to_them(store, url):
    saved = store.everybodys().get(filed(store))
    record = store.everybodys().checkpoint(saved.id)
    with store.database.writing() as session:
        session.execute(update(RunRow).values(life=2**62))
    with pytest.raises(InterruptedError, match="Somebody else"):
        resume(store, saved, record, 1, lambda session: None)
    assert store.everybodys().get(saved.id).step == saved.step


def test_a_run_that_a_server_holds_is_left_to_it(store, url, tmp_path):
    run = filed(store)
    folder = tmp_path / "running" / "server"
    folder.mkdir(parents=True)
    (folder / "line.record").write_bytes(Record({"saved": {"id": run}}).to_bytes())
    claim = Claim.take(folder / "server.lock")
    answer = said(url, "resume", run, "--epochs", "1")
    assert answer.exit_code == 2
    assert "A server on this machine holds this run" in answer.stderr
    assert store.everybodys().get(run).step == 60
    claim.release()
    assert result(said(url, "resume", run, "--epochs", "1"))["steps"] > 60


def test_a_run_that_has_just_said_it_plays_is_left_to_whoever_trains_it(store, url, tmp_path):
    saved = store.everybodys().get(filed(store))
    assert held_by(saved, tmp_path) == ""
    playing = type(saved)(**{**vars(saved), "state": "playing"})
    assert "a server has it" in held_by(playing, tmp_path)


def test_an_id_that_nobody_has_is_refused_in_words(store, url):
    filed(store)
    for command in (("show",), ("export",), ("resume", "--epochs", "1")):
        for run in ("nobody", "-Ab3"):
            answer = said(url, *command, run)
            assert answer.exit_code == 2
            assert "No saved run has the id" in answer.stderr


def test_an_empty_store_and_none_at_all_are_told_in_words(url):
    assert "No run is saved here" in said(url, "list").stdout
    assert said(url, "show", "last").exit_code == 2
    answer = said("nothing://at all", "list")
    assert answer.exit_code == 1
    assert "names no database" in answer.stderr


def test_a_resumed_run_stays_its_owners(store, url):
    run = filed(store, owner="me")
    result(said(url, "resume", run, "--epochs", "1"))
    assert store.of("you").find() == []
    assert [each.id for each in store.of("me").find(Query())] == [run]
    assert hashed("me") != "me"


def test_a_sparkline_goes_from_the_lowest_to_the_highest():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]).startswith("▁▂▃▄▅▆▇█  0 → 7")
    assert sparkline([2.0, float("nan"), 1.0]).startswith("█ ▁")
    assert sparkline([float("nan")]) == sparkline([]) == ""
    assert len(sparkline(list(range(1000))).partition("  ")[0]) == 40
