"""What a reader of a calibration must know beside its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.io.drive_tests import Remark
from geocover.wording import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geocover.calibration.result import Calibration

# Fewer blocks than that, and a bootstrap of blocks gives intervals that are too narrow.
FEW_BLOCKS = 20
# Below it the predicted levels explain less than a tenth of the variance of the measured ones.
WEAK_CORRELATION = 0.3


def remarks(result: Calibration) -> tuple[Remark, ...]:
    """Doubts about the measurements, the comparison and the inputs."""
    return (*result.test.remarks, *_comparison(result), *_statistics(result), *_inputs(result))


def _comparison(result: Calibration) -> Iterator[Remark]:
    best = int((result.bins["match"] == "best").sum())
    if best:
        yield Remark(
            f"{number(best)}/{number(len(result.bins))} ô được so với cell mạnh nhất theo mô hình, vì danh "
            "sách trạm không có cell đã phục vụ: máy đo có thể đã dùng cell khác",
            f"{best}/{len(result.bins)} bins are compared with the best server, since the site list lacks "
            "the cell that served: the receiver may have used another",
        )
    if not {each.reason for each in result.test.set_aside} & {"no_level", "level_out_of_range"}:
        yield Remark(
            "Tệp đo chỉ có nơi bắt được sóng: vùng mất sóng không được tính vào sai lệch",
            "The drive test has only places where a cell was heard: places without signal do not count",
        )
    if result.lost_bins:
        yield Remark(
            f"{number(result.lost_bins)} ô ({number(result.lost_points)} điểm) không có mức tính: ngoài tầm "
            "hoặc thiếu địa hình",
            f"{result.lost_bins} bins ({result.lost_points} points) have no prediction: out of reach, or "
            "terrain is missing",
        )
    uncertain = int(result.bins["uncertain"].sum())
    if uncertain:
        yield Remark(
            f"{number(uncertain)} ô có cell ở gần không tính được vì thiếu địa hình",
            f"{uncertain} bins have a near cell that cannot be computed for lack of terrain",
        )


def _statistics(result: Calibration) -> Iterator[Remark]:
    if result.correlation < WEAK_CORRELATION:
        yield Remark(
            "CẢNH BÁO: mức tính gần như không giải thích được mức đo (tương quan "
            f"{number(result.correlation, 2)}); đừng dùng các số này cho chuẩn đánh giá trước khi kiểm tra "
            "vị trí, nhà mạng và tham số của danh sách trạm",
            "WARNING: predicted levels explain next to nothing of the measured ones (correlation "
            f"{number(result.correlation, 2, language='en')}); check positions, operator and parameters of "
            "the site list before these figures go into a profile",
        )
    if result.folds < result.settings.folds:
        yield Remark(
            f"Chỉ có {result.blocks} khối nên kiểm tra chéo dùng {result.folds} phần",
            f"Only {result.blocks} blocks, so that the cross-validation has {result.folds} parts",
        )
    if result.blocks < FEW_BLOCKS:
        yield Remark(
            f"Chỉ có {result.blocks} khối {number(result.settings.block_m)} m: các khoảng tin cậy bị hẹp hơn "
            "thực tế",
            f"Only {result.blocks} blocks of {number(result.settings.block_m, language='en')} m: the "
            "intervals are narrower than they should be",
        )


def _inputs(result: Calibration) -> Iterator[Remark]:
    assumed = 100 * result.network.assumed_share()
    if assumed:
        yield Remark(
            f"{percent(assumed)} cell có tham số giả định: độ lệch gồm cả sai lệch của giả định",
            f"{percent(assumed, language='en')} of the cells have assumed parameters: the offset also holds "
            "the error of the assumptions",
        )
    if result.terrain_source is None:
        yield Remark("Không dùng địa hình", "No terrain was used")
    if result.network.illustrative:
        yield Remark("DỮ LIỆU MINH HỌA: vị trí trạm không có thật", "ILLUSTRATIVE: the sites are made up")
