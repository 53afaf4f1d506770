"""Sổ đăng ký trạm: danh sách theo phiên bản, thống kê, tác vụ. The register: lists, totals, jobs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geocover.cli.keys import BY, Folder

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    rich_markup_mode=None,
    help="Sổ đăng ký trạm: danh sách theo phiên bản, thống kê, so sánh, tác vụ.\n\n"
    "The register: site lists by version, totals, differences, jobs.",
    no_args_is_help=True,
)
jobs_app = typer.Typer(
    rich_markup_mode=None, help="Tác vụ tính toán.\n\nJobs that compute.", no_args_is_help=True
)
app.add_typer(jobs_app, name="jobs")

DATE = ["%Y-%m-%d"]
Day = Annotated[dt.datetime, typer.Argument(formats=DATE, help="Ngày báo cáo, 2025-12-31. Reporting date.")]
ListId = Annotated[str, typer.Argument(help="Mã danh sách. The list's id.")]
JobId = Annotated[str, typer.Argument(help="Mã tác vụ. The job's id.")]


@app.command("migrate")
def migrate(folder: Folder = Path()) -> None:
    """Tạo hoặc nâng cấp các bảng. Make the tables or bring them to the newest version."""
    from geocover.register import database as databases

    with databases.open_unchecked(folder=folder) as database:
        version = databases.migrate(database)
    typer.echo(f"Các bảng ở phiên bản {version}. The tables are of version {version}.")


@app.command("lists")
def show_lists(
    operator: Annotated[str | None, typer.Option(help="Chỉ nhà mạng này. This operator alone.")] = None,
    folder: Folder = Path(),
) -> None:
    """Liệt kê các danh sách. Show the site lists, newest version first."""
    from geocover.register import lists
    from geocover.register.database import open_database

    with open_database(folder=folder) as database:
        for one in lists.all_of(database, operator):
            rows = "-" if one.rows_read is None else f"{one.rows_accepted}/{one.rows_read}"
            parts = (one.id, one.operator, f"v{one.version}", lists.STATES_VI[one.state], rows, one.name)
            typer.echo("\t".join((one.as_of.isoformat(), *parts)))


@app.command("accept")
def accept(list_id: ListId, folder: Folder = Path()) -> None:
    """Duyệt một danh sách đã kiểm tra. Accept a checked list."""
    from geocover.register import lists
    from geocover.register.database import open_database

    with open_database(folder=folder) as database:
        one = lists.accept(database, list_id, BY)
    typer.echo(f"Đã duyệt {one.operator} v{one.version}, ngày {one.as_of:%d/%m/%Y}. Accepted.")
    typer.echo(
        "Máy chủ đang chạy với kịch bản (GEOCOVER_SCENARIO) sẽ tự tính lại phủ sóng sau vài phút; nếu không, "
        f"hãy chạy: geocover register compute KICH-BAN.toml {one.as_of}, rồi geocover register jobs work.",
        err=True,
    )
    typer.echo(
        "A server that runs with a scenario (GEOCOVER_SCENARIO) computes coverage by itself in some minutes; "
        "else run the two commands above.",
        err=True,
    )


@app.command("reject")
def reject(
    list_id: ListId,
    reason: Annotated[str, typer.Option(help="Lý do. Why.")],
    folder: Folder = Path(),
) -> None:
    """Từ chối một danh sách chưa duyệt. Reject a list that is not accepted."""
    from geocover.register import lists
    from geocover.register.database import open_database

    with open_database(folder=folder) as database:
        one = lists.reject(database, list_id, BY, reason)
    typer.echo(f"Đã từ chối {one.operator} v{one.version}. Rejected.")


@app.command("totals")
def show_totals(day: Day, folder: Folder = Path()) -> None:
    """Số vị trí, trạm, cell tại một ngày (CSV). Positions, stations and cells on a day, as CSV."""
    from geocover.register.totals import totals

    typer.echo(totals(_cells(day, folder)).to_csv(index=False), nl=False)


@app.command("masts")
def show_masts(
    day: Day,
    within_m: Annotated[float, typer.Option("--within", min=0.0, help="Khoảng cách, mét. Metres.")] = 50.0,
    folder: Folder = Path(),
) -> None:
    """Vị trí có thể dùng chung cột (CSV). Positions that may share a mast, as CSV."""
    from geocover.register.masts import shared_masts

    typer.echo(shared_masts(_cells(day, folder), within_m).to_csv(index=False), nl=False)


@app.command("diff")
def show_diff(
    old: ListId,
    new: ListId,
    moved_m: Annotated[
        float, typer.Option("--moved", min=0.0, help="Dời quá bao nhiêu mét mới tính. Metres that count.")
    ] = 50.0,
    geojson: Annotated[Path | None, typer.Option(help="Ghi thêm GeoJSON. Write GeoJSON too.")] = None,
    folder: Folder = Path(),
) -> None:
    """So sánh hai danh sách. What changed between two lists."""
    from geocover.io.atomic import atomic_path
    from geocover.register import lists
    from geocover.register.database import open_database
    from geocover.register.differences import diff

    with open_database(folder=folder) as database:
        found = diff(lists.cells(database, old), lists.cells(database, new), moved_m)
    names = {"added": "thêm", "removed": "bớt", "moved": "dời", "changed": "đổi tham số"}
    for name, count in found.counts().items():
        typer.echo(f"{names[name]} / {name}: {count}")
    if geojson is not None:
        with atomic_path(geojson) as temporary:
            temporary.write_text(json.dumps(found.to_geojson(), ensure_ascii=False), encoding="utf-8")


@app.command("compute")
def compute(
    scenario: Annotated[str, typer.Argument(help="Tên tệp kịch bản trong thư mục. Scenario file in --dir.")],
    day: Day,
    folder: Folder = Path(),
) -> None:
    """Đặt tác vụ tính phủ sóng từ sổ đăng ký. Ask for a snapshot of what the register knows now."""
    from geocover.register.computing import enqueue_compute
    from geocover.register.database import open_database

    with open_database(folder=folder) as database:
        typer.echo(enqueue_compute(database, folder, scenario, day.date(), BY).id)


@jobs_app.command("list")
def show_jobs(folder: Folder = Path()) -> None:
    """Liệt kê tác vụ, mới nhất trước. Show the jobs, newest first."""
    from geocover.register import jobs
    from geocover.register.database import open_database

    with open_database(folder=folder) as database:
        for job in jobs.all_jobs(database):
            parts = (job.id, job.state, f"{job.step} {job.done}/{job.total}", job.subject or "-")
            typer.echo("\t".join((*parts, job.message_vi)))


@jobs_app.command("run")
def run_one(
    job_id: JobId,
    worker: Annotated[str | None, typer.Option(help="Tên đã nhận tác vụ. Who claimed it.")] = None,
    folder: Folder = Path(),
) -> None:
    """Chạy một tác vụ trong tiến trình này. Do one job in this process."""
    import uuid

    from geocover.register import jobs
    from geocover.register.database import open_database
    from geocover.register.errors import JobLostError
    from geocover.register.worker import run_job

    with open_database(folder=folder) as database:
        mine = worker or uuid.uuid4().hex
        job = jobs.get(database, job_id) if worker else jobs.claim(database, mine, job_id)
        if job is None or job.worker != mine:
            raise JobLostError(
                f"job {job_id} does not wait for this process", f"tác vụ {job_id} không chờ tiến trình này"
            )
        ended = run_job(database, folder, job)
    typer.echo(f"{ended.id}: {ended.state} {ended.message_vi}".rstrip())


@jobs_app.command("work")
def work(
    slots: Annotated[int, typer.Option(min=1, help="Số tác vụ cùng lúc. Jobs at a time.")] = 1,
    folder: Folder = Path(),
) -> None:
    """Chạy các tác vụ đang chờ, đến khi bị dừng. Run what waits, until stopped (Ctrl-C, SIGTERM)."""
    import signal
    import threading

    from geocover.register.computing import SNAPSHOTS
    from geocover.register.database import open_database
    from geocover.register.runner import Runner
    from geocover.register.snapshots import pick_up

    stop, wake = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        stop.set()
        wake.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with open_database(folder=folder) as database:
        for name in pick_up(database, folder / SNAPSHOTS):
            typer.echo(f"Đã ghi nhận bản kết quả {name}. Picked up.")
        Runner(database, folder, slots, wake=wake).run(stop)


@jobs_app.command("cancel")
def cancel(job_id: JobId, folder: Folder = Path()) -> None:
    """Huỷ một tác vụ. Cancel a job."""
    from geocover.register import jobs
    from geocover.register.database import open_database

    with open_database(folder=folder) as database:
        typer.echo(jobs.cancel(database, job_id, BY).state)


def _cells(day: dt.datetime, folder: Path) -> pd.DataFrame:
    from geocover.register.database import open_database
    from geocover.register.history import register_as_of

    with open_database(folder=folder) as database:
        return register_as_of(database, day.date())
