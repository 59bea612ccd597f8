"""Answers from a causal language model on this machine, by transformers and peft."""

import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from dsmr.core.data import fingerprint
from dsmr.core.errors import EngineError
from dsmr.core.recipe import Model
from dsmr.core.run import Failure, Message, Reply, Request, Tokens
from dsmr.engines import tokens, weights
from dsmr.engines.batches import Pace, Prompt, grouped, shared_prefix

CPU_ROWS, GPU_ROWS = 16, 64
CPU_FLOPS, GPU_FLOPS = 2e10, 2e13  # a modest guess for the first batch; then measured
BROKEN = "the model's numbers overflowed (NaN): its weights do not suit this precision"
NO_MEMORY = "out of memory: choose a smaller model, shorter prompts or fewer passages"


class Local:
    """A model folder with at most one LoRA adapter. Weights load at the first answer."""

    def __init__(self, model: Model, adapter: Path | None = None) -> None:
        self.model, self.adapter = model, adapter
        self.folder = weights.model_folder(model)
        if adapter is not None:
            weights.check_adapter(adapter)
        self._in_memory = None
        self._pace: Pace | None = None

    @property
    def identity(self) -> str:
        adapter = weights.content_name(self.adapter) if self.adapter else None
        return fingerprint(weights.content_name(self.folder), adapter, self._manner)

    @property
    def window(self) -> int | None:
        return weights.window(self.folder)

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply | Failure]]:
        """Replies by batches of prompts that share a beginning, as each batch ends."""
        self._load()
        prompts = []
        for index, request in enumerate(requests):
            read = self._read(index, request)
            if isinstance(read, Failure):
                yield index, read
            else:
                prompts.append(read)
        for group in grouped(prompts):
            yield from self._answer_group(group)

    def ask(self, request: Request) -> Reply:
        """One request alone, from its first token, timed."""
        from dsmr.engines import decode

        loaded = self._load()
        prompt = self._read(0, request)
        if isinstance(prompt, Failure):
            raise EngineError(prompt.message)
        first: list[float] = []
        start = time.perf_counter()
        try:
            (written,) = decode.write(
                loaded, [prompt], on_first=lambda: first.append(time.perf_counter() - start)
            )
        except (RuntimeError, MemoryError) as error:
            raise EngineError(_explain(error)) from error
        if written.broken:
            raise EngineError(BROKEN)
        seconds = time.perf_counter() - start
        used = Tokens(uncached_in=len(prompt.ids), out=len(written.ids))
        text = decode.reply_text(loaded, written)
        return Reply(text, used, seconds, first[0], truncated=not written.stopped)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        if self._in_memory is None and tokens.exact(self.model):
            return tokens.count(self.model, messages)
        return len(self._load().encode(messages))

    def close(self) -> None:
        if self._in_memory is not None and self._in_memory.device == "cuda":
            import torch

            self._in_memory = None
            torch.cuda.empty_cache()
        self._in_memory = None

    @cached_property
    def _manner(self) -> str:
        """What besides files decides a greedy reply: where and how exactly it is computed."""
        from dsmr.engines.loaded import be_polite, choose_dtype

        be_polite()
        import torch  # only asks for devices; weights stay on disk

        device = "cuda" if torch.cuda.is_available() else "cpu"
        return f"{device} {choose_dtype(self.folder, device)}"

    def _load(self):
        from dsmr.engines import loaded

        if self._in_memory is None:
            self._in_memory = loaded.load(self.folder, self.adapter, self.model.name)
        return self._in_memory

    def _read(self, index: int, request: Request) -> Prompt | Failure:
        try:
            ids = self._load().encode(request.messages)
        except Exception as error:  # templates raise what they like
            return Failure(f"the model's chat template refused the conversation: {error}")
        room = self.window
        if room is not None and len(ids) + request.max_tokens > room:
            return Failure(
                f"prompt of {len(ids)} tokens does not fit the window of {room} "
                f"with {request.max_tokens} kept for the reply"
            )
        return Prompt(index, request, ids)

    def _answer_group(self, group: list[Prompt]) -> Iterator[tuple[int, Reply | Failure]]:
        """The group's replies; the shared beginning is counted and timed once, then shared."""
        from dsmr.engines import decode

        loaded = self._load()
        start = time.perf_counter()
        length = shared_prefix(group) if loaded.shares else 0
        prefix = decode.Prefix()
        if length:
            try:
                prefix = decode.read_prefix(loaded, group[0].ids[:length])
            except (RuntimeError, MemoryError):
                prefix = decode.Prefix()  # each prompt then reads, or fails, for itself
        prefix_seconds = (time.perf_counter() - start) / len(group)
        counted = False
        pace = self._pace_for(loaded)
        for batch in pace.batches(group, prefix.length):
            for prompt, reply in self._answer_batch(batch, prefix, prefix_seconds):
                if isinstance(reply, Reply) and prefix.length and not counted:
                    counted, reply = True, _first_reader(reply)
                yield prompt.index, reply

    def _answer_batch(
        self, batch: list[Prompt], prefix, prefix_seconds: float
    ) -> list[tuple[Prompt, Reply | Failure]]:
        from dsmr.engines import decode

        loaded = self._load()
        start = time.perf_counter()
        try:
            rows = decode.write(loaded, batch, prefix)
        except (RuntimeError, MemoryError) as error:
            if len(batch) > 1 and _explain(error) == NO_MEMORY:
                half = len(batch) // 2
                self._pace_for(loaded).tokens /= 2
                return [
                    *self._answer_batch(batch[:half], prefix, prefix_seconds),
                    *self._answer_batch(batch[half:], prefix, prefix_seconds),
                ]
            return [(prompt, Failure(_explain(error))) for prompt in batch]
        took = time.perf_counter() - start
        self._pace_for(loaded).learn(took)
        share = took / len(batch) + prefix_seconds
        return [(row.prompt, _reply(loaded, row, prefix.length, share)) for row in rows]

    def _pace_for(self, loaded) -> Pace:
        if self._pace is None:
            gpu = loaded.device == "cuda"
            speed = (GPU_FLOPS if gpu else CPU_FLOPS) / (2 * loaded.parameters)
            rows = (GPU_ROWS if gpu else CPU_ROWS) if loaded.pads else 1
            self._pace = Pace(tokens=1.5 * speed, rows=rows)
        return self._pace


def _reply(loaded, row, cached: int, seconds: float) -> Reply | Failure:
    from dsmr.engines import decode

    if row.broken:
        return Failure(BROKEN)
    used = Tokens(len(row.prompt.ids) - cached, cached, len(row.ids))
    text = decode.reply_text(loaded, row)
    return Reply(text, used, seconds, truncated=not row.stopped)


def _first_reader(reply: Reply) -> Reply:
    """The same reply, as the one for which the shared beginning was computed."""
    from dataclasses import replace

    used = reply.tokens
    return replace(reply, tokens=Tokens(used.uncached_in + used.cached_in, 0, used.out))


def _explain(error: BaseException) -> str:
    text = str(error)
    if isinstance(error, MemoryError) or "out of memory" in text or "allocate memory" in text:
        return NO_MEMORY
    return f"the model failed: {(text.splitlines() or [type(error).__name__])[0][:300]}"
