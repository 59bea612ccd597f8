"""Zip files: what is inside, unpacked only within bounds."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from dsmr.core.data import Problem
from dsmr.core.errors import InputError
from dsmr.ingest.limits import MIB, Limits
from dsmr.ingest.names import safe_parts

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_LITTER = ("__MACOSX", "Thumbs.db", "desktop.ini")


def open_zip(data: bytes, where: str, limits: Limits) -> zipfile.ZipFile:
    """A zip whose declared sizes are within bounds; reading never goes past those.

    Raises InputError for a bomb, an encrypted or a broken file.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except _BROKEN as error:
        fix = "Open it on your computer, save or zip it again, and upload the new file"
        raise InputError(f"is damaged: {error}", where=where, fix=fix) from error
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    bomb = total > 20 * MIB and total / packed > limits.ratio
    if total > limits.unzipped_bytes or bomb:
        what = f"unpacks to {total / MIB:,.0f} MiB from {packed / MIB:,.1f} MiB"
        fix = f"Upload at most {limits.unzipped_bytes / MIB:,.0f} MiB of unpacked files at a time"
        raise InputError(what, where=where, fix=fix)
    if len(entries) > limits.zip_files:
        what = f"holds {len(entries):,} files"
        raise InputError(what, where=where, fix=f"Zip at most {limits.zip_files:,} at a time")
    return archive


def unpack(
    data: bytes, where: str, limits: Limits, problems: list[Problem]
) -> Iterator[tuple[str, bytes]]:
    """Each readable file's path in the zip with its bytes; the others go to `problems`."""
    archive = open_zip(data, where, limits)
    found = 0
    for entry in archive.infolist():
        path = _path(entry)
        parts = safe_parts(path)
        if entry.is_dir() or parts[-1].startswith((".", "~$")) or set(parts) & set(_LITTER):
            continue
        found += 1
        inside = f"{where}, {'/'.join(parts)}"
        try:
            yield path, _read(archive, entry, inside, limits)
        except InputError as error:
            problems.append(Problem(error.where, error.problem, error.fix))
    if not found:
        problems.append(Problem(where, "holds no files", "Zip the documents themselves"))


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str, limits: Limits) -> bytes:
    if entry.flag_bits & 1:
        raise InputError("is password-protected", where=where, fix="Zip it without a password")
    if entry.file_size > limits.file_bytes:
        what = f"is {entry.file_size / MIB:,.0f} MiB"
        fix = f"Bring files of at most {limits.file_bytes / MIB:,.0f} MiB"
        raise InputError(what, where=where, fix=fix)
    if entry.filename.lower().endswith(".zip"):
        fix = "Unpack it first, and zip all documents together once"
        raise InputError("is a zip inside a zip", where=where, fix=fix)
    try:
        return archive.read(entry)
    except (*_BROKEN, RuntimeError) as error:
        raise InputError(f"is damaged: {error}", where=where, fix="Zip it again") from error


def _path(entry: zipfile.ZipInfo) -> str:
    """The name inside the zip; many programs write UTF-8 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename
