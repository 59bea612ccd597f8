"""Prices: what models cost, the user's own sheet, and what the runs came to."""

import streamlit as st

from dsmr.ui import pricing
from dsmr.ui.parts import show_problems
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import count, explain, plain, usd

LEAD = "Dated prices with their source. Your own come first, then the list; nothing is fetched."
HELP = {
    "Answering, list": "As if every reply had been asked for: what users would pay.",
    "Answering, spent": "Really used up: repeated replies come from the cache and cost nothing.",
    "Training, once": "Each adapter once, whatever the number of questions.",
    "Indexing, once": "Embedding the documents, at the price of this machine.",
    "Judging": "Verdicts of model judges; no part of what users pay.",
}


def came_to(desk: Desk) -> None:
    st.subheader("What your runs came to", anchor=False, help=explain("cost", "tokens"))
    totals = pricing.totals(desk.store, desk.project)
    for column, (name, amount) in zip(st.columns(len(totals)), totals.items(), strict=True):
        column.metric(name, usd(amount), help=HELP[name])
    table = pricing.bills(desk.store, desk.project)
    if table.empty:
        st.caption("No run yet.")
        return
    money = st.column_config.NumberColumn(format="$%.4f")
    st.dataframe(
        table, hide_index=True, height="content" if len(table) < 12 else 420, key="bills",
        placeholder="–",
        column_config={
            "Started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
            "Tokens": st.column_config.NumberColumn(format="localized"),
            "List cost": money, "Per 1,000": money, "Really spent": money, "Paid once": money,
            "Price when submitted": st.column_config.TextColumn(
                help="Kept with the run. The figures beside it follow the price of today."
            ),
        },
    )  # fmt: skip


def look_up() -> None:
    st.subheader("Look up", anchor=False)
    left, right = st.columns([3, 1], gap="large")
    model = left.selectbox(
        "Model", pricing.listed_models(), index=None, key="price_model",
        placeholder="Choose or type a model", accept_new_options=True,
    )  # fmt: skip
    day = right.date_input("On", pricing.today(), key="price_day", max_value=pricing.today())
    if not model:
        return
    found = pricing.listed(model, day)
    if found is None:
        st.caption("No price is known for this model on that day. Enter one below.")
        return
    st.markdown(plain(pricing.price_words(found)))
    st.caption(plain(f"{found.provider}/{found.model}. Source: {found.source}, {found.date}"))


def own_sheet(desk: Desk) -> None:
    st.subheader("Your own sheet", anchor=False)
    st.caption(
        "USD per million tokens. The name is the one the endpoint knows, or the one that local "
        "runs are priced as. Add a row at the end, delete rows by their tick."
    )
    version = st.session_state.setdefault("price_edits", 0)
    before = pricing.own_table(desk.store)
    price = {"format": "$%.4f", "min_value": 0.0}
    edited = st.data_editor(
        before, num_rows="dynamic", hide_index=True, key=f"price_sheet_{version}",
        column_config={
            "Model": st.column_config.TextColumn(width="medium"),
            "In": st.column_config.NumberColumn(**price),
            "Cached in": st.column_config.NumberColumn(
                **price, help="Empty: no discount, the full price in is paid."
            ),
            "Cache write": st.column_config.NumberColumn(
                **price, help="Empty: writing to the cache costs no more than input."
            ),
            "Out": st.column_config.NumberColumn(**price),
            "Source": st.column_config.TextColumn(width="medium", help="Where you read it."),
            "Date": st.column_config.TextColumn(help="Day for which it holds."),
        },
    )  # fmt: skip
    sheet = pricing.read_sheet(edited)
    show_problems(sheet.problems, "price_problems")
    changed = not edited.equals(before)
    if changed and st.button(
        f"Save {count(len(sheet.prices), 'price')}", type="primary", key="price_save",
        disabled=bool(sheet.problems),
    ):  # fmt: skip
        pricing.save_sheet(desk.store, sheet)
        st.session_state["price_edits"] += 1
        st.rerun()


def shipped() -> None:
    with st.expander("The dated price sheet that ships"):
        wanted = st.text_input(
            "Search", key="price_search", placeholder="Provider or model",
            icon=":material/search:", label_visibility="collapsed",
        )  # fmt: skip
        money = st.column_config.NumberColumn(format="$%.4g")
        st.dataframe(
            pricing.shipped_table(wanted), hide_index=True, height=420, key="shipped_prices",
            placeholder="–",
            column_config={
                "In": money, "Cached in": money, "Out": money,
                "Window": st.column_config.NumberColumn(format="localized"),
                "Source": st.column_config.TextColumn(width="large"),
            },
        )  # fmt: skip
        st.caption(
            "Prices of today come from the genai-prices package first; this sheet serves what it "
            "lacks, and days past."
        )


with open_page("prices", LEAD) as desk:
    came_to(desk)
    look_up()
    own_sheet(desk)
    shipped()
