"""Packages whose public names are imported when they are first asked for: most commands need few of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def importer(package: str, homes: Mapping[str, str], before: str = "") -> Callable[[str], Any]:
    """Give the ``__getattr__`` of a package (PEP 562); ``homes``: each public name's module in it.

    ``before``: a module that must have been imported first.  Raises AttributeError for any other name.
    """

    def found(name: str) -> Any:  # noqa: ANN401 - functions and classes
        if name not in homes:
            raise AttributeError(name)
        if before:
            import_module(before)
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        # from now on it stands there by itself, also where a module bears its name
        setattr(sys.modules[package], name, value)
        return value

    return found
