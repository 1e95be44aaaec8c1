"""The catalogue: complete, polite, and used."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kepu_xls import messages

PACKAGE = Path(__file__).resolve().parents[1] / "kepu_xls"
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))


@pytest.mark.parametrize("code", sorted(messages.catalogue()))
def test_every_message_is_used_says_what_is_wrong_and_in_chinese(code: str) -> None:
    message = messages.catalogue()[code]
    assert f'"{code}"' in SOURCE, "no code in the program uses it"
    assert re.search(r"[\u4e00-\u9fff]", message.what + message.do)
    assert not message.what.endswith("。"), "sentences are joined by the program"


def test_messages_read_one_by_one_are_those_of_the_whole_file() -> None:
    whole = tomllib.loads((PACKAGE / "messages.toml").read_text(encoding="utf-8"))  # a code twice is refused
    read = {
        code: {"what": one.what, "do": one.do, "severity": one.severity.value}
        for code, one in messages.catalogue().items()
    }
    assert read == {code: {"do": "", "severity": "error"} | entry for code, entry in whole.items()}


def test_every_code_in_the_program_is_in_the_catalogue() -> None:
    used = set(re.findall(r'(?:finding|InputError|SurroundingsError)\(\s*"([a-z0-9-]+)"', SOURCE))
    assert used
    assert used <= set(messages.catalogue())


def test_what_is_filled_in_is_never_a_template_itself() -> None:
    finding = messages.finding("period-malformed", text="{unit} {0} {")
    assert "{unit} {0} {" in finding.message
