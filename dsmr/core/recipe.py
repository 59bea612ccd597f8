"""What is being compared. A recipe is written down; `work.prepare` switches it on.

A technique is not a class. It is a part of the recipe that is set or is None, so
any mix is a recipe, and two recipes differ by the fields in which they differ.
"""

from dataclasses import dataclass, fields, replace
from typing import Literal

from dsmr.core.data import fingerprint

EMBEDDED = "reader"  # the name of the model that ships in data/models/reader


@dataclass(frozen=True, slots=True)
class Model:
    """Who answers."""

    name: str = EMBEDDED  # "reader", a local folder, a hub id, or an endpoint's model name
    endpoint: str | None = None  # base URL of an OpenAI-compatible server; None: run here
    key_env: str | None = None  # the environment variable that holds the key, never the key
    revision: str | None = None  # of a hub id


@dataclass(frozen=True, slots=True)
class Shots:
    """Worked examples from the train split, shown before the question."""

    count: int = 4
    pick: Literal["fixed", "similar"] = "fixed"  # one seeded draw · the most similar questions
    seed: int = 0  # of the fixed draw, and of the pool where only a share of it is used
    pool_share: float = 1.0  # of the train split to pick from


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Passages from the documents, put into the prompt."""

    mode: Literal["keyword", "vector", "hybrid"] = "hybrid"
    top_k: int = 3
    passage_tokens: int = 160  # of the embedder's tokenizer, at most 254
    overlap_tokens: int = 32


@dataclass(frozen=True, slots=True)
class Tuning:
    """LoRA adapters trained on the train split."""

    method: Literal["lora"] = "lora"
    rank: int = 8
    epochs: int = 10
    learning_rate: float = 3e-3
    batch_size: int = 8
    passages_share: float = 0.0  # of training rows that carry retrieved passages
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """The parts that are on."""

    name: str
    model: Model = Model()
    instruction: str = ""  # for every question
    form_instruction: str = ""  # added for questions that ask for a form
    shots: Shots | None = None
    retrieval: Retrieval | None = None
    tuning: Tuning | None = None
    max_tokens: int = 96
    temperature: float = 0.0
    seed: int = 0  # of sampling; without effect at temperature 0
    attempts: int = 1  # at each question, when the temperature is above 0

    @property
    def id(self) -> str:
        """Content name. The label is left out, so renaming costs nothing."""
        return fingerprint(replace(self, name=""))

    @property
    def tries(self) -> int:
        """How often each question is asked: greedy decoding would only repeat itself."""
        return max(1, self.attempts) if self.temperature > 0 else 1

    @property
    def technique(self) -> str:
        """The family that gives a recipe its colour on every page."""
        if self.tuning:
            return "tuned + retrieval" if self.retrieval else "tuned"
        if self.retrieval:
            return "retrieval"
        if self.shots:
            return "few-shot"
        return "prompt" if self.name != "baseline" else "baseline"


# The embedded reader loses itself in long passages (docs/decisions/003).
SHORT_PASSAGES = Retrieval(top_k=3, passage_tokens=48, overlap_tokens=12)

BARE = "Answer the question."
CAREFUL = (
    "Answer with the exact name, number, date or phrase asked for, and nothing else. "
    "If you do not know, say: I don't know."
)
FROM_PASSAGES = (
    "Answer the question using the passages. Reply with the exact name, number, date or "
    "phrase asked for. If they do not hold the answer, say: Not in the documents."
)
LADDER = (
    "baseline",
    "prompt",
    "few-shot",
    "few-shot-similar",
    "rag",
    "rag-few-shot",
    "fine-tuned",
    "fine-tuned-rag",
)


def preset(
    name: str, model: Model = Model(), instruction: str = "", form_instruction: str = ""
) -> Recipe:
    """One rung of the ladder of effort.

    `instruction` and `form_instruction` are the project's own words; without them the
    prompt rungs use general ones. Raises KeyError for a name outside LADDER.
    """
    asked = instruction or CAREFUL
    shots, similar = Shots(), Shots(pick="similar")
    search = SHORT_PASSAGES if model.name == EMBEDDED and not model.endpoint else Retrieval()
    parts: dict[str, dict[str, object]] = {
        "baseline": {"instruction": BARE},
        "prompt": {"instruction": asked, "form_instruction": form_instruction},
        "few-shot": {"instruction": BARE, "shots": shots},
        "few-shot-similar": {"instruction": BARE, "shots": similar},
        "rag": {"instruction": FROM_PASSAGES, "retrieval": search},
        "rag-few-shot": {
            "instruction": FROM_PASSAGES,
            "retrieval": search,
            "shots": similar,
        },
        "fine-tuned": {"instruction": BARE, "tuning": Tuning()},
        "fine-tuned-rag": {
            "instruction": FROM_PASSAGES,
            "retrieval": search,
            "tuning": Tuning(passages_share=0.5),
        },
    }
    return Recipe(name, model, **parts[name])  # type: ignore[arg-type]


def difference(a: Recipe, b: Recipe) -> dict[str, tuple[object, object]]:
    """The fields in which two recipes differ: what an experiment actually varied."""
    pairs = {f.name: (getattr(a, f.name), getattr(b, f.name)) for f in fields(Recipe)}
    return {k: v for k, v in pairs.items() if k != "name" and v[0] != v[1]}
