"""Whose form a workbook says it is, before it goes to anybody."""

from __future__ import annotations

import zlib
from io import BytesIO
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from kepu_xls import identity

_ROWS = 20
_UNREADABLE = (
    BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError,
    EOFError, zlib.error, NotImplementedError,
)  # fmt: skip


def claimed(data: bytes, secret: bytes) -> identity.Identity | None:
    """Give the identity that a workbook carries, where it is signed with this workspace's secret.

    None where it has none, or not ours.  Raises ValueError where the workbook cannot be opened.
    """
    try:
        book = load_workbook(BytesIO(data), read_only=True)
        if identity.IDENTITY_SHEET not in book.sheetnames:
            return None
        sheet = book[identity.IDENTITY_SHEET]
        sheet.reset_dimensions()  # programs write wrong ones, and only what lies inside them would be read
        said = {
            str(row[0]): str(row[1])
            for row in sheet.iter_rows(max_row=_ROWS, max_col=2, values_only=True)
            if len(row) > 1
        }
    except _UNREADABLE as error:
        raise ValueError(str(error)) from error
    version = said.get(identity.VERSION_KEY, "")
    found = identity.Identity(
        said.get(identity.UNIT_KEY, ""),
        said.get(identity.PERIOD_KEY, ""),
        int(version) if version.isdecimal() else 0,
    )
    return found if identity.verify(secret, found, said.get(identity.SIGNATURE_KEY, "")) else None
