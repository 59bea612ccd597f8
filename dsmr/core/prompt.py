"""Recipe and question in, messages out. The only place where prompts are worded."""

from collections.abc import Sequence

from dsmr.core.data import Passage, Question
from dsmr.core.recipe import Recipe
from dsmr.core.run import Message, Request

DONT_KNOW = "I don't know."
ATTEMPT_STRIDE = 10_007
NOT_IN_DOCUMENTS = "Not in the documents."


def compose(
    recipe: Recipe,
    question: Question,
    passages: Sequence[Passage] = (),
    shots: Sequence[Question] = (),
) -> tuple[Message, ...]:
    """System (instruction, passages), examples as earlier turns, then the question alone.

    What all questions share comes first, so that engines can reuse its computation.
    """
    parts = [recipe.instruction, recipe.form_instruction if question.form else ""]
    system = " ".join(part.strip() for part in parts if part.strip())
    if passages:
        cited = "\n\n".join(f"[{i}] {p.text.strip()}" for i, p in enumerate(passages, 1))
        system = f"{system}\n\nPassages:\n{cited}".strip()
    messages = [Message("system", system)] if system else []
    for shot in shots:
        messages += [Message("user", shot.text), Message("assistant", wanted(shot, bool(passages)))]
    return (*messages, Message("user", question.text))


def wanted(question: Question, with_passages: bool) -> str:
    """The reply an example or a training row shows; an unanswerable question's is to say so."""
    if question.kind == "unanswerable":
        return question.target or (NOT_IN_DOCUMENTS if with_passages else DONT_KNOW)
    return question.target or ""


def request(recipe: Recipe, messages: Sequence[Message], attempt: int = 0) -> Request:
    """Each attempt at a question samples with a seed of its own."""
    seed = recipe.seed + ATTEMPT_STRIDE * attempt
    return Request(tuple(messages), recipe.max_tokens, recipe.temperature, seed)
