"""Prices."""

import streamlit as st

from dsmr.ui.state import open_page

with open_page("prices") as desk:
    st.caption("Soon.")
