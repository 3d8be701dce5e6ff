"""The router: which pages there are."""

import streamlit as st

from dlcore.guides import GUIDES

st.navigation(
    [
        st.Page("pages/playground.py", title="Playground", default=True),
        st.Page("pages/builder.py", title="Builder"),
        st.Page("pages/labs.py", title="Labs"),
        st.Page("pages/luck.py", title="Luck"),
        *(st.Page(f"pages/{guide.name}.py", title=guide.title) for guide in GUIDES),
    ],
    position="hidden",
).run()
