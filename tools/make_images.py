"""Make the pictures in docs/images/ from a demo folder: a form, pages of the consolidated workbook, a brief.

Usage: make_images.py DEMO_FOLDER IMAGE_FOLDER.  Needs LibreOffice and poppler's pdftoppm.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from PIL import Image

from kepu_xls import libreoffice, workspace
from kepu_xls.commands import session
from kepu_xls.commands.brief import brief

_WIDTH = 1100
PICTURES = (  # name, workbook (pattern inside the demo folder), page
    ("form", "outbox/2019-W12/forms/区民政局*.xlsx", 1),
    ("report-overview", "outbox/2019-W12/汇总*.xlsx", 1),
    ("report-tasks", "outbox/2019-W12/汇总*.xlsx", 2),
    ("brief", "outbox/2019-W12/*简报*.docx", 1),
)
_MONDAY = datetime(2019, 3, 25, 9)  # noqa: DTZ001 - the house's moments are local


def main(demo: Path, images: Path) -> None:
    """Print the workbooks and keep the pages named above as PNG."""
    images.mkdir(parents=True, exist_ok=True)
    with session.opened(workspace.find(demo, demo), _MONDAY, writing=False) as opened:
        brief(opened, "2019-W12")
    for name, pattern, page in PICTURES:
        workbook = next(iter(sorted(demo.glob(pattern))))
        with tempfile.TemporaryDirectory() as folder:
            pdf = libreoffice.convert(workbook, "pdf", Path(folder))
            target = Path(folder) / name
            options = f"-r 110 -f {page} -l {page} -singlefile -png".split()
            command = ["pdftoppm", *options, str(pdf), str(target)]
            subprocess.run(command, check=True)  # noqa: S603 - our own arguments, no shell
            picture = Image.open(target.with_suffix(".png")).convert(
                "P", palette=Image.Palette.ADAPTIVE, colors=64
            )
            height = round(picture.height * _WIDTH / picture.width)
            small = picture.convert("RGB").resize((_WIDTH, height), Image.Resampling.LANCZOS)
            small.quantize(64).save(images / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
