"""Archives and mails in the inbox: each workbook inside counts by itself, through the real command line."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import msoffcrypto
import pytest
from driving import Run, kepu
from msoffcrypto.format.ooxml import OOXMLFile
from test_main_job import send_back

PERIOD = "2019-W12"


@pytest.fixture
def forms(tmp_path: Path) -> dict[str, bytes]:
    """Filled forms of three units; the inbox of the workspace ``tmp_path/w`` is empty again."""
    root = tmp_path / "w"
    assert kepu("init", str(root)).code == 0
    units = ("区委党校", "区文体局", "区财政局")
    named = [word for unit in units for word in ("--unit", unit)]
    assert kepu("-C", str(root), "forms", "--period", PERIOD, *named).code == 0
    filled = {}
    for unit in units:
        path = send_back(root, PERIOD, unit)
        filled[unit] = path.read_bytes()
        path.unlink()
    return filled


def merge(tmp_path: Path) -> Run:
    return kepu("-C", str(tmp_path / "w"), "merge", "--json")


def statuses(run: Run) -> dict[str, str]:
    return {one["path"]: one["status"] for one in run.json["files"]}


def test_a_zip_of_windows_in_a_zip_gives_each_form_under_its_name(
    tmp_path: Path, forms: dict[str, bytes]
) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("财政局.xlsx", forms["区财政局"])
    with zipfile.ZipFile(tmp_path / "w" / "inbox" / "全部.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("党校 报表.xlsx", forms["区委党校"]), ("里面.zip", inner.getvalue())):
            info = zipfile.ZipInfo("placeholder")
            info.filename = name
            archive.writestr(info, data)
    run = merge(tmp_path)
    assert run.code == 0, statuses(run)
    assert statuses(run) == {
        "全部.zip": "ignored",
        "全部.zip::党校 报表.xlsx": "accepted",
        "全部.zip::里面.zip": "ignored",
        "全部.zip::里面.zip::财政局.xlsx": "accepted",
    }
    assert run.json["units"]["reported"] == ["区财政局", "区委党校"]
    again = merge(tmp_path)
    assert again.json["new_files"] == 0
    assert statuses(again) == statuses(run)
    assert again.json["entries"] == run.json["entries"]


def test_a_mail_dragged_out_of_the_mail_program(tmp_path: Path, forms: dict[str, bytes]) -> None:
    mail = EmailMessage()
    mail["From"] = "unit@example.com"
    mail["Date"] = "Thu, 21 Mar 2019 15:00:00 +0800"
    mail.set_content("请查收")
    mail.add_attachment(
        forms["区文体局"], maintype="application", subtype="octet-stream", filename="填报表.xlsx"
    )
    (tmp_path / "w" / "inbox" / "回复.eml").write_bytes(mail.as_bytes())
    run = merge(tmp_path)
    assert statuses(run)["回复.eml::填报表.xlsx"] == "accepted"
    assert run.json["units"]["reported"] == ["区文体局"]


def test_an_encrypted_form_opens_with_the_configured_password(
    tmp_path: Path, forms: dict[str, bytes]
) -> None:
    plain, locked = io.BytesIO(forms["区委党校"]), io.BytesIO()
    OOXMLFile(plain).encrypt("ke-pu-2019", locked)
    assert msoffcrypto.OfficeFile(io.BytesIO(locked.getvalue())).is_encrypted()
    (tmp_path / "w" / "inbox" / "加密.xlsx").write_bytes(locked.getvalue())
    refused = merge(tmp_path)
    assert refused.code == 1
    assert statuses(refused) == {"加密.xlsx": "rejected"}
    assert "密码" in refused.json["files"][0]["findings"][0]["message"]
    config = tmp_path / "w" / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("passwords = []", 'passwords = ["000000", "ke-pu-2019"]'), encoding="utf-8"
    )
    opened = merge(tmp_path)
    assert opened.code == 0, statuses(opened)
    assert statuses(opened) == {"加密.xlsx": "accepted"}


def test_one_bad_member_costs_itself(tmp_path: Path, forms: dict[str, bytes]) -> None:
    with zipfile.ZipFile(tmp_path / "w" / "inbox" / "一半.zip", "w") as archive:
        archive.writestr("好.xlsx", forms["区委党校"])
        archive.writestr("坏.xlsx", b"<html>not a workbook</html>")
        archive.writestr("../../外面.xlsx", forms["区文体局"])
    run = merge(tmp_path)
    assert run.code == 1
    found = statuses(run)
    assert found["一半.zip::好.xlsx"] == "accepted"
    assert found["一半.zip::坏.xlsx"] == "rejected"
    assert set(run.json["units"]["reported"]) == {"区委党校", "区文体局"}
    assert not any(".." in path for path in found)


def test_who_voids_a_container_means_what_lies_in_it(tmp_path: Path, forms: dict[str, bytes]) -> None:
    def packed(*units: str) -> None:
        with zipfile.ZipFile(tmp_path / "w" / "inbox" / "全部.zip", "w") as archive:
            for unit in units:
                archive.writestr(f"{unit}.xlsx", forms[unit])

    def void(what: str) -> Run:
        return kepu(
            "-C", str(tmp_path / "w"), what, "全部.zip", *(("--why", "误发") if what == "void" else ())
        )

    packed("区委党校")
    assert merge(tmp_path).code == 0
    assert void("void").code in (0, 1)
    assert statuses(merge(tmp_path))["全部.zip::区委党校.xlsx"] == "rejected"
    assert void("restore").code in (0, 1)
    assert statuses(merge(tmp_path))["全部.zip::区委党校.xlsx"] == "accepted"
    packed("区委党校", "区文体局")
    merge(tmp_path)
    several = void("void")
    assert several.code == 2
    assert "全部.zip::区文体局.xlsx" in several.err
