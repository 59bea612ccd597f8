"""Splits that do not leak, and the warnings about what may mislead."""

import random
import time
from collections import Counter

from dsmr.core.data import Document, Question
from dsmr.ingest.assign import assign_splits
from dsmr.ingest.checks import check_corpus, check_questions, match_sources

TOPICS = [
    "kettle",
    "lamp",
    "chair",
    "desk",
    "shelf",
    "carpet",
    "window",
    "door",
    "fridge",
    "oven",
    "printer",
    "router",
]
PARTS = [
    "warranty",
    "colour",
    "weight",
    "price",
    "origin",
    "voltage",
    "height",
    "battery",
    "maker",
    "manual",
]


def question(text, answer="x", **settings):
    accepted = (answer,) if answer else ()
    return Question(id=settings.pop("id", text), text=text, accepted=accepted, **settings)


def catalogue(count=120):
    """Questions on many documents, a third of them asking for a form."""
    pairs = [(topic, part) for topic in TOPICS for part in PARTS][:count]
    return [
        question(
            f"What about the {part} when a customer asks for our {topic}?",
            answer=f"{topic} {part}",
            sources=(f"{topic}-{n % 4}.md",),
            kind="form" if n % 3 == 0 else "fact",
        )
        for n, (topic, part) in enumerate(pairs)
    ]


def test_shares_are_kept_for_every_kind_and_sources_stay_whole():
    made = assign_splits(catalogue())
    for kind, total in (("fact", 80), ("form", 40)):
        counts = Counter(q.split for q in made if q.kind == kind)
        assert abs(counts["train"] / total - 0.4) < 0.1
        assert abs(counts["test"] / total - 0.5) < 0.1
        assert counts["dev"]
    splits = {}
    for q in made:
        splits.setdefault(q.sources[0], set()).add(q.split)
    assert all(len(found) == 1 for found in splits.values())


def test_the_same_seed_gives_the_same_splits_in_any_order_and_another_seed_others():
    asked = catalogue()
    mixed = random.Random(1).sample(asked, len(asked))

    def dealt(questions, seed):
        return {q.id: q.split for q in assign_splits(questions, seed)}

    assert dealt(asked, 0) == dealt(mixed, 0) != dealt(asked, 1)


def test_questions_of_one_document_alone_are_still_dealt_out():
    made = assign_splits([question(f"Item {part}?", part, sources=("all.pdf",)) for part in PARTS])
    assert Counter(q.split for q in made) == {"train": 4, "dev": 1, "test": 5}


def test_near_equal_questions_stay_together():
    twins = [
        question("How long is the warranty of the lamp?", "2 years"),
        question("How long is the lamp's warranty?", "2 years"),
        question("HOW LONG is the warranty of the lamp", "2 years", id="loud"),
    ]
    for seed in range(8):
        made = assign_splits([*catalogue(40), *twins], seed)
        assert len({q.split for q in made if "warranty of the lamp" in q.text}) == 1


def test_fixed_questions_draw_those_of_their_source():
    fixed = [question("Old?", sources=("a.md",), split="dev")]
    made = assign_splits([question("New one?", sources=("a.md",))], fixed=fixed)
    assert made[0].split == "dev"


def test_a_row_without_anything_to_learn_from_goes_to_test():
    made = assign_splits([question(f"{part}?", "", kind="form") for part in PARTS])
    assert {q.split for q in made} == {"test"}


def test_few_questions_go_to_test_first():
    assert [q.split for q in assign_splits([question("One?")])] == ["test"]
    assert {q.split for q in assign_splits([question("One?"), question("Other thing?")])} == {
        "test",
        "train",
    }
    assert assign_splits([]) == []


def said(problems, part):
    return [problem for problem in problems if part in problem.what]


def test_a_question_in_train_and_test_is_a_leak():
    problems = check_questions(
        [
            question("How long is the warranty of the lamp?", "2 years", id="a", split="train"),
            question("how long is the warranty for the lamp", "2 years", id="b"),
        ]
    )
    leak = said(problems, "asks nearly the same as question a, one in test, one in train")
    assert leak and leak[0].where == "question b"


def test_questions_from_one_mould_with_other_answers_are_no_leak():
    problems = check_questions(
        [
            question("What does the longest warranty for a lamp cost?", "4 EUR", split="train"),
            question("What does the longest warranty for a chair cost?", "9 EUR"),
        ]
    )
    assert not said(problems, "asks")


def test_sources_shared_by_train_and_test_are_a_note():
    problems = check_questions(
        [question("A?", sources=("a.md",), split="train"), question("B?", sources=("a.md",))]
    )
    assert said(problems, "1 documents have questions in both")[0].severity == "warning"


def test_small_and_missing_splits_are_reported():
    assert said(check_questions([question("A?")]), "has 1 questions")
    assert said(check_questions([question("A?")]), "is empty: few-shot")
    kinds = [question("A?", split="train"), question("B?", "", kind="unanswerable")]
    assert said(check_questions(kinds), "has no unanswerable question")


def test_gold_sources_and_answers_are_looked_for_in_the_documents():
    documents = [Document("a.md", "The warranty lasts 2 years.")]
    asked = [
        question("Found?", "2 years", sources=("a.md",)),
        question("Lost?", "3 years", sources=("a.md",)),
        question("Yes or no?", "yes", sources=("a.md",)),
        question("Gone?", sources=("b.md",)),
        question("No answer?", "", kind="unanswerable", sources=("a.md",)),
    ]
    problems = check_questions(asked, documents)
    assert [p.where for p in said(problems, "not among the documents")] == ["b.md"]
    assert [p.where for p in said(problems, "does not occur")] == ["question Lost?"]


def test_an_unanswerable_question_with_an_answer_is_reported():
    asked = [
        question("A?", "Rome", kind="unanswerable"),
        question("B?", "Not in the documents.", kind="unanswerable"),
    ]
    problems = said(check_questions(asked), "marked unanswerable")
    assert [p.where for p in problems] == ["question A?"]


def test_sources_are_matched_to_documents_written_a_little_differently():
    documents = [Document("Guide.pdf", ""), Document("en/a.md", ""), Document("de/a.md", "")]
    asked = [
        question("Q?", sources=(name,)) for name in ("docs/guide.PDF", "guide", "a.md", "EN/a.md")
    ]
    assert [q.sources[0] for q in match_sources(asked, documents)] == [
        "Guide.pdf",
        "Guide.pdf",
        "a.md",  # could be either
        "en/a.md",
    ]


def test_the_corpus_is_checked_for_empty_equal_and_odd_documents():
    documents = [
        Document("a.md", "text"),
        Document("b.md", " text\n"),
        Document("c.md", " "),
        Document("d.md", "x" * 200_000),
        Document("e.md", "\ufffd" * 20),
    ]
    assert [(p.where, p.severity) for p in check_corpus(documents)] == [
        (name, "warning") for name in ("b.md", "c.md", "d.md", "e.md")
    ]


def test_five_thousand_questions_are_split_and_checked_within_seconds():
    draw = random.Random(0)
    words = [f"word{n}" for n in range(3000)]
    common = ["what", "is", "the", "of", "in", "for", "a", "to", "how", "many"]
    asked = [
        question(
            " ".join([*draw.choices(common, k=5), *draw.choices(words, k=5)]),
            f"answer {n}",
            sources=(f"{n % 500}.md",),
        )
        for n in range(5000)
    ]
    moulds = [question(f"What is the price of article {n} in euro?", f"{n}") for n in range(1000)]
    start = time.monotonic()
    made = assign_splits([*asked, *moulds])
    check_questions(made)
    assert time.monotonic() - start < 15
