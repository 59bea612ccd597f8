"""Answers from any OpenAI-compatible server, by its base URL."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from dsmr.core.data import fingerprint
from dsmr.core.errors import EngineError, InputError
from dsmr.core.recipe import Model
from dsmr.core.run import Failure, Message, Reply, Request, Tokens
from dsmr.engines import tokens

CONCURRENT = 8  # requests at once, unless DSMR_ENDPOINT_CONCURRENCY says otherwise
RETRIES = 4  # by the SDK: connection errors, 408, 409, 429, 5xx; Retry-After is honoured
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
NO_KEY = "none"  # servers without keys want some word all the same
NOT_A_MODEL = "the server sent a web page, not a model's reply; does the base URL end in /v1?"


class Endpoint:
    """A model behind a base URL. The key is read from its variable when needed, never kept."""

    def __init__(
        self, model: Model, timeout_seconds: float = 120.0, retries: int = RETRIES
    ) -> None:
        if not (model.endpoint or "").startswith(("http://", "https://")):
            raise InputError(
                f"{model.endpoint!r} is not a base URL",
                where=model.name,
                fix="Give one like https://host/v1",
            )
        read_key(model)
        self.model, self.timeout_seconds, self.retries = model, timeout_seconds, retries
        self._open: Any = None
        self._opening = threading.Lock()
        self._places = threading.BoundedSemaphore(concurrency())
        self._attempt = threading.local()  # .start: when this thread's last attempt was sent
        self._renamed: dict[str, str | None] = {}  # settings this server wants otherwise

    @property
    def identity(self) -> str:
        return fingerprint(self.model.endpoint, self.model.name)

    @property
    def window(self) -> int | None:
        return None

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return tokens.estimate(messages)

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply | Failure]]:
        """Replies as they come, several requests at once.

        Raises EngineError when the server refuses the key or the model, or cannot be
        reached before it ever answered.
        """
        pool = ThreadPoolExecutor(max_workers=concurrency(), thread_name_prefix="endpoint")
        try:
            waiting = {pool.submit(self._complete, r): i for i, r in enumerate(requests)}
            answered = False
            for done in as_completed(waiting):
                try:
                    reply: Reply | Failure = done.result()
                except EngineError as error:
                    if not answered and not isinstance(error, _OneRequest):
                        raise
                    reply = Failure(str(error), error.retryable)
                answered = answered or isinstance(reply, Reply)
                yield waiting[done], reply
        finally:  # also when the caller stops listening: what is not sent stays unsent
            pool.shutdown(wait=False, cancel_futures=True)

    def ask(self, request: Request) -> Reply:
        """One request, streamed where the server can, timed to the first token."""
        with self._places:
            pieces: list[str] = []
            used = finish = first = None
            try:
                for chunk in self._call(request, stream=True):
                    if not hasattr(chunk, "choices"):
                        raise EngineError(NOT_A_MODEL)
                    used = chunk.usage or used
                    for choice in chunk.choices[:1]:
                        if choice.delta.content and first is None:
                            first = time.perf_counter() - self._attempt.start
                        pieces.append(choice.delta.content or "")
                        finish = choice.finish_reason or finish
            except _Refused:  # a server that cannot stream
                return self._whole(request)
            except EngineError:
                raise
            except Exception as error:  # broken off in the middle of the stream
                raise explained(error, self.model) from None
            if finish is None and not pieces:
                raise EngineError(NOT_A_MODEL)
            seconds = time.perf_counter() - self._attempt.start
            text = "".join(pieces)
            counted = _tokens(used, request, text)
            return Reply(text.strip(), counted, seconds, first, truncated=finish == "length")

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _complete(self, request: Request) -> Reply:
        with self._places:
            return self._whole(request)

    def _whole(self, request: Request) -> Reply:
        got = self._call(request)
        seconds = time.perf_counter() - self._attempt.start
        if not hasattr(got, "choices"):  # a 200 with HTML arrives as a str
            raise _OneRequest(NOT_A_MODEL)
        if not got.choices:
            raise _OneRequest("the server's reply holds no answer")
        choice = got.choices[0]
        text = choice.message.content or getattr(choice.message, "refusal", None) or ""
        counted = _tokens(got.usage, request, text)
        return Reply(text.strip(), counted, seconds, truncated=choice.finish_reason == "length")

    def _call(self, request: Request, stream: bool = False) -> Any:
        """The server's reply; asks again in its own words when it knows a setting otherwise."""
        import openai

        while True:
            try:
                return self._client().chat.completions.create(
                    model=self.model.name,
                    messages=[{"role": m.role, "content": m.content} for m in request.messages],
                    **self._settings(request),
                    **(STREAMED if stream else {}),
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if self._learns(request, str(error)):
                    continue
                raise explained(error, self.model) from None
            except openai.OpenAIError as error:
                raise explained(error, self.model) from None

    def _settings(self, request: Request) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.temperature > 0:
            wanted["seed"] = request.seed
        named = {self._renamed.get(name, name): value for name, value in wanted.items()}
        return {name: value for name, value in named.items() if name}

    def _learns(self, request: Request, complaint: str) -> bool:
        """Whether a setting was refused by name and is now sent otherwise, or not at all."""
        sent = self._settings(request)
        if "max_tokens" in sent and "max_completion_tokens" in complaint:
            self._renamed["max_tokens"] = "max_completion_tokens"
            return True
        said = complaint.lower()
        if not any(word in said for word in ("unsupported", "not support", "unknown", "extra")):
            return False
        refused = next((n for n in ("temperature", "seed") if n in sent and n in said), None)
        if refused:
            self._renamed[refused] = None
        return refused is not None

    def _client(self) -> Any:
        with self._opening:
            if self._open is None:
                import openai

                def sent(_: Any) -> None:
                    self._attempt.start = time.perf_counter()

                self._open = openai.OpenAI(
                    base_url=self.model.endpoint,
                    api_key=read_key(self.model),
                    timeout=self.timeout_seconds,
                    max_retries=self.retries,
                    http_client=openai.DefaultHttpxClient(event_hooks={"request": [sent]}),
                )
            return self._open


class _OneRequest(EngineError):
    """This request failed; others may fare better."""


class _Refused(_OneRequest):
    """The server understood the request and will not do it (400, 422)."""


def concurrency() -> int:
    """How many requests may be under way at once. InputError when the variable is no number."""
    value = os.environ.get("DSMR_ENDPOINT_CONCURRENCY", str(CONCURRENT))
    if not value.isdigit() or int(value) < 1:
        raise InputError(
            f"{value!r} is not a number of requests",
            where="DSMR_ENDPOINT_CONCURRENCY",
            fix="Set it to 1 or more, or unset it",
        )
    return int(value)


def read_key(model: Model) -> str:
    """The key from its variable; InputError, naming the variable, when it is not set."""
    if not model.key_env:
        return NO_KEY
    key = os.environ.get(model.key_env, "").strip()
    if not key:
        raise InputError(
            f"the environment variable {model.key_env} is not set",
            where=model.name,
            fix=f"Set {model.key_env} to the server's key before starting",
        )
    if not key.isascii() or " " in key:
        raise InputError(
            f"the environment variable {model.key_env} does not hold a key",
            where=model.name,
            fix="Set it again, without quotes, blanks or other text",
        )
    return key


def explained(error: Exception, model: Model) -> EngineError:
    """An error of the SDK in plain words, without the key, and whether to try again."""
    import openai

    status = getattr(error, "status_code", None)
    if isinstance(error, openai.APITimeoutError):
        return _OneRequest("the server did not answer in time", retryable=True)
    if isinstance(error, openai.APIConnectionError):
        fix = "check the base URL and that the server is running"
        return EngineError(f"{model.endpoint} cannot be reached: {fix}", retryable=True)
    if status in (401, 403):
        named = f"the key in {model.key_env}" if model.key_env else "whether it needs a key"
        return EngineError(f"{model.endpoint} refused access ({status}): check {named}")
    if status == 404:
        fix = f"check that the base URL ends in /v1 and the model name {model.name!r}"
        return EngineError(f"{model.endpoint} has no such model or address (404): {fix}")
    if status == 429:
        return _OneRequest("the server is over its rate limit or quota (429)", retryable=True)
    said = _without_key(_words_of(error), model)
    if status in (400, 422):
        return _Refused(f"the server refused the request ({status}): {said}")
    if status is not None and status >= 500:
        return _OneRequest(f"the server failed ({status}): {said}", retryable=True)
    return _OneRequest(f"the server's reply cannot be read: {said}")


def only_model(url: str, key_env: str | None = None) -> str:
    """The model of a server that offers just one. Raises InputError when it must be named."""
    engine = Endpoint(Model("?", endpoint=url, key_env=key_env), timeout_seconds=10.0, retries=0)
    offered = _offered(engine)
    engine.close()
    if len(offered) == 1:
        return offered[0]
    names = f"; it offers {', '.join(sorted(offered)[:8])}" if offered else ""
    raise InputError(
        f"it is not said which model{names}",
        where=f"endpoint {url}",
        fix=f"Write it behind the address: {url}#model-name",
    )


def _offered(engine: Endpoint) -> list[str]:
    """Names of a server's models; none where it does not list them."""
    import openai

    try:
        return [m.id for m in engine._client().models.list().data]
    except (openai.OpenAIError, AttributeError, TypeError, ValueError):
        return []


def check_endpoint(model: Model) -> str:
    """What a first contact with the server shows, in one or two plain sentences."""
    try:
        engine = Endpoint(model, timeout_seconds=20.0, retries=0)
    except InputError as error:
        return str(error)
    offered = _offered(engine)
    try:
        reply = engine.ask(Request((Message("user", "Say hello."),), max_tokens=8))
    except EngineError as error:
        names = f" It offers: {', '.join(sorted(offered)[:8])}." if offered else ""
        return f"Not working: {error}.{names}"
    finally:
        engine.close()
    pace = f"{reply.seconds:.1f} s"
    return f"Working: {model.name} answered in {pace} with {reply.tokens.out} tokens."


def _tokens(used: Any, request: Request, text: str) -> Tokens:
    """Disjoint buckets from the server's usage; from characters where it sends none."""
    if used is None or used.prompt_tokens is None:
        return Tokens(tokens.estimate(request.messages), 0, tokens.estimate_text(text))
    details = getattr(used, "prompt_tokens_details", None)
    cached = min(getattr(details, "cached_tokens", None) or 0, used.prompt_tokens)
    written = getattr(details, "cache_write_tokens", None) or 0  # by servers that charge for it
    written = min(written, used.prompt_tokens - cached)
    uncached = used.prompt_tokens - cached - written
    return Tokens(uncached, cached, used.completion_tokens or 0, written)


def _words_of(error: Exception) -> str:
    body = getattr(error, "body", None)
    inner = body.get("message") or body.get("detail") if isinstance(body, dict) else None
    words = inner if isinstance(inner, str) else str(error)
    return " ".join(words.split())[:300] or type(error).__name__


def _without_key(text: str, model: Model) -> str:
    key = os.environ.get(model.key_env or "", "").strip()
    return text.replace(key, "…") if key else text
