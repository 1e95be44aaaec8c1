"""LibreOffice, where it is there: converting documents without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kepu_xls.errors import SurroundingsError

_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
_SECONDS = 180


def find() -> Path | None:
    """Find the program: on the PATH, or where its installer puts it."""
    named = shutil.which("soffice") or shutil.which("libreoffice")
    if named:
        return Path(named)
    return next((Path(place) for place in _PLACES if Path(place).is_file()), None)


def convert(source: Path, to: str, folder: Path) -> Path:
    """Convert a document to another format (``pdf``, ``xls``, ``ods``, ``docx``, …) into ``folder``.

    Uses a profile of its own, so a LibreOffice that is already open does not matter.  Raises
    SurroundingsError where there is no LibreOffice, or it fails or takes over three minutes.
    """
    program = find()
    if program is None:
        raise SurroundingsError(
            "libreoffice-missing", purpose=f"不能转换 {source.name}", instead="换一台装有它的电脑"
        )
    with tempfile.TemporaryDirectory(prefix="kepu-office-") as profile:
        command = [
            str(program),
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            to,
            "--outdir",
            str(folder),
            str(source),
        ]
        try:
            result = subprocess.run(  # noqa: S603 - our own arguments, no shell
                command,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                env={**os.environ, "HOME": profile},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SurroundingsError("libreoffice-failed", path=source, detail=type(error).__name__) from error
    made = folder / f"{source.stem}.{to.partition(':')[0]}"
    if not made.is_file():
        detail = result.stderr.decode(errors="replace").strip()[-200:]
        raise SurroundingsError("libreoffice-failed", path=source, detail=detail or result.returncode)
    return made
