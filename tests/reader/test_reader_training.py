"""The reader's workshop from one end to the other, small: data, tokenizer, training, resuming, export."""

import json
import random
from dataclasses import replace

import pytest
import torch

WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fable",
    "grove",
    "harbor",
    "island",
    "jasmine",
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Word lists and prose of the right form, in place of the public ones."""
    from reader import wordlists

    words, texts = tmp_path_factory.mktemp("words"), tmp_path_factory.mktemp("texts")
    for kind, lists in wordlists.FILES.items():
        for name, key, field in lists:
            entries = [f"{word}{kind}".lower() for word in WORDS]
            rows = [{field: entry} for entry in entries] if field else entries
            (words / f"data__{name}.json").write_text(json.dumps({key or "list": rows}))
    lines = []
    for number, word in enumerate(WORDS):
        sentence = (
            f"The {word} team meets every Monday in room {number} and sends its notes to Anna Bell."
        )
        body = "\n\n".join(
            f"{sentence} We keep {number + i} copies of each report." for i in range(8)
        )
        lines.append(json.dumps({"path": f"{word}.md", "text": f"# {word}\n\n{body}"}))
    (texts / "handbook.jsonl").write_text("\n".join(lines) + "\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("READER_WORDS", str(words))
    patch.setenv("READER_TEXT", str(texts))
    yield words
    patch.undo()


@pytest.fixture(scope="module")
def tokenizer(sources, tmp_path_factory):
    from reader.tokenizer import train_tokenizer

    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(512, conversations_drawn=60).save_pretrained(str(folder))
    return folder


@pytest.fixture(scope="module")
def trained(tokenizer, tmp_path_factory):
    """A run of four steps, and the same run cut after two and taken up again."""
    from reader.network import Shape
    from reader.tokenizer import load_tokenizer
    from reader.train import LAST, Plan, Run

    shape = Shape(len(load_tokenizer(tokenizer)), width=128, layers=4, heads=4, hidden=128)
    whole, cut = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("cut")
    plan = Plan(
        str(whole), str(tokenizer), steps=4, tokens=512, warmup=2, rest_steps=1, meanings=False
    )
    Run(plan, shape, None).go()
    Run(replace(plan, out=str(cut)), shape, None).go(stop_after=2)
    Run(replace(plan, out=str(cut)), shape, cut / LAST).go()
    return whole / LAST, cut / LAST


def test_every_fact_of_a_made_up_world_stands_in_its_passages(sources):
    from reader.makers import Maker
    from reader.worlds import made_filler, world

    maker = Maker(random.Random(1))
    for _ in range(100):
        scene = world(maker, 2, lambda: made_filler(maker), (0, 30))
        for fact in scene.facts:
            assert any(fact.evidence in passage for passage in scene.passages)
            assert fact.value.lower() in fact.evidence.lower()


def test_a_batch_is_fully_determined_by_its_seed(tokenizer):
    from reader.batches import RowMaker, make_batch
    from reader.mixtures import MAIN
    from reader.tokenizer import load_tokenizer

    rows = RowMaker(load_tokenizer(tokenizer))
    first, again = (make_batch(rows, "7", MAIN, 256, 512) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.tensors(), again.tensors(), strict=True))
    assert first.answers > 0


def test_a_resumed_run_ends_where_the_uninterrupted_one_does(trained):
    whole, cut = (torch.load(path, weights_only=True) for path in trained)
    assert whole["step"] == cut["step"] == 4
    for name, weights in whole["masters"].items():
        assert torch.allclose(weights, cut["masters"][name], atol=1e-6), name


def test_the_exported_folder_loads_and_computes_what_was_trained(trained, tokenizer, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from reader.export import export

    export(trained[0], tokenizer, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.bfloat16)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    messages = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ann"}]
    encoded = loaded.apply_chat_template(
        messages, return_dict=True, return_tensors="pt", return_assistant_tokens_mask=True
    )
    marked = encoded["input_ids"][0][torch.tensor(encoded["assistant_masks"])[0].bool()]
    assert loaded.decode(marked) == "Ann<|end|>"
    assert torch.isfinite(model(encoded["input_ids"]).logits).all()
    assert model.generation_config.do_sample is False


def test_the_network_and_its_llama_twin_agree(trained, tokenizer, tmp_path):
    from transformers import AutoModelForCausalLM

    from reader.export import export
    from reader.network import Network, Shape

    export(trained[0], tokenizer, tmp_path)
    twin = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    saved = torch.load(trained[0], weights_only=True)
    network = Network(Shape(**saved["shape"]))
    network.load_state_dict(saved["masters"])
    ids = torch.randint(6, 500, (1, 40), generator=torch.Generator().manual_seed(0))
    targets = torch.roll(ids, -1, 1)
    pointers = torch.tensor([[0, 5, 0, 1, 0, 1]])
    _, each, _ = network(
        ids, torch.arange(39), targets[0, :39], torch.ones(39), pointers, torch.ones(1)
    )
    logits = twin(ids).logits[0, :39]
    expected = torch.nn.functional.cross_entropy(logits, targets[0, :39], reduction="none")
    assert torch.allclose(each, expected, atol=0.05)


def test_batches_made_ahead_by_other_processes_are_the_same(tokenizer):
    from reader.ahead import Makers
    from reader.mixtures import EARLY, MAIN

    wishes = [(f"1-{n}", MAIN if n > 2 else EARLY, 256, 512) for n in range(6)]
    here, ahead = Makers(str(tokenizer), 0), Makers(str(tokenizer), 2)
    for number in (0, 1, 3, 4):  # one is left out, as at a change of stage
        batches = [makers.take(wishes[number:]) for makers in (here, ahead)]
        pairs = zip(*(batch.tensors() for batch in batches), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)


def test_rows_are_full_and_no_answer_is_cut(tokenizer):
    from reader.batches import ANSWER, Packer, RowMaker
    from reader.makers import Maker
    from reader.mixtures import REAL
    from reader.tokenizer import END, load_tokenizer

    rows = RowMaker(load_tokenizer(tokenizer))
    packer = Packer(rows, Maker(random.Random(4)), REAL, 512)
    packed = [packer.row() for _ in range(40)]
    assert sum(len(row.ids) for row in packed) > 0.85 * 40 * 513
    assert all(len(row.ids) <= 513 for row in packed)
    for row in packed:
        assert row.kinds[-1] != ANSWER or row.ids[-1] == END


def test_rewording_changes_words_for_words_of_like_meaning():
    from reader.near_words import near, reworded

    asked = "How long may employees keep the laptop before they must return it?"
    changed = [reworded(asked, random.Random(seed), 1.0) for seed in range(5)]
    assert all(text != asked for text in changed)
    assert near("employees") and "employees" not in near("employees")
    assert reworded(asked, random.Random(0), 0.0) == asked
