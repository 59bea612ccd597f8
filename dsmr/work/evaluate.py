"""Questions through a switched-on recipe: search, compose, generate, grade."""

import random
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from dsmr.core.data import Passage, Question
from dsmr.core.prompt import compose, request
from dsmr.core.run import Answer, Failure, Latency, Message, Reply, Score
from dsmr.core.scoring import grade, recall_at_k
from dsmr.work.prepare import Kit

Graded = tuple[Answer, tuple[Score, ...]]
PROBE_QUESTIONS = 20
PROBE_SECONDS = 20.0  # the probe stops early when the model is slow …
PROBE_AT_LEAST = 5  # … but not before so many
SEARCH_AT_ONCE = 128


def evaluate(
    questions: Sequence[Question], kit: Kit, skip: Collection[tuple[str, int]] = ()
) -> Iterator[Graded]:
    """Yield each graded answer as it comes; the caller stores it, counts it, or stops.

    `skip` names questions and attempts that are answered. Knows no store. A model that
    fails gives an Answer that says so, without a score.
    """
    for attempt in range(kit.recipe.tries):
        open_ones = [q for q in questions if (q.id, attempt) not in skip]
        for at in range(0, len(open_ones), SEARCH_AT_ONCE):
            yield from _evaluate_part(open_ones[at : at + SEARCH_AT_ONCE], kit, attempt)


def _evaluate_part(questions: Sequence[Question], kit: Kit, attempt: int) -> Iterator[Graded]:
    prompts = prompts_for(questions, kit)
    requests = [request(kit.recipe, messages, attempt) for messages, _ in prompts]
    for i, reply in kit.engine.generate(requests):
        messages, passages = prompts[i]
        answer = replace(_answer(questions[i], messages, passages, reply), attempt=attempt)
        yield answer, (*grade(questions[i], answer), *_recall(questions[i], passages, kit))


def _recall(question: Question, passages: Sequence[Passage], kit: Kit) -> tuple[Score, ...]:
    found = recall_at_k(question, [p.document for p in passages]) if kit.retriever else None
    return (found,) if found else ()


def prompts_for(
    questions: Sequence[Question], kit: Kit
) -> list[tuple[tuple[Message, ...], tuple[Passage, ...]]]:
    """For each question its messages and the passages in them."""
    found, shown = kit.search(questions), kit.shots(questions)
    return [
        (compose(kit.recipe, question, passages, shots), passages)
        for question, passages, shots in zip(questions, found, shown, strict=True)
    ]


def _answer(
    question: Question,
    messages: tuple[Message, ...],
    passages: tuple[Passage, ...],
    reply: Reply | Failure,
) -> Answer:
    if isinstance(reply, Failure):
        return Answer(question.id, messages, passages, failure=reply.message)
    return Answer(question.id, messages, passages, reply=reply)


def probe_sample(questions: Sequence[Question], seed: int = 0) -> list[Question]:
    """The fixed sample on which every recipe's latency is measured."""
    size = min(PROBE_QUESTIONS, len(questions))
    return random.Random(seed).sample(sorted(questions, key=lambda q: q.id), size)


def probe(questions: Sequence[Question], kit: Kit) -> Iterator[Latency]:
    """Ask a sample one by one, with nothing reused, and time it from search to last token.

    Latency is not read off batches. The first question warms up and is not counted.
    """
    if not questions:
        return
    _timed(questions[0], kit)
    started = time.monotonic()
    for count, question in enumerate(questions):
        if count >= PROBE_AT_LEAST and time.monotonic() - started > PROBE_SECONDS:
            return
        yield _timed(question, kit)


def _timed(question: Question, kit: Kit) -> Latency:
    started = time.perf_counter()
    messages, _ = prompts_for([question], kit)[0]
    before = time.perf_counter() - started
    reply = kit.engine.ask(request(kit.recipe, messages))
    first = reply.seconds_to_first_token
    return Latency(
        question.id,
        time.perf_counter() - started,
        None if first is None else before + first,
        reply.tokens.out,
    )
