"""Two runs question by question: who was right, what differs between two replies."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dsmr.core.data import Question
from dsmr.core.run import Answer, Run, Score
from dsmr.core.scoring import RECALL, metrics_of
from dsmr.core.stats import mean_of_attempts
from dsmr.store.records import Store
from dsmr.ui.words import METRIC_NAMES, percent, plain, shorten

OUTCOMES = {
    "all": "All",
    "won": "Won",
    "lost": "Lost",
    "right": "Both right",
    "wrong": "Both wrong",
    "failed": "Failed",
}
ALONE = {"all": "All", "right": "Right", "wrong": "Wrong", "failed": "Failed"}
RIGHT = 0.5  # a score from here on counts as right
DIFF_WORDS = 500  # longer replies are shown without a diff


@dataclass(frozen=True, slots=True)
class Pair:
    """One question in one run, or in two. Scores are None where nothing was graded."""

    question: Question
    answer: Answer | None
    other: Answer | None
    score: float | None
    other_score: float | None

    @property
    def failed(self) -> bool:
        return any(a is not None and a.reply is None for a in (self.answer, self.other))

    def is_among(self, outcome: str, compared: bool) -> bool:
        """Whether the pair belongs to a filter of OUTCOMES (compared) or ALONE."""
        if outcome in ("all", "failed"):
            return outcome == "all" or self.failed
        if self.score is None or (compared and self.other_score is None):
            return False
        right = self.score >= RIGHT
        if not compared:
            return right == (outcome == "right")
        other = self.other_score >= RIGHT  # type: ignore[operator]
        return {
            "won": self.score > self.other_score,  # type: ignore[operator]
            "lost": self.score < self.other_score,  # type: ignore[operator]
            "right": right and other,
            "wrong": not right and not other,
        }[outcome]


def pairs(store: Store, run: Run, against: Run | None, metric: str) -> list[Pair]:
    """In the order of the questions; those not asked yet are left out."""
    answers, scores = _answers(store, run), _values(store, run.id, metric)
    others = _answers(store, against) if against else {}
    other_scores = _values(store, against.id, metric) if against else {}
    asked = store.projects.evalset(run.evalset_id).only(run.split)[: run.limit]
    return [
        Pair(q, answers.get(q.id), others.get(q.id), scores.get(q.id), other_scores.get(q.id))
        for q in asked
        if q.id in answers or q.id in others
    ]


def _answers(store: Store, run: Run) -> Mapping[str, Answer]:
    """Read once, as long as nothing is added: thousands of answers take seconds."""
    here = next((p for p in store.queue.progress(run.project_id) if p.run_id == run.id), None)
    stamp = (here.state, here.attempt, here.finished, here.done) if here else ()
    return _read_answers(store, store.url, run.id, stamp)


@st.cache_resource(show_spinner=False, max_entries=4)
def _read_answers(
    _store: Store, url: str, run_id: str, stamp: tuple[object, ...]
) -> Mapping[str, Answer]:
    return _store.runs.answers(run_id)


def _values(store: Store, run_id: str, metric: str) -> Mapping[str, float | None]:
    """By question id; the mean where a question was asked several times."""
    attempts: dict[int, dict[str, float | None]] = {}
    for score in store.runs.scores(run_id, metric):
        attempts.setdefault(score.attempt, {})[score.question_id] = score.value
    return mean_of_attempts(list(attempts.values()))


def metrics_asked(store: Store, run: Run) -> list[str]:
    """Metrics that the run's questions can be scored on."""
    asked = store.projects.evalset(run.evalset_id).only(run.split)[: run.limit]
    known = {metric for q in asked for metric in metrics_of(q)}
    return [m for m in METRIC_NAMES if m in known]


def chosen(
    found: Sequence[Pair], outcome: str, compared: bool, wanted: str, metric: str
) -> list[Pair]:
    """The pairs of a filter with all the words searched for; graded on the metric, or failed."""
    words = wanted.casefold().split()
    return [
        p
        for p in found
        if p.is_among(outcome, compared)
        and metric in metrics_of(p.question)
        and all(w in _haystack(p) for w in words)
    ]


def _haystack(pair: Pair) -> str:
    texts = [pair.question.text, *pair.question.accepted, *pair.question.tags, pair.question.id]
    texts += [a.reply.text for a in (pair.answer, pair.other) if a and a.reply]
    return " ".join(texts).casefold()


def counts(found: Sequence[Pair], compared: bool, metric: str) -> dict[str, int]:
    names = OUTCOMES if compared else ALONE
    graded = [p for p in found if metric in metrics_of(p.question)]
    return {o: sum(p.is_among(o, compared) for p in graded) for o in names}


def table(found: Sequence[Pair], name: str, other: str | None) -> pd.DataFrame:
    rows = []
    for pair in found:
        row = {
            "Question": shorten(pair.question.text, 160),
            "Accepted": shorten("; ".join(pair.question.accepted), 60) or "–",
            name: said(pair.answer),
            "Score": _percent(pair.score),
        }
        if other is not None:
            second = other if other != name else f"{other} (2)"
            row |= {second: said(pair.other), "Its score": _percent(pair.other_score)}
        rows.append(row)
    return pd.DataFrame(rows)


def said(answer: Answer | None) -> str:
    if answer is None:
        return "not asked yet"
    if answer.reply is None:
        return f"✕ {shorten(answer.failure or 'no reply', 80)}"
    return shorten(answer.reply.text, 120) or "(empty reply)"


def _percent(score: float | None) -> float | None:
    return None if score is None else 100 * score


# --- one reply beside another -----------------------------------------------------------------


def diff(old: str, new: str) -> tuple[str, str] | None:
    """Both texts as safe markdown, words that only one has marked; None: too long for that."""
    before, after = _pieces(old), _pieces(new)
    if max(len(before), len(after)) > 2 * DIFF_WORDS or not before or not after:
        return None
    left, right = [], []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        left.append(_marked(before[a0:a1], "" if kind == "equal" else "orange"))
        right.append(_marked(after[b0:b1], "" if kind == "equal" else "green"))
    return " ".join(filter(None, left)), " ".join(filter(None, right))


def _pieces(text: str) -> list[str]:
    """Words, and line breaks as pieces of their own."""
    return re.findall(r"\n|[^\s]+", text.strip())


def _marked(pieces: Sequence[str], shade: str) -> str:
    lines = " ".join(pieces).split("\n")
    marked = []
    for line in lines:
        safe = plain(line)
        marked.append(f":{shade}-background[{safe}]" if shade and safe else safe)
    return "  \n".join(marked)


def score_notes(
    scores: Sequence[Score], question_id: str, attempt: int = 0
) -> list[tuple[str, float | None, str]]:
    """(metric, value, note) of one question."""
    names = {**METRIC_NAMES, RECALL: "Right document found"}
    return [
        (names.get(s.metric, s.metric), s.value, s.note)
        for s in scores
        if s.question_id == question_id and s.attempt == attempt
    ]


def rated(score: float | None) -> str:
    """One score in words."""
    if score is None:
        return "not graded"
    return {0.0: "no", 1.0: "yes"}.get(score, percent(score))
