"""The router: which pages there are."""

import streamlit as st

st.navigation(
    [st.Page("pages/playground.py", title="Playground", icon=":material/hub:", default=True)],
    position="hidden",
).run()
