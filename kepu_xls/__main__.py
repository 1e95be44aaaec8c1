"""``python -m kepu_xls``: the same as ``kepu``."""

from kepu_xls.cli import main

main()
