"""Local answers: the same in any company, in disjoint buckets, failing one by one."""

import pytest

from dsmr.core.errors import EngineError, InputError
from dsmr.core.recipe import Model
from dsmr.core.run import Failure, Message, Reply, Request
from dsmr.engines import open_engine
from tests.engines.tiny_models import make_adapter, make_model

FACTS = [
    "The harbour opens at 7:15.",
    "The key is kept in the blue folder on the second floor, says the keeper of keys.",
    "Dr Osei signs the permit. She has done so since the year 1998, and will until 2031.",
    "A crate weighs 18 kg.",
]
EXAMPLES = (
    Message("user", "Where is the pump?"),
    Message("assistant", "In the east hall."),
    Message("user", "Who keeps the log?"),
    Message("assistant", "The duty officer."),
)


def ask_about(i: int, shared: bool = False, **settings) -> Request:
    """Prompts of many lengths; `shared`: all but the last question is the same."""
    passages = FACTS if shared else FACTS[i % 4 :]
    system = "Answer the question using the passages.\n\nPassages:\n" + "\n".join(passages)
    question = ["When does it open?", "Who signs?", f"What is the weight of crate {i}?"][i % 3]
    middle = EXAMPLES if shared else EXAMPLES[: 2 * (i % 3)]
    messages = (Message("system", system), *middle, Message("user", question))
    return Request(messages, **{"max_tokens": 24} | settings)


@pytest.fixture(scope="module")
def reader():
    engine = open_engine(Model())
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("base"), template=None, window=256)


@pytest.mark.parametrize("shared", [False, True])
def test_together_or_alone_the_reader_says_the_same(reader, shared):
    requests = [ask_about(i, shared) for i in range(12)]
    alone = [reader.ask(request) for request in requests]
    together = dict(reader.generate(requests))
    assert sorted(together) == list(range(12))
    for i, one in enumerate(alone):
        assert together[i].text == one.text
        assert together[i].truncated == one.truncated
        assert together[i].tokens.out == one.tokens.out
        assert together[i].tokens.uncached_in + together[i].tokens.cached_in == (
            one.tokens.uncached_in
        )
    assert len({one.text for one in alone}) > 1


def test_the_shared_beginning_is_paid_once(reader):
    requests = [ask_about(0, shared=True), ask_about(1, shared=True), ask_about(2, shared=True)]
    replies = list(dict(reader.generate(requests)).values())
    cached = [reply.tokens.cached_in for reply in replies]
    assert sorted(cached)[0] == 0 and sorted(cached)[1] == sorted(cached)[2] > 50
    assert all(reply.seconds > 0 and reply.seconds_to_first_token is None for reply in replies)


def test_asking_alone_watches_the_first_token(reader):
    reply = reader.ask(ask_about(1))
    assert 0 < reply.seconds_to_first_token <= reply.seconds
    assert reply.tokens.cached_in == 0


def test_two_contexts_are_two_groups_with_the_same_replies(reader):
    requests = [ask_about(i, shared=True) for i in range(4)]
    other = [Request((Message("system", "Answer as JSON."), *r.messages[1:]), 24) for r in requests]
    together = dict(reader.generate([*requests, *other]))
    assert [together[i].text for i in range(8)] == [reader.ask(r).text for r in requests + other]


def test_a_prompt_that_does_not_fit_fails_alone_and_is_not_cut(reader):
    long = Request((Message("user", "word " * 3000),), 24)
    replies = dict(reader.generate([ask_about(0), long, ask_about(1)]))
    assert isinstance(replies[1], Failure) and not replies[1].retryable
    assert "does not fit the window of 2048" in replies[1].message
    assert isinstance(replies[0], Reply) and isinstance(replies[2], Reply)
    with pytest.raises(EngineError, match="does not fit"):
        reader.ask(long)


def test_chance_belongs_to_the_request_and_not_to_the_batch(reader):
    warm = [ask_about(i, temperature=1.5, seed=7) for i in range(6)]
    together = dict(reader.generate(warm))
    assert [together[i].text for i in range(6)] == [reader.ask(r).text for r in warm]
    other = dict(reader.generate([ask_about(i, temperature=1.5, seed=8) for i in range(6)]))
    assert [together[i].text for i in range(6)] != [other[i].text for i in range(6)]


def test_replies_stop_at_max_tokens_and_say_so(reader):
    replies = dict(reader.generate([ask_about(i, max_tokens=1) for i in range(3)]))
    assert all(reply.truncated and reply.tokens.out == 1 for reply in replies.values())


def test_nothing_asked_nothing_answered(reader):
    assert list(reader.generate([])) == []


def test_a_model_without_a_template_reads_a_transcript(base_folder):
    engine = open_engine(Model(str(base_folder)))
    requests = [ask_about(i, max_tokens=20) for i in range(5)]
    together = dict(engine.generate(requests))
    assert [together[i].text for i in range(5)] == [engine.ask(r).text for r in requests]
    prompt = engine._load().decode(engine._load().encode(requests[0].messages))
    assert prompt.startswith("System: Answer") and prompt.endswith("\n\nAssistant:")
    assert not any("\nUser:" in reply.text for reply in together.values())


def test_an_adapter_changes_the_replies_and_leaving_it_out_does_not(base_folder, tmp_path):
    adapter = make_adapter(base_folder, tmp_path / "adapter")
    request = ask_about(0)
    plain = open_engine(Model(str(base_folder))).ask(request).text
    tuned = open_engine(Model(str(base_folder)), adapter)
    assert tuned.ask(request).text != plain
    assert dict(tuned.generate([request] * 3))[2].text == tuned.ask(request).text
    assert open_engine(Model(str(base_folder))).ask(request).text == plain


def test_sliding_windows_give_the_same_replies_without_a_shared_beginning(tmp_path):
    from transformers import MistralConfig, MistralForCausalLM

    folder = make_model(tmp_path, template=None)
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    config = MistralConfig(**small, **heads, vocab_size=400, sliding_window=24, eos_token_id=2)
    MistralForCausalLM(config).save_pretrained(folder)
    engine = open_engine(Model(str(folder)))
    requests = [ask_about(i, shared=True, max_tokens=12) for i in range(4)]
    together = dict(engine.generate(requests))
    assert [together[i].text for i in range(4)] == [engine.ask(r).text for r in requests]
    assert all(reply.tokens.cached_in == 0 for reply in together.values())


def test_overflowing_numbers_fail_instead_of_becoming_text(base_folder, tmp_path):
    from safetensors.torch import load_file, save_file

    for path in base_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    tensors = load_file(tmp_path / "model.safetensors")
    tensors["model.norm.weight"] = tensors["model.norm.weight"] * float("nan")
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    engine = open_engine(Model(str(tmp_path)))
    replies = dict(engine.generate([ask_about(i) for i in range(3)]))
    assert all(isinstance(r, Failure) and "NaN" in r.message for r in replies.values())
    with pytest.raises(EngineError, match="NaN"):
        engine.ask(ask_about(0))


def test_weights_that_cannot_be_read_are_an_input_error(base_folder, tmp_path):
    for path in base_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{broken}")
    with pytest.raises(InputError, match="could not be loaded"):
        list(open_engine(Model(str(tmp_path))).generate([ask_about(0)]))


def test_closing_twice_is_safe_and_the_engine_opens_again(base_folder):
    engine = open_engine(Model(str(base_folder)))
    first = engine.ask(ask_about(0)).text
    engine.close()
    engine.close()
    assert engine.ask(ask_about(0)).text == first
