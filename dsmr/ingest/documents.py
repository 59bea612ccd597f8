"""Uploaded bytes to Documents. Every file that cannot be used is named; the others load."""

import operator
from collections.abc import Iterable, Iterator
from dataclasses import replace

from dsmr.core.data import Document, Problem
from dsmr.core.errors import InputError
from dsmr.core.ports import Report, quiet
from dsmr.ingest.archive import unpack
from dsmr.ingest.checks import check_corpus
from dsmr.ingest.decode import clean, decode
from dsmr.ingest.formats import READERS
from dsmr.ingest.limits import DEFAULT, MIB, Limits
from dsmr.ingest.names import safe_parts, suffix, unique_label
from dsmr.ingest.parsed import Parsed
from dsmr.ingest.parser import Parser

TEXTS = {"txt": "txt", "text": "txt", "md": "md", "markdown": "md"}
FORMATS = (*READERS, *TEXTS, "zip")  # file endings that can be read
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")


def read_documents(
    files: Iterable[tuple[str, bytes]],
    report: Report = quiet,
    limits: Limits = DEFAULT,
    taken: Iterable[str] = (),
) -> tuple[list[Document], list[Problem]]:
    """Documents of (name or path, bytes), zips unpacked, with what is wrong with the rest.

    A document is named by its base name; a second one of that name keeps its folder
    ("folder/a.md") or gets a number. `taken`: names a project uses already. The problems
    include those of `check_corpus`. Raises nothing for bad files, only what `report` raises.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    labels = {name.casefold() for name in taken}
    total = operator.length_hint(files)
    done = 0
    with Parser(limits) as parser:
        for done, (name, data) in enumerate(files, 1):
            report("reading documents", done - 1, total, "/".join(safe_parts(name)))
            for path, where, inner in _opened(name, data, limits, problems):
                try:
                    parsed = _parsed(where, inner, parser)
                except InputError as error:
                    problems.append(Problem(error.where, error.problem, error.fix))
                    continue
                problems.extend(parsed.problems)
                label = unique_label(path, labels)
                documents.append(Document(label, parsed.text, _media(path), parsed.pages))
    report("reading documents", done, total)
    return documents, problems + check_corpus(documents, limits)


def _opened(
    name: str, data: bytes, limits: Limits, problems: list[Problem]
) -> Iterator[tuple[str, str, bytes]]:
    """(path, where, bytes) of a file, or of each file in a zip."""
    where = "/".join(safe_parts(name))
    try:
        if len(data) > limits.file_bytes:
            what = f"is {len(data) / MIB:,.0f} MiB"
            fix = f"Bring files of at most {limits.file_bytes / MIB:,.0f} MiB"
            raise InputError(what, where=where, fix=fix)
        if suffix(name) != "zip":
            yield name, where, data
            return
        for path, inner in unpack(data, where, limits, problems):
            yield path, f"{where}, {'/'.join(safe_parts(path))}", inner
    except InputError as error:
        problems.append(Problem(error.where, error.problem, error.fix))


def _parsed(where: str, data: bytes, parser: Parser) -> Parsed:
    ending = suffix(where)
    if ending in TEXTS:
        text, problems = decode(data, where)
        parsed = Parsed(text.strip("\n"), None, problems)
    elif ending in READERS:
        _refuse_impostors(where, ending, data)
        parsed = parser.read(where, data)
        parsed = replace(parsed, text=clean(parsed.text))
    else:
        what = f"is a .{ending} file" if ending else "has no file ending"
        fix = f"Bring one of: {', '.join(FORMATS)}; plain text of another name can end in .txt"
        raise InputError(what, where=where, fix=fix)
    if len(parsed.text) > parser.limits.characters:
        what = f"holds {len(parsed.text):,} characters"
        fix = f"Split it into files of at most {parser.limits.characters:,} characters"
        raise InputError(what, where=where, fix=fix)
    return parsed


def _refuse_impostors(where: str, ending: str, data: bytes) -> None:
    """Files that are not what their name says, told apart by their first bytes."""
    binary = ending in ("pdf", "docx", "pptx", "xlsx")
    if not data and binary:
        raise InputError("is empty (0 bytes)", where=where, fix="Export or download it again")
    if data.startswith(_OLD_OFFICE):
        what = "is password-protected, or in the Office format of before 2007"
        fix = "Open it, remove the password, and save it as .docx, .pptx or .xlsx"
        raise InputError(what, where=where, fix=fix)
    if ending in ("docx", "pptx", "xlsx") and not data.startswith(b"PK"):
        fix = f"Check the file: its name ends in .{ending}, its content is something else"
        raise InputError("is not an Office file", where=where, fix=fix)


def _media(path: str) -> str:
    ending = suffix(path)
    return {"htm": "html"}.get(ending, TEXTS.get(ending, ending))
