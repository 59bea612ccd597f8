"""Published evidence."""

import streamlit as st

from dsmr.ui.state import open_page

with open_page("published") as desk:
    st.caption("Soon.")
