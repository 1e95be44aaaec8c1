"""Whatever a sender calls a file, its name can be written on every system and leads nowhere else."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from kepu_xls.mail.attachments import safe

RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    "conin$",
    "conout$",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}


@given(st.text(max_size=300))
@example("..")
@example("a/../..")
@example("CON")
@example("nul.xlsx")
@example(".part.xlsx")
@example("表" * 300 + ".xlsx")
@example("\udcff.xlsx")
@example("~$a.xlsx")
@example("~$ .~$CONIN$.xlsx")
def test_a_name_is_one_step_that_windows_takes_and_ours_does_not_sweep(name: str) -> None:
    made = safe(name)
    assert made
    assert not set(made) & set('<>:"/\\|?*')
    assert made.isprintable()
    assert len(made.encode()) <= 201, "there is room for what is put around it while it is written"
    assert not made.startswith((".", " ", "~$"))
    assert not made.endswith((".", " "))
    assert made.split(".")[0].strip().lower() not in RESERVED
    assert Path("x", made).parent == Path("x")
    assert safe(made) == made
