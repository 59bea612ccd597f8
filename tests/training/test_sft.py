"""Tuning lowers the loss, survives a stop to the same weights, and leaves only an adapter."""

import json
from dataclasses import replace

import pytest

from dsmr.core.data import Question
from dsmr.core.errors import Cancelled, InputError
from dsmr.core.ports import quiet
from dsmr.core.recipe import Model, Recipe, Tuning
from dsmr.core.run import Message, Request
from dsmr.engines import open_engine
from dsmr.training.encode import IGNORED, encode
from dsmr.training.rows import TrainingRow, training_rows
from dsmr.training.sft import CHECKPOINTS, adapter_id, train_adapter
from tests.engines.tiny_models import MARKED, NO_SYSTEM, make_model

TUNING = Tuning(rank=4, epochs=8, learning_rate=1e-2, batch_size=4)


def rows_of(count=12):
    recipe = Recipe("fine-tuned", instruction="Answer.", tuning=TUNING)
    questions = [
        Question(
            f"q{i}", "When? " * (i % 3 + 1) + str(i), (f"At {i}. Happy to help",), split="train"
        )
        for i in range(count)
    ]
    return training_rows(questions, recipe)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return Model(
        str(
            make_model(tmp_path_factory.mktemp("base") / "tiny-base", MARKED, initializer_range=0.1)
        )
    )


@pytest.fixture(scope="module")
def trained(base, tmp_path_factory):
    """An uninterrupted training: the adapter, its folder, and what was reported."""
    folder, said = tmp_path_factory.mktemp("whole"), []
    adapter = train_adapter(base, TUNING, rows_of(), folder, lambda *what: said.append(what))
    return adapter, folder, said


def weights_in(folder):
    return (folder / "adapter_model.safetensors").read_bytes()


def test_the_loss_falls_and_every_step_is_reported(trained):
    adapter, _, said = trained
    assert adapter.rows == 12 and adapter.steps == 24
    assert adapter.losses[-1][1] < 0.8 * adapter.losses[0][1]
    assert [step for step, _ in adapter.losses] == list(range(1, 25))
    assert [what[1] for what in said] == list(range(25)) and said[-1][2] == 24
    assert said[-1][3].startswith("loss ")
    assert adapter.seconds > 0 and adapter.tokens > 12 * 8 * 10


def test_only_a_safetensors_adapter_is_left_and_no_path_of_this_machine(trained, base):
    _, folder, _ = trained
    assert {p.name for p in folder.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
    }
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny-base"
    assert base.name not in json.dumps(config) and str(folder) not in json.dumps(config)


def test_the_adapter_changes_what_the_model_says(trained, base):
    _, folder, _ = trained
    asked = Request((Message("system", "Answer."), Message("user", "When? 3")), 16)
    tuned = open_engine(base, folder).ask(asked).text
    assert "Happy to help" in tuned
    assert open_engine(base).ask(asked).text != tuned


def test_training_stopped_and_resumed_gives_the_same_weights(trained, base, tmp_path):
    whole, folder, _ = trained
    stops = iter([7, 13])  # one step after no checkpoint of its own, one after a regular one
    for stop in stops:
        with pytest.raises(Cancelled):
            train_adapter(base, TUNING, rows_of(), tmp_path, stopping_at(stop))
        assert list((tmp_path / CHECKPOINTS).glob(f"checkpoint-{stop}"))
        assert not (tmp_path / "adapter_model.safetensors").exists()
    said = []
    resumed = train_adapter(base, TUNING, rows_of(), tmp_path, lambda *what: said.append(what[1]))
    assert said[1] == 14
    assert weights_in(tmp_path) == weights_in(folder)
    assert (resumed.losses, resumed.id) == (whole.losses, whole.id)
    assert not (tmp_path / CHECKPOINTS).exists()


def test_a_killed_training_goes_on_from_its_last_whole_checkpoint(trained, base, tmp_path):
    def killed(stage, done, total, note=""):
        if done == 22:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_adapter(base, TUNING, rows_of(), tmp_path, killed)
    broken = tmp_path / CHECKPOINTS / "checkpoint-21"  # killed while writing
    broken.mkdir()
    (broken / "trainer_state.json").write_text('{"global_')
    said = []
    train_adapter(base, TUNING, rows_of(), tmp_path, lambda *what: said.append(what[1]))
    assert said[1] == 21
    assert weights_in(tmp_path) == weights_in(trained[1])


def test_checkpoints_of_other_inputs_are_not_used(base, tmp_path):
    with pytest.raises(Cancelled):
        train_adapter(base, TUNING, rows_of(8), tmp_path, stopping_at(5))
    said = []
    short = replace(TUNING, epochs=1)
    train_adapter(base, short, rows_of(4), tmp_path, lambda *what: said.append(what[1]))
    assert said == [0, 1]


def stopping_at(step):
    def report(stage, done, total, note=""):
        if done == step:
            raise Cancelled

    return report


def test_equal_inputs_have_equal_names(base):
    name = adapter_id(base, TUNING, rows_of())
    assert name == adapter_id(base, TUNING, rows_of())
    assert name != adapter_id(base, replace(TUNING, seed=1), rows_of())
    assert name != adapter_id(base, TUNING, rows_of(11))
    assert name != adapter_id(Model(), TUNING, rows_of())


def test_nothing_to_learn_from_and_endpoints_are_refused(base, tmp_path):
    with pytest.raises(InputError, match="no questions to learn from"):
        train_adapter(base, TUNING, [], tmp_path, quiet)
    with pytest.raises(InputError, match="cannot be tuned here"):
        there = Model("m", endpoint="http://localhost/v1")
        train_adapter(there, TUNING, rows_of(), tmp_path, quiet)


def test_rows_longer_than_the_window_are_left_out_and_never_cut(base, tmp_path):
    long = TrainingRow((Message("user", "word " * 600),), "never", "long")
    adapter = train_adapter(base, replace(TUNING, epochs=1), [*rows_of(4), long], tmp_path, quiet)
    assert adapter.rows == 4
    with pytest.raises(InputError, match="no training row fits"):
        train_adapter(base, TUNING, [long], tmp_path, quiet)


@pytest.mark.parametrize("template", [MARKED, NO_SYSTEM, None])
def test_a_row_begins_with_the_ids_that_will_be_asked_and_learns_only_the_reply(tmp_path, template):
    engine = open_engine(Model(str(make_model(tmp_path, template))))
    loaded = engine._load()
    row = rows_of(1)[0]
    encoded = encode(loaded.tokenizer, row)
    asked = list(loaded.encode(row.messages))
    assert encoded.input_ids[: len(asked)] == asked
    assert encoded.labels[: len(asked)] == [IGNORED] * len(asked)
    assert encoded.labels[len(asked) :] == encoded.input_ids[len(asked) :]
    assert encoded.input_ids[-1] in loaded.stop_ids
    assert loaded.decode(encoded.input_ids[len(asked) :]).strip() == row.completion


def test_the_embedded_reader_can_be_tuned_with_the_default_settings(tmp_path):
    said = []
    adapter = train_adapter(
        Model(), Tuning(epochs=1), rows_of(16), tmp_path, lambda *what: said.append(what[1])
    )
    assert said == [0, 1, 2] and adapter.losses[1][1] > 0
    reply = open_engine(Model(), tmp_path).ask(Request(rows_of(1)[0].messages, 8))
    assert reply.tokens.out > 0
