"""From a reply to numbers in [0, 1]: fact metrics, form checks, abstention. Pure."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Any

from dsmr.core.data import FormRule, Question
from dsmr.core.run import Answer, Score

Metric = Callable[[str, str], float]
REGEX_SECONDS = 1.0  # a user's pattern may not hang the worker

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_CJK}]|\d+(?:\.\d+)?|[^\W\d_{_CJK}]+", re.UNICODE)
_ARTICLES = frozenset(("a", "an", "the"))


def words(text: str) -> list[str]:
    """Lower-case words without articles and punctuation; CJK by character; 1,000 is 1000.

    After the SQuAD 1.1 evaluation script (Rajpurkar et al. 2016, arXiv:1606.05250), but
    decimals keep their point, and scripts without spaces are compared by character.
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"(?<=\w)'(?=\w)", "", text)
    return [w for w in _TOKEN.findall(text) if w not in _ARTICLES]


def exact(reply: str, accepted: str) -> float:
    return float(words(reply) == words(accepted))


def contains(reply: str, accepted: str) -> float:
    """Whether the accepted words occur in the reply, whole and in order: 8 is not in 18."""
    got, want = words(reply), words(accepted)
    return float(any(got[i : i + len(want)] == want for i in range(len(got) - len(want) + 1)))


def token_f1(reply: str, accepted: str) -> float:
    """Harmonic mean of word precision and recall; 0 when no word is shared."""
    got, want = words(reply), words(accepted)
    shared = sum((Counter(got) & Counter(want)).values())
    return 2 * shared / (len(got) + len(want)) if shared else float(got == want)


FACT_METRICS: dict[str, Metric] = {"contains": contains, "exact": exact, "f1": token_f1}
METRICS: tuple[str, ...] = (*FACT_METRICS, "form")
RECALL = "recall"  # of retrieval, not of the answer; kept beside the metrics

_ABSTAINS = re.compile(
    r"\b(not in the (documents?|passages?|text|context)|(do not|dont) know|(cannot|cant) "
    r"(tell|say|answer|find|determine)|no (information|answer|mention)|not (mentioned|stated|"
    r"specified|provided|given|available|known|answerable)|unanswerable|unknown)\b"
)


def abstains(reply: str) -> bool:
    """Whether a short reply says that the answer is not known or not there."""
    said = words(reply)
    return 0 < len(said) <= 30 and bool(_ABSTAINS.search(" ".join(_with_articles(reply))))


def _with_articles(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("’", "'").replace("'", ""))


def follows(reply: str, rule: FormRule) -> tuple[float | None, str]:
    """Whether a reply has the asked form; None and the reason when it cannot be checked."""
    if rule.regex is not None:
        return _matches(reply, rule.regex)
    return _valid_json(reply, rule.json_schema or "{}")


def _matches(reply: str, pattern: str) -> tuple[float | None, str]:
    import regex  # the standard re has no time limit

    try:
        found = regex.fullmatch(pattern, reply, flags=regex.DOTALL, timeout=REGEX_SECONDS)
    except TimeoutError:
        return None, f"the form pattern took more than {REGEX_SECONDS:g} s on this reply"
    except regex.error as error:
        return None, f"the form pattern is not valid: {error}"
    return float(found is not None), ""


def _valid_json(reply: str, schema: str) -> tuple[float | None, str]:
    import jsonschema

    try:
        _validator(json.loads(schema)).validate(json.loads(reply))
    except json.JSONDecodeError:
        return 0.0, "the reply is not JSON"
    except jsonschema.ValidationError as error:
        return 0.0, error.message
    except jsonschema.SchemaError as error:
        return None, f"the JSON schema is not valid: {error.message}"
    except TimeoutError:
        return None, f"a pattern in the schema took more than {REGEX_SECONDS:g} s on this reply"
    return 1.0, ""


def _validator(schema: dict[str, Any]) -> Any:
    """A validator whose patterns have a time limit. Raises SchemaError."""
    import regex
    from jsonschema import ValidationError, validators

    def pattern(_: Any, wanted: str, value: object, __: object) -> Iterator[ValidationError]:
        if isinstance(value, str) and not regex.search(wanted, value, timeout=REGEX_SECONDS):
            yield ValidationError(f"{value!r} does not match {wanted!r}")

    kind = validators.validator_for(schema)
    kind.check_schema(schema)
    return validators.extend(kind, {"pattern": pattern})(schema)


def metrics_of(question: Question) -> tuple[str, ...]:
    """What can be scored: facts where an answer is known, form where a rule is given."""
    facts = () if question.kind == "form" else tuple(FACT_METRICS)
    return facts + (("form",) if question.form else ())


def grade(question: Question, answer: Answer) -> tuple[Score, ...]:
    """One Score per metric that applies, best over the accepted answers.

    A failed answer gets Scores without a value: missing, never 0.
    """
    if answer.reply is None:
        note = answer.failure or ""
        return tuple(Score(q, m, None, note, answer.attempt) for q, m in _applies(question))
    text = answer.reply.text
    return tuple(
        Score(q, metric, *_value(question, metric, text), answer.attempt)
        for q, metric in _applies(question)
    )


def _applies(question: Question) -> list[tuple[str, str]]:
    return [(question.id, metric) for metric in metrics_of(question)]


def _value(question: Question, metric: str, text: str) -> tuple[float | None, str]:
    if metric == "form" and question.form:
        return follows(text, question.form)
    if question.kind == "unanswerable":
        return float(abstains(text)), ""
    return max(FACT_METRICS[metric](text, accepted) for accepted in question.accepted), ""


def recall_at_k(question: Question, documents: Collection[str]) -> Score | None:
    """Whether a gold source is among the documents of the retrieved passages.

    None where no gold source is known.
    """
    if not question.sources:
        return None
    found = bool(set(question.sources) & set(documents))
    return Score(question.id, RECALL, float(found))
