import io
import struct
import zipfile
from pathlib import PurePosixPath

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

from dlcore.experiment import Experiment
from dlcore.export.entry import MEASURES
from dlcore.export.tensorboard import as_zip, events
from dlcore.link import loads
from tests.export.entries import BEGUN, HOSTILE, entry, renamed


def crc32c(data):
    """Castagnoli's checksum, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read(content):
    """The events of a file, each of whose checksums has to hold."""
    found, at = [], 0
    while at < len(content):
        length, of_length = struct.unpack_from("<QI", content, at)
        assert of_length == masked(content[at : at + 8])
        body = content[at + 12 : at + 12 + length]
        assert struct.unpack_from("<I", content, at + 12 + length) == (masked(body),)
        found.append(Event.FromString(body))
        at += 16 + length
    return found


def scalars(content, tag):
    return [
        (event.step, event.wall_time, value.simple_value)
        for event in read(content)
        for value in event.summary.value
        if value.tag == tag
    ]


def test_the_checksum_here_is_the_one_of_the_standard():
    assert crc32c(b"123456789") == 0xE3069283


@pytest.mark.parametrize(
    ("tag", "measure"),
    [("loss/train", "train_loss"), ("loss/validation", "validation_loss"), ("accuracy/test", "test_score")],
)
def test_the_curves_come_back_at_their_steps_and_times(tag, measure):
    run = entry()
    told = scalars(events(run), tag)
    rows = run.history["rows"][:, MEASURES.index(measure)]
    assert [step for step, _, _ in told] == run.history["step"].astype(int).tolist()
    assert [when for _, when, _ in told] == (BEGUN.timestamp() + run.history["seconds"]).tolist()
    assert [value for _, _, value in told] == rows.astype(np.float32).tolist()


def test_the_file_begins_with_its_version_and_holds_the_experiment():
    content = read(events(renamed(entry(), notes="Seen: Größe")))
    assert content[0].file_version == "brain.Event:2"
    texts = {
        value.tag: value.tensor.string_val[0].decode()
        for event in content
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "text"
    }
    code = texts["experiment/text_summary"].removeprefix("```json").removesuffix("```")
    assert loads(code) == entry().saved.experiment
    assert texts["notes/text_summary"] == "Seen: Größe"


def test_settings_are_hyperparameters_with_the_curves_as_their_measures():
    told = [
        HParamsPluginData.FromString(value.metadata.plugin_data.content)
        for event in read(events(entry(Experiment(data="circle", batch_size=30), epochs=1)))
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "hparams"
    ]
    started = next(each.session_start_info for each in told if each.HasField("session_start_info"))
    assert started.hparams["batch size"].number_value == 30
    assert started.hparams["learning rate"].number_value == 0.003
    measures = next(each.experiment.metric_infos for each in told if each.HasField("experiment"))
    assert {each.name.tag for each in measures} > {"loss/train", "accuracy/test"}


def test_regression_has_its_own_score():
    run = entry(Experiment(data="plane", loss="mean_squared"), epochs=1)
    assert len(scalars(events(run), "r2/test")) == 2


def test_what_is_no_number_is_no_point():
    run = entry(Experiment(data="circle", split={"validation": 0}), epochs=1)
    assert scalars(events(run), "loss/validation") == []


def test_each_run_has_a_folder_of_its_own_whatever_it_is_called():
    names = ["../../etc/passwd", "a/b", "a\\b", "", "Größe 🎈", "Größe 🎈", HOSTILE, "x" * 300]
    runs = [renamed(entry(), name=name) for name in names]
    with zipfile.ZipFile(io.BytesIO(as_zip(runs))) as packed:
        paths = [PurePosixPath(name) for name in packed.namelist()]
        assert len({path.parent for path in paths}) == len(names)
        for path in paths:
            assert len(path.parts) == 2
            assert path.name.startswith("events.out.tfevents.")
            assert ".." not in path.parts
            assert len(path.parts[0]) <= 60
        assert read(packed.read(packed.namelist()[0]))
