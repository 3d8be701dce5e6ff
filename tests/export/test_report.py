import base64
import io
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Task
from dlcore.data.own import pack
from dlcore.experiment import Experiment, Seeds
from dlcore.export.entry import Entry
from dlcore.export.report import MOST, file_name, report
from dlcore.link import decode, loads
from dlcore.presets import PRESETS
from dlcore.store.tables import LONGEST_NOTES
from dlcore.templates import TEMPLATES
from tests.export.entries import HOSTILE, entry, renamed

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
ADDRESS = "https://glassbox.example/"
FORBIDDEN = {"script", "link", "iframe", "object", "embed", "form", "base", "audio", "video", "frame"}


class Document(HTMLParser):
    """What a browser takes a text for: its tags with their attributes, and what is written in each."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open.append(tag)
        self.texts.append([tag, ""])

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.texts:
            self.texts[-1][1] += data

    def all(self, tag):
        return [attributes for each, attributes in self.tags if each == tag]

    def said(self, tag):
        return [text for each, text in self.texts if each == tag]


def alike(n):
    """Runs of one experiment that differ in where their weights start."""
    return [
        renamed(entry(Experiment(data="circle", seeds=Seeds(init=i))), id=f"run{i}", name=f"Seed {i}")
        for i in range(n)
    ]


def told(text):
    """All that can be read, in one line."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", text.partition("</style>")[2]))


@pytest.mark.parametrize("n", [1, 3])
def test_a_report_asks_nobody_for_anything_and_holds_no_program(n):
    text = report(alike(n), NOW, ADDRESS)
    document = Document(text)
    assert not FORBIDDEN & {tag for tag, _ in document.tags}
    for tag, attributes in document.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "srcset", "poster", "background", "action", "xlink:href", "data"):
            assert (
                attributes.get(name, "data:").startswith("data:image/png;base64,") or name not in attributes
            )
        assert tag == "a" or "href" not in attributes
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(each for each in document.all("meta") if "http-equiv" in each)
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_what_a_visitor_wrote_is_text_and_never_a_tag():
    kind = {"name": HOSTILE, "notes": HOSTILE, "tags": (HOSTILE, "b"), "message": HOSTILE, "id": HOSTILE}
    harmless = {"name": "a", "notes": "a", "tags": ("a", "b"), "message": "a", "id": "a"}
    marks = {"marks": ((1.0, HOSTILE), (2.0, "b"))}, {"marks": ((1.0, "a"), (2.0, "b"))}
    for n in (1, 2):
        runs = [
            [renamed(each, **words, **mark) for each in alike(n)]
            for words, mark in zip((kind, harmless), marks, strict=True)
        ]
        hostile, plain = (Document(report(each, NOW, ADDRESS)) for each in runs)
        assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
        assert hostile.said("h1") == [""]
        shown = HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd").replace("\ud800", "\ufffd")
        assert shown in " ".join(hostile.said("bdi"))
    assert report(runs[0], NOW).encode()


def test_an_address_that_is_none_of_the_web_becomes_no_link():
    for address in ("", "javascript:alert(1)//", "https://a b", "file:///etc/passwd"):
        assert Document(report([entry()], NOW, address)).all("a") == []
    link = Document(report([entry()], NOW, ADDRESS)).all("a")[0]["href"]
    assert link.startswith(f"{ADDRESS}?x=")
    assert decode(link.partition("?x=")[2]).experiment == entry().saved.experiment


def test_a_report_says_what_the_run_is_and_what_it_came_to():
    measures = {**entry().saved.measures, "test_score": 0.9125, "test_loss": 0.2468, "train_loss": 0.1}
    run = renamed(
        entry(),
        name="Über Kreise 🎈",
        notes="Zwei Zeilen\nund Größe",
        tags=("Kurs 3",),
        measures=measures,
        epoch=1234,
        seconds=75.0,
        marks=((2.5, "learning rate 0.003 → 0.01"),),
    )
    text = report([run], NOW)
    document = Document(text)
    assert "Über Kreise 🎈 · Glassbox" in document.said("title")
    read = told(text)
    for words in (
        "20 November 2026, 17:45 UTC",
        "After 1\u2009234 epochs and 1 min 15 s of training, the network of 177 parameters came to accuracy "
        "0.912 and loss 0.247 on the test data.",
        "Zwei Zeilen und Größe",
        "Kurs 3",
        "epoch 2.5 learning rate 0.003 → 0.01",
        "Circle",
        "Together 177",
    ):
        assert words in read, words
    settings = next(each for each in document.said("code") if each.startswith("{"))
    assert loads(settings) == run.saved.experiment
    code = next(each for each in document.said("code") if "import torch" in each)
    compile(code, "experiment.py", "exec")


def test_a_curve_goes_through_the_numbers_of_the_history():
    run = entry()
    text = report([run], NOW)
    drawing = text[text.index('aria-labelledby="run-loss-title') :]
    line = re.search(
        r'<path class="line train run-0" d="([^"]*)"|d="([^"]*)" class="line train run-0"', drawing
    )
    points = np.array(
        re.findall(r"(-?[\d.]+) (-?[\d.]+)", next(each for each in line.groups() if each)), float
    )
    x, y = run.history["epoch"].astype(float), run.history["rows"][:, 0]
    for drawn, true in zip(points.T, (x, y), strict=True):
        # an axis is a straight line from numbers to places: so are they of each other
        slope, start = np.polyfit(true, drawn, 1)
        assert np.abs(start + slope * true - drawn).max() < 0.11
    assert np.polyfit(y, points[:, 1], 1)[0] < 0


def test_picture_shows_the_answers_the_right_way_up_light_and_dark():
    map = np.zeros((48, 48), np.uint8)
    map[40:] = 255  # the highest rows of the plane are class 1
    document = Document(report([replace(entry(), pictures={1: {"map": map}})], NOW))
    for source, theme in (
        (document.all("img")[0]["src"], LIGHT),
        (document.all("source")[0]["srcset"], DARK),
    ):
        picture = np.asarray(
            Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("RGB")
        )
        colours = [
            np.array([int(each[i : i + 2], 16) for i in (1, 3, 5)])
            for each in (theme.positive, theme.negative)
        ]
        top, bottom = (np.abs(picture[row, 20].astype(int) - np.array(colours)).sum(1) for row in (2, 45))
        assert top.argmin() == 0
        assert bottom.argmin() == 1


def test_pictures_stand_along_the_run_with_their_epochs():
    document = Document(report([entry()], NOW))
    captions = [each for each in document.said("figcaption") if each.startswith("epoch")]
    assert captions == ["epoch 1", "epoch 2", "epoch 3", "epoch 4"]
    assert all(each["alt"] for each in document.all("img"))


def test_maps_of_an_image_are_shown_with_it():
    maps = np.random.default_rng(0).integers(0, 256, (8, 12, 12)).astype(np.uint8)
    e = Experiment(data={"kind": "digits", "n_images": 100}, network=("conv2d", "flatten"), batch_size=50)
    run = replace(entry(e, epochs=1), pictures={5: {"sample": maps[0], "maps": maps}})
    image = Document(report([run], NOW)).all("img")[0]
    content = base64.b64decode(image["src"].partition(",")[2])
    assert Image.open(io.BytesIO(content)).size == (96, 96)


def test_a_comparison_lays_settings_curves_and_results_side_by_side():
    runs = [*alike(2), renamed(entry(Experiment(data="circle", batch_size=30)), id="c", name="Thirty")]
    text = report(runs, NOW)
    document = Document(text)
    read = told(text)
    assert "Settings that differ Setting 1 Seed 0 2 Seed 1 3 Thirty" in read
    assert "Init seed 0 1 1" in read
    assert "Batch size 10 10 30" in read
    assert "Learning rate" not in read.partition("Curves")[0].partition("Settings that differ")[2]
    losses = [each.saved.measures["test_loss"] for each in runs[:2]]
    mean, deviation = np.mean(losses), np.std(losses, ddof=1)
    assert f"{mean:.3g} ± {deviation:.3g} (2)" in read
    best = max(runs, key=lambda each: each.saved.measures["test_score"])
    assert f"Of 3 runs, {best.saved.name} came to the highest test accuracy" in read
    for share in ("train", "validation", "test"):
        drawing = text[text.index(f'"all-{share}-loss-title') :].partition("</svg>")[0]
        assert len(re.findall(rf"line {share} run-[123]", drawing)) == 3
    names = [each["id"] for _, each in document.tags if "id" in each]
    assert len(names) == len(set(names))


def test_runs_of_several_tasks_share_no_name_for_their_score():
    values = renamed(entry(Experiment(data="plane", loss="mean_squared"), epochs=2), id="v", name="Values")
    read = told(report([entry(), values], NOW))
    assert "Training score" in read
    assert "2 runs that no one measure ranks." in read


def test_runs_on_several_data_sets_are_not_ranked():
    moons = renamed(entry(Experiment(data="moons"), epochs=2), id="m")
    assert "2 runs that no one measure ranks." in told(report([entry(), moons], NOW))


def test_a_script_says_whether_it_makes_the_runs_weights():
    changed = renamed(entry(), marks=((2.0, "learning rate 0.003 → 0.01"),))
    assert "Trained to epoch 4, the script makes its weights." in told(report([entry()], NOW))
    assert "the script comes to weights of its own" in told(report([changed], NOW))


def test_runs_of_one_experiment_are_said_to_be_alike():
    run = entry()
    assert "the very same settings" in told(report([run, renamed(run, id="b")], NOW))


@pytest.mark.parametrize("n", [0, MOST + 1])
def test_no_run_and_too_many_are_refused_in_words(n):
    with pytest.raises(ValueError, match=f"1 to {MOST} runs"):
        report([entry()] * n, NOW)


def test_a_comparison_of_eight_runs_stays_below_two_megabytes_with_all_that_they_may_have():
    rng = np.random.default_rng(0)
    points = pack(rng.uniform(-6, 6, (1000, 2)), rng.integers(0, 2, 1000))
    e = Experiment(data={"kind": "own", "points": points})
    pictures = {i: {"map": rng.integers(0, 256, (48, 48)).astype(np.uint8)} for i in range(16)}
    runs = [
        renamed(each, experiment=e, notes="ä" * LONGEST_NOTES, marks=((1.0, "x" * 80),) * 40)
        for each in alike(8)
    ]
    text = report([replace(each, pictures=pictures) for each in runs], NOW)
    assert len(text.encode()) < 2_000_000
    assert text.count("<picture>") == 48


def test_a_run_that_broke_down_says_so_and_draws_what_there_is():
    rows = entry().history["rows"].copy()
    rows[2:] = math.nan
    measures = dict.fromkeys(entry().saved.measures)
    message = "The loss became nan at step 60."
    run = renamed(entry(), state="failed", message=message, measures=measures)
    run = replace(run, history={**run.history, "rows": rows})
    assert "parameters broke down. The loss became nan at step 60." in told(report([run], NOW))


def test_a_run_without_a_history_has_a_report():
    empty = {"epoch": np.zeros(0, np.int64), "rows": np.zeros((0, 6))}
    bare = Entry(replace(entry().saved, measures={}), empty)
    assert "was measured by nothing" in told(report([bare], NOW))
    assert report([bare, bare], NOW)


KINDS = {each.name: each.on() for each in TEMPLATES} | {each.name: each.experiment for each in PRESETS}


@pytest.mark.parametrize("e", KINDS.values(), ids=KINDS)
def test_every_template_and_preset_has_a_report(e):
    run = renamed(entry(), experiment=e, n_parameters=1)
    run = run if e.task is Task.BINARY else replace(run, pictures={})
    read = told(report([run], NOW))
    assert e.data.heading() in read
    assert f"Together {e.n_parameters():,}".replace(",", "\u2009") in read


def test_a_file_has_a_name_that_every_system_takes():
    assert file_name("Größe: 3/4 🎈", "html") == "Größe-3-4.html"
    assert file_name("../..", "csv") == "run.csv"
    assert len(file_name(HOSTILE * 9, "zip")) < 70
