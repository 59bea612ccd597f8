"""The parsing child: takes files on standard input, gives text back, under limits of its own.

Each request is a line of JSON (job, where, limits, size) and then `size` bytes; each reply is
one line of JSON. The child ends when its input does, and after running out of memory.
"""

import importlib
import json
import os
import sys
import zipfile
import zlib
from dataclasses import asdict
from typing import Any, BinaryIO

from dsmr.core.errors import InputError
from dsmr.ingest.formats import READERS
from dsmr.ingest.limits import Limits
from dsmr.ingest.names import suffix


def parse(job: str, where: str, data: bytes, limits: Limits) -> dict[str, Any]:
    """The reply to one request: what was read, or `error` and `fix`."""
    name = READERS[suffix(where)]
    reader = importlib.import_module(f"dsmr.ingest.formats.{name}")
    try:
        if job == "cells":
            sheets, problems = reader.cells(data, where, limits)
            return {"sheets": sheets, "problems": [asdict(p) for p in problems]}
        return asdict(reader.read(data, where, limits))
    except InputError as error:
        return {"where": error.where, "error": error.problem, "fix": error.fix}
    except MemoryError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        what = f"is damaged: {error}"[:300]
        return {"error": what, "fix": "Download or export it again"}
    except Exception as error:  # a parser met a file its authors did not think of
        what = f"cannot be read: {type(error).__name__}: {error}"[:300]
        return {"error": what, "fix": "Open it in the program that made it, and save it again"}


def _limit_memory(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only limit
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    soft = limits.memory_bytes
    try:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    except (ValueError, OSError):  # macOS refuses
        return


def _limit_cpu(limits: Limits) -> None:
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + limits.cpu_seconds + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    while line := requests.readline():
        header = json.loads(line)
        limits = Limits(**header["limits"])
        data = requests.read(header["size"])
        _limit_memory(limits)
        _limit_cpu(limits)
        try:
            reply = parse(header["job"], header["where"], data, limits)
            encoded = json.dumps(reply).encode()  # ASCII: surrogates survive the pipe
            done = False
        except MemoryError:
            del data
            encoded, done = b'{"error": "memory"}', True
        replies.write(encoded + b"\n")
        replies.flush()
        if done:
            return


if __name__ == "__main__":
    # Parsers that print must not disturb the replies.
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, own)
