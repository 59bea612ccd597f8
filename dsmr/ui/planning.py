"""What a set of runs will take, and where the queue stands, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dsmr.core.recipe import Recipe
from dsmr.store.projects import Project
from dsmr.store.queue import Progress
from dsmr.store.records import Store
from dsmr.ui.words import STAGE_NAMES, STATE_NAMES, count, span, tokens, usd, when
from dsmr.work.estimate import Forecast, forecast

SILENT_SECONDS = 20.0  # without a sign of life, a run is being taken over
ACTIVE = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Plan:
    """Forecasts of the chosen recipes, in their order."""

    recipes: tuple[Recipe, ...]
    forecasts: tuple[Forecast, ...]

    @property
    def questions(self) -> int:
        return max((f.questions for f in self.forecasts), default=0)

    @property
    def seconds(self) -> float:
        return sum(f.seconds + f.training_seconds for f in self.forecasts)

    @property
    def tokens(self) -> int:
        return sum(f.tokens_in + f.tokens_out for f in self.forecasts)

    @property
    def usd(self) -> float | None:
        """None when one of them has no price."""
        prices = [f.usd for f in self.forecasts]
        return None if None in prices else sum(p for p in prices if p is not None)

    @property
    def notes(self) -> list[str]:
        return list(dict.fromkeys(note for f in self.forecasts for note in f.notes))


def plan(
    store: Store, project: Project, recipes: Sequence[Recipe], split: str, limit: int | None
) -> Plan:
    state = _state(store, project.id)
    made = [_forecast(store, project.id, r, split, limit, state) for r in recipes]
    return Plan(tuple(recipes), tuple(made))


def _state(store: Store, project_id: str) -> str:
    """Changes whenever a forecast could: data, finished runs, prices."""
    questions = store.projects.questions(project_id)
    done = sum(p.state == "done" for p in store.queue.progress(project_id))
    return f"{store.url} {hash(tuple(questions))} {done} {store.setting('pricing')}"


@st.cache_data(show_spinner=False, max_entries=256)
def _forecast(
    _store: Store, project_id: str, recipe: Recipe, split: str, limit: int | None, state: str
) -> Forecast:
    return forecast(_store, project_id, recipe, split, limit)  # type: ignore[arg-type]


def table(made: Plan) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Recipe": [r.name for r in made.recipes],
            "Questions": [f.questions for f in made.forecasts],
            "Tokens in": [f.tokens_in for f in made.forecasts],
            "Tokens out": [f.tokens_out for f in made.forecasts],
            "Training": [span(f.training_seconds or None) for f in made.forecasts],
            "Answering": [span(f.seconds) for f in made.forecasts],
            "Cost": [usd(f.usd) for f in made.forecasts],
        }
    )


def in_words(made: Plan) -> str:
    """`8 recipes × 163 questions: about 6 min, 1.2 M tokens, $0.01`."""
    text = f"{count(len(made.recipes), 'recipe')} × {count(made.questions, 'question')}"
    text += f": about {span(made.seconds)}, {tokens(made.tokens)} tokens"
    return text + (f", {usd(made.usd)}" if made.usd is not None else "")


# --- the queue --------------------------------------------------------------------------------


def stage(progress: Progress) -> str:
    """What is happening now."""
    if progress.state != "running":
        return STATE_NAMES[progress.state]
    if progress.silent_seconds > SILENT_SECONDS:
        return "The worker went silent; another one takes over from the last answer"
    if not progress.stage:
        return "Starting"
    name = STAGE_NAMES.get(progress.stage, progress.stage.capitalize())
    return f"{name}: {progress.note}" if progress.note else name


def share(progress: Progress) -> float:
    return min(1.0, progress.done / progress.total) if progress.total else 0.0


def how_far(progress: Progress) -> str:
    parts = []
    if progress.total:
        parts.append(f"{progress.done:,} of {progress.total:,}")
    if progress.state == "running" and progress.seconds_left is not None:
        parts.append(f"{span(max(1.0, progress.seconds_left))} left in this step")
    return ", ".join(parts)


def ended(progress: Progress) -> str:
    """One line about a run that is over."""
    parts = [STATE_NAMES[progress.state]]
    if progress.worked_seconds:
        parts.append(f"took {span(progress.worked_seconds)}")
    if progress.attempt > 1:
        parts.append(f"{progress.attempt} attempts")
    return ", ".join(parts)


def one_line(progress: Progress) -> str:
    """Where a run stands, whatever its state."""
    if progress.state in ACTIVE:
        return ", ".join(filter(None, (stage(progress), how_far(progress))))
    text = ended(progress)
    return f"{text}, {when(progress.finished)}" if progress.finished else text
