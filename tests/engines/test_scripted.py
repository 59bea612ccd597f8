"""The scripted engine keeps to its scripts, and open_engine picks without loading anything."""

import subprocess
import sys

import pytest

from dsmr.core.errors import EngineError, InputError
from dsmr.core.recipe import Model
from dsmr.core.run import Failure, Message, Reply, Request
from dsmr.engines import open_engine

TALK = (
    Message("system", "Answer.\n\nPassages:\n[1] Io\n\n[2] Titan orbits Saturn"),
    Message("user", "What does Rhea orbit?"),
    Message("assistant", "Saturn"),
    Message("user", "What does Titan orbit?"),
)


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("quote", "[2] Titan orbits Saturn"),
        ("echo", "What does Titan orbit?"),
        ("shots", "Saturn"),
        ("slow:0.001", "What does Titan orbit?"),
    ],
)
def test_each_script_says_its_line(script, text):
    engine = open_engine(Model(f"scripted/{script}"))
    ((index, reply),) = engine.generate([Request(TALK, 20)])
    assert (index, reply.text) == (0, text)
    assert reply.tokens.uncached_in == engine.count_tokens(TALK) and reply.tokens.out == len(
        text.split()
    )
    assert engine.ask(Request(TALK, 20)).seconds_to_first_token < reply.seconds + 1


def test_a_server_that_is_down_fails_every_request_and_each_can_be_tried_again():
    engine = open_engine(Model("scripted/down"))
    replies = dict(engine.generate([Request(TALK, 20)] * 3))
    assert all(isinstance(r, Failure) and r.retryable for r in replies.values())
    with pytest.raises(EngineError) as caught:
        engine.ask(Request(TALK, 20))
    assert caught.value.retryable


def test_a_flaky_server_fails_every_third_request():
    replies = dict(open_engine(Model("scripted/flaky")).generate([Request(TALK, 20)] * 6))
    assert [i for i in range(6) if isinstance(replies[i], Failure)] == [2, 5]


def test_a_reply_longer_than_allowed_is_cut_and_says_so():
    ((_, reply),) = open_engine(Model("scripted/echo")).generate([Request(TALK, 2)])
    assert isinstance(reply, Reply) and reply.text == "What does" and reply.truncated


def test_an_unknown_script_is_refused():
    with pytest.raises(InputError, match="scripted/nonsense"):
        open_engine(Model("scripted/nonsense"))


def test_an_endpoint_takes_no_adapter(tmp_path):
    with pytest.raises(InputError, match="adapter"):
        open_engine(Model("m", endpoint="http://localhost/v1"), tmp_path)


def test_opening_an_engine_and_counting_tokens_loads_neither_torch_nor_openai():
    code = (
        "import sys; from dsmr.engines import open_engine, tokens\n"
        "from dsmr.core.recipe import Model; from dsmr.core.run import Message\n"
        "open_engine(Model()); tokens.count(Model(), [Message('user', 'Hello')])\n"
        "open_engine(Model('m', endpoint='http://localhost/v1'))\n"
        "print(sorted({'torch', 'openai', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
