"""`kepu run` as schedulers start it: every step in one line, a log, an exit code, one at a time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from builders import PLAN, at
from driving import ROOT
from mailed import configure
from small_workspace import Small

from kepu_xls.commands import run as job
from kepu_xls.commands.fetch_results import RunResult
from kepu_xls.errors import SurroundingsError
from kepu_xls.lock import Holder
from kepu_xls.mail import passwords
from kepu_xls.workspace import Workspace

PERIOD = "2019-W12"


@pytest.fixture
def here(tmp_path: Path) -> Small:
    one = Small(tmp_path / "工作 文件夹", PLAN)
    assert one.kepu("forms", "--period", PERIOD).code == 0
    return one


def log(here: Small) -> list[str]:
    return (here.root / "outbox" / "run.log").read_text(encoding="utf-8-sig").splitlines()


def test_one_line_a_step_and_the_same_in_the_log(here: Small) -> None:
    here.report(PERIOD, "区科协")
    run = here.kepu("run")
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines()[:3] == log(here)
    for line, words in zip(
        log(here), ("收信（0）", "合并（0）新读取 1 个文件", "已报 1 个，未报 2 个"), strict=True
    ):
        assert datetime.fromisoformat(line[:19])
        assert words in line


def test_an_inbox_that_is_gone_is_said_in_the_log(here: Small) -> None:
    assert not (here.root / "inbox").exists()
    assert here.kepu("run").code == 0
    assert "收件文件夹不见了" in log(here)[1]
    here.kepu("run")
    assert "收件文件夹不见了" not in log(here)[4]


def test_json_is_one_object(here: Small) -> None:
    run = here.kepu("run", "--json")
    assert [step["name"] for step in run.json["steps"]] == ["收信", "合并", "进度"]
    assert run.json["period"] == PERIOD


def test_the_gravest_step_is_the_exit_code_and_a_failing_fetch_stops_nothing(here: Small) -> None:
    (here.root / "inbox").mkdir(exist_ok=True)
    (here.root / "inbox" / "坏.xlsx").write_bytes(b"PK\3\4")
    configure(here.root, "[mail]", 'address = "me@example.com"')
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        configure(here.root, "[mail.imap]", 'host = "127.0.0.1"', f"port = {port}", 'security = "none"')
        run = here.kepu("run", "--json", env={passwords.VARIABLE: "code"})
    assert [step["exit_code"] for step in run.json["steps"]] == [3, 1, 0]
    assert run.code == 3
    assert "不接受连接" in log(here)[0]


def test_a_second_run_is_told_who_is_at_it(here: Small) -> None:
    holder = Holder(socket.gethostname(), os.getpid(), at("2019-03-22 08:00"))
    lock = Workspace(here.root).lock
    lock.write_bytes(msgspec.json.encode(holder))
    run = here.kepu("run")
    assert run.code == 3
    assert f"进程 {os.getpid()}" in run.err
    (line,) = log(here)
    assert "没有运行（3）" in line
    assert lock.exists(), "the other one's lock stays"


def test_reminders_are_a_step_where_configured(here: Small) -> None:
    configure(here.root, "[remind]", "in_run = true")
    run = here.kepu("run", "--json")
    assert [step["name"] for step in run.json["steps"]][-1] == "催报"


def test_as_cron_starts_it(here: Small) -> None:
    """No terminal, no locale, nothing in the environment, another folder; output nobody reads."""
    command = f"{sys.executable} -m kepu_xls -C '{here.root}' run"
    done = subprocess.run(
        [
            "env",
            "-i",
            f"PYTHONPATH={ROOT}",
            "PATH=/usr/bin:/bin",
            "HOME=/",
            "SHELL=/bin/sh",
            "/bin/sh",
            "-c",
            command,
        ],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[:3] == log(here)


def test_where_nobody_reads_the_output(here: Small) -> None:
    with Path(os.devnull).open("w") as nowhere:
        code = subprocess.run(
            [sys.executable, "-m", "kepu_xls", "-C", str(here.root), "run"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=nowhere,
            stderr=nowhere,
            check=False,
        ).returncode
    assert code == 0
    assert len(log(here)) == 3


def in_process(here: Small, said: list[str]) -> RunResult:
    return job.run(Workspace(here.root), lambda: at("2019-03-22 09:00"), PERIOD, say=said.append)


def test_what_breaks_in_a_step_is_logged_and_comes_out(here: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(job, "merge", broken)
    with pytest.raises(ZeroDivisionError):
        in_process(here, [])
    assert "合并（3）中断（ZeroDivisionError）" in log(here)[-1]
    assert not Workspace(here.root).lock.exists()


def test_a_step_that_fails_is_a_line_and_the_next_goes_on(
    here: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise SurroundingsError("disk-full", path=Path("x"))

    monkeypatch.setattr(job, "merge", full)
    result = in_process(here, [])
    assert [step.exit_code for step in result.steps] == [0, 3, 0]
    assert result.exit_code == 3


def test_the_log_does_not_grow_without_end(here: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "_LARGEST_LOG", 100)
    in_process(here, [])
    in_process(here, [])
    kept = sorted(path.name for path in (here.root / "outbox").glob("run*.log"))
    assert kept == ["run.1.log", "run.log"]


def test_a_log_that_cannot_be_written_does_not_stop_the_job(here: Small) -> None:
    (here.root / "outbox" / "run.log").mkdir()
    said: list[str] = []
    assert in_process(here, said).exit_code == 0
    assert any("run.log" in line for line in said)
