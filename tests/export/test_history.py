import csv
import io
import json
import math

import pytest

from dlcore.experiment import Experiment
from dlcore.export.entry import MEASURES
from dlcore.export.history import COLUMNS, as_csv, as_json
from tests.export.entries import entry, renamed


def lines(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_number_of_a_table_reads_back_to_the_last_bit():
    run = entry()
    read = lines(as_csv([run]))
    assert tuple(read[0]) == COLUMNS
    assert [int(line["epoch"]) for line in read] == run.history["epoch"].tolist()
    assert [float(line["step"]) for line in read] == run.history["step"].tolist()
    assert [float(line["seconds"]) for line in read] == run.history["seconds"].tolist()
    for i, name in enumerate(MEASURES):
        assert [float(line[name]) for line in read] == run.history["rows"][:, i].tolist()
    told = json.loads(as_json([run]))["runs"][0]["history"]
    for i, name in enumerate(MEASURES):
        assert [row[name] for row in told] == run.history["rows"][:, i].tolist()


def test_runs_stand_below_each_other_under_their_ids_and_names():
    read = lines(as_csv([entry(), renamed(entry(), id="other", name='Größe, "x"\n🎈')]))
    assert [line["run"] for line in read] == ["kA3-x_9"] * 5 + ["other"] * 5
    assert read[-1]["name"] == 'Größe, "x"\n🎈'


def test_what_is_no_number_is_empty_in_a_table_and_null_in_json():
    run = entry(Experiment(data="circle", split={"validation": 0}), epochs=1)
    assert math.isnan(run.history["rows"][0, 1])
    assert [line["validation_loss"] for line in lines(as_csv([run]))] == ["", ""]
    told = json.loads(as_json([run]), parse_constant=pytest.fail)["runs"][0]
    assert told["measures"]["validation_loss"] is None
    assert told["history"][0]["validation_score"] is None


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_name_is_a_formula_to_a_spreadsheet(name):
    read = lines(as_csv([renamed(entry(), name=name, id=name)]))
    assert read[0]["name"] == f"'{name}"
    assert read[0]["run"] == f"'{name}"


def test_json_holds_the_experiment_and_the_words():
    run = renamed(entry(), notes="=1", tags=("a", "ä"), parent="before", parent_step=7)
    told = json.loads(as_json([run]))["runs"][0]
    assert Experiment.model_validate(told["experiment"]) == run.saved.experiment
    assert (told["notes"], told["tags"], told["parent"], told["parent_step"]) == (
        "=1",
        ["a", "ä"],
        "before",
        7,
    )
    assert told["begun"] == "2026-11-20T17:45:30+00:00"
