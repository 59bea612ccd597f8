"""An engine without a model: replies by fixed rules, for tests only."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dsmr.core.data import fingerprint
from dsmr.core.errors import EngineError, InputError
from dsmr.core.run import Failure, Message, Reply, Request, Tokens

Script = Callable[[Sequence[Message]], str]


def quote(messages: Sequence[Message]) -> str:
    """The last line of the system message: of the last passage, where there are any."""
    system = [m.content for m in messages if m.role == "system"] or [messages[0].content]
    return system[-1].strip().splitlines()[-1].strip()


def echo(messages: Sequence[Message]) -> str:
    """The question, as it was asked."""
    return messages[-1].content


def shots(messages: Sequence[Message]) -> str:
    """The reply of the last worked example; without examples, nothing."""
    return next((m.content for m in reversed(messages) if m.role == "assistant"), "")


SCRIPTS: dict[str, Script] = {
    "quote": quote,
    "echo": echo,
    "shots": shots,
    "slow": echo,
    "flaky": echo,
    "down": echo,
}


class Scripted:
    """`scripted/NAME` or `scripted/slow:SECONDS`; words count as tokens.

    "down" fails every request, "flaky" every third one asked of this engine,
    "slow" sleeps before each reply.
    """

    def __init__(self, name: str, adapter: Path | None = None) -> None:
        self.script_name, _, pause = name.removeprefix("scripted/").partition(":")
        if self.script_name not in SCRIPTS:
            raise InputError(
                "there is no such script", where=name, fix=f"Use one of {', '.join(SCRIPTS)}"
            )
        self.pause_seconds = float(pause or 0)
        self.name, self.adapter = name, adapter
        self.asked: list[Request] = []  # for tests to look at

    @property
    def identity(self) -> str:
        return fingerprint(self.name, self.adapter.name if self.adapter else None)

    @property
    def window(self) -> int | None:
        return None

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply | Failure]]:
        for index, request in enumerate(requests):
            yield index, self._answer(request)

    def ask(self, request: Request) -> Reply:
        answer = self._answer(request, watched=True)
        if isinstance(answer, Failure):
            raise EngineError(answer.message, retryable=answer.retryable)
        return answer

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(m.content.split()) for m in messages)

    def close(self) -> None:
        """Nothing to free."""

    def _answer(self, request: Request, watched: bool = False) -> Reply | Failure:
        self.asked.append(request)
        if self.script_name == "down":
            return Failure("the server refused the connection", retryable=True)
        if self.script_name == "flaky" and len(self.asked) % 3 == 0:
            return Failure("the server was busy", retryable=True)
        if self.pause_seconds:
            time.sleep(self.pause_seconds)
        words = SCRIPTS[self.script_name](request.messages).split(" ")
        kept = words[: request.max_tokens]
        seconds = self.pause_seconds or 0.001
        return Reply(
            text=" ".join(kept),
            tokens=Tokens(uncached_in=self.count_tokens(request.messages), out=len(kept)),
            seconds=seconds,
            seconds_to_first_token=seconds / 2 if watched else None,
            truncated=len(kept) < len(words),
        )
