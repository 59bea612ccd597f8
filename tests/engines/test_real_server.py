"""The endpoint engine against a real OpenAI-compatible server: `transformers serve`."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from dsmr.core.errors import EngineError
from dsmr.core.recipe import Model
from dsmr.core.run import Failure, Message, Reply, Request
from dsmr.engines import open_engine
from dsmr.engines.endpoint import check_endpoint
from tests.engines.tiny_models import MARKED, make_model

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = tmp_path_factory.mktemp("server")
    folder = make_model(home / "model", MARKED)
    (home / "hub").mkdir()  # GET /v1/models fails without it
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = Path(sys.executable).with_name("transformers")
    settings = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    offline = {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = (home / "log").open("wb")
    process = subprocess.Popen(
        [command, "serve", folder, *settings],
        env=os.environ | offline,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, home / "log")
        yield Model(str(folder), endpoint=f"http://127.0.0.1:{port}/v1")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        log.close()


def _wait(url, process, log):
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            return urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text('utf-8')[-3000:]}")


def request(i=0, tokens=12):
    messages = (Message("system", "Be brief."), Message("user", f"When does harbour {i} open?"))
    return Request(messages, tokens)


def test_a_real_server_answers_many_at_once_and_says_what_it_used(served):
    replies = dict(open_engine(served).generate([request(i) for i in range(6)]))
    assert sorted(replies) == list(range(6))
    for reply in replies.values():
        assert isinstance(reply, Reply) and reply.seconds > 0
        assert reply.tokens.uncached_in > 20 and 0 < reply.tokens.out <= 12


def test_a_real_stream_gives_the_same_text_and_a_first_token(served):
    engine = open_engine(served)
    ((_, whole),) = engine.generate([request(3)])
    streamed = engine.ask(request(3))
    assert streamed.text == whole.text
    assert streamed.tokens == whole.tokens
    assert 0 < streamed.seconds_to_first_token < streamed.seconds


def test_the_server_says_the_same_as_the_model_run_here(served):
    here = open_engine(Model(served.name)).ask(request(1))
    there = open_engine(served).ask(request(1))
    assert there.text == here.text
    assert there.tokens.uncached_in == here.tokens.uncached_in


def test_a_model_the_server_does_not_have_is_named(served):
    other = Model("no/such-model", endpoint=served.endpoint)
    ((_, reply),) = open_engine(other).generate([request()])
    assert isinstance(reply, Failure) and "refused the request" in reply.message
    with pytest.raises(EngineError, match="refused the request"):
        open_engine(other).ask(request())


def test_a_wrong_base_url_is_named(served):
    wrong = Model(served.name, endpoint=served.endpoint + "/wrong")
    with pytest.raises(EngineError, match="base URL ends in /v1"):
        list(open_engine(wrong).generate([request()]))


def test_checking_a_real_server(served):
    assert check_endpoint(served).startswith("Working: ")
