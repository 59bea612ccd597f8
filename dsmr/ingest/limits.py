"""How much of what a user brings is read, so that one bad file cannot hurt the app."""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file; a file over a bound is left out and named, never cut short."""

    file_bytes: int = 100 * MIB
    unzipped_bytes: int = 300 * MIB  # of a zip, and of the zips that Office files are
    ratio: int = 200  # unzipped to zipped; checked only above 20 MiB unzipped
    zip_files: int = 5_000
    pages: int = 5_000
    characters: int = 20_000_000
    line_characters: int = 100_000  # a longer line is kept, with a warning
    memory_bytes: int = 2 * 2**30  # of the parsing child
    cpu_seconds: int = 120  # of the parsing child, per file
    wall_seconds: float = 180.0


DEFAULT = Limits()
