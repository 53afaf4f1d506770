"""Write the table of findings into docs/site-lists.md from the importer's own texts.

python docs/site_lists.py
"""

from __future__ import annotations

from pathlib import Path

from geocover.io.atomic import atomic_path
from geocover.site_lists.findings import SEVERITIES, catalogue

PAGE = Path(__file__).with_name("site-lists.md")
START, END = "<!-- codes: written by docs/site_lists.py -->", "<!-- end of codes -->"
TITLES = {"error": "Lỗi: dòng không dùng được / Errors: the row cannot be used",
          "warning": "Cảnh báo: dùng được, cần xem lại / Warnings: used, and somebody should look",
          "fixed": "Đã sửa: không phải làm gì / Fixed: nothing is to be done"}  # fmt: skip


def table() -> str:
    """The table of all codes, the worst first, in Markdown."""
    lines = []
    for severity in SEVERITIES:
        lines += ["", f"### {TITLES[severity]}", "", "| mã / code | tiếng Việt | English |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {_cell(text.vi)} | {_cell(text.en)} |"
            for code, text in catalogue().items()
            if text.severity == severity
        ]
    return "\n".join([START, *lines, "", END])


def page(current: str) -> str:
    """The page with its table as it ought to be.

    Raises
    ------
    ValueError
        If the page lacks the marks between which the table stands.
    """
    before, start, rest = current.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{PAGE.name}: {START} or {END} is missing")
    return before + table() + after


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def main() -> None:
    """Write the page."""
    written = page(PAGE.read_text(encoding="utf-8"))
    with atomic_path(PAGE) as temporary:
        temporary.write_text(written, encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
