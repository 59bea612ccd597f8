"""Every answer of a project as rows: CSV for spreadsheets, JSON lines for programs."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from dsmr.store.records import Store
from dsmr.work.results import Result, labels

STARTS_A_FORMULA = ("=", "@", "\t", "\r", "+", "-")
FIELDS = (
    "run", "recipe", "technique", "model", "question_id", "question", "kind", "split", "accepted",
    "attempt", "reply", "failure", "contains", "exact", "f1", "form", "recall", "sources_found",
    "people", "judge", "judged", "judge_prompt_hash", "judge_usd",
    "tokens_in", "tokens_cached", "tokens_cache_write", "tokens_out", "seconds", "from_cache",
)  # fmt: skip


def rows(store: Store, found: Sequence[Result]) -> Iterator[dict[str, Any]]:
    """One row per run, question and attempt; a score that is missing is None, never 0."""
    names = labels(found)
    for result in found:
        run = result.run
        questions = {q.id: q for q in store.projects.evalset(run.evalset_id).questions}
        scores: dict[tuple[str, int], dict[str, float | None]] = {}
        for score in store.runs.scores(run.id):
            key = (score.question_id, score.attempt)
            scores.setdefault(key, {})[score.metric] = score.value
        graded = _graded(store, run.id)
        for attempt in range(run.recipe.tries):
            for id, answer in store.runs.answers(run.id, attempt).items():
                question, reply = questions[id], answer.reply
                yield {
                    "run": run.id,
                    "recipe": names[run.id],
                    "technique": run.recipe.technique,
                    "model": run.recipe.model.name,
                    "question_id": id,
                    "question": question.text,
                    "kind": question.kind,
                    "split": question.split,
                    "accepted": list(question.accepted),
                    "attempt": attempt,
                    "reply": reply.text if reply else None,
                    "failure": answer.failure,
                    **{m: None for m in ("contains", "exact", "f1", "form", "recall")},
                    **scores.get((id, attempt), {}),
                    **(graded.get(id, {}) if attempt == 0 else {}),
                    "sources_found": list(dict.fromkeys(p.document for p in answer.passages)),
                    "tokens_in": reply.tokens.uncached_in if reply else None,
                    "tokens_cached": reply.tokens.cached_in if reply else None,
                    "tokens_cache_write": reply.tokens.cache_write if reply else None,
                    "tokens_out": reply.tokens.out if reply else None,
                    "seconds": reply.seconds if reply else None,
                    "from_cache": reply.repeated if reply else None,
                }


def _graded(store: Store, run_id: str) -> dict[str, dict[str, Any]]:
    """By question, the mean of what people said and the newest verdict of a judge."""
    found: dict[str, dict[str, Any]] = {}
    people: dict[str, list[float]] = {}
    for one in store.ratings.ratings([run_id]):
        row = found.setdefault(one.question_id, {})
        if one.kind == "judge":
            row |= {"judge": one.rater, "judged": one.value, "judge_usd": one.usd,
                    "judge_prompt_hash": one.prompt_hash}  # fmt: skip
        elif one.value is not None:
            held = people.setdefault(one.question_id, [])
            held.append(one.value)
            row["people"] = sum(held) / len(held)
    return found


def as_jsonl(store: Store, found: Sequence[Result]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(store, found))


def as_csv(store: Store, found: Sequence[Result]) -> str:
    """Several accepted answers or sources are parted by |. Text that a spreadsheet would run
    as a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for row in rows(store, found):
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "|".join(value)
    if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) and not _number(value):
        return f"'{value}"
    return value


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
