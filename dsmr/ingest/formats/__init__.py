"""One file per format: read(data, where, limits) -> Parsed, raising InputError with a fix.

They run in the parsing child (`dsmr.ingest.child`), where a crash or a bomb costs nothing.
"""

READERS = {  # file ending: module of this package
    "pdf": "pdf",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "xlsx",
    "html": "web",
    "htm": "web",
    "csv": "table",
    "tsv": "table",
    "json": "records",
    "jsonl": "records",
}
