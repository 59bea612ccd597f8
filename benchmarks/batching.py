"""How much batches and shared prefixes save on the embedded reader, in one run.

python benchmarks/batching.py [QUESTIONS]

The same questions are answered four ways: one by one, in padded batches, with the shared
beginning computed once, and both together. All four must give the same replies.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dsmr.core.recipe import Model
from dsmr.core.run import Message, Request
from dsmr.engines import decode, open_engine
from dsmr.engines.batches import Prompt, shared_prefix
from dsmr.engines.loaded import Loaded

ROWS = 16
ROUNDS = 3  # the best of so many counts: other work on the machine only ever adds time


def requests(count: int) -> list[Request]:
    """A long instruction with passages and examples that all questions share."""
    places = ("harbour", "museum", "library", "canteen", "archive", "workshop")
    passages = "\n\n".join(
        f"[{i}] The {place} opens at {6 + i}:30 and is kept by Dr {place.title()}son."
        for i, place in enumerate(places * 3, 1)
    )
    system = f"Answer the question using the passages.\n\nPassages:\n{passages}"
    shots = (Message("user", "When does the pier open?"), Message("assistant", "5:30"))
    asked = [
        f"{'Please tell me. ' * (i % 4)}When does the {places[i % 6]} open?" for i in range(count)
    ]
    return [Request((Message("system", system), *shots, Message("user", q)), 24) for q in asked]


def ways(loaded: Loaded, prompts: list[Prompt]) -> dict[str, Callable[[], list[str]]]:
    """The four ways, each giving the replies in the order of the prompts."""
    length = shared_prefix(prompts)

    def run(rows: int, sharing: bool) -> list[str]:
        prefix = decode.read_prefix(loaded, prompts[0].ids[:length]) if sharing else None
        order = sorted(prompts, key=lambda p: len(p.ids))
        texts: dict[int, str] = {}
        for at in range(0, len(order), rows):
            for row in decode.write(loaded, order[at : at + rows], prefix):
                texts[row.prompt.index] = decode.reply_text(loaded, row)
        return [texts[prompt.index] for prompt in prompts]

    return {
        "one by one": lambda: run(1, False),
        f"padded batches of {ROWS}": lambda: run(ROWS, False),
        "shared prefix, one by one": lambda: run(1, True),
        f"shared prefix, batches of {ROWS}": lambda: run(ROWS, True),
    }


def best_of(way: Callable[[], list[str]]) -> tuple[float, list[str]]:
    seconds, texts = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        texts = way()
        seconds.append(time.perf_counter() - start)
    return min(seconds), texts


def main(count: int) -> None:
    engine = open_engine(Model())
    engine.ask(requests(1)[0])  # loads the weights
    loaded = engine._load()
    prompts = [Prompt(i, r, loaded.encode(r.messages)) for i, r in enumerate(requests(count))]
    lengths = [len(p.ids) for p in prompts]
    print(f"{count} questions, {min(lengths)}-{max(lengths)} tokens, ", end="")
    print(f"{shared_prefix(prompts)} of them shared; best of {ROUNDS}")
    base_seconds, base_texts = 0.0, []
    for name, way in ways(loaded, prompts).items():
        seconds, texts = best_of(way)
        base_seconds, base_texts = base_seconds or seconds, base_texts or texts
        same = sum(a == b for a, b in zip(texts, base_texts, strict=True))
        pace = f"{count / seconds:7.1f} questions/s  x{base_seconds / seconds:4.1f}"
        print(f"{name:34} {seconds:7.2f} s {pace}  same replies {same}/{count}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 32)
