"""How things are called, explained and written: the glossary, numbers in words, safe labels."""

import re
from datetime import datetime

from dsmr.core.stats import Estimate, whole_percent

GLOSSARY: dict[str, str] = {
    "accuracy": "Share of the questions answered correctly.",
    "adapter": "The small set of weights that fine-tuning adds to a model (LoRA).",
    "against": "A second run to compare with, question by question.",
    "contains": "Right when an accepted answer occurs in the reply, whole and in order.",
    "cost": "What it costs to answer, from token prices or from machine time.",
    "cost per 1,000 questions": "What a thousand questions like these would cost to answer.",
    "cost per million tokens": "Cost of the run divided by all tokens read and written.",
    "cached tokens": "Tokens at the start of a prompt that the model had just read before.",
    "corpus": "All documents of a project.",
    "detectable": "The smallest true difference this many questions would show 4 times in 5.",
    "difference": "How far a recipe is from the baseline on the same questions, in points.",
    "endpoint": "A model behind a web address that speaks the OpenAI protocol.",
    "exact": "Right when the reply is the accepted answer and nothing else.",
    "examples": "Solved questions from the train split, shown to the model before yours.",
    "f1": "How many words the reply shares with the accepted answer, 0 to 100 %.",
    "fact": "A question that asks what is true.",
    "fine-tuning": "Training the model on the train split before asking the test split.",
    "form": "Whether the reply has the asked form: a pattern or a JSON schema.",
    "interval": "The range that holds the true figure 95 times out of 100.",
    "instruction": "The text that tells the model what to do, sent with every question.",
    "latency": "How long one question takes when it is asked alone.",
    "leak": "A test question, or its answer's wording, that also appears in the train split.",
    "missing": "Asked but not graded: the model failed. Never counted as wrong.",
    "model": "The language model that answers.",
    "p-value": "How often chance alone would show such a difference; corrected for many tests.",
    "p50": "Half of the questions are answered within this time.",
    "p95": "19 of 20 questions are answered within this time.",
    "pareto": "Recipes that no other recipe beats on accuracy without costing more.",
    "passage": "A cut of a document, given to the model with the question.",
    "recall": "How often the document that holds the answer is among the passages found.",
    "recipe": "The parts that are on: instruction, examples, retrieval, fine-tuning, model.",
    "retrieval": "Finding passages of your documents and putting them into the prompt (RAG).",
    "run": "One recipe over one set of questions and documents.",
    "split": "Train: to learn from. Dev: to choose with. Test: to measure with, once.",
    "temperature": "0: the same reply each time. Higher: more varied replies.",
    "tokens": "The word pieces a model reads and writes; prices are per token.",
    "ttft": "Time to first token: how long until the reply starts to appear.",
    "unanswerable": "A question the documents do not answer; right is to say so.",
}

METRIC_NAMES: dict[str, str] = {
    "contains": "Right answer",
    "exact": "Exact answer",
    "f1": "Shared words",
    "form": "Right form",
}
METRIC_MEANS: dict[str, str] = {
    "contains": "share of questions whose reply contains an accepted answer",
    "exact": "share of questions whose reply is exactly an accepted answer",
    "f1": "words shared between reply and accepted answer (F1)",
    "form": "share of questions whose reply has the asked form",
}
SPLIT_NAMES = {"test": "Test", "dev": "Dev", "train": "Train", "all": "All questions"}
KIND_NAMES = {
    "fact": "Fact",
    "form": "Form",
    "mixed": "Fact and form",
    "unanswerable": "Unanswerable",
}
STATE_NAMES = {
    "queued": "Waiting",
    "running": "Running",
    "done": "Done",
    "failed": "Stopped by an error",
    "cancelled": "Cancelled",
}
STAGE_NAMES = {
    "index": "Building the search index",
    "embedding": "Reading the documents",
    "training": "Fine-tuning",
    "answers": "Answering",
    "latency": "Measuring latency",
}

_SPECIAL = re.compile(r"[\\`*\[\]<>~$|]|(?<!\w)_|_(?!\w)")
_START = re.compile(r"^([#+=-]|\d+[.)])")  # of a heading, a list, a rule
_HIDDEN = "\u200c"  # keeps :colour[…], :icon:, www. and a@b from being read as markup


def plain(text: object) -> str:
    """User text for a label or caption: shown as typed, never read as markdown."""
    flat = " ".join(str(text).split()).replace("&", "&amp;")
    safe = _SPECIAL.sub(r"\\\g<0>", flat)
    safe = _START.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], safe)
    safe = re.sub(r":(?=[A-Za-z/])|@(?=\w)", lambda found: found.group() + _HIDDEN, safe)
    return re.sub(r"(?i)\bwww\.", lambda found: found.group() + _HIDDEN, safe)


def shorten(text: str, limit: int = 80) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def explain(*terms: str) -> str:
    """The tooltip of a table or chart that uses several terms."""
    return "\n\n".join(f"**{term[0].upper() + term[1:]}** — {GLOSSARY[term]}" for term in terms)


# --- numbers --------------------------------------------------------------------------------


def percent(share: float | None) -> str:
    return "–" if share is None else f"{whole_percent(share)} %"


def interval(estimate: Estimate | None) -> str:
    """The ends of the 95 % interval, in percent."""
    if estimate is None:
        return "–"
    return f"{whole_percent(estimate.low)}–{whole_percent(estimate.high)} %"


def points(share: float) -> str:
    """A difference of two shares in percentage points, with its sign."""
    value = whole_percent(share)
    return "±0" if value == 0 else f"{value:+d}".replace("-", "−")


def usd(amount: float | None) -> str:
    """Money with as many decimals as it takes to tell it from nothing."""
    if amount is None:
        return "–"
    if amount == 0:
        return "$0"
    if abs(amount) >= 100:
        return f"${amount:,.0f}"
    if abs(amount) >= 0.1:
        return f"${amount:,.2f}"
    if abs(amount) >= 0.0001:
        return f"${amount:.4f}"
    return "under $0.0001"


def span(seconds: float | None) -> str:
    """A duration as one would say it."""
    if seconds is None:
        return "–"
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def count(number: int, thing: str, things: str | None = None) -> str:
    """`3 questions`, `1 question`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def tokens(number: float) -> str:
    if number >= 999_500:
        return f"{number / 1e6:.1f} M"
    if number >= 9_950:
        return f"{number / 1e3:.0f} k"
    return f"{number:,.0f}"


def when(unix_seconds: float) -> str:
    return datetime.fromtimestamp(unix_seconds).strftime("%d %b %Y, %H:%M")


def listing(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
