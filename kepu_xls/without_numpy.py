"""Loads openpyxl without numpy, for whoever imports this before openpyxl.

Where numpy is installed (pandas brings it), openpyxl loads it to know numpy's numbers in cells, which nearly
doubles the time that it takes to load; this program hands it none.
"""

from __future__ import annotations

import sys

if "numpy" not in sys.modules and "openpyxl" not in sys.modules:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # Python's own way to say: not there
    try:
        import openpyxl  # noqa: F401 - for its effect: what is loaded once stays as it was loaded
    finally:
        del sys.modules["numpy"]
