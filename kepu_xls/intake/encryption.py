"""Workbooks with a password to open: decrypted where one of the known passwords fits."""

from __future__ import annotations

import io
import struct
from enum import StrEnum
from typing import Any

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE = "EncryptedPackage\0".encode("utf-16-le")
_BEGIN_BIFF8 = b"\x09\x08\x10\x00\x00\x06\x05\x00"  # the record that a workbook stream begins with
_FILEPASS = 0x2F
_RECORDS_BEFORE = 4
# what Excel uses by itself where a workbook's structure is protected and no password was asked for
_DEFAULT = "VelvetSweatshop"
_MOST_ROUNDS = 1_000_000  # of hashing a password: Excel makes 100,000, a hostile file asks for hours
_LARGEST_XLS = 16 << 20  # msoffcrypto keeps a number in a list for each byte


class Outcome(StrEnum):
    """What came of an attempt to open an encrypted workbook."""

    OPENED = "opened"
    OPENED_BY_DEFAULT = "opened-by-default"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - not a password
    REFUSED = "refused"


def is_encrypted(data: bytes) -> bool:
    """Tell an encrypted workbook or document, in the new format or the old."""
    return data.startswith(_OLE) and (_PACKAGE in data or _has_filepass(data))


def _has_filepass(data: bytes) -> bool:
    place = data.find(_BEGIN_BIFF8)
    for _ in range(_RECORDS_BEFORE):
        if place < 0 or place + 4 > len(data):
            return False
        number, size = struct.unpack_from("<HH", data, place)
        if number == _FILEPASS:
            return True
        place += 4 + size
    return False


def decrypted(data: bytes, passwords: tuple[str, ...]) -> tuple[Outcome, bytes]:
    """Try the default and the passwords; the bytes are empty where none fits."""
    # cryptography takes longer to import than a form to read, and encrypted forms are rare
    import msoffcrypto  # noqa: PLC0415

    if _PACKAGE not in data and len(data) > _LARGEST_XLS:
        return Outcome.REFUSED, b""
    for password in dict.fromkeys((_DEFAULT, *filter(None, passwords))):
        try:
            content = _with_password(msoffcrypto.OfficeFile(io.BytesIO(data)), password)
        except msoffcrypto.exceptions.InvalidKeyError:
            continue
        except Exception:  # noqa: BLE001 - it fails on broken files in every way there is; the outcome tells
            return Outcome.REFUSED, b""
        return (Outcome.OPENED_BY_DEFAULT if password == _DEFAULT else Outcome.OPENED), content
    return Outcome.WRONG_PASSWORD, b""


def _with_password(office: Any, password: str) -> bytes:  # noqa: ANN401 - msoffcrypto has no types
    """Decrypt.  Raises InvalidKeyError for a wrong password, ValueError where checking one takes too long."""
    agile = getattr(office, "type", "") == "agile"
    if agile and office.info["spinValue"] > _MOST_ROUNDS:
        raise ValueError
    verify = {"verify_password": True} if office.format == "ooxml" else {}
    office.load_key(password=password, **verify)
    content = io.BytesIO()
    office.decrypt(content)
    return content.getvalue()
