"""``kepu brief`` from the command line: where the brief goes, what is said, how it fails."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from driving import kepu


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brief") / "科普"
    assert kepu("init", str(folder), "--json").code == 0
    assert kepu("-C", str(folder), "forms", "--period", "2019-W12", "--json").code == 0
    return folder


def test_the_brief_is_written_into_the_outbox_and_its_path_told(workspace: Path) -> None:
    result = kepu("-C", str(workspace), "brief", "--json")
    path = workspace / "outbox" / "2019-W12" / "简报_2019-W12.docx"
    assert result.code == 0
    assert result.json == {"period": "2019-W12", "brief": str(path.resolve())}
    text = [one.text for one in docx.Document(str(path)).paragraphs]
    assert "区科协" in text  # the organiser signs where nobody else is named
    assert any("本期应报送单位20个，目前都还没有报送" in one for one in text)


def test_people_are_told_that_it_is_a_draft(workspace: Path) -> None:
    result = kepu("-C", str(workspace), "brief", "--period", "2019-W12")
    assert result.code == 0
    assert "简报_2019-W12.docx（初稿" in result.out


def test_a_period_that_is_not_open_and_a_brief_open_in_wps_are_refused(workspace: Path) -> None:
    assert kepu("-C", str(workspace), "brief", "--period", "2019-W13").code == 2
    lock = workspace / "outbox" / "2019-W12" / "~$简报_2019-W12.docx"
    lock.touch()
    result = kepu("-C", str(workspace), "brief")
    lock.unlink()
    assert result.code == 3
    assert "简报_2019-W12.docx" in result.err
