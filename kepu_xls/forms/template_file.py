"""The file that the clerk may restyle, as bytes: enough to know whether a mould was made from it."""

from __future__ import annotations

from pathlib import Path

from kepu_xls.errors import InputError


def read_template(path: Path) -> bytes:
    """Read the template.  Raises InputError where it is missing or cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("template-missing", path=path) from error
    except OSError as error:
        raise InputError("file-unreadable", path=path, detail=error.strerror or error) from error
