"""Workbooks with a password to open: tried with the passwords of the configuration, else rejected."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
import xlrd
from container_builders import contents, opened, troubles, zipped
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method.rc4 import DocumentRC4

from kepu_xls.model import FileStatus


def plain() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "区教育局"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def locked(password: str, data: bytes | None = None) -> bytes:
    stream = io.BytesIO()
    OOXMLFile(io.BytesIO(data or plain())).encrypt(password, stream)
    return stream.getvalue()


def text_of(data: bytes | None) -> object:
    assert data is not None
    return openpyxl.load_workbook(io.BytesIO(data)).active["A1"].value


@pytest.mark.parametrize("password", ["123456", "密码一"])
def test_a_password_of_the_configuration_opens_a_workbook_and_it_is_said(password: str) -> None:
    data = locked(password)
    (member,) = opened("甲.xlsx", data, ("错的", password))
    assert text_of(member.data) == "区教育局"
    assert [one.code for one in member.findings] == ["file-decrypted"]
    assert password not in str(member.findings)
    assert member.file.size == len(data)  # the file is the one that was sent


def test_the_default_password_of_excel_is_tried_without_being_asked() -> None:
    (member,) = opened("甲.xlsx", locked("VelvetSweatshop"))
    assert (text_of(member.data), member.findings) == ("区教育局", ())


def test_an_unknown_password_is_rejected_with_what_to_ask() -> None:
    (member,) = opened("甲.xlsx", locked("secret"), ("wrong", ""))
    assert (member.data, member.status) == (None, FileStatus.REJECTED)
    assert troubles((member,)) == {"甲.xlsx": ["file-locked"]}
    assert "取消密码" in member.findings[0].remedy


def test_an_encrypted_workbook_in_a_zip_is_opened() -> None:
    members = opened("包.zip", zipped({"甲.xlsx": locked("a"), "乙.xlsx": locked("b")}), ("a",))
    assert text_of(contents(members)["包.zip::甲.xlsx"]) == "区教育局"
    assert troubles(members)["包.zip::乙.xlsx"] == ["file-locked"]


def test_a_damaged_or_costly_encryption_is_rejected_at_once() -> None:
    data = locked("a")
    assert data.count(b'spinCount="100000" ') == 1
    costly = data.replace(b'spinCount="100000" ', b'spinCount="9999999"')
    for broken in (costly, data[: len(data) // 2], data.replace(b"<encryption", b"<encryptiom")):
        assert troubles(opened("甲.xlsx", broken, ("a",))) == {"甲.xlsx": ["file-undecryptable"]}


# records that BIFF never encrypts: BOF, FILEPASS, INTERFACEHDR
_OPEN_RECORDS = (0x0809, 0x2F, 0xE1)
_WRITEACCESS, _FILEPASS, _BOUNDSHEET, _IGNORED = 0x5C, 0x2F, 0x85, 0x1234


def locked_xls(data: bytes, password: str) -> bytes:
    """Encrypt an .xls with RC4, as Excel 97 does: FILEPASS takes the room of the user's name."""
    salt = bytes(range(16))
    verifier = bytes(16)
    check = verifier + hashlib.md5(verifier).digest()  # noqa: S324 - what Excel 97 used
    hidden = DocumentRC4.decrypt(password, salt, io.BytesIO(check)).read()
    book = xlrd.compdoc.CompDoc(data, logfile=io.StringIO())
    whole, start, length = book.locate_named_stream("Workbook")
    stream = bytearray(whole[start : start + length])
    place = 4 + struct.unpack_from("<H", stream, 2)[0]
    while struct.unpack_from("<H", stream, place)[0] != _WRITEACCESS:
        place += 4 + struct.unpack_from("<H", stream, place + 2)[0]
    size = struct.unpack_from("<H", stream, place + 2)[0]
    before = bytes(stream[20:place])  # moved behind, so that FILEPASS comes second as it must
    filepass = struct.pack("<5H", _FILEPASS, 54, 1, 1, 1) + salt + hidden
    filler = struct.pack("<HH", _IGNORED, size + 4 - len(filepass) - 4) + bytes(size - len(filepass))
    stream[20 : place + 4 + size] = filepass + before + filler
    keystream = DocumentRC4.decrypt(password, salt, io.BytesIO(bytes(len(stream))), blocksize=1024).read()
    place = 0
    while place + 4 <= len(stream):
        number, size = struct.unpack_from("<HH", stream, place)
        first = place + 4 + (4 if number == _BOUNDSHEET else 0)
        if number not in _OPEN_RECORDS:
            for at in range(first, place + 4 + size):
                stream[at] ^= keystream[at]
        place += 4 + size
    at = data.index(bytes(whole[start : start + 512]))  # LibreOffice writes streams in one piece
    assert data[at : at + length] == whole[start : start + length]
    return data[:at] + bytes(stream) + data[at + length :]


def test_an_encrypted_xls_is_opened_with_a_password_of_the_configuration(
    tmp_path: Path, convert: Callable[[Path, str, Path], Path]
) -> None:
    source = tmp_path / "甲.xlsx"
    source.write_bytes(plain())
    data = convert(source, "xls", tmp_path / "xls").read_bytes()
    (member,) = opened("甲.xls", data)
    assert member.data == data  # no password: left alone
    data = locked_xls(data, "123456")
    with pytest.raises(xlrd.XLRDError, match="encrypted"):
        xlrd.open_workbook(file_contents=data)
    assert msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted()
    (member,) = opened("甲.xls", data, ("123456",))
    assert member.data is not None
    assert xlrd.open_workbook(file_contents=member.data).sheet_by_index(0).cell_value(0, 0) == "区教育局"
    assert troubles(opened("甲.xls", data, ("1",))) == {"甲.xls": ["file-locked"]}
