"""Saved runs: in a database, each seen by its owner alone."""

from dlcore.store.runs import Runs
from dlcore.store.saved import MEASURES, Moment, Query, Saved, SavedSweep, StoreError
from dlcore.store.settings import StoreSettings
from dlcore.store.store import Store, store

__all__ = [
    "MEASURES",
    "Moment",
    "Query",
    "Runs",
    "Saved",
    "SavedSweep",
    "Store",
    "StoreError",
    "StoreSettings",
    "store",
]
