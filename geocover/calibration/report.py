"""A calibration as tables for people: Vietnamese first, English second."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from geocover.calibration.bins import MATCHES
from geocover.io.drive_tests import REASONS
from geocover.wording import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geocover.calibration.agreement import Agreement
    from geocover.calibration.fit import Interval, Residuals
    from geocover.calibration.result import Calibration

MATCH_TEXTS = {
    "cell": "Ô so theo mã cell / Bins by cell identity",
    "pci": "Ô so theo PCI / Bins by PCI",
    "best": "Ô so với cell mạnh nhất / Bins by best server",
}
ENVIRONMENT_TEXTS = {
    "urban": "đô thị / urban",
    "suburban": "ngoại ô / suburban",
    "open": "trống trải / open",
}
AGREEMENT_TEXTS = {
    "mapped": "Như bản đồ / As mapped",
    "median": "Không dự trữ / Without margin",
    "calibrated": "Sau hiệu chỉnh / Calibrated",
}


class Section(NamedTuple):
    """A table.

    Attributes
    ----------
    title
        What it shows.
    head
        Names of its columns.
    rows
        Texts, each as long as ``head``; all but the first are numbers.
    """

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


def sections(result: Calibration) -> list[Section]:
    """Counts, residuals, fit and agreement, as tables."""
    return [
        Section("Số liệu / Counts", ("", "Số / Number"), list(_counts(result))),
        Section(
            "Sai lệch, đo trừ tính / Residuals, measured minus predicted (dB)",
            ("", "Ô / Bins", "Điểm / Points", "Lệch / Bias", "RMSE", "σ"),
            list(_residuals(result)),
        ),
        Section("Hiệu chỉnh / Fit", ("", "Giá trị / Value", "95 %"), list(_fit(result))),
        Section(
            f"Phủ sóng đo và tính, {result.profile.title_vi} / Measured and predicted coverage, "
            f"{result.profile.title_en}",
            ("", "Đúng phủ\nHit", "Sót\nMiss", "Báo phủ sai\nFalse alarm", "Đúng không phủ\nCorrect no",
             "Tỷ lệ đúng\nHit rate", "Tỷ lệ sai\nFalse rate", "κ"),
            [_agreement(AGREEMENT_TEXTS[name], each) for name, each in result.agreement.items()],
        ),
    ]  # fmt: skip


def profile_lines(result: Calibration) -> str:
    """Lines for a profile of a catalogue, to be used with levels to which the offset was added."""
    advice = result.advice
    return (
        f"# {result.test.source}, {result.model.name}: offset {result.fit.offset_db:+.1f} dB\n"
        f"sigma_db = {advice['sigma_db']:.1f}\n"
        f"level_error_db = {advice['level_error_db']:.1f}\n"
        f"# {advice['level_error_uncorrected_db']:.1f} without the offset"
    )


def _counts(result: Calibration) -> Iterator[tuple[str, str]]:
    yield "Dòng đã đọc / Rows read", number(result.test.rows_read)
    yield "Điểm đã dùng / Points used", number(int(result.bins["points"].sum()))
    for each in result.test.set_aside:
        vi, en = REASONS[each.reason]
        where = f"từ dòng {each.first_row} / from row {each.first_row}"
        yield f"Để riêng / Set aside: {vi} / {en} ({where})", number(each.rows)
    if result.lost_points:
        yield "Để riêng / Set aside: không có mức tính / no prediction", number(result.lost_points)
    yield f"Ô {number(result.settings.bin_m)} m / Bins", number(len(result.bins))
    matches = result.bins["match"].value_counts()
    for name in MATCHES:
        yield MATCH_TEXTS[name], number(int(matches.get(name, 0)))
    yield f"Khối {number(result.settings.block_m)} m / Blocks", number(result.blocks)


def _residuals(result: Calibration) -> Iterator[tuple[str, ...]]:
    yield _statistics("Tất cả / All", result.overall)
    for upper_m, each in result.by_distance.items():
        yield _statistics(_distance(upper_m), each)
    for name, each in result.by_environment.items():
        yield _statistics(f"Trạm / Mast: {ENVIRONMENT_TEXTS[name]}", each)
    yield _statistics("Kiểm tra chéo / Cross-validated", result.validated)


def _distance(upper_m: float) -> str:
    if math.isinf(upper_m):
        return "Xa hơn / Farther"
    return f"Đến / Up to {number(upper_m)} m"


def _statistics(title: str, each: Residuals) -> tuple[str, ...]:
    return (
        title,
        number(each.bins),
        number(each.points),
        number(each.bias_db, 1, sign="+"),
        number(each.rmse_db, 1),
        number(each.sd_db, 1),
    )


def _fit(result: Calibration) -> Iterator[tuple[str, str, str]]:
    offset_db, sigma_db = result.intervals
    added = number(result.fit.offset_db, 1, sign="+")
    yield "Bù cộng vào mức tính / Offset to add (dB)", added, _to(offset_db)
    if result.settings.slope:
        slope = number(result.fit.slope_db_per_decade, 1, sign="+")
        yield "Độ dốc / Slope (dB/decade)", slope, ""
        yield "Cự ly gốc / Reference distance (m)", number(result.fit.reference_m), ""
    yield "Độ lệch chuẩn còn lại / Remaining σ (dB)", number(result.fit.sigma_db, 1), _to(sigma_db)
    yield "Tương quan đo và tính / Correlation", number(result.correlation, 2), ""
    yield "Dao động trong ô / Spread within bins (dB)", number(result.spread_db, 1), ""


def _to(interval: Interval) -> str:
    return f"{number(interval.low, 1)} … {number(interval.high, 1)}"


def _agreement(title: str, each: Agreement) -> tuple[str, ...]:
    counts = (each.hits, each.misses, each.false_alarms, each.correct_rejections)
    rates = (percent(100 * each.hit_rate), percent(100 * each.false_alarm_rate))
    return title, *map(number, counts), *rates, number(each.kappa, 2)
