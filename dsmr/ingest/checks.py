"""What is suspicious in documents and questions that loaded. Warnings, nothing is changed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dsmr.core.data import Document, Problem, Question
from dsmr.core.scoring import abstains, words
from dsmr.ingest.limits import DEFAULT, Limits
from dsmr.ingest.names import base_name
from dsmr.ingest.near import near_pairs

FEW = 20  # questions; with fewer, an interval is wider than most differences
_SHOWN = 20  # warnings of one sort, then a count
_UNSTATED = frozenset(("yes", "no", "true", "false"))  # answers no document spells out


def check_corpus(documents: Sequence[Document], limits: Limits = DEFAULT) -> list[Problem]:
    """Empty documents, documents with the same text, very long lines, garbled text."""
    found: dict[str, list[Problem]] = defaultdict(list)
    first: dict[str, str] = {}
    for document in documents:
        text = " ".join(document.text.split())
        if not text:
            found["empty"].append(_warn(document.name, "is empty", "Delete it, or add its text"))
        elif (same := first.setdefault(text, document.name)) != document.name:
            what = f"has the same text as {same}"
            found["same"].append(_warn(document.name, what, "Keep one of the two"))
        longest = max(map(len, document.text.split("\n")))
        if longest > limits.line_characters:
            what = f"has a line of {longest:,} characters"
            fix = "Check that it is prose, not data; a passage from it may begin anywhere"
            found["long"].append(_warn(document.name, what, fix))
        if text.count("\ufffd") > max(5, len(text) * 0.02):
            what = "has many characters that could not be read"
            found["garbled"].append(_warn(document.name, what, "Save it as UTF-8, or export again"))
    return [problem for sort in found.values() for problem in _shortened(sort)]


def check_questions(
    questions: Sequence[Question], documents: Sequence[Document] = ()
) -> list[Problem]:
    """Questions asked twice or in two splits, small splits, answers and sources that do not fit.

    Sources are looked at only when documents are given; see `match_sources` for names that
    differ in writing alone.
    """
    problems = list(_splits(questions))
    problems += _shortened(list(_repeats(questions)))
    problems += _shortened(list(_unanswerable(questions)))
    if documents:
        problems += _shortened(list(_missing_sources(questions, documents)))
        problems += _shortened(list(_unsupported(questions, documents)))
    return problems


def match_sources(questions: Sequence[Question], documents: Sequence[Document]) -> list[Question]:
    """The questions with each source written as the one document is that it can mean.

    Folder, upper case, and a missing file ending are forgiven; what fits no document, or
    more than one, stays as it is.
    """
    exact = {document.name for document in documents}
    alike: dict[str, set[str]] = defaultdict(set)
    for name in exact:
        for spelling in _spellings(name):
            alike[spelling].add(name)

    def meant(source: str) -> str:
        if source in exact:
            return source
        for spelling in _spellings(source):
            if len(alike.get(spelling, ())) == 1:
                return next(iter(alike[spelling]))
        return source

    return [
        replace(question, sources=tuple(dict.fromkeys(map(meant, question.sources))))
        for question in questions
    ]


def _spellings(name: str) -> tuple[str, str, str]:
    base = base_name(name).casefold()
    return name.casefold(), base, base.rsplit(".", 1)[0].replace("_", " ")


def _splits(questions: Sequence[Question]) -> Iterator[Problem]:
    by_split = {s: [q for q in questions if q.split == s] for s in ("train", "test")}
    train, test = by_split["train"], by_split["test"]
    if not questions:
        return
    if len(test) < FEW:
        what = f"has {len(test)} questions, so only very large differences will show"
        yield _warn("split test", what, f"Bring at least {FEW}, better 100 or more")
    if not train:
        what = "is empty: few-shot and fine-tuning have nothing to learn from"
        yield _warn("split train", what, "Mark some rows as train, or leave all splits empty")
    for kind in sorted({q.kind for q in test} - {q.kind for q in train}) if train else ():
        what = f"has no {kind} question, test has"
        yield _warn("split train", what, f"Move some {kind} questions to train")
    shared = {s for q in train for s in q.sources} & {s for q in test for s in q.sources}
    if shared:
        what = f"{len(shared)} documents have questions in both train and test"
        fix = (
            "Good for new questions about known documents; to measure documents never seen "
            "in training, leave the split column empty"
        )
        yield _warn("splits", what, fix)


def _repeats(questions: Sequence[Question]) -> Iterator[Problem]:
    for a, b in near_pairs(questions):
        one, other = questions[a], questions[b]
        same = words(one.text) == words(other.text)
        alike = "asks the same as" if same else "asks nearly the same as"
        if one.split != other.split:
            what = f"{alike} question {one.id}, one in {other.split}, one in {one.split}"
            fix = "Put both into one split, or delete one: the answer leaks"
        elif same:
            what, fix = f"{alike} question {one.id}", "Delete one, or join their answers"
        else:
            continue
        yield _warn(f"question {other.id}", what, fix)


def _unanswerable(questions: Sequence[Question]) -> Iterator[Problem]:
    for question in questions:
        told = [a for a in question.accepted if not abstains(a)]
        if question.kind == "unanswerable" and told:
            what = f'is marked unanswerable but has the answer "{told[0][:60]}"'
            yield _warn(f"question {question.id}", what, "Empty the answer, or make the kind fact")


def _missing_sources(
    questions: Sequence[Question], documents: Sequence[Document]
) -> Iterator[Problem]:
    names = {document.name for document in documents}
    asking: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        for source in question.sources:
            if source not in names:
                asking[source].append(question.id)
    for source, ids in asking.items():
        what = f"is the source of {len(ids)} questions ({ids[0]}…) but not among the documents"
        yield _warn(source, what, "Add the document, or correct the source column")


def _unsupported(questions: Sequence[Question], documents: Sequence[Document]) -> Iterator[Problem]:
    """Facts none of whose accepted answers stands in a gold source, word for word."""
    wanted = {s for q in questions if q.kind in ("fact", "mixed") for s in q.sources}
    texts = {d.name: f" {' '.join(words(d.text))} " for d in documents if d.name in wanted}
    for question in questions:
        sources = [source for source in question.sources if source in texts]
        said = [" ".join(words(answer)) for answer in question.accepted]
        checkable = question.kind in ("fact", "mixed") and sources and not set(said) & _UNSTATED
        if checkable and not any(f" {a} " in texts[s] for a in said for s in sources):
            what = f'the answer "{question.accepted[0][:60]}" does not occur in {sources[0]}'
            fix = "Right if it has to be worked out; else add the document's own wording"
            yield _warn(f"question {question.id}", what, fix)


def _shortened(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= _SHOWN:
        return problems
    rest = len(problems) - _SHOWN
    last = problems[_SHOWN]
    return [*problems[:_SHOWN], _warn(last.where, f"{last.what}; and {rest - 1} more", last.fix)]


def _warn(where: str, what: str, fix: str) -> Problem:
    return Problem(where, what, fix, "warning")
