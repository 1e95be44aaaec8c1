"""What lies in the inbox, by name and content; the inbox is only read."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

from kepu_xls.model import InboxFile

_CHUNK = 1 << 20
_PLACEHOLDERS = {".gitkeep", ".gitignore"}


def collect(inbox: Path) -> tuple[InboxFile, ...]:
    """List every regular file below the inbox, in order of its path; symbolic links are not followed.

    A file that vanishes meanwhile is left out.  Raises OSError where a file cannot be read.
    """
    found = []
    for folder, subfolders, names in os.walk(inbox, followlinks=False):
        subfolders.sort()
        paths = (Path(folder) / name for name in names if name not in _PLACEHOLDERS)
        found += [path for path in paths if path.is_file() and not path.is_symlink()]
    files = (_described(path, inbox) for path in found)
    return tuple(sorted((file for file in files if file is not None), key=lambda file: file.path))


def _described(path: Path, inbox: Path) -> InboxFile | None:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            modified = os.fstat(file.fileno()).st_mtime
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except FileNotFoundError:
        return None
    # whole seconds, as the ledger and people write it; local time without a zone, as the model says
    received = datetime.fromtimestamp(int(modified))  # noqa: DTZ006
    return InboxFile(path.relative_to(inbox).as_posix(), digest.hexdigest(), size, received)
