"""Entry point: names the pages in the order of the work; nothing else."""

from dsmr.ui.state import frame

frame().run()
