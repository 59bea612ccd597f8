"""Break-even: from which volume on fine-tuning, retrieval or examples cost least."""

from dataclasses import replace

import streamlit as st

from dsmr.market.prices import known_models
from dsmr.ui import balance
from dsmr.ui.evidence import project_results
from dsmr.ui.navigation import link
from dsmr.ui.parts import show_chart
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import plain
from dsmr.work import breakeven
from dsmr.work.breakeven import Assumptions
from dsmr.work.results import own_prices

LEAD = (
    "What each technique costs a month: tokens, training, labelling, and doing it again when "
    "the base model changes. Quality is not in it; it stands beside it in the table."
)


def settings(desk: Desk, start: Assumptions) -> Assumptions:
    """Sliders, the most used ones first; what is set here is kept with the project."""
    names = sorted({*known_models(), *own_prices(desk.store), start.model})
    left, middle, right = st.columns(3, gap="large")
    volume = left.select_slider(
        "Questions a month", balance_steps(start.volume), start.volume, key="be_volume",
        format_func=lambda v: f"{v:,.0f}",
    )  # fmt: skip
    model = middle.selectbox(
        "Priced as", names, names.index(start.model), key="be_model",
        help="Whose token prices are paid, whatever model your runs used.",
    )  # fmt: skip
    prices = right.segmented_control(
        "The fall of prices", list(balance.PRICE_WORDS), default=start.prices, required=True,
        key="be_prices", format_func=balance.PRICE_WORDS.get,
        help="What the trend of the market page does from today on.",
    )  # fmt: skip
    made = replace(
        start, volume=float(volume), model=model or start.model, prices=prices or start.prices
    )
    with st.expander("Training, labels, base-model changes, cache"):
        return more(made)


def balance_steps(now: float) -> list[float]:
    rounds = [float(n * 10**power) for power in range(2, 7) for n in (1, 2, 5)]
    return sorted({*rounds, 10.0**7, now})


def more(start: Assumptions) -> Assumptions:
    one, two, three = st.columns(3, gap="large")
    training = one.number_input(
        "One training, USD", 0.0, 1e6, start.training_usd, 5.0, key="be_training",
        help="Taken as half to twice this.",
    )  # fmt: skip
    hours = one.slider(
        "Labelling, hours", 0.0, 200.0, start.labelling_hours, 1.0, key="be_hours",
        format="%.0f",
        help="Paid once, for the training examples. Taken as half to twice this.",
    )  # fmt: skip
    rate = one.number_input("People, USD an hour", 0.0, 1000.0, start.usd_per_hour, 5.0,
                            key="be_rate")  # fmt: skip
    premium = two.slider(
        "Price of tuned tokens", 1.0, 6.0, start.premium, 0.1, key="be_premium", format="%.1f ×",
        help="Relative to the base model: OpenAI asked 1.5 to 2 times as much (Market facts).",
    )  # fmt: skip
    checking = two.slider(
        "Checking after each training, hours", 0.0, 80.0, start.checking_hours, 1.0,
        key="be_checking", format="%.0f",
    )  # fmt: skip
    hosting = two.number_input(
        "Keeping a tuned model ready, USD a month", 0.0, 1e5, start.hosting_usd, 10.0,
        key="be_hosting", help="0 where the provider charges by token only.",
    )  # fmt: skip
    change = three.slider(
        "A newer base model every … months", 0.0, 36.0, start.base_change_months or 0.0, 1.0,
        key="be_change", format="%.0f", help="Then tuning and checking are done again. 0: never.",
    )  # fmt: skip
    retired = three.slider(
        "Base model switched off after … months", 0.0, 60.0, start.retirement_months or 0.0, 1.0,
        key="be_retired", format="%.0f",
        help="Tuning has to be done again at the latest then. 0: never.",
    )  # fmt: skip
    hits = three.slider(
        "Shared prompt found in the cache", 0, 100, round(100 * start.hits), 5, key="be_hits",
        format="%d %%", help="Share of the questions whose common beginning is still cached.",
    )  # fmt: skip
    months = one.slider(
        "Looking ahead, months", 6.0, 60.0, start.months, 6.0, key="be_months", format="%.0f",
        help="One-off cost is spread over these months.",
    )  # fmt: skip
    return replace(
        start, training_usd=training, labelling_hours=hours, usd_per_hour=rate, premium=premium,
        checking_hours=checking, hosting_usd=hosting, base_change_months=change or None,
        retirement_months=retired or None, hits=hits / 100, months=months,
    )  # fmt: skip


def show(desk: Desk, chosen: Assumptions) -> None:
    paid = breakeven.price(desk.store, chosen)
    if paid is None:
        st.caption("No price is known for this model. Choose another, or enter one:")
        link("prices", "Prices")
        return
    found = project_results(desk.store, desk.project)
    ways = tuple(breakeven.every_way(desk.store, desk.project.id, found))
    made = balance.picture(ways, chosen, paid)
    show_chart(made.chart, "breakeven")
    st.caption(plain(balance.trend_words(chosen)))
    if made.crossings:
        with st.expander(f"All {len(made.crossings)} crossings"):
            for sentence in made.crossings:
                st.markdown(plain(sentence) + ".")
    plans(desk, ways, chosen, paid)
    if not all(way.measured or way.name == breakeven.LONG_PROMPT for way in ways):
        st.caption("Typical figures stand in where you have no run yet; run them for your own.")
        link("run", "Run the missing techniques")
    st.caption(
        plain(
            f"Token prices: {paid.source}, {paid.date}. Tokens are counted by the model of each "
            "run; another model's tokenizer may count up to a third more or fewer."
        )
    )


def plans(desk: Desk, ways: tuple, chosen: Assumptions, paid: object) -> None:
    """What the plans are made of; the tokens can be changed in place."""
    st.subheader("What the plans are made of", anchor=False)
    version = st.session_state.setdefault("be_edits", 0)
    count = st.column_config.NumberColumn(format="localized", min_value=0, step=1)
    table = balance.table(ways, chosen, paid)  # type: ignore[arg-type]
    edited = st.data_editor(
        table, hide_index=True, key=f"be_table_{desk.project.id}_{version}",
        disabled=[name for name in table.columns if name not in balance.TOKENS],
        column_config={
            "Shared tokens": st.column_config.NumberColumn(
                format="localized", min_value=0, step=1,
                help="At the start of every prompt, so that a cache holds it. Change it here.",
            ),
            "Own tokens": count,
            "Reply tokens": count,
            "USD per 1,000": st.column_config.NumberColumn(
                format="$%.3f", help="Running cost of 1,000 questions."
            ),
            "Once": st.column_config.TextColumn(alignment="right", help="Labels, first training."),
            "Each base-model change": st.column_config.TextColumn(alignment="right"),
            "Right answers": st.column_config.TextColumn(alignment="right"),
        },
    )  # fmt: skip
    tokens = balance.read_tokens(edited, ways)
    if tokens != chosen.tokens:
        breakeven.save(desk.store, desk.project.id, replace(chosen, tokens=tokens))
        st.rerun()
    if tokens and st.button("Back to the measured tokens", key="be_reset", type="tertiary"):
        breakeven.save(desk.store, desk.project.id, replace(chosen, tokens=()))
        st.session_state["be_edits"] += 1
        st.rerun()


with open_page("breakeven", LEAD) as desk:
    before = breakeven.assumptions(desk.store, desk.project.id)
    now = settings(desk, before)
    if now != before:
        breakeven.save(desk.store, desk.project.id, now)
    show(desk, now)
