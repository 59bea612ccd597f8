"""What a model folder must hold, how it is named by content, and how tokens are counted."""

import json
from dataclasses import replace

import pytest

from dsmr.core.errors import InputError
from dsmr.core.recipe import Model
from dsmr.core.run import Message
from dsmr.engines import open_engine, tokens, weights
from tests.engines.tiny_models import MARKED, NO_SYSTEM, make_adapter, make_model

TALK = [Message("system", "Answer the question."), Message("user", "When does the harbour open?")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("model"), MARKED)


@pytest.fixture
def copied(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_the_reader_ships_with_the_repository():
    assert weights.model_folder(Model()) == weights.reader_folder()
    assert open_engine(Model()).window == 2048


def test_pickled_weights_are_refused(copied):
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"pickle.*save_pretrained"):
        open_engine(Model(str(copied)))


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("config.json", "no config.json"),
        ("tokenizer.json", "no tokenizer"),
        ("model.safetensors", "no .*safetensors"),
    ],
)
def test_a_missing_file_is_named(copied, missing, said):
    (copied / missing).unlink()
    with pytest.raises(InputError, match=said):
        open_engine(Model(str(copied)))


def test_a_broken_config_and_a_folder_that_is_not_there_are_named(copied):
    (copied / "config.json").write_text("{")
    with pytest.raises(InputError, match=r"config\.json cannot be read"):
        open_engine(Model(str(copied)))
    with pytest.raises(InputError, match="no such model folder"):
        open_engine(Model(str(copied / "elsewhere")))


def test_code_of_a_model_folder_is_never_run(copied):
    (copied / "config.json").write_text(json.dumps({"auto_map": {"AutoModel": "evil.Model"}}))
    with pytest.raises(InputError, match="program code"):
        open_engine(Model(str(copied)))


def test_a_hub_model_that_is_not_here_is_refused_without_asking_the_network(monkeypatch):
    monkeypatch.delenv("DSMR_ALLOW_HUB", raising=False)
    with pytest.raises(InputError, match="DSMR_ALLOW_HUB=1"):
        open_engine(Model("nobody/no-such-model"))


def test_an_adapter_must_be_safetensors(folder, tmp_path):
    adapter = make_adapter(folder, tmp_path / "adapter")
    weights.check_adapter(adapter)
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    with pytest.raises(InputError, match="pickled adapters are not opened"):
        open_engine(Model(str(folder)), adapter)


def test_identity_follows_content_and_not_place(folder, copied, tmp_path_factory):
    adapter = make_adapter(folder, tmp_path_factory.mktemp("adapter"))
    here, there = open_engine(Model(str(folder))), open_engine(Model(str(copied)))
    assert here.identity == there.identity
    assert open_engine(Model(str(folder)), adapter).identity != here.identity
    (copied / "generation_config.json").write_text('{"eos_token_id": [2, 3]}')
    assert there.identity != here.identity


@pytest.mark.parametrize("template", [MARKED, NO_SYSTEM, None])
def test_tokens_counted_without_torch_are_those_the_model_reads(tmp_path, template):
    model = Model(str(make_model(tmp_path, template)))
    engine = open_engine(model)
    assert tokens.exact(model)
    assert tokens.count(model, TALK) == len(engine._load().encode(TALK)) > 10


def test_the_readers_tokens_are_counted_exactly():
    engine = open_engine(Model())
    counted = engine.count_tokens(TALK)
    engine._load()
    assert counted == engine.count_tokens(TALK)


def test_without_a_tokenizer_tokens_are_estimated_from_characters():
    model = Model("m", endpoint="http://localhost/v1")
    assert not tokens.exact(model)
    assert not tokens.exact(replace(model, endpoint=None, name="nobody/no-such-model"))
    assert tokens.count(model, [Message("user", "x" * 400)]) == 104
