"""A real merge over an inbox of bombs: all are accounted for, memory stays bounded, Ctrl-C stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import bombs
import pytest
from driving import ROOT, kepu

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX")
_MEASURED = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode;"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(code)"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    assert kepu("init", str(folder)).code == 0
    assert kepu("-C", str(folder), "forms", "--period", "2019-W12").code == 0
    return folder


@POSIX
def test_every_bomb_is_accounted_for_in_little_memory(workspace: Path) -> None:
    inbox = workspace / "inbox"
    for name, data in {
        "far.xlsx": bombs.far_corner(),
        "laughs.xlsx": bombs.laughs(),
        "zeros.xlsx": bombs.zeros(4),
        "loop.xls": bombs.looping_xls(),
        "copied.xlsx": bombs.copied_string(),
        "sheets.xlsx": bombs.many_sheets(),
        "deep.xlsx": bombs.deep(),
    }.items():
        (inbox / name).write_bytes(data)
    with (inbox / "huge.xlsx").open("wb") as file:
        file.truncate(10 << 30)
    os.mkfifo(inbox / "pipe.xlsx")
    (inbox / "passwd.xlsx").symlink_to("/etc/passwd")
    Path(os.fsdecode(os.fsencode(inbox) + "/进展.csv".encode("gb18030"))).write_bytes(b"a,b")
    command = [sys.executable, "-m", "kepu_xls", "-C", str(workspace), "merge", "--json"]
    run = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 1, run.stderr.decode()
    found = {one["path"]: [why["code"] for why in one["findings"]] for one in json.loads(run.stdout)["files"]}
    assert found == {
        "copied.xlsx": ["file-takes-too-much-memory"],
        "deep.xlsx": ["form-table-missing"],
        "far.xlsx": ["file-too-large-inside"],
        "huge.xlsx": ["file-too-large"],
        "laughs.xlsx": ["file-forbidden-xml"],
        "loop.xls": ["file-broken"],
        "passwd.xlsx": ["file-is-link"],
        "pipe.xlsx": ["file-is-no-file"],
        "sheets.xlsx": ["file-too-large-inside"],
        "zeros.xlsx": ["file-too-large-unpacked"],
        "进展.csv": ["form-table-missing"],
    }
    if sys.platform == "linux":
        assert int(run.stderr.split()[-1]) < 800 * 1024  # the larger of the two processes, in KiB


@POSIX
def test_interrupting_a_merge_ends_it_and_its_child_at_once(workspace: Path) -> None:
    for number in range(9):  # enough for threads
        (workspace / "inbox" / f"{number}.xlsx").write_bytes(bombs.copied_string() + bytes(number))
    with subprocess.Popen(
        [sys.executable, "-m", "kepu_xls", "-C", str(workspace), "merge"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:
        tasks = Path(f"/proc/{running.pid}/task")
        if not tasks.exists():
            pytest.skip("needs /proc to see the child")
        while not (children := _children(tasks)):
            assert running.poll() is None
        os.kill(children[0], signal.SIGSTOP)  # hangs from now on
        running.send_signal(signal.SIGINT)
        try:
            running.wait(timeout=30)  # the limit for a file is a minute
        finally:
            running.kill()
    assert running.returncode
    for child in children:
        assert not Path(f"/proc/{child}").exists()


def _children(tasks: Path) -> list[int]:
    """List the reading children that are up; one that is still being started cannot be stopped apart."""
    found = [child for thread in tasks.iterdir() for child in (thread / "children").read_text().split()]
    return [int(child) for child in found if b"intake.child" in Path(f"/proc/{child}/cmdline").read_bytes()]
