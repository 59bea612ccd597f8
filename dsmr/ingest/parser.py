"""The parent's end of the parsing child: started when first needed, replaced when it dies."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from dsmr.core.data import Problem
from dsmr.core.errors import InputError
from dsmr.ingest.limits import DEFAULT, Limits
from dsmr.ingest.parsed import Parsed

_ROOT = Path(__file__).parents[2]  # where `python -m dsmr` works
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "PYTHONPATH")
_SMALLER = "Split the file, or save it again with a simpler layout"


class Parser:
    """A warm child process that parses one file after another. Close it, or use `with`."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, where: str, data: bytes) -> Parsed:
        """A file's text. `where` names it, and its ending tells the format.

        Raises InputError for a file that is broken, too big, too slow, or kills the child.
        """
        reply = self._ask("read", where, data)
        return Parsed(reply["text"], reply["pages"], _problems(reply))

    def cells(self, where: str, data: bytes) -> tuple[list[Any], tuple[Problem, ...]]:
        """A workbook's sheets as [title, [[row number, [cell, …]], …]]. Raises as `read` does."""
        reply = self._ask("cells", where, data)
        return reply["sheets"], _problems(reply)

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    _shut(pipe)

    def _ask(self, job: str, where: str, data: bytes) -> dict[str, Any]:
        child = self._child or self._start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        header = {"job": job, "where": where, "size": len(data), "limits": asdict(self.limits)}
        clock = threading.Timer(self.limits.wall_seconds, stop)
        clock.daemon = True
        clock.start()
        try:
            reply = _exchange(child, json.dumps(header).encode() + b"\n" + data)
        except BaseException:  # interrupted halfway: the child's next reply would be stale
            self.close()
            raise
        finally:
            clock.cancel()
        if reply is None:
            child.wait()
            code = child.returncode
            self.close()
            raise InputError(_cause(code, late.is_set(), self.limits), where=where, fix=_SMALLER)
        if reply.get("error") == "memory":
            self.close()
            what = f"needs more than {self.limits.memory_bytes / 2**30:.1f} GiB of memory"
            raise InputError(what, where=where, fix=_SMALLER)
        if "error" in reply:
            at = reply.get("where", where)
            raise InputError(reply["error"], where=at, fix=reply["fix"])
        return reply

    def _start(self) -> subprocess.Popen[bytes]:
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        env |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "dsmr.ingest.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=env,
            start_new_session=True,  # Ctrl-C is for the parent, which then closes the child
        )
        return self._child


def _exchange(child: subprocess.Popen[bytes], request: bytes) -> dict[str, Any] | None:
    """The child's reply; None when it died instead."""
    assert child.stdin and child.stdout
    try:
        child.stdin.write(request)
        child.stdin.flush()
        line = child.stdout.readline()
    except OSError:
        return None
    return json.loads(line) if line.endswith(b"\n") else None


def _cause(code: int, late: bool, limits: Limits) -> str:
    if late:
        return f"takes more than {limits.wall_seconds:g} s to read"
    if sys.platform != "win32":
        import signal

        if code == -signal.SIGXCPU:
            return f"takes more than {limits.cpu_seconds} s of computing to read"
    return "makes the parser crash"


def _problems(reply: dict[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem(**problem) for problem in reply["problems"])


def _shut(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:  # what was left to write has no reader any more
        return
