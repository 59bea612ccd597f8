"""CSV and TSV to text: a header with every row."""

from dsmr.core.data import Problem
from dsmr.ingest.decode import decode
from dsmr.ingest.delimited import split_rows
from dsmr.ingest.limits import Limits
from dsmr.ingest.parsed import Parsed
from dsmr.ingest.tables import table_text


def read(data: bytes, where: str, limits: Limits) -> Parsed:
    text, problems = decode(data, where)
    rows, more = split_rows(text, where)
    problems = [*problems, *more]
    if rows:
        width = len(rows[0].cells)
        ragged = [row.number for row in rows if len(row.cells) > width]
        if ragged:
            what = f"{len(ragged)} rows have more cells than the header's {width}"
            fix = "Put quotes around values that hold the separator"
            problems.append(Problem(f"{where}, row {ragged[0]}", what, fix, "warning"))
    return Parsed(table_text([row.cells for row in rows]), None, tuple(problems))
