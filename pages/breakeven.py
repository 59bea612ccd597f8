"""Break-even."""

import streamlit as st

from dsmr.ui.state import open_page

with open_page("breakeven") as desk:
    st.caption("Soon.")
