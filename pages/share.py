"""Report."""

import streamlit as st

from dsmr.ui.state import open_page

with open_page("share") as desk:
    st.caption("Soon.")
