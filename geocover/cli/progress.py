"""Progress of long steps on the terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import TaskID

STEPS = {
    "read": "Đọc dữ liệu",
    "predict": "Tính mức thu",
    "answer": "Tính tỷ lệ phủ, điểm lõm",
    "write": "Ghi kết quả",
    "sensitivity": "Tính với giá trị giả định khác",
    "terrain": "Dựng địa hình minh họa",
    "sites": "Dựng danh sách trạm minh họa",
    "inputs": "Ghi dữ liệu minh họa",
}


@contextmanager
def show_progress(title: str = "") -> Iterator[Callable[[str, int, int], None]]:
    """Give a function (step, done, total) that draws a bar for each step on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(f"{title}{STEPS.get(step, step)}", total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show
