"""`geocover sensitivity`: how far the shares move with what was assumed of the sites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from geocover.scenario import Result

WIDTH = 110
PARAMETERS = {"height_m": "chiều cao / height", "eirp_dbm": "công suất / EIRP", "both": "cả hai / both"}
BASES = {"area": "diện tích / area", "population": "dân số / people"}
NOTHING_ASSUMED = (
    "Danh sách trạm nêu đủ chiều cao và công suất: không có giá trị giả định nên kết quả không đổi.\n"
    "The site list states every height and power: nothing was assumed, so nothing moves."
)


def sensitivity(
    scenario: Annotated[Path, typer.Argument(help="Tệp kịch bản TOML / scenario file")],
    *,
    ranges: Annotated[
        Path | None, typer.Option(help="Tệp TOML khoảng giá trị hợp lý / plausible ranges")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Số luồng tính / threads", min=1)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="In các số dạng JSON / print JSON", show_default=False)
    ] = False,
) -> None:
    """Tỷ lệ phủ đổi bao nhiêu nếu tham số giả định sai. How far shares move with what was assumed."""
    from geocover.cli.progress import show_progress
    from geocover.scenario import compute, read_scenario
    from geocover.scenario.plausible import read_plausible
    from geocover.scenario.sensitivity import sensitivity as move

    chosen = read_plausible(ranges) if ranges is not None else read_plausible()
    with show_progress() as show:
        result = compute(read_scenario(scenario), threads=threads, progress=show)
        table = move(result, chosen, threads=threads, progress=show)
    if as_json:
        from geocover.report.answers import to_json

        typer.echo(to_json(_answer(result, table)).decode())
    else:
        _print(result, table)


def _answer(result: Result, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "digest": result.digest,
        "as_of": result.scenario.as_of.isoformat(),
        "illustrative": result.scenario.illustrative or result.network.illustrative,
        "assumed": bool((table["assumed_share"] > 0).any()),
        "sensitivity": table.to_dict("records"),
    }


def _print(result: Result, table: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    from geocover.wording import percent

    made_up = result.scenario.illustrative or result.network.illustrative
    title = f"{result.scenario.name}, {result.scenario.as_of.isoformat()}"
    shown = Table(title=title + " · DỮ LIỆU MINH HỌA / ILLUSTRATIVE" * made_up)
    for heading in ("Chuẩn\nDefinition", "Tính theo\nMeasured by", "Tham số\nParameter"):
        shown.add_column(heading)
    for heading in ("Giả định\nAssumed", "Tính được\nComputed", "Mức thấp\nAt low", "Mức cao\nAt high"):
        shown.add_column(heading, justify="right")
    for row in table.to_dict("records"):
        numbers = [100 * row[name] for name in ("share", "share_at_low", "share_at_high")]
        shown.add_row(
            row["profile"],
            BASES[row["basis"]],
            PARAMETERS[row["parameter"]],
            percent(100 * row["assumed_share"], 0),
            *map(percent, numbers),
            end_section=row["parameter"] == "both",
        )
    Console(width=WIDTH).print(shown)
    if not (table["assumed_share"] > 0).any():
        typer.echo(NOTHING_ASSUMED)
