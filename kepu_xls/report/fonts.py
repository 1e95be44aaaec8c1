"""Which fonts this machine has, and which of a list of them is therefore used."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache


@cache
def installed() -> str | None:
    """Give the names of all fonts of this machine in one text, None where nobody can tell."""
    program = shutil.which("fc-list")
    if program:
        listed = subprocess.run(  # noqa: S603 - a fixed command without a shell
            [program, ":", "family"], capture_output=True, check=False, timeout=30
        )
        return listed.stdout.decode(errors="replace")
    if os.name == "nt":
        import winreg  # noqa: PLC0415 - only there

        path = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Fonts"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:  # type: ignore[attr-defined,unused-ignore]
            count = winreg.QueryInfoKey(key)[1]  # type: ignore[attr-defined,unused-ignore]
            return "\n".join(str(winreg.EnumValue(key, n)[0]) for n in range(count))  # type: ignore[attr-defined,unused-ignore]
    return None


def chosen(names: Sequence[str]) -> str:
    """Give the first of the fonts that is installed; the first of all where none is, or nobody can tell."""
    known = installed() or ""
    return next((name for name in names if name in known), names[0])
