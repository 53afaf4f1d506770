"""What an import of elevation found: coverage of the communes, voids, and what each file gave."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

from geocover.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geocover.elevation.source import SourceFile
    from geocover.terrain import Kind

LISTED = 5
LARGE_DIFFERENCE_M = 30.0
KINDS_VI = {
    "surface": "mô hình bề mặt (gồm cả cây, nhà)",
    "terrain": "mô hình mặt đất",
    "unknown": "chưa rõ là bề mặt hay mặt đất; hãy khai báo --kind",
}


class Remark(NamedTuple):
    """A remark on what was done, in English and Vietnamese."""

    en: str
    vi: str


@dataclass(frozen=True)
class TerrainReport:
    """The elevation of the communes.

    Attributes
    ----------
    files
        What each file is and gave, in the order of reading (the first wins).
    resolution_m, shape
        Pixel and rows, columns of the grid.
    kind
        "surface", "terrain", or "unknown" where nobody says or files differ.
    area_km2
        Area of the communes on the grid (pixel centres inside).
    known_share
        Share of it with elevation, measured or filled.
    outside_km2
        Area that no file reaches.
    voids, void_km2, largest_void_km2
        Connected holes within the reach of the files, before filling: number, area, largest area.
    filled_km2
        Area interpolated on request.
    lowest_m, highest_m
        Range on the whole grid.
    without
        Code and name of each commune without any elevation.
    remarks
        What else was done or not found.
    """

    files: tuple[SourceFile, ...]
    resolution_m: float
    shape: tuple[int, int]
    kind: Kind
    area_km2: float
    known_share: float
    outside_km2: float
    voids: int
    void_km2: float
    largest_void_km2: float
    filled_km2: float
    lowest_m: float
    highest_m: float
    without: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Give the report as plain values for JSON; a number that is not known is None."""
        plain = asdict(self)
        for each in plain["files"]:
            each["resolution_m"] = None if math.isnan(each["resolution_m"]) else each["resolution_m"]
        plain["remarks"] = [remark._asdict() for remark in self.remarks]
        return plain

    def lines_vi(self) -> list[str]:
        """Give the report as lines of Vietnamese text."""
        return [*self._files(), *self._cover(), *self._holes(), *(each.vi for each in self.remarks)]

    def _files(self) -> Iterator[str]:
        for each in self.files:
            west, south, east, north = (number(value, 4) for value in each.bounds)
            yield f"{each.name}: {each.crs}, kinh độ {west} đến {east}, vĩ độ {south} đến {north}"
            yield from (f"  {line}" for line in _file_lines(each))

    def _cover(self) -> Iterator[str]:
        rows, cols = self.shape
        yield f"Lưới {number(self.resolution_m, 0)} m, {cols} x {rows} điểm ảnh; {KINDS_VI[self.kind]}"
        warning = "" if self.known_share > 0.999 else "CẢNH BÁO: chỉ "
        yield (
            f"{warning}{number(100 * self.known_share, 2)} % diện tích các xã "
            f"({number(self.area_km2, 1)} km²) có độ cao, từ {number(self.lowest_m, 0)} m "
            f"đến {number(self.highest_m, 0)} m"
        )
        if self.without:
            names = ", ".join(f"{code} {name}" for code, name in self.without[:LISTED])
            rest = ", ..." if len(self.without) > LISTED else ""
            yield f"CẢNH BÁO: {len(self.without)} xã, phường không có độ cao: {names}{rest}"

    def _holes(self) -> Iterator[str]:
        if self.outside_km2:
            yield f"Ngoài phạm vi các tệp: {number(self.outside_km2, 2)} km²"
        yield (
            f"Lỗ trống: {self.voids}, tổng {number(self.void_km2, 2)} km², "
            f"lớn nhất {number(self.largest_void_km2, 2)} km²"
        )
        if self.filled_km2:
            yield f"Đã nội suy {number(self.filled_km2, 2)} km² (đánh dấu 1 ở kênh 2)"
        elif self.voids:
            yield "Lỗ trống giữ nguyên; thêm --fill để nội suy từ xung quanh"


def _file_lines(file: SourceFile) -> Iterator[str]:
    if file.stated_crs and file.stated_crs != file.crs:
        yield f"tệp ghi hệ toạ độ {file.stated_crs}, được đọc theo {file.crs} như yêu cầu"
    if not file.pixels:
        yield "CẢNH BÁO: không có giá trị nào trong khu vực"
        return
    yield f"điểm ảnh khoảng {number(file.resolution_m, 1)} m, {number(file.voids, 0)} điểm ảnh trống"
    if file.overlap_pixels:
        warning = "CẢNH BÁO: " if file.overlap_median_m > LARGE_DIFFERENCE_M else ""
        yield (
            f"{warning}{number(file.overlap_pixels, 0)} điểm trùng với tệp trước (giữ tệp trước): lệch "
            f"trung vị {number(file.overlap_median_m, 1)} m, lớn nhất {number(file.overlap_max_m, 1)} m"
        )
    if file.illustrative:
        yield "dữ liệu minh họa, không phải địa hình thật"
