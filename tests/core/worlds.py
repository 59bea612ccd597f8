"""Made-up projects whose truth is known, for the tests of the verdict."""

from dataclasses import replace
from typing import Any

import numpy

from dsmr.core.evidence import Evidence, Retrieved, weigh
from dsmr.core.power import detectable

TECHNIQUES = {
    "baseline": "baseline",
    "few-shot": "few-shot",
    "rag": "retrieval",
    "fine-tuned-rag": "tuned + retrieval",
}
SHARE = 0.2  # of the questions on which two recipes disagree


def named(values: Any) -> dict[str, float]:
    return {str(i): float(v) for i, v in enumerate(values)}


def moved(rng: Any, old: Any, difference: float) -> Any:
    """Answers that are right on `difference` more of the questions, disagreeing on SHARE."""
    level, share = old.mean(), max(SHARE, abs(difference))
    gain, loss = (share + difference) / 2, (share - difference) / 2
    draw = rng.random(len(old))
    up = draw < min(1.0, gain / max(1e-9, 1 - level))
    down = draw < min(1.0, loss / max(1e-9, level))
    return numpy.where(old > 0, ~down, up).astype(float)


def smallest(n: int, comparisons: int = 2) -> float:
    """The detectable difference among so many comparisons."""
    return detectable(n, SHARE, alpha=0.05 / comparisons)


def world(
    rng: Any, n: int, facts: float = 0.0, form: float = 0.0, margin: float = 0.05
) -> Evidence:
    """A ladder of four recipes; `facts` and `form` are what tuning truly adds to `rag`."""
    level = {"baseline": 0.3, "few-shot": 0.35, "rag": 0.6}
    scores: dict[str, dict[str, dict[str, float]]] = {}
    for name, share in level.items():
        scores[name] = {
            "facts": named(rng.random(n) < share),
            "form": named(rng.random(n) < (0.5 if name == "rag" else 0.3)),
        }
    rag = {q: numpy.array(list(v.values())) for q, v in scores["rag"].items()}
    scores["fine-tuned-rag"] = {
        "facts": named(moved(rng, rag["facts"], facts)),
        "form": named(moved(rng, rag["form"], form)),
    }
    return weigh(scores, TECHNIQUES, "baseline", margin=margin)  # type: ignore[arg-type]


def bottleneck(rng: Any, n: int, missed: float, unread: float) -> Evidence:
    """A project without tuning that loses these shares of answers before and after search."""
    kinds = rng.multinomial(n, [1 - missed - unread, unread, 0.0, missed])
    facts = named(rng.permutation(n) < kinds[0])
    low = {q: float(v and rng.random() < 0.5) for q, v in facts.items()}
    scores = {"baseline": {"facts": low}, "rag": {"facts": facts}}
    found = weigh(scores, TECHNIQUES, "baseline")  # type: ignore[arg-type]
    return replace(found, retrieved=Retrieved(*(int(k) for k in kinds)))


CASES = {  # the right next step, and a world in which a difference of this size calls for it
    "fine-tune": lambda rng, n, size: world(rng, n, form=min(size, 0.45)),
    "do not fine-tune": lambda rng, n, size: world(rng, n, facts=-min(size, 0.5)),
    "improve retrieval": lambda rng, n, size: bottleneck(rng, n, 0.05 + min(size, 0.5), 0.05),
}
