"""The components of assets/components, and the records they are given."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import plotly
import streamlit as st

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"
PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@st.cache_resource(show_spinner=False)
def component(name: str, *, isolated: bool = True) -> Any:
    """Register the component whose files are ``assets/components/NAME/NAME.{js,css}``, once a server."""
    folder = ASSETS / "components" / name
    parts = sorted(folder.glob("*.js"), key=lambda file: file.stem == name)  # the one that exports comes last
    scripts = [*sorted((ASSETS / "components").glob("*.js")), *parts]
    return st.components.v2.component(
        f"glassbox_{name}",
        css=(folder / f"{name}.css").read_text(),
        js="\n".join(file.read_text() for file in scripts),
        isolate_styles=isolated,
    )


@st.cache_resource(show_spinner=False)
def serve_plotly() -> str:
    """Put the plotly package's own plotly.js where the server finds it; give its address."""
    served = ROOT / "static" / f"plotly-{plotly.__version__}.min.js"
    if not served.exists():
        served.parent.mkdir(exist_ok=True)
        draft = served.with_suffix(".draft")
        shutil.copyfile(PLOTLY_JS, draft)
        draft.replace(served)
    return f"app/static/{served.name}"
