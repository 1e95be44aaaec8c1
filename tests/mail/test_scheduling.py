"""The lines that docs/mail.md gives for schedulers mean what they are to mean."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from driving import ROOT

DOCS = (ROOT / "docs" / "mail.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)\n```", DOCS, re.DOTALL)
    assert found
    return found[1]


def test_the_windows_task_starts_kepu_with_three_arguments_whatever_the_blanks() -> None:
    program, folder = r"C:\Program Files\Python311\Scripts\kepu.exe", r"D:\科普 任务"
    task = f'"{program}" -C "{folder}" run'
    line = block("bat")
    assert subprocess.list2cmdline(["x", "/TR", task]).removeprefix("x ") == line[line.index("/TR") :]
    assert len(task) <= 261, "schtasks takes no more"
    assert line.startswith("schtasks /Create /TN kepu /SC WEEKLY /D FRI /ST 17:30 ")


def test_the_cron_line_runs_in_the_shell_that_cron_uses(tmp_path: Path) -> None:
    *_, command = block("cron").split(" ", 5)
    assert "%" not in command, "cron takes it for a line end"
    echo = command.replace("/usr/local/bin/kepu", "printf '%s\\n'").replace(">/dev/null", f">{tmp_path}/out")
    subprocess.run(["/bin/sh", "-c", echo], check=True, env={})
    said = (tmp_path / "out").read_text(encoding="utf-8").splitlines()
    assert said == shlex.split(command)[1:4] == ["-C", "/srv/科普 任务", "run"]
