import json

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from dlcore.export.forms import FORMS
from dlcore.export.report import MOST
from dlcore.store import Store, StoreError, StoreSettings
from pages.parts import report
from pages.parts.report import app_address, hindrance
from tests.export.entries import filed

OWNER = "somebody"


def page(url, owner, ids):
    from dlcore.store import Store, StoreSettings
    from pages.parts.report import report_acts

    report_acts(Store(StoreSettings(database_url=url)).of(owner), ids, "acts")


@pytest.fixture
def made(monkeypatch):
    """What makes each download, by its label, and the name of its file."""
    found = {}
    monkeypatch.setattr(
        report.st,
        "download_button",
        lambda label, make, file, *rest, **how: found.update({label: (make, file, how.get("disabled"))}),
    )
    return found


@pytest.fixture
def saved(tmp_path):
    opened = Store(StoreSettings(database_url=f"sqlite:///{tmp_path}/runs.db"))
    yield opened
    opened.close()


def drawn(saved, ids, owner=OWNER):
    at = AppTest.from_function(page, args=(saved.database.url, owner, ids), default_timeout=30).run()
    assert not at.exception
    return at


def test_a_saved_run_is_had_in_every_form(saved, made):
    run = filed(saved, name="Größe")
    drawn(saved, [run])
    assert list(made) == [form.name for form in FORMS.values()]
    assert {file for _, file, _ in made.values()} == {f"Größe.{form.ending}" for form in FORMS.values()}
    assert b"<bdi>Gr\xc3\xb6\xc3\x9fe</bdi></h1>" in made["Report"][0]()
    assert json.loads(made["JSON"][0]())["runs"][0]["id"] == run
    for make, _, disabled in made.values():
        assert not disabled
        assert make()


def test_several_runs_are_had_side_by_side_and_no_script_of_them(saved, made):
    ids = [filed(saved, name=name) for name in ("a", "b")]
    drawn(saved, ids)
    assert "PyTorch script" not in made
    assert made["CSV"][1] == "2-runs.csv"
    assert b"Settings that differ" in made["Report"][0]()


def test_nobody_has_the_runs_of_another(saved, made):
    drawn(saved, [filed(saved, name="secret")], owner="another")
    assert made["Report"][1] == "run.html"
    with pytest.raises(ValueError, match="None of these runs"):
        made["Report"][0]()


def test_why_there_was_nothing_to_download_is_said_until_there_is(saved, made):
    at = drawn(saved, [filed(saved)])
    with saved.database.writing() as session:
        session.execute(text("ALTER TABLE checkpoints RENAME TO away"))
    with pytest.raises(StoreError):
        made["CSV"][0]()
    assert at.run().error[0].value.startswith("CSV: The database of saved runs does not answer")
    with saved.database.writing() as session:
        session.execute(text("ALTER TABLE away RENAME TO checkpoints"))
    made["CSV"][0]()
    assert not at.run().error


def test_too_many_runs_for_a_report_are_still_had_as_a_table():
    assert hindrance(FORMS["html"], MOST) == hindrance(FORMS["csv"], 100) == ""
    assert str(MOST) in hindrance(FORMS["html"], MOST + 1)
    assert hindrance(FORMS["csv"], 0)


@pytest.mark.parametrize(
    ("page", "app"),
    [
        ("http://localhost:8501/", "http://localhost:8501/"),
        ("http://localhost:8501", "http://localhost:8501/"),
        ("https://a.example/glass/runs?x=1", "https://a.example/glass/"),
        ("", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_the_app_is_where_its_pages_are(page, app):
    assert app_address(page) == app
