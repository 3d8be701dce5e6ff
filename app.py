"""The router: which pages there are."""

import streamlit as st

st.navigation(
    [
        st.Page("pages/playground.py", title="Playground", default=True),
        st.Page("pages/builder.py", title="Builder"),
    ],
    position="hidden",
).run()
