"""Recipes: the ladder, your own mixes, and what differs between two of them."""

from dataclasses import replace

import streamlit as st

from dsmr.charts import COLOURS
from dsmr.core.errors import InputError
from dsmr.core.recipe import LADDER, Recipe
from dsmr.ui import cookbook
from dsmr.ui.forms import recipe_form
from dsmr.ui.models import models
from dsmr.ui.navigation import link
from dsmr.ui.state import Desk, open_page
from dsmr.ui.words import GLOSSARY, plain

LEAD = "A recipe is what is switched on: instruction, examples, retrieval, fine-tuning. Any mix."


def shelf(recipes: list[Recipe]) -> None:
    st.dataframe(
        cookbook.table(recipes),
        hide_index=True,
        key="recipes_table",
        height="content",
        column_config={
            "Recipe": st.column_config.TextColumn(help=GLOSSARY["recipe"]),
            "Technique": st.column_config.MultiselectColumn(
                options=list(COLOURS), color=list(COLOURS.values()),
                help="Has the same colour on every page.",
            ),
            "Instruction": st.column_config.TextColumn(
                width=200, help=GLOSSARY["instruction"]
            ),
            "Examples": st.column_config.TextColumn(width=110, help=GLOSSARY["examples"]),
            "Retrieval": st.column_config.TextColumn(width=210, help=GLOSSARY["retrieval"]),
            "Fine-tuning": st.column_config.TextColumn(width=200, help=GLOSSARY["fine-tuning"]),
        },
    )  # fmt: skip
    link("run", "Run some of them")


def project_words(desk: Desk) -> None:
    """The project's own words for the prompt rungs."""
    st.caption("The rung “prompt” of the ladder uses these words. Empty: general ones.")
    with st.form("project_words", border=False):
        instruction = st.text_area("Instruction", desk.project.instruction, key="words_instruction")
        form = st.text_area(
            "Instruction for questions that ask for a form", desk.project.form_instruction,
            key="words_form",
        )  # fmt: skip
        if st.form_submit_button("Save words"):
            desk.store.projects.save(
                replace(desk.project, instruction=instruction, form_instruction=form)
            )
            st.toast("Saved. Runs made before keep the words they had.")
            st.rerun()


def build(desk: Desk, recipes: list[Recipe]) -> None:
    names = [r.name for r in recipes]
    one, two = st.columns(2, gap="large")
    start_name = one.selectbox("Start from", names, names.index("rag"), key="build_from")
    start = recipes[names.index(start_name or "rag")]
    own = start.name not in LADDER
    name = two.text_input(
        "Name", start.name if own else "", key=f"build_name_{start.name}",
        placeholder=f"{start.name}-mine",
    )  # fmt: skip
    recipe = recipe_form(start, models(desk.store), f"build_{start.name}")
    with st.container(horizontal=True):
        if st.button("Save recipe", type="primary", key="build_save"):
            save(desk, replace(recipe, name=name.strip()))
        if own and st.button("Delete recipe", key="build_delete"):
            desk.store.projects.delete_recipe(desk.project.id, start.name)
            st.rerun()
    changed = cookbook.differences(start, recipe)
    if len(changed):
        st.caption(f"Differs from {plain(start.name)} in:")
        show_differences(changed, "build_differences")


def save(desk: Desk, recipe: Recipe) -> None:
    if not recipe.name or recipe.name in LADDER:
        raise InputError(
            "is empty" if not recipe.name else f"{recipe.name} is a rung of the ladder",
            where="the recipe's name",
            fix="Choose another name, so that both can be compared",
        )
    desk.store.projects.put_recipe(desk.project.id, recipe)
    st.toast(f"Saved {plain(recipe.name)}")
    st.rerun()


def compare(recipes: list[Recipe]) -> None:
    names = [r.name for r in recipes]
    one, two = st.columns(2, gap="large")
    left = one.selectbox("One", names, names.index("baseline"), key="differ_left")
    right = two.selectbox("The other", names, names.index("rag"), key="differ_right")
    found = cookbook.differences(
        recipes[names.index(left or "baseline")], recipes[names.index(right or "rag")]
    )
    if len(found):
        show_differences(found, "differences")
    else:
        st.caption("These two are the same but for their names: one run answers for both.")


def show_differences(found: object, key: str) -> None:
    st.dataframe(found, hide_index=True, key=key, row_height=52)


with open_page("recipes", LEAD) as desk:
    every = cookbook.known_recipes(desk.store, desk.project)
    view = st.segmented_control(
        "View", ["All recipes", "Build your own", "What differs", "Project words"],
        default="All recipes", required=True, key="recipes_view", label_visibility="collapsed",
    )  # fmt: skip
    if view == "Build your own":
        build(desk, every)
    elif view == "What differs":
        compare(every)
    elif view == "Project words":
        project_words(desk)
    else:
        shelf(every)
