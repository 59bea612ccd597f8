"""Market: prices, windows and speeds since 2020, what could come, and a time machine."""

from datetime import date

import streamlit as st

from dsmr.ui import market
from dsmr.ui.balance import PRICE_WORDS
from dsmr.ui.evidence import project_results
from dsmr.ui.navigation import link
from dsmr.ui.parts import show_chart
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import plain
from dsmr.work import timemachine

LEAD = (
    "What tokens cost, how much a model could read, how fast it was: dated, each with its source."
)


def prices() -> float:
    left, middle, right = st.columns(3, gap="large")
    share = left.slider(
        "Output tokens", 0, 100, 25, 5, format="%d %%", key="market_share",
        help="A price per million tokens blends input and output; a quarter of output is usual.",
    )  # fmt: skip
    since = middle.select_slider(
        "Trend since", [2021, 2022, 2023, 2024], 2021, key="market_since",
        help="A straight line on the log scale. Move it to see how much it depends on its start.",
    )  # fmt: skip
    what_if = right.segmented_control(
        "The fall of prices", list(PRICE_WORDS), default="continues", required=True,
        key="market_whatif", format_func=PRICE_WORDS.get,
        help="Slows: half as fast. Break-even has the same switch.",
    ) or "continues"  # fmt: skip
    show_chart(market.price_chart(share / 100, since, what_if), "market_prices")
    st.caption(plain(market.next_year(share / 100, since, what_if)))
    link("breakeven", "What that does to the break-even")
    return share / 100


def windows() -> None:
    st.subheader("Context windows", anchor=False)
    show_chart(market.window_chart(), "market_windows")
    st.subheader("Speed", anchor=False)
    for column, (number, chart) in zip(
        st.columns(2, gap="large"), enumerate(market.speed_charts()), strict=True
    ):
        with column:
            show_chart(chart, f"market_speed_{number}")


def time_machine(desk: Desk) -> None:
    st.subheader("Time machine", anchor=False)
    st.caption("Your own recipes, with the tokens they took, at the prices and windows of a day.")
    found = project_results(desk.store, desk.project)
    who = tuple(timemachine.travellers(desk.store, desk.project.id, found))
    left, right = st.columns([3, 1], gap="large")
    day = left.slider(
        "Day", timemachine.FIRST_DAY, market.today(), date(2022, 6, 1), key="market_day",
        format="D MMM YYYY",
    )  # fmt: skip
    makers = ["any maker", *timemachine.makers()]
    chosen = right.selectbox("Models of", makers, key="market_maker")
    maker = None if chosen == makers[0] else chosen
    show_chart(market.journey_chart(who, day, maker), "market_journey")
    st.dataframe(
        market.journey_table(who, day, maker), hide_index=True, height="content",
        key="market_journey_table", placeholder="–",
        column_config={
            "Longest prompt": st.column_config.NumberColumn(
                format="localized", help="Tokens, with room for the reply."
            ),
            "Largest window": st.column_config.NumberColumn(
                format="localized", help="Tokens of the largest window on sale that day."
            ),
            "Then": st.column_config.NumberColumn(format="$%.4f", help="USD per 1,000 questions."),
            "Today": st.column_config.NumberColumn(format="$%.4f", help="USD per 1,000 questions."),
            "Times": st.column_config.NumberColumn(format="%.1f ×", help="Then against today."),
        },
    )  # fmt: skip
    st.caption(
        "Cheapest says nothing about how good its answers would have been. Models whose window is "
        "not known are left out."
    )
    if not all(one.measured for one in who):
        typical = [one.name for one in who if not one.measured]
        st.caption(plain(f"Not from runs of yours: {', '.join(typical)}."))


with open_page("market", LEAD) as desk:
    blend = prices()
    windows()
    time_machine(desk)
    with st.expander("Every figure with its source"):
        st.dataframe(
            market.facts_table(blend), hide_index=True, height=420, key="market_facts",
            column_config={
                "Date": st.column_config.DateColumn(format="D MMM YYYY"),
                "Value": st.column_config.NumberColumn(format="%.4g"),
                "Source": st.column_config.TextColumn(width="large"),
            },
        )  # fmt: skip
