"""What a partner or planner may be told of an error: which file, not where the server keeps it."""

from __future__ import annotations

import re

# A drive or the start of an address of a file, and folders up to the last slash. A folder may hold spaces and
# signs, but not what ends a path in a sentence: a quote, a colon, a comma or semicolon before a space, or a
# space before the next path.
_START = r"(?<![\w/\\.%])(?:(?:file|sqlite):/+(?=/)|[A-Za-z]:(?=[\\/]))?[\\/]"
_FOLDER = r"""(?!\s)(?:(?![,;)]\s)[^\\/\n"'“”:])+(?<!\s)[\\/]+"""
_FOLDERS = re.compile(rf"{_START}(?:{_FOLDER})*(?=[^\s\\/])")


def without_folders(text: str) -> str:
    """Put the names of files in place of absolute paths.

    >>> without_folders("/srv/Dữ liệu/areas.geojson: there is no such file")
    'areas.geojson: there is no such file'
    """
    return _FOLDERS.sub("", text)
