"""Why a file is not read: raised where it is noticed, worded where it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from geocover.errors import SiteListError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Takes a finding: `geocover.site_lists.findings.Findings.add`, or what passes it on to there.
Note = Callable[..., None]


class Refused(Exception):  # noqa: N818 - an answer on its way, never seen by a caller
    """The file is not read; `code` and `details` name the text in ``texts/reading.toml``."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def fail(file: str, code: str, details: Mapping[str, object] | None = None) -> NoReturn:
    """Raise the error that a code stands for.

    Raises
    ------
    SiteListError
        Always; its texts name the file and the remedy.
    """
    from geocover.site_lists.findings import shown, text_of

    text = text_of(code)
    named = {name: shown(detail) for name, detail in (details or {}).items()}
    raise SiteListError(f"{file}: {text.en.format_map(named)}", f"{file}: {text.vi.format_map(named)}")
