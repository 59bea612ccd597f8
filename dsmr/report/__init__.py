"""The report: one HTML file that needs nothing else, and the answers as CSV or JSON lines."""

from dsmr.report.answers import as_csv, as_jsonl
from dsmr.report.file import make_report
from dsmr.report.write import write_report

__all__ = ["as_csv", "as_jsonl", "make_report", "write_report"]
