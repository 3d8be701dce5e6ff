"""The labs: one idea each, asked as a question."""

from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from dlcore.guides import GUIDES
from pages.parts import chrome

chrome.page("Labs")
st.html("<h1>See the ideas of deep learning happen</h1>")
st.caption("Each lab asks one question.  Predict, press Play, and see what a real network does.")
with st.container(key="lab-index"):
    for number, guide in enumerate(GUIDES, 1):
        with st.container(border=True, key=f"lab-card-{guide.name}"):
            with suppress(StreamlitPageNotFoundError):  # a page that is run by itself has no others beside it
                st.page_link(f"pages/{guide.name}.py", label=f"**{number}  {guide.title}**", icon=guide.icon)
            st.markdown(guide.question)
            st.caption(guide.hint)
