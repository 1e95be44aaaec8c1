"""What bad input and surroundings get: two lines with place and remedy, an exit code, nothing lost."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from driving import ROOT, kepu

PERIOD = "2019-W12"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a period open and one report merged; tests work on copies."""
    root = tmp_path_factory.mktemp("opened") / "w"
    assert kepu("init", str(root)).code == 0
    assert kepu("-C", str(root), "forms", "--period", PERIOD, "--unit", "区委党校").code == 0
    form = next((root / "outbox" / PERIOD / "forms").iterdir())
    shutil.copyfile(form, root / "inbox" / form.name)
    assert kepu("-C", str(root), "merge").code in (0, 1)
    return root


@pytest.fixture
def copy(opened: Path, tmp_path: Path) -> Path:
    target = tmp_path / "w"
    shutil.copytree(opened, target)
    return target


def spoil_config(text: str, by: str) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        path = root / "config.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(text, by, 1), encoding="utf-8")

    return spoil


def drop_sheet(root: Path) -> None:
    book = openpyxl.load_workbook(root / "templates" / "master.xlsx")
    del book["单位"]
    book.save(root / "templates" / "master.xlsx")


def drop_column(root: Path) -> None:
    book = openpyxl.load_workbook(root / "templates" / "master.xlsx")
    sheet = book["任务"]
    heads = [cell.value for cell in sheet[1]]
    sheet.delete_cols(heads.index("牵头单位") + 1)
    book.save(root / "templates" / "master.xlsx")


def open_elsewhere(root: Path) -> None:
    (root / "outbox" / PERIOD / f"~$汇总_{PERIOD}.xlsx").touch()


def hold_lock(root: Path) -> None:
    text = f'{{"host":"{socket.gethostname()}","pid":{os.getpid()},"since":"2019-03-18T09:00:00"}}'
    (root / ".kepu.lock").write_text(text)


def no_change(_: Path) -> None:
    """Leave the workspace as it is."""


def no_master(root: Path) -> None:
    (root / "templates" / "master.xlsx").unlink()


def broken_template(root: Path) -> None:
    (root / "templates" / "form.xlsx").write_bytes(b"PK no zip")


def broken_ledger(root: Path) -> None:
    (root / "ledger.db").write_bytes(b"not a database at all" * 50)


@pytest.mark.parametrize(
    ("spoil", "command", "code", "said"),
    [
        (spoil_config("[report]", "[raport]"), ["status"], 2, ["config.toml", "raport", "第", "行"]),
        (spoil_config("deadline_days = 0", 'deadline_days = "0"'), ["status"], 2, ["config.toml", "整数"]),
        (drop_sheet, ["plan", "check"], 2, ["master.xlsx", "单位"]),
        (drop_column, ["forms", "--period", "2019-W13"], 2, ["master.xlsx", "任务", "牵头单位"]),
        (no_master, ["forms", "--period", "2019-W13"], 2, ["master.xlsx", "kepu plan import"]),
        (broken_template, ["forms"], 2, ["form.xlsx"]),
        (broken_ledger, ["status"], 3, ["ledger.db", "备份"]),
        (no_change, ["forms", "--unit", "区科学院"], 2, ["区科学院", "kepu plan show"]),
        (no_change, ["merge", "--period", "2019-W15"], 2, ["2019-W15", "kepu forms --period 2019-W15"]),
        (no_change, ["merge", "--period", "上周"], 2, ["上周", "2019-W12"]),
        (no_change, ["merge", "--engine", "rocket"], 2, ["rocket", "serial"]),
        (no_change, ["plan", "import", "没有这个文件.docx"], 2, ["没有这个文件.docx"]),
        (no_change, ["plan", "import", str(ROOT / "LICENSE"), "--yes"], 2, ["LICENSE"]),
        (open_elsewhere, ["merge"], 3, ["汇总_2019-W12.xlsx", "关闭"]),
        (hold_lock, ["merge"], 3, [socket.gethostname(), ".kepu.lock"]),
    ],
)
def test_a_failure_says_what_where_and_what_to_do(
    copy: Path, spoil: Callable[[Path], None], command: list[str], code: int, said: list[str]
) -> None:
    spoil(copy)
    run = kepu("-C", str(copy), *command)
    assert run.code == code, run
    assert all(text in run.err for text in said), run.err
    assert run.err.startswith("出错了：")
    assert "\n怎么办：" in run.err
    assert run.out == ""


def test_no_workspace_here(tmp_path: Path) -> None:
    run = kepu("status", cwd=tmp_path)
    assert run.code == 2
    assert "kepu init" in run.err


def test_a_failure_as_json_is_one_object(copy: Path) -> None:
    run = kepu("-C", str(copy), "merge", "--period", "2019-W15", "--json")
    assert run.code == 2
    assert run.json["error"]["code"] == "period-not-open"
    assert run.err == ""


def test_what_was_taken_in_is_kept_where_the_report_is_open_elsewhere(copy: Path) -> None:
    form = next((copy / "outbox" / PERIOD / "forms").iterdir())
    shutil.copyfile(form, copy / "inbox" / "又一份.xlsx")
    report = copy / "outbox" / PERIOD / f"汇总_{PERIOD}.xlsx"
    before = report.read_bytes()
    open_elsewhere(copy)
    assert kepu("-C", str(copy), "merge").code == 3
    assert report.read_bytes() == before
    next(copy.rglob("~$*")).unlink()
    assert kepu("-C", str(copy), "merge", "--json").json["new_files"] == 0


def test_a_read_only_folder_is_named_and_nothing_is_written(copy: Path) -> None:
    folders = [copy, *(path for path in copy.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    try:
        run = kepu("-C", str(copy), "merge", without_rights=True)
        assert run.code == 3
        assert "权限" in run.err
        assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_reading_works_in_a_read_only_folder(copy: Path) -> None:
    copy.chmod(0o555)
    try:
        assert kepu("-C", str(copy), "status", without_rights=True).code == 0
    finally:
        copy.chmod(0o755)


def test_without_libreoffice_a_pdf_is_refused_with_what_to_do(copy: Path, tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    run = kepu("-C", str(copy), "report", "--pdf", env={"PATH": str(empty)})
    assert run.code == 3
    assert "LibreOffice" in run.err
    assert (copy / "outbox" / PERIOD / f"汇总_{PERIOD}.xlsx").is_file()


def test_an_inbox_file_that_is_no_workbook_is_refused_and_the_rest_goes_on(copy: Path) -> None:
    (copy / "inbox" / "坏.xlsx").write_bytes(b"<html>not a workbook</html>")
    run = kepu("-C", str(copy), "merge", "--json")
    assert run.code == 1
    line = next(one for one in run.json["files"] if one["path"] == "坏.xlsx")
    assert line["status"] == "rejected"
    assert line["findings"][0]["message"]


def test_a_traceback_comes_only_when_asked_for(copy: Path) -> None:
    run = kepu("-C", str(copy), "merge", "--period", "2019-W15")
    assert "period-not-open" not in run.err  # codes are for programs
    assert "Traceback" not in run.err


def looked(root: Path, what: str) -> tuple[bool, str]:
    line = next(one for one in kepu("-C", str(root), "doctor", "--json").json["lines"] if one["what"] == what)
    return line["good"], line["detail"]


@pytest.mark.parametrize("as_link", [False, True])
def test_what_is_no_folder_in_place_of_the_inbox_stops_the_merge(copy: Path, *, as_link: bool) -> None:
    shutil.rmtree(copy / "inbox")
    if as_link:
        (copy / "inbox").symlink_to(copy / "网络盘")
    else:
        (copy / "inbox").write_bytes(b"")
    run = kepu("-C", str(copy), "merge", "--json")
    assert (run.code, run.json["error"]["code"]) == (3, "inbox-no-folder")
    good, detail = looked(copy, "收件文件夹")
    assert not good
    assert run.json["error"]["message"] in detail
    if as_link:
        (copy / "网络盘").mkdir()
        assert kepu("-C", str(copy), "merge").code in (0, 1)


def test_an_inbox_that_is_gone_is_told_and_made_anew_and_what_came_before_counts(copy: Path) -> None:
    before = kepu("-C", str(copy), "merge", "--json").json["units"]
    (copy / "inbox").rename(copy / "收件箱")
    good, said = looked(copy, "收件文件夹")
    assert not good
    assert "不见了" in said
    run = kepu("-C", str(copy), "merge", "--json")
    assert [one["code"] for one in run.json["findings"]].count("inbox-missing") == 1
    assert run.json["units"] == before
    assert (copy / "inbox").is_dir()
    assert looked(copy, "收件文件夹") == (True, "inbox")
    again = kepu("-C", str(copy), "merge", "--json")
    assert "inbox-missing" not in [one["code"] for one in again.json["findings"]]


def test_doctor_counts_the_originals_and_names_one_that_is_lost(copy: Path) -> None:
    assert looked(copy, "原件") == (True, "收到的 1 份都在 archive 里")
    shutil.rmtree(copy / "archive")
    good, said = looked(copy, "原件")
    assert not good
    assert "缺 1 份，例如 区委党校_2019-W12_进展填报表.xlsx" in said


def test_a_refused_file_need_not_be_voided(copy: Path) -> None:
    (copy / "inbox" / "坏.xlsx").write_bytes(b"<html>not a workbook</html>")
    kepu("-C", str(copy), "merge")
    run = kepu("-C", str(copy), "void", "坏.xlsx", "--why", "发错了")
    assert run.code == 2
    assert "本来就没有采用" in run.err
