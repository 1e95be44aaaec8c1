"""The picture in the corner of the first page."""

from __future__ import annotations

from pathlib import Path

from kepu_xls.errors import InputError
from kepu_xls.model import Place, Record

_KINDS = ("PNG", "JPEG")


class Logo(Record, frozen=True):
    """A picture: where it lies, and its size in points as it is kept."""

    path: Path
    width: float
    height: float


def load(path: Path) -> Logo:
    """Look at a picture.  Raises InputError where it is missing or none that a workbook can hold."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - only where a logo is configured

    try:
        with Image.open(path) as picture:
            if picture.format in _KINDS:
                dots = picture.info.get("dpi", (96, 96))  # as XlsxWriter takes it
                across, down = (float(one) or 96.0 for one in dots)
                return Logo(path, picture.width * 72 / across, picture.height * 72 / down)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError("report-logo-unreadable", Place("config.toml"), path=path) from error
    raise InputError("report-logo-unreadable", Place("config.toml"), path=path)
