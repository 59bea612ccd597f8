"""What a run will take, before it starts: tokens, time, money."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dsmr.core.cost import hardware, priced
from dsmr.core.data import Passage, Question, Split, spread
from dsmr.core.prompt import compose, wanted
from dsmr.core.recipe import Recipe
from dsmr.core.run import Run, Tokens
from dsmr.engines import tokens
from dsmr.store.records import Store
from dsmr.work.evaluate import PROBE_QUESTIONS
from dsmr.work.results import price_of, pricing

SAMPLE = 40  # questions whose prompts are counted; the rest are taken to be like them
# Without a run of the model on this machine: tokens per second of the reader on two cores.
READ_PER_SECOND, WRITE_PER_SECOND, TRAIN_PER_SECOND = 5000.0, 400.0, 680.0
OPEN_SECONDS = 6.0  # starting the worker and loading libraries and model


@dataclass(frozen=True, slots=True)
class Forecast:
    """A guess, to be shown as one. Money is None where no price is known."""

    questions: int
    tokens_in: int
    tokens_out: int
    seconds: float  # of answering and of the latency probe
    training_seconds: float
    usd: float | None
    notes: tuple[str, ...] = ()  # what the guess rests on


def forecast(
    store: Store,
    project_id: str,
    recipe: Recipe,
    split: Split | Literal["all"] = "test",
    limit: int | None = None,
) -> Forecast:
    """Loads no model: prompts are counted with the model's tokenizer where it is at hand."""
    questions = store.projects.questions(project_id)
    asked = spread([q for q in questions if split in ("all", q.split)], limit)
    train = [q for q in questions if q.split == "train"]
    if not asked:
        return Forecast(0, 0, 0, 0.0, 0.0, 0.0, ("no question in this split",))
    notes = [] if tokens.exact(recipe.model) else ["tokens estimated from characters"]
    per_prompt, per_reply = _lengths(recipe, asked, train)
    count = Tokens(int(per_prompt * len(asked)), 0, int(per_reply * len(asked)))
    read, write, measured = _speeds(store, project_id, recipe)
    if not measured:
        notes.append("no run of this model here yet: the time is a rough guess")
    one = per_prompt / read + per_reply / write
    seconds = OPEN_SECONDS + one * len(asked) + 2 * one * min(PROBE_QUESTIONS, len(asked))
    training = _training_seconds(recipe, train)
    if training:
        notes.append("training is skipped where the same adapter was made before")
    usd = _usd(store, project_id, recipe, count, seconds)
    if usd is None:
        notes.append("no price known for this model: add one in Settings")
    return Forecast(len(asked), count.uncached_in, count.out, seconds, training, usd, tuple(notes))


def _lengths(
    recipe: Recipe, asked: Sequence[Question], train: list[Question]
) -> tuple[float, float]:
    """Mean tokens of a prompt and of a reply."""
    shots = [q for q in train if q.target is not None][: recipe.shots.count if recipe.shots else 0]
    passages = []
    if recipe.retrieval:
        words = "word " * int(recipe.retrieval.passage_tokens * 0.85)
        passages = [Passage("", 0, words)] * recipe.retrieval.top_k
    sample = asked[:: max(1, len(asked) // SAMPLE)]
    prompts = [tokens.count(recipe.model, compose(recipe, q, passages, shots)) for q in sample]
    targets = [wanted(q, bool(passages)) for q in sample]
    replies = [min(recipe.max_tokens, 4 + tokens.estimate_text(text)) for text in targets]
    return sum(prompts) / len(prompts), sum(replies) / len(replies)


def _speeds(store: Store, project_id: str, recipe: Recipe) -> tuple[float, float, bool]:
    """Tokens per second read and written, from earlier runs of the model, else assumed."""
    for run in reversed(store.runs.all(project_id)):
        if run.recipe.model == recipe.model:
            usage = store.runs.usage(run.id)
            guess = usage.tokens.uncached_in / READ_PER_SECOND + usage.tokens.out / WRITE_PER_SECOND
            if usage.seconds > 0 and guess > 0:
                factor = guess / usage.seconds
                return READ_PER_SECOND * factor, WRITE_PER_SECOND * factor, True
    return READ_PER_SECOND, WRITE_PER_SECOND, False


def _training_seconds(recipe: Recipe, train: list[Question]) -> float:
    if not recipe.tuning or not train:
        return 0.0
    plain = replace(recipe, shots=None, retrieval=None)
    sample = train[:: max(1, len(train) // SAMPLE)]
    prompts = sum(tokens.count(recipe.model, compose(plain, q)) for q in sample) / len(sample)
    replies = sum(tokens.estimate_text(wanted(q, False)) for q in sample) / len(sample)
    passages = 0.0
    if recipe.retrieval:
        share = recipe.tuning.passages_share
        passages = share * recipe.retrieval.top_k * recipe.retrieval.passage_tokens
    each = prompts + replies + passages
    return len(train) * recipe.tuning.epochs * each / TRAIN_PER_SECOND


def _usd(
    store: Store, project_id: str, recipe: Recipe, count: Tokens, seconds: float
) -> float | None:
    price = price_of(store, Run("", project_id, recipe, "", ""))
    if price is not None:
        return priced(count, price)
    if recipe.model.endpoint:
        return None
    return hardware(seconds, pricing(store).usd_per_hour)
