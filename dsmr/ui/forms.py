"""The recipe form: every part a toggle."""

from dataclasses import replace

import streamlit as st

from dsmr.core.recipe import Model, Recipe, Retrieval, Shots, Tuning
from dsmr.ui.cookbook import MODES
from dsmr.ui.models import title_of
from dsmr.ui.words import GLOSSARY

PICKS = {"similar": "Most similar to the question", "fixed": "Always the same"}


def recipe_form(start: Recipe, choices: list[Model], key: str) -> Recipe:
    """The recipe as set on the page; its name is the caller's business."""
    model = st.selectbox(
        "Model", choices, format_func=title_of, key=f"{key}_model", help=GLOSSARY["model"],
        index=choices.index(start.model) if start.model in choices else 0,
    )  # fmt: skip
    instruction = st.text_area(
        "Instruction", start.instruction, key=f"{key}_instruction", height=90,
        help=GLOSSARY["instruction"],
    )  # fmt: skip
    form_instruction = st.text_area(
        "Instruction for questions that ask for a form", start.form_instruction,
        key=f"{key}_form_instruction", height=68, help="Added only where a form is asked for.",
    )  # fmt: skip
    left, middle, right = st.columns(3, gap="large")
    with left:
        shots = _shots(start.shots, key)
    with middle:
        retrieval = _retrieval(start.retrieval, key)
    with right:
        tuning = _tuning(start.tuning, key, local=not (model and model.endpoint))
    with st.expander("Replies"):
        one, two, three, four = st.columns(4, gap="large")
        longest = one.number_input(
            "Longest reply, tokens", 8, 4096, start.max_tokens, 8, key=f"{key}_max_tokens"
        )
        temperature = two.number_input(
            "Temperature", 0.0, 2.0, start.temperature, 0.1, key=f"{key}_temperature",
            help=GLOSSARY["temperature"],
        )  # fmt: skip
        seed = three.number_input(
            "Seed", 0, 10_000, start.seed, key=f"{key}_seed",
            help="Another seed gives other replies when the temperature is above 0.",
        )  # fmt: skip
        attempts = four.number_input(
            "Attempts per question", 1, 20, start.attempts, key=f"{key}_attempts",
            disabled=temperature == 0,
            help="Asked several times, answers average out. Only above temperature 0.",
        )  # fmt: skip
    return replace(
        start, model=model or start.model, instruction=instruction.strip(),
        form_instruction=form_instruction.strip(), shots=shots, retrieval=retrieval,
        tuning=tuning, max_tokens=int(longest), temperature=float(temperature), seed=int(seed),
        attempts=int(attempts),
    )  # fmt: skip


def _shots(start: Shots | None, key: str) -> Shots | None:
    on = st.toggle("Examples", start is not None, key=f"{key}_shots", help=GLOSSARY["examples"])
    if not on:
        return None
    now = start or Shots()
    count = st.number_input("How many", 1, 64, now.count, key=f"{key}_shots_count")
    pick = st.selectbox(
        "Which", list(PICKS), list(PICKS).index(now.pick), format_func=PICKS.get,
        key=f"{key}_shots_pick",
    )  # fmt: skip
    return replace(now, count=int(count), pick=pick or "fixed")


def _retrieval(start: Retrieval | None, key: str) -> Retrieval | None:
    on = st.toggle(
        "Retrieval", start is not None, key=f"{key}_retrieval", help=GLOSSARY["retrieval"]
    )
    if not on:
        return None
    now = start or Retrieval()
    mode = st.selectbox(
        "Search", list(MODES), list(MODES).index(now.mode), format_func=MODES.get,
        key=f"{key}_retrieval_mode",
    )  # fmt: skip
    top_k = st.number_input(
        "Passages", 1, 30, now.top_k, key=f"{key}_retrieval_k", help=GLOSSARY["passage"]
    )
    size = st.number_input(
        "Length of a passage, tokens", 32, 254, now.passage_tokens, 8, key=f"{key}_retrieval_size"
    )
    overlap = st.number_input(
        "Shared with the one before, tokens", 0, min(128, int(size) - 1),
        min(now.overlap_tokens, int(size) - 1), 8, key=f"{key}_retrieval_overlap",
    )  # fmt: skip
    return replace(
        now, mode=mode or "hybrid", top_k=int(top_k), passage_tokens=int(size),
        overlap_tokens=int(overlap),
    )  # fmt: skip


def _tuning(start: Tuning | None, key: str, local: bool) -> Tuning | None:
    on = st.toggle(
        "Fine-tuning", start is not None and local, key=f"{key}_tuning", disabled=not local,
        help=GLOSSARY["fine-tuning"] if local else "Only models that run here can be trained.",
    )  # fmt: skip
    if not on or not local:
        return None
    now = start or Tuning()
    epochs = st.number_input(
        "Epochs", 1, 100, now.epochs, key=f"{key}_tuning_epochs",
        help="How many times the train split is gone through.",
    )  # fmt: skip
    rank = st.select_slider(
        "Rank", [2, 4, 8, 16, 32, 64], now.rank, key=f"{key}_tuning_rank",
        help="How many weights are trained: more can learn more, and forget more.",
    )  # fmt: skip
    rate = st.number_input(
        "Learning rate", 1e-5, 1e-1, now.learning_rate, 1e-4, format="%.5f",
        key=f"{key}_tuning_rate",
    )  # fmt: skip
    share = st.slider(
        "Rows with passages", 0, 100, round(100 * now.passages_share), 10, format="%d %%",
        key=f"{key}_tuning_share",
        help="Share of training rows that carry found passages, so that the model learns to "
        "use them.",
    )  # fmt: skip
    return replace(
        now, epochs=int(epochs), rank=int(rank), learning_rate=float(rate),
        passages_share=share / 100,
    )  # fmt: skip
