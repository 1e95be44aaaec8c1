"""Generate, collect, check, merge and print the progress forms of a government plan."""

__version__ = "0.1.0"
