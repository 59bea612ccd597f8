"""What servers do wrong, each said in plain words; tokens in disjoint buckets; the key unseen."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dsmr.core.errors import EngineError, InputError
from dsmr.core.recipe import Model
from dsmr.core.run import Failure, Message, Reply, Request
from dsmr.engines import open_engine
from dsmr.engines.endpoint import Endpoint, check_endpoint, only_model

KEY = "sk-very-secret-0123456789"
USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 3,
    "total_tokens": 103,
    "prompt_tokens_details": {"cached_tokens": 60},
}


def completion(text="Saturn", finish="stop", usage=USAGE, **more):
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m"}
    return 200, body | {"choices": [choice], "usage": usage} | more


def refused(status, message):
    return status, {"error": {"message": message, "type": "x"}}


class Server(ThreadingHTTPServer):
    """Answers each POST by `self.script(body, number)`: (status, dict or HTML)."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.bodies, self.keys = (lambda body, number: completion()), [], []
        self.lock = threading.Lock()
        self.now = self.most = 0
        self.models = ["m"]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        offered = [{"id": name, "object": "model"} for name in self.server.models]
        self.send(200, {"object": "list", "data": offered})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.lock:
            server.bodies.append(body)
            server.keys.append(self.headers.get("Authorization"))
            server.now += 1
            server.most = max(server.most, server.now)
            number = len(server.bodies)
        try:
            status, answer = server.script(body, number)
        finally:
            with server.lock:
                server.now -= 1
        if status == 200 and body.get("stream") and isinstance(answer, dict):
            return self.stream(answer)
        self.send(status, answer)

    def stream(self, answer):
        choice = answer["choices"][0]
        chunks = [{"delta": {"content": piece}} for piece in choice["message"]["content"]]
        chunks.append({"delta": {}, "finish_reason": choice["finish_reason"]})
        base = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        events = [base | {"choices": [{"index": 0} | chunk], "usage": None} for chunk in chunks]
        events.append(base | {"choices": [], "usage": answer["usage"]})
        text = "".join(f"data: {json.dumps(e)}\n\n" for e in events) + "data: [DONE]\n\n"
        self.send(200, text, "text/event-stream")

    def send(self, status, answer, kind=None):
        is_text = isinstance(answer, str)
        data = (answer if is_text else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind or ("text/html" if is_text else "application/json"))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("retry-after-ms", "5")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def model(server, monkeypatch):
    monkeypatch.setenv("THE_KEY", KEY)
    return Model("m", endpoint=f"http://127.0.0.1:{server.server_port}/v1", key_env="THE_KEY")


def request(i=0, **settings):
    messages = (Message("system", "Be brief."), Message("user", f"What does moon {i} orbit?"))
    return Request(messages, **{"max_tokens": 8} | settings)


def only(model, asked=None):
    engine = open_engine(model)
    ((_, reply),) = engine.generate([asked or request()])
    engine.close()
    return reply


def test_cached_tokens_are_a_bucket_of_their_own(model, server):
    reply = only(model)
    assert reply.text == "Saturn" and reply.seconds > 0 and not reply.truncated
    assert (reply.tokens.uncached_in, reply.tokens.cached_in, reply.tokens.out) == (40, 60, 3)
    assert server.keys == [f"Bearer {KEY}"] and "seed" not in server.bodies[0]


def test_tokens_written_to_a_cache_are_a_bucket_of_their_own(model, server):
    details = {"cached_tokens": 60, "cache_write_tokens": 25}
    server.script = lambda body, number: completion(
        usage=USAGE | {"prompt_tokens_details": details}
    )
    tokens = only(model).tokens
    assert (tokens.uncached_in, tokens.cached_in, tokens.cache_write) == (15, 60, 25)
    assert tokens.all_in == 100 and tokens.total == 103


def test_a_server_with_one_model_needs_no_name(model, server):
    url = model.endpoint
    assert only_model(url, "THE_KEY") == "m"
    server.models = ["a", "b"]
    with pytest.raises(InputError, match="it offers a, b"):
        only_model(url, "THE_KEY")


def test_streaming_gives_the_same_reply_and_the_first_token(model, server):
    reply = open_engine(model).ask(request())
    assert reply.text == "Saturn" and reply.tokens.cached_in == 60
    assert 0 < reply.seconds_to_first_token <= reply.seconds
    assert server.bodies[0]["stream_options"] == {"include_usage": True}


def test_tokens_are_estimated_when_the_server_sends_no_usage(model, server):
    server.script = lambda body, number: completion(usage=None)
    assert only(model).tokens.uncached_in == open_engine(model).count_tokens(request().messages)
    assert only(model).tokens.out == 2


def test_a_reply_cut_at_its_length_says_so(model, server):
    server.script = lambda body, number: completion(finish="length")
    assert only(model).truncated and open_engine(model).ask(request()).truncated


@pytest.mark.parametrize("status", [429, 500])
def test_a_busy_server_is_asked_again_and_only_the_last_try_is_timed(model, server, status):
    busy = refused(status, "busy")
    server.script = lambda body, number: busy if number < 4 else completion()
    assert only(model).text == "Saturn"
    assert len(server.bodies) == 4


@pytest.mark.parametrize(("status", "said"), [(429, "rate limit"), (503, "failed")])
def test_a_server_that_stays_busy_fails_the_request_not_the_run(model, server, status, said):
    def script(body, number):
        bad = "moon 1" in body["messages"][-1]["content"]
        return refused(status, "busy") if bad else completion()

    server.script = script
    replies = dict(open_engine(model).generate([request(i) for i in range(3)]))
    assert isinstance(replies[1], Failure) and replies[1].retryable and said in replies[1].message
    assert isinstance(replies[0], Reply) and isinstance(replies[2], Reply)


def test_a_web_page_instead_of_a_reply_is_named(model, server):
    server.script = lambda body, number: (200, "<html>Welcome</html>")
    reply = only(model)
    assert isinstance(reply, Failure) and "web page" in reply.message
    with pytest.raises(EngineError, match="web page"):
        open_engine(model).ask(request())


@pytest.mark.parametrize(
    ("status", "said"), [(401, "THE_KEY"), (403, "THE_KEY"), (404, "model name 'm'")]
)
def test_a_refused_key_or_model_stops_the_run_and_says_what_to_check(model, server, status, said):
    server.script = lambda body, number: refused(status, f"bad key {KEY}")
    with pytest.raises(EngineError, match=said) as caught:
        list(open_engine(model).generate([request(i) for i in range(3)]))
    assert not caught.value.retryable
    with pytest.raises(EngineError, match=said):
        open_engine(model).ask(request())


def test_a_request_the_server_refuses_fails_alone_with_its_reason(model, server):
    server.script = lambda body, number: refused(400, f"prompt too long, {KEY}")
    reply = only(model)
    assert isinstance(reply, Failure) and not reply.retryable and "too long" in reply.message


def test_the_key_is_in_no_error_and_no_representation(model, server):
    engine = Endpoint(model)
    for status in (400, 401, 500):
        server.script = lambda body, number, s=status: refused(s, f"wrong key: {KEY}")
        with pytest.raises(EngineError) as caught:
            engine.ask(request())
        assert KEY not in str(caught.value) and caught.value.__cause__ is None
    for value in (engine, vars(engine), engine.identity, check_endpoint(model), model):
        assert KEY not in repr(value)


def test_a_missing_key_variable_is_named(model, monkeypatch):
    monkeypatch.delenv("THE_KEY")
    with pytest.raises(InputError, match="THE_KEY is not set"):
        open_engine(model)


def test_without_a_key_variable_a_word_is_sent(model, server):
    only(Model("m", endpoint=model.endpoint))
    assert server.keys == ["Bearer none"]


def test_a_server_that_cannot_be_reached_stops_the_run_and_can_be_tried_again():
    nobody = Model("m", endpoint="http://127.0.0.1:9/v1")
    engine = Endpoint(nobody, retries=0)
    with pytest.raises(EngineError, match="cannot be reached") as caught:
        list(engine.generate([request()]))
    assert caught.value.retryable
    assert "cannot be reached" in check_endpoint(nobody)


def test_a_slow_server_fails_the_request_by_time(model, server):
    held = threading.Event()
    server.script = lambda body, number: (held.wait(5), completion())[1]
    ((_, reply),) = Endpoint(model, timeout_seconds=0.2, retries=0).generate([request()])
    held.set()
    assert isinstance(reply, Failure) and reply.retryable and "in time" in reply.message


def test_settings_that_a_server_wants_otherwise_are_learnt(model, server):
    def script(body, number):
        if "max_tokens" in body:
            return refused(400, "Unsupported parameter: use 'max_completion_tokens' instead")
        if "temperature" in body:
            return refused(400, "Unsupported value: 'temperature' does not support 0")
        return completion()

    server.script = script
    assert only(model).text == "Saturn"
    assert server.bodies[-1]["max_completion_tokens"] == 8


def test_a_server_that_cannot_stream_is_asked_whole(model, server):
    def script(body, number):
        return refused(400, "no streaming here") if body.get("stream") else completion()

    server.script = script
    reply = open_engine(model).ask(request())
    assert reply.text == "Saturn" and reply.seconds_to_first_token is None


def test_no_more_requests_at_once_than_allowed(model, server, monkeypatch):
    monkeypatch.setenv("DSMR_ENDPOINT_CONCURRENCY", "2")
    pair = threading.Barrier(2)
    server.script = lambda body, number: (pair.wait(5), completion())[1]
    replies = dict(open_engine(model).generate([request(i) for i in range(8)]))
    assert len(replies) == 8 and server.most == 2
    monkeypatch.setenv("DSMR_ENDPOINT_CONCURRENCY", "many")
    with pytest.raises(InputError, match="DSMR_ENDPOINT_CONCURRENCY"):
        open_engine(model)


def test_requests_not_yet_sent_are_dropped_when_nobody_listens(model, server, monkeypatch):
    monkeypatch.setenv("DSMR_ENDPOINT_CONCURRENCY", "1")
    replies = open_engine(model).generate([request(i) for i in range(50)])
    next(replies)
    replies.close()
    assert len(server.bodies) < 50


def test_a_base_url_needs_its_scheme():
    with pytest.raises(InputError, match="not a base URL"):
        open_engine(Model("m", endpoint="localhost:8000"))


def test_a_check_says_in_words_what_works_and_what_does_not(model, server):
    assert check_endpoint(model).startswith("Working: m answered in ")
    server.script = lambda body, number: refused(404, "no such model")
    said = check_endpoint(model)
    assert said.startswith("Not working:") and "It offers: m." in said
