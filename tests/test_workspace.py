"""Finding a workspace, writing whole files, and the lock."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from kepu_xls import lock, workspace
from kepu_xls.errors import InputError, SurroundingsError


def test_a_workspace_is_found_upward(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    deep = tmp_path / "outbox" / "2019-W12"
    deep.mkdir(parents=True)
    assert workspace.find(deep, None).root == tmp_path.resolve()


def test_a_folder_named_is_taken_only_with_a_configuration(tmp_path: Path) -> None:
    with pytest.raises(InputError) as failure:
        workspace.find(Path.cwd(), tmp_path)
    assert failure.value.finding.code == "workspace-no-config"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"last good one")
    with pytest.raises(ZeroDivisionError), workspace.replacing(path) as temporary:
        temporary.write_bytes(b"half" * (1 // 0))
    assert path.read_bytes() == b"last good one"
    assert list(tmp_path.iterdir()) == [path]
    workspace.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("lock_name", ["~$report.xlsx", ".~lock.report.xlsx#"])
def test_a_report_open_in_an_office_program_is_left_alone(tmp_path: Path, lock_name: str) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"last good one")
    (tmp_path / lock_name).touch()
    with pytest.raises(SurroundingsError) as failure:
        workspace.write_bytes(path, b"new")
    assert failure.value.finding.code == "file-open-elsewhere"
    assert path.read_bytes() == b"last good one"


def test_a_full_disk_leaves_the_last_good_file(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(b"last good one")
    script = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom kepu_xls import workspace\n"
        "from kepu_xls.errors import SurroundingsError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        # a write past 1,000 bytes fails as on a full disk
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: workspace.write_bytes(Path(sys.argv[1]), b'x' * 5000)\n"
        "except SurroundingsError as error: sys.exit(error.finding.code)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert result.stderr.strip() == "disk-full"
    assert path.read_bytes() == b"last good one"
    assert list(tmp_path.iterdir()) == [path]


def test_the_lock_names_its_holder_to_a_second_one(tmp_path: Path) -> None:
    path = tmp_path / ".kepu.lock"
    with lock.held(path):
        with pytest.raises(SurroundingsError) as failure, lock.held(path):
            pass
        assert str(os.getpid()) in failure.value.finding.message
        assert path.exists()
    assert not path.exists()


def test_a_lock_left_by_a_dead_process_of_this_machine_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / ".kepu.lock"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    holder = lock.Holder(socket.gethostname(), dead.pid, datetime(2019, 3, 18))  # noqa: DTZ001 - local time
    path.write_bytes(msgspec.json.encode(holder))
    with lock.held(path):
        assert str(os.getpid()).encode() in path.read_bytes()


def test_a_lock_of_another_machine_is_respected(tmp_path: Path) -> None:
    path = tmp_path / ".kepu.lock"
    path.write_bytes(msgspec.json.encode(lock.Holder("another-pc", 1, datetime(2019, 3, 18))))  # noqa: DTZ001
    with pytest.raises(SurroundingsError) as failure, lock.held(path):
        pass
    assert "another-pc" in failure.value.finding.message
