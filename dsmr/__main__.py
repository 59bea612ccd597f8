"""`python -m dsmr …`: the worker, and everything the app does without the app.

Exit status 0, or 2 with one clear line on standard error.
"""

import argparse
import os
import sys
from pathlib import Path

from dsmr.core.errors import DsmrError


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    # Threads that spin while they wait made training ten times slower on shared cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("HF_HUB_OFFLINE", "0" if os.environ.get("DSMR_ALLOW_HUB") else "1")
    chosen = _parser().parse_args(arguments)
    try:
        chosen.command(chosen)
    except DsmrError as error:
        print(f"dsmr: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"dsmr: {error.strerror or error}: {error.filename or 'a file'}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("dsmr: stopped; the same command goes on where it was", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _OneLine(prog="dsmr", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_OneLine)
    compare = commands.add_parser("compare", help="run recipes on documents and questions")
    _data(compare)
    _model(compare)
    compare.add_argument(
        "--recipes", default="all", help="names of the ladder, by commas; all that fit"
    )
    compare.add_argument("--split", choices=("test", "dev", "train", "all"), default="test")
    compare.add_argument("--limit", type=_positive, help="N questions of the split, evenly spread")
    compare.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")
    compare.add_argument("--usd-per-hour", type=float, help="of this machine, for local models")
    compare.add_argument("--priced-as", metavar="MODEL", help="count local tokens at its price")
    compare.set_defaults(command=_later("compare"))
    ingest = commands.add_parser("ingest", help="read documents and questions into a project")
    _data(ingest)
    ingest.set_defaults(command=_later("ingest"))
    train = commands.add_parser("train", help="train the adapter that a recipe asks for")
    _data(train)
    _model(train)
    train.add_argument("--recipe", default="fine-tuned", help="fine-tuned or fine-tuned-rag")
    train.set_defaults(command=_later("train"))
    runs = commands.add_parser("runs", help="list the runs of a home")
    _home(runs)
    runs.add_argument("--project", help="of this project only")
    runs.add_argument("--json", type=Path, metavar="OUT")
    runs.set_defaults(command=_later("runs"))
    report = commands.add_parser("report", help="write one HTML file that needs nothing else")
    _home(report)
    report.add_argument("--project", help="its name; needed where there are several")
    report.add_argument("--out", type=Path, default=Path("report.html"), metavar="FILE")
    report.add_argument("--answers", type=Path, metavar="FILE",
                        help="write all answers too: .csv or .jsonl")  # fmt: skip
    report.set_defaults(command=_later("report"))
    worker = commands.add_parser("worker", help="work on queued runs until there are none")
    _home(worker)
    worker.add_argument("--idle", type=float, default=20.0, metavar="SECONDS")
    worker.set_defaults(command=_later("worker"))
    return parser


class _OneLine(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"dsmr: {message}. See: python -m dsmr {self.prog.partition(' ')[2]} --help\n")


def _home(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, metavar="DIR", help="default: DSMR_HOME or workspace")


def _data(parser: argparse.ArgumentParser) -> None:
    _home(parser)
    parser.add_argument("--documents", nargs="+", type=Path, default=[], metavar="PATH",
                        help="files, folders or zips")  # fmt: skip
    parser.add_argument("--questions", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument("--project", help="its name; default: named after the questions")


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="reader", metavar="NAME|PATH|URL",
                        help="reader, a folder, a hub id, or an endpoint URL[#model]")  # fmt: skip
    parser.add_argument("--key-env", metavar="VARIABLE", help="holds the endpoint's key")
    parser.add_argument("--instruction", default="", help="your words for the prompt recipe")
    parser.add_argument("--form-instruction", default="", help="the form you want, in words")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _later(name: str):
    """Load the commands only when one is called: `--help` stays quick."""

    def call(chosen: argparse.Namespace) -> None:
        from dsmr import commands

        getattr(commands, name)(chosen)

    return call


if __name__ == "__main__":
    sys.exit(main())
