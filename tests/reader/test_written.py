"""Hand-written questions: other people's passages are kept as places in their text, ours as text."""

import json
import lzma

import pytest

PAGE = "# Leave\n\nAsk   your lead.<br>\n\nThe office is shut on 3 May — and on Fridays after noon."
OURS = "The kiosk hands out day badges until 17:40."


@pytest.fixture
def written(tmp_path, monkeypatch):
    from reader import quotes, written

    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "guide.jsonl").write_text(json.dumps({"path": "leave.md", "text": PAGE}) + "\n")
    monkeypatch.setenv("READER_TEXT", str(texts))
    monkeypatch.setattr(written, "SHIPPED", tmp_path / "questions.jsonl.xz")
    monkeypatch.setattr(written, "HELD_OUT_DOCUMENTS", 0.0)
    quotes.texts.cache_clear()
    written.load_written.cache_clear()
    yield written
    quotes.texts.cache_clear()
    written.load_written.cache_clear()


def pack(written, folder, *rows):
    folder.mkdir()
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return written.pack(folder)


def row(passage, question, answer, **place):
    kind = "span" if answer else "unanswerable"
    return {"passage": passage, "question": question, "answer": answer, "kind": kind, **place}


def test_a_quoted_passage_comes_back_word_for_word():
    from reader.quotes import quote, recite

    passage = "Ask your lead.\n\nThe office is shut – on 3 May"
    assert recite(quote(passage, PAGE), PAGE) == passage
    assert quote("Ask Jürgen.", PAGE) is None


def test_questions_are_packed_without_the_words_of_others_and_read_again(written, tmp_path):
    passage = "Ask your lead.\n\nThe office is shut on 3 May"
    counts = pack(
        written,
        tmp_path / "in",
        row(passage, "Which day is free?", "3 May", file="guide", path="leave.md"),
        row(passage, "Who cleans?", "", file="guide", path="leave.md"),
        row(passage, "Wrong?", "4 June", file="guide", path="leave.md"),
        row(OURS, "How late can I get in?", "17:40", path="invented/kiosk", invented=True),
    )
    assert counts == {"passages": 2, "span": 2, "unanswerable": 1}
    shipped = lzma.decompress(written.SHIPPED.read_bytes()).decode()
    assert OURS in shipped and "office" not in shipped and "3 May" not in shipped
    (_, (leave,)), (_, (kiosk,)) = written.load_written()
    assert leave.text == passage and leave.unanswerable == ["Who cleans?"]
    assert [(f.question, f.value) for f in leave.facts] == [("Which day is free?", "3 May")]
    assert kiosk.facts[0].evidence == OURS


def test_questions_on_prose_that_is_not_at_hand_are_left_out(written, tmp_path, monkeypatch):
    from reader import quotes

    pack(
        written,
        tmp_path / "in",
        row("Ask   your lead.", "Whom?", "your lead", file="guide", path="leave.md"),
        row(OURS, "How late can I get in?", "17:40", path="invented/kiosk", invented=True),
    )
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("READER_TEXT", str(tmp_path / "none"))
    quotes.texts.cache_clear()
    assert [name for name, _ in written.load_written()] == ["invented/kiosk"]


def test_a_changed_document_is_told_and_its_questions_are_left_out(written, tmp_path):
    from reader import quotes

    pack(
        written,
        tmp_path / "in",
        row("Ask   your lead.", "Whom?", "your lead", file="guide", path="leave.md"),
        row(OURS, "How late can I get in?", "17:40", path="invented/kiosk", invented=True),
    )
    newer = json.dumps({"path": "leave.md", "text": "Since May: " + PAGE})
    (tmp_path / "texts" / "guide.jsonl").write_text(newer + "\n")
    quotes.texts.cache_clear()
    with pytest.warns(UserWarning, match="1 passages read otherwise"):
        assert [name for name, _ in written.load_written()] == ["invented/kiosk"]


def test_without_markup_the_facts_still_stand_in_their_passages():
    from reader.conversations import _unmarked
    from reader.reading import Fact, Scene

    text = "Send it to the [desk](https://a.example) by **3 May**, else `no_refund` applies."
    facts = [Fact("By when?", "**3 May**", text, text), Fact("Whom?", "the [desk]", text, text)]
    scene = _unmarked(Scene([text], facts, ["Why?"]))
    assert scene.passages == ["Send it to the desk by 3 May, else norefund applies."]
    assert [fact.value for fact in scene.facts] == ["3 May"]
    assert scene.facts[0].evidence == scene.passages[0] and scene.unanswerable == ["Why?"]
