"""Human check."""

import streamlit as st

from dsmr.ui.state import open_page

with open_page("ratings") as desk:
    st.caption("Soon.")
