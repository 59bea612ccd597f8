"""Recipes as a reader sees them: the ladder, the project's own, their parts in words."""

from collections.abc import Sequence
from dataclasses import asdict, is_dataclass

import pandas as pd

from dsmr.core.recipe import LADDER, Model, Recipe, Retrieval, Shots, Tuning, difference, preset
from dsmr.store.projects import Project
from dsmr.store.records import Store
from dsmr.ui.models import models, short_name
from dsmr.ui.words import shorten

ABOUT: dict[str, str] = {
    "baseline": "The model as it is, with one plain instruction.",
    "prompt": "A careful instruction: what to reply, and when to say “I don't know”.",
    "few-shot": "Four solved questions in front of yours, always the same.",
    "few-shot-similar": "The four solved questions most like yours.",
    "rag": "Passages of your documents, found for each question.",
    "rag-few-shot": "Passages, and solved questions like yours.",
    "fine-tuned": "The model trained on your train split (LoRA).",
    "fine-tuned-rag": "Trained, and passages in the prompt.",
}
PART_NAMES = {
    "model": "Model",
    "instruction": "Instruction",
    "form_instruction": "Instruction for form",
    "shots": "Examples",
    "retrieval": "Retrieval",
    "tuning": "Fine-tuning",
    "max_tokens": "Longest reply",
    "temperature": "Temperature",
    "seed": "Seed",
    "attempts": "Attempts",
}
MODES = {"keyword": "by words", "vector": "by meaning", "hybrid": "by words and meaning"}


def ladder(project: Project, model: Model) -> list[Recipe]:
    """The rungs with the project's own words."""
    return [preset(n, model, project.instruction, project.form_instruction) for n in LADDER]


def known_recipes(store: Store, project: Project, model: Model | None = None) -> list[Recipe]:
    """The ladder for a model (None: the default one), then the project's own."""
    chosen = model or models(store)[0]
    return [*ladder(project, chosen), *store.projects.recipes(project.id)]


def part(value: object) -> str:
    """One part of a recipe in words."""
    match value:
        case None | "":
            return "–"
        case Shots(count, pick):
            return f"{count} {'most similar' if pick == 'similar' else 'fixed'}"
        case Retrieval(mode, top_k):
            return f"{top_k} passages {MODES[mode]}"
        case Tuning():
            mixed = f", passages in {value.passages_share:.0%}" if value.passages_share else ""
            return f"LoRA rank {value.rank}, {value.epochs} epochs{mixed}"
        case Model():
            return short_name(value)
        case _:
            return str(value)


def table(recipes: Sequence[Recipe]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Recipe": [r.name for r in recipes],
            "Technique": [[r.technique] for r in recipes],
            "Instruction": [shorten(r.instruction, 60) or "–" for r in recipes],
            "Examples": [part(r.shots) for r in recipes],
            "Retrieval": [part(r.retrieval) for r in recipes],
            "Fine-tuning": [part(r.tuning) for r in recipes],
            "Model": [part(r.model) for r in recipes],
        }
    )


def _part_name(field: str) -> str:
    return PART_NAMES.get(field, field.replace("_", " ").capitalize())


def differences(a: Recipe, b: Recipe) -> pd.DataFrame:
    """Part by part, down to single settings where both have the part."""
    rows = []
    for name, (old, new) in difference(a, b).items():
        if is_dataclass(old) and is_dataclass(new):
            before, after = asdict(old), asdict(new)  # type: ignore[call-overload]
            rows += [
                (f"{_part_name(name)}: {key.replace('_', ' ')}", before[key], after[key])
                for key in before
                if before[key] != after[key]
            ]
        else:
            rows.append((_part_name(name), part(old), part(new)))
    return pd.DataFrame(
        [(what, str(old), str(new)) for what, old, new in rows],
        columns=["Part", a.name, b.name if b.name != a.name else f"{b.name} "],
    )
