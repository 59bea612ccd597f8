"""Settings: models, money, storage."""

import streamlit as st

from dsmr.core.cost import Price
from dsmr.core.recipe import Model
from dsmr.ui import checks
from dsmr.ui import models as shelf
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import GLOSSARY, plain, usd
from dsmr.work.results import Pricing, own_prices, pricing, save_own_price, save_pricing

LEAD = "Which models answer, what they cost, where things are kept. For all projects."
MACHINE = "Machine time"


def models(desk: Desk) -> None:
    st.subheader("Models", anchor=False, help=GLOSSARY["model"])
    for number, model in enumerate(shelf.models(desk.store)):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(f"**{plain(shelf.title_of(model))}**", width=290)
        where = model.endpoint or ("" if model == shelf.SHIPPED else model.name)
        told = [plain(where)] if where else []
        row.caption(" · ".join([*told, *(["default"] if number == 0 else [])]), width="stretch")
        if number and row.button("Make default", key=f"model_default_{number}", type="tertiary"):
            shelf.make_default(desk.store, model)
            st.rerun()
        if row.button(
            "Check", key=f"model_check_{number}", type="tertiary", icon=":material/bolt:"
        ):
            with st.spinner("Asking"):
                tell(checks.check(model))
        if model != shelf.SHIPPED and row.button(
            "Remove", key=f"model_remove_{number}", type="tertiary", icon=":material/delete:"
        ):
            shelf.remove_model(desk.store, model)
            st.rerun()
    with st.expander("Add a model", icon=":material/add:"):
        add(desk)


def tell(found: checks.Checked) -> None:
    icon = ":green[:material/check_circle:]" if found.ok else ":red[:material/error:]"
    st.markdown(f"{icon} {plain(found.text)}")


def add(desk: Desk) -> None:
    kind = st.segmented_control(
        "Kind", ["Endpoint", "Local"], default="Endpoint", required=True, key="model_kind",
        label_visibility="collapsed",
    )  # fmt: skip
    if kind == "Endpoint":
        address = st.text_input(
            "Address", key="model_endpoint", placeholder="http://localhost:11434/v1",
            help=GLOSSARY["endpoint"],
        )  # fmt: skip
        name = st.text_input("Model name", key="model_name", placeholder="llama3.2")
        key_env = st.text_input(
            "Environment variable with the key", key="model_key", placeholder="OPENAI_API_KEY",
            help="The name of the variable. The key itself is never stored.",
        )  # fmt: skip
        model = Model(name.strip(), address.strip() or "http://", key_env.strip() or None)
    else:
        name = st.text_input(
            "Folder or hub id", key="model_folder", placeholder="Qwen/Qwen2.5-0.5B-Instruct",
            help="A folder on this machine with a causal language model, or its id on the hub.",
        )  # fmt: skip
        revision = st.text_input("Revision", key="model_revision", placeholder="main")
        model = Model(name.strip(), revision=revision.strip() or None)
    with st.container(horizontal=True):
        if st.button("Add model", type="primary", key="model_add"):
            shelf.add_model(desk.store, model)
            st.rerun()
        if st.button("Check first", key="model_try"):
            with st.spinner("Asking"):
                tell(checks.check(model))


def money(desk: Desk) -> None:
    st.subheader("Money", anchor=False, help=GLOSSARY["cost"])
    now = pricing(desk.store)
    left, right = st.columns(2, gap="large")
    hourly = left.number_input(
        "Hardware, USD per hour", 0.0, 1000.0, now.usd_per_hour, 0.05, format="%.2f",
        key="usd_per_hour", help="What an hour of this machine costs: rent, or price and power.",
    )  # fmt: skip
    from dsmr.market.prices import known_models

    names = [MACHINE, *known_models()]
    if now.priced_as and now.priced_as not in names:
        names.append(now.priced_as)
    priced_as = right.selectbox(
        "Price local runs as", names, names.index(now.priced_as) if now.priced_as else 0,
        key="priced_as", help="What the same tokens would cost at a listed model's price.",
    )  # fmt: skip
    chosen = Pricing(hourly, None if priced_as == MACHINE else priced_as)
    if chosen != now:
        save_pricing(desk.store, chosen)
        st.toast("Saved. All figures follow.")
    with st.expander("Your own token prices"):
        own(desk)


def own(desk: Desk) -> None:
    known = own_prices(desk.store)
    if known:
        st.dataframe(
            [
                {"Model": p.model, "In": p.input, "Cached in": p.cached_input, "Out": p.output}
                for p in known.values()
            ],
            hide_index=True, key="own_prices", placeholder="–",
            column_config={
                n: st.column_config.NumberColumn(format="$%.3f") for n in ("In", "Cached in", "Out")
            },
        )  # fmt: skip
    st.caption("USD per million tokens, for endpoints that no price list knows.")
    with st.form("own_price", border=False):
        one, two, three, four = st.columns(4)
        name = one.text_input("Model name")
        read = two.number_input("In", 0.0, 10_000.0, 0.0, 0.1, format="%.3f")
        cached = three.number_input(
            "Cached in", 0.0, 10_000.0, None, 0.1, format="%.3f", placeholder="as in"
        )
        write = four.number_input("Out", 0.0, 10_000.0, 0.0, 0.1, format="%.3f")
        if st.form_submit_button("Save price") and name.strip():
            save_own_price(
                desk.store, Price(name.strip(), "own", read, cached, write, "Settings", "")
            )
            st.toast(f"{usd(read)} in, {usd(write)} out")
            st.rerun()


def storage(desk: Desk) -> None:
    st.subheader("Storage", anchor=False)
    st.caption("Database")
    st.code(checks.place_of(desk.store), language=None)
    st.caption(
        f"Folder for indexes and adapters, {checks.megabytes(desk.store.home):,.0f} MB in all. "
        "Set DSMR_HOME to keep it elsewhere, DSMR_DATABASE to use Postgres."
    )
    st.code(str(desk.store.home), language=None)
    with st.popover("Clear the answer cache", icon=":material/mop:", key="cache_ask"):
        st.markdown("The same question to the same model is answered from the cache. Cleared, "
                    "everything is asked anew; finished runs keep their answers.")  # fmt: skip
        if st.button("Clear", type="primary", key="cache_clear"):
            desk.store.forget_replies()
            st.toast("The answer cache is empty.")
    st.caption("No statistics are sent anywhere. Documents leave this machine only in prompts to "
               "an endpoint that you have added.")  # fmt: skip


with open_page("settings", LEAD) as desk:
    models(desk)
    money(desk)
    storage(desk)
