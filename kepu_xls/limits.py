"""What is past these limits is not read (``[limits]`` of config.toml)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kepu_xls.model import Record

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Limits(Record, frozen=True):
    """Sizes in MiB, counts, seconds.  With less than 100 MiB of memory, no reader starts."""

    file_mb: Positive = 50
    unpacked_mb: Positive = 400
    ratio: Positive = 300
    depth: Positive = 2
    members: Positive = 500
    cells: Positive = 5_000_000
    filled_cells: Positive = 500_000
    shared_strings: Positive = 2_000_000
    seconds: Positive = 60
    memory_mb: Annotated[int, msgspec.Meta(ge=100)] = 700
