"""Search by word, by meaning and by both, in LanceDB, with the weights of the pinned package."""

import hashlib

import numpy
import pytest

from dsmr.core.data import Passage
from dsmr.retrieval import embed
from dsmr.retrieval.embed import MiniLM
from dsmr.retrieval.index import Index, build_index, fuse, title

TEXTS = {
    "refund-policy.md": "Customers may send goods back within thirty days of purchase.",
    "parental leave.md": "New parents take sixteen paid weeks away from work.",
    "parking.md": "Cars go on level two; bicycles stand in the yard.",
    "zh.md": "密码重置:在设置页面点击重置。",
    "ja.md": "パスワードの再設定は設定画面から行います。",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("index")
    build_index([Passage(name, 0, text) for name, text in TEXTS.items()], made, MiniLM())
    return made


def first(folder, mode, question):
    (found,) = Index(folder, mode, MiniLM()).search([question], 3)
    return found[0].document if found else None


def test_the_weights_are_the_pinned_ones():
    data = (embed.folder() / "model.safetensors").read_bytes()
    assert hashlib.sha256(data).hexdigest() == (
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    )


def test_vectors_have_length_one_and_follow_the_order():
    vectors = MiniLM().embed(["cat", "a far longer text about cats and dogs", "dog"])
    assert vectors.shape == (3, 384)
    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert numpy.allclose(vectors[2], MiniLM().embed(["dog"])[0], atol=1e-4)


@pytest.mark.parametrize("mode", ["vector", "hybrid"])
@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("How long are mums and dads off after a birth?", "parental leave.md"),
        ("Can I return what I bought?", "refund-policy.md"),
    ],
)
def test_meaning_finds_what_shares_no_word(folder, mode, question, document):
    assert first(folder, mode, question) == document


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("bicycle", "parking.md"),
        ("密码", "zh.md"),
        ("パスワード", "ja.md"),
        ("refund", "refund-policy.md"),
    ],
)
def test_words_are_found_stemmed_in_any_script_and_in_titles(folder, question, document):
    assert first(folder, "keyword", question) == document


@pytest.mark.parametrize("question", ["", '"', "(*)", "a AND (b", "xyzzy"])
@pytest.mark.parametrize("mode", ["keyword", "hybrid"])
def test_odd_questions_do_no_harm(folder, mode, question):
    Index(folder, mode, MiniLM()).search([question], 2)


def test_passages_come_back_as_they_were_cut(folder):
    (found,) = Index(folder, "hybrid", MiniLM()).search(["parking"], 5)
    assert all(TEXTS[p.document][p.start :] == p.text for p in found)


def test_fusion_prefers_what_both_sides_found():
    rows = [{"document": name, "start": 0} for name in "abc"]
    assert [r["document"] for r in fuse([rows[0], rows[1]], [rows[1], rows[2]])] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("name", "words"), [("travel-guide_4.md", "travel guide 4"), ("a/b.c.pdf", "a b.c"), ("x", "x")]
)
def test_a_title_is_read_from_the_name(name, words):
    assert title(name) == words
