"""The router: which pages there are.  Imported, the same file is the web application that serves them."""

import streamlit as st
from starlette.middleware import Middleware

from dlcore.guides import GUIDES
from pages.parts.serving import until_stopped
from pages.parts.visitor import Visitors

if __name__ == "__main__":  # as it is run for every visitor; the web server imports it once
    st.navigation(
        [
            st.Page("pages/playground.py", title="Playground", default=True),
            st.Page("pages/builder.py", title="Builder"),
            st.Page("pages/labs.py", title="Labs"),
            st.Page("pages/runs.py", title="Runs"),
            st.Page("pages/sweeps.py", title="Sweeps"),
            st.Page("pages/luck.py", title="Luck"),
            *(st.Page(f"pages/{guide.name}.py", title=guide.title) for guide in GUIDES),
        ],
        position="hidden",
    ).run()
else:
    app = st.App(__file__, lifespan=until_stopped, middleware=[Middleware(Visitors)])
