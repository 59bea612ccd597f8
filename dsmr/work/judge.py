"""A model as judge of answers: right or wrong, and which of two, asked in both orders."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsmr.core.agreement import Winner
from dsmr.core.cost import priced
from dsmr.core.data import Question, fingerprint
from dsmr.core.recipe import Model, Recipe
from dsmr.core.run import Message, Reply, Request, Run
from dsmr.engines import open_engine
from dsmr.store.ratings import Preference, Rating
from dsmr.store.records import Store
from dsmr.work.memory import Remembering
from dsmr.work.results import price_of

LONGEST = 400  # tokens: some judges reason before they decide
RIGHT_OR_WRONG = (
    "You grade an answer. Say RIGHT when it gives one of the accepted answers, in any wording, "
    "and does not contradict it; otherwise WRONG. Length and style do not matter. End with one "
    "word: RIGHT or WRONG."
)
WHICH = (
    "You compare two answers to the same question. Choose the one that a careful expert would "
    "rather give: right first, then in the asked form, then clear. The order and the length of "
    "the answers do not matter. End with one word: A, B or TIE."
)
_VERDICT = re.compile(r"\b(RIGHT|WRONG|CORRECT|INCORRECT)\b")
_CHOICE = re.compile(r"(?<![A-Za-z])(A|B|TIE)(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Judge:
    """Who judges, and with which words."""

    model: Model

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def prompt_hash(self) -> str:
        return fingerprint(RIGHT_OR_WRONG, WHICH, LONGEST)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs over one question."""

    first_run_id: str
    second_run_id: str
    question_id: str

    @property
    def swapped(self) -> "Pair":
        return Pair(self.second_run_id, self.first_run_id, self.question_id)


def grading(question: Question, reply: str) -> tuple[Message, ...]:
    accepted = "\n".join(f"- {a}" for a in question.accepted) or "- to say that it is not known"
    asked = f"Question:\n{question.text}\n\nAccepted answers:\n{accepted}\n\nAnswer:\n{reply}"
    return Message("system", RIGHT_OR_WRONG), Message("user", asked)


def choosing(question: Question, first: str, second: str) -> tuple[Message, ...]:
    accepted = "\n".join(f"- {a}" for a in question.accepted) or "- to say that it is not known"
    asked = (
        f"Question:\n{question.text}\n\nAccepted answers:\n{accepted}\n\nAnswer A:\n{first}\n\n"
        f"Answer B:\n{second}"
    )
    return Message("system", WHICH), Message("user", asked)


def right(text: str) -> float | None:
    """The last verdict in a judge's reply; None where there is none."""
    found = _VERDICT.findall(text.upper())
    return None if not found else float(found[-1] in ("RIGHT", "CORRECT"))


def choice(text: str) -> Winner | None:
    """The last choice in a judge's reply; None where there is none."""
    found = _CHOICE.findall(text)
    names: dict[str, Winner] = {"A": "first", "B": "second", "TIE": "tie"}
    return names[found[-1]] if found else None


def rate(store: Store, judge: Judge, deck: Sequence[tuple[str, str]]) -> Iterator[Rating]:
    """Grade (run id, question id) one by one; each is stored as it comes.

    What this judge has graded before with the same words is not asked again. A reply
    without a verdict is stored as undecided.
    """
    run_ids = [run_id for run_id, _ in deck]
    known = {
        (r.run_id, r.question_id)
        for r in store.ratings.ratings(run_ids)
        if r.rater == judge.name and r.prompt_hash == judge.prompt_hash
    }
    with _Asked(store, judge) as asked:
        for run_id, question_id in deck:
            question, text = asked.answer(run_id, question_id)
            if (run_id, question_id) in known or text is None:
                continue
            reply = asked.ask(grading(question, text))
            made = Rating(run_id, question_id, judge.name, right(reply.text), **asked.bill(reply))
            store.ratings.rate(made)
            yield made


def compare(store: Store, judge: Judge, pairs: Sequence[Pair]) -> Iterator[Preference]:
    """Each pair in both orders, stored as it comes; what is known is not asked again."""
    run_ids = list({r for p in pairs for r in (p.first_run_id, p.second_run_id)})
    known = {
        Pair(p.first_run_id, p.second_run_id, p.question_id)
        for p in store.ratings.preferences(run_ids)
        if p.rater == judge.name and p.prompt_hash == judge.prompt_hash
    }
    with _Asked(store, judge) as asked:
        for pair in (one for both in pairs for one in (both, both.swapped)):
            question, first = asked.answer(pair.first_run_id, pair.question_id)
            _, second = asked.answer(pair.second_run_id, pair.question_id)
            if pair in known or first is None or second is None:
                continue
            reply = asked.ask(choosing(question, first, second))
            made = Preference(
                pair.first_run_id, pair.second_run_id, pair.question_id, judge.name,
                choice(reply.text), **asked.bill(reply),
            )  # fmt: skip
            store.ratings.prefer(made)
            yield made


class _Asked:
    """The judge, opened, with the answers it is asked about."""

    def __init__(self, store: Store, judge: Judge) -> None:
        self.store, self.judge = store, judge
        self.engine = Remembering(open_engine(judge.model), store)
        run = Run("", "", Recipe("judge", judge.model), "", "")
        self.price = price_of(store, run)
        self._answers: dict[str, dict[str, str | None]] = {}
        self._questions: dict[str, dict[str, Question]] = {}

    def __enter__(self) -> "_Asked":
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()

    def answer(self, run_id: str, question_id: str) -> tuple[Question, str | None]:
        """The question and the reply to it; None: there is no reply to judge."""
        if run_id not in self._answers:
            run = self.store.runs.get(run_id)
            known = self.store.projects.evalset(run.evalset_id).questions
            self._questions[run_id] = {q.id: q for q in known}
            self._answers[run_id] = {
                id: a.reply.text if a.reply else None
                for id, a in self.store.runs.answers(run_id).items()
            }
        return self._questions[run_id][question_id], self._answers[run_id].get(question_id)

    def ask(self, messages: Sequence[Message]) -> Reply:
        """Raises EngineError when the judge does not answer."""
        from dsmr.core.errors import EngineError

        request = Request(tuple(messages), LONGEST)
        _, reply = next(iter(self.engine.generate([request])))
        if not isinstance(reply, Reply):
            raise EngineError(f"the judge {self.judge.name} did not answer: {reply.message}")
        return reply

    def bill(self, reply: Reply) -> dict[str, object]:
        """Who judged, with which words, and what it took; a remembered verdict costs nothing."""
        tokens = reply.tokens
        usd = priced(tokens, self.price) if self.price else None
        return {
            "kind": "judge",
            "prompt_hash": self.judge.prompt_hash,
            "tokens_in": tokens.all_in,
            "tokens_out": tokens.out,
            "usd": 0.0 if reply.repeated and usd is not None else usd,
            "note": reply.text[-500:],
        }
