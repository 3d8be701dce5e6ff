"""The same store in SQLite and in PostgreSQL; records as real workers write them."""

import os

import psycopg
import pytest

from dlcore.engine.autosave import Autosave
from dlcore.engine.protocol import State, orders
from dlcore.experiment import Experiment
from dlcore.owner import hashed
from dlcore.record import Record
from dlcore.store import Store, StoreSettings
from dlcore.training.session import Session
from tests.store.postgres import Postgres, programs

NEED = "GLASSBOX_NEED_POSTGRESQL"


@pytest.fixture(scope="session")
def postgres():
    found = programs()
    if found is None:
        if os.environ.get(NEED):
            pytest.fail(f"{NEED} is set, and PostgreSQL is not installed")
        pytest.skip("no PostgreSQL on this machine; .ci/run installs one")
    server = Postgres(found)
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'glassbox.db'}"
    return request.getfixturevalue("emptied")


@pytest.fixture(scope="session")
def one_database(postgres):
    return postgres.new("tests")


@pytest.fixture
def emptied(one_database):
    """The same database for every test, emptied: making one takes half a second."""
    with psycopg.connect(one_database.replace("+psycopg", "")) as connection:
        made = connection.execute("SELECT to_regclass('runs')").fetchone()
        if made != (None,):
            connection.execute("TRUNCATE runs, sweeps CASCADE")
    return one_database


@pytest.fixture
def store(address):
    made = Store(StoreSettings(database_url=address))
    yield made
    made.close()


@pytest.fixture(scope="session")
def worker(tmp_path_factory):
    """Make what writes a session down, as a worker does, for some owner; and reads back what it wrote."""

    def made(experiment=None, owner="me", line="line", life=1, given=None, continues=False, **told):
        return Writer(
            experiment or small(), tmp_path_factory.mktemp("run"), owner, line, life, given, continues, told
        )

    return made


def small(**settings):
    network = ({"kind": "dense", "units": 3},)
    return Experiment(**{"network": network, "data": {"kind": "circle", "n_points": 60}, **settings})


class Writer:
    """A session, and the file in which it is written down."""

    def __init__(self, experiment, folder, owner, line, life, given, continues, told):
        self.file = folder / f"{line}.record"
        said = orders(
            pause_after_s=60,
            end_after_s=60,
            file=str(self.file),
            line=line,
            owner=hashed(owner),
            life=life,
            continues=continues,
            **told,
        )
        self.session = Session.restored(given) if given else Session(experiment)
        self.autosave = Autosave(said, self.session, given or Record({}, {}))

    @property
    def id(self):
        return self.autosave.id

    def learn(self, epochs, seconds=1.0):
        """Train, and say that each epoch took so many seconds."""
        for _ in range(epochs):
            self.session.advance_epoch()
            self.autosave.clock.add(seconds, self.session)
        return self

    def record(self, state=State.PAUSED):
        """What is written down now."""
        self.autosave.soon()
        self.autosave.save(self.session, state)
        return Record.from_bytes(self.file.read_bytes())
