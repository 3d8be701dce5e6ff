"""The small pictures of saved runs; and what is shown where there is no asking for them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.charts import thumbnails
from dlcore.charts.theme import Theme
from dlcore.record import Arrays
from dlcore.store import Runs, Saved, StoreError


def pictures(store: Runs, runs: Sequence[Saved], theme: Theme) -> dict[str, tuple[str, Arrays]]:
    """The address of each run's newest picture, by id, with its arrays; else the fall of its loss."""
    found = store.pictures(each.id for each in runs)
    made = {
        each.id: (thumbnails.picture(found[each.id], each.experiment.task, theme), found[each.id])
        for each in runs
        if found.get(each.id)
    }
    bare = [each.id for each in runs if not made.get(each.id, ("",))[0]]
    histories = store.histories(bare) if bare else {}
    return made | {run: (thumbnails.sparkline(histories.get(run, {}), theme), {}) for run in bare}


def away(error: StoreError) -> None:
    """Say why there are no runs to be seen just now."""
    st.warning(f"{error}  They are shown here again as soon as it can be.", icon=":material/cloud_off:")
