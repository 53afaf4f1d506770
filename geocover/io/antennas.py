"""Antenna patterns from files in the MSI format of Planet (.msi, .pln, .prn).

The format as Radio Mobile's documentation defines it ("Definitions: MSI", radiomobile.pe1mew.nl): lines of a
key and its value; the name first; GAIN in dBd unless "dBi" stands behind it; then HORIZONTAL and VERTICAL,
each with the number of its lines, and on each line an angle and how many dB the gain lies below the maximum,
without a minus sign. Horizontal angles count clockwise; vertical ones from the horizon downwards. Decimal
commas, tabs, any case and line ends, and a first line with the bare name occur and are read.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geocover.antennas import DEGREES, HALF_POWER_DB, Antenna, Antennas, antenna_key
from geocover.errors import AntennaError
from geocover.names import nfc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SUFFIXES = (".msi", ".pln", ".prn")
DBD_DB = 2.15  # gain of a half-wave dipole over an isotropic antenna
GAIN_LIMITS_DBI = (-30.0, 60.0)
TILT_LIMITS_DEG = (-30.0, 45.0)
FRONT_DEG = 30  # an unstated tilt is looked for this far around the horizon
LARGEST_ATTENUATION_DB = 200.0
LARGEST_GAP_DEG = 30.0
SHOWN = 60  # characters of a line in a message

CUTS = ("HORIZONTAL", "VERTICAL")
READ = ("NAME", "FREQUENCY", "GAIN", "TILT", "ELECTRICAL_TILT")
IGNORED = ("MAKE", "H_WIDTH", "V_WIDTH", "FRONT_TO_BACK", "POLARIZATION", "POLARISATION", "COMMENT")
_NUMBER = r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*\(?\s*([^\W\d_]*|°)\s*\)?")
_MHZ = {"": 1.0, "mhz": 1.0, "ghz": 1e3, "khz": 1e-3, "hz": 1e-6}
_ABOVE_ISOTROPIC_DB = {"": DBD_DB, "dbd": DBD_DB, "dbi": 0.0}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not empty, with its number in the file."""

    path: Path
    number: int
    text: str

    @property
    def key(self) -> str:
        return self.text.split(maxsplit=1)[0].upper()

    @property
    def value(self) -> str:
        return "".join(self.text.split(maxsplit=1)[1:])

    @property
    def shown(self) -> str:
        """The line for an error message, shortened."""
        return repr(self.text[:SHOWN])

    def error(self, message: str, vi: str) -> AntennaError:
        return _error(self.path, f"line {self.number}: {message}", f"dòng {self.number}: {vi}")


@dataclass(frozen=True, slots=True)
class _Cut:
    """The values of one section as they stand: angles, decibels of either sign, and the lines, in order."""

    angle_deg: NDArray[np.float64]
    value_db: NDArray[np.float64]
    lines: list[_Line]


def read_antenna(path: str | Path) -> Antenna:
    """Read one antenna from a file in MSI format.

    Parameters
    ----------
    path
        Text in UTF-8 or Latin-1. Values below zero are read as gains if no value of either cut is above.
        Angles that the file leaves out are interpolated if the section announces so few lines and no more
        than 30° are missing in a row. The electrical tilt is ``ELECTRICAL_TILT``, else a number behind
        ``TILT``, else where the vertical cut has its maximum.

    Raises
    ------
    AntennaError
        The file cannot be read or is not of this format; the message names the line and the remedy.
    """
    path = Path(path)
    header, cuts = _sections(path, _lines(path))
    name, gain_dbi = _name(path, header), _gain_dbi(path, header)
    _check_sign(cuts)
    horizontal_db, vertical_db = (_gain_table_db(cuts[name]) for name in CUTS)
    tilt_deg = _tilt_deg(header, vertical_db)
    try:
        return Antenna(name, gain_dbi, _freq_mhz(header), tilt_deg, horizontal_db, vertical_db)
    except AntennaError as error:
        raise _error(path, str(error), error.vi) from error


def read_antennas(source: str | Path | Iterable[str | Path]) -> Antennas:
    """Read several antennas.

    Parameters
    ----------
    source
        A folder (its files ``.msi``, ``.pln`` and ``.prn``, not those of its folders), a file, or files.

    Raises
    ------
    AntennaError
        A file is at fault, two files name one antenna, or the folder has no such file.
    """
    files: dict[str, Path] = {}
    antennas = []
    for path in _files(source):
        antenna = read_antenna(path)
        first = files.setdefault(antenna_key(antenna.name), path)
        if first != path:
            raise _error(
                path,
                f"antenna {antenna.name!r} is in {first} too; remove one file or change its NAME",
                f"ăng-ten {antenna.name!r} cũng có trong {first}; hãy bỏ một tệp hoặc đổi NAME",
            )
        antennas.append(antenna)
    return Antennas(antennas)


def _error(path: Path, message: str, vi: str) -> AntennaError:
    return AntennaError(f"{path}: {message}", f"{path}: {vi}")


def _files(source: str | Path | Iterable[str | Path]) -> list[Path]:
    if not isinstance(source, str | Path):
        return [Path(path) for path in source]
    folder = Path(source)
    if not folder.is_dir():
        return [folder]
    found = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]
    visible = [path for path in found if not path.name.startswith(".")]
    if not visible:
        kinds = ", ".join(SUFFIXES)
        raise _error(folder, f"no antenna file ({kinds}) here", f"không có tệp ăng-ten ({kinds}) ở đây")
    return visible


def _lines(path: Path) -> list[_Line]:
    """The lines that say something; a lone carriage return ends a line too, a form feed does not."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise _error(path, f"cannot be read ({error})", f"không đọc được ({error})") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    numbered = enumerate(re.split(r"\r\n|\r|\n", text), start=1)
    # Old files end in Ctrl-Z.
    stripped = ((number, part.strip().strip("\x1a\x00").strip()) for number, part in numbered)
    return [_Line(path, number, part) for number, part in stripped if part]


def _sections(path: Path, lines: list[_Line]) -> tuple[dict[str, _Line], dict[str, _Cut]]:
    """Lines of the header by key, and the two cuts; a first line without a known key is the name."""
    header: dict[str, _Line] = {}
    cuts: dict[str, _Cut] = {}
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        key = line.key
        if key in header or key in cuts:
            raise line.error(f"{key} stands twice; remove one", f"{key} lặp lại; hãy bỏ một dòng")
        if key in CUTS:
            count = _count(line)
            cuts[key] = _cut(line, lines[at : at + count], count)
            at += count
        elif key in READ:
            header[key] = line
        elif at == 1 and key not in IGNORED:
            header[""] = line
        elif _number(key) is not None:
            raise line.error(
                "a value outside HORIZONTAL and VERTICAL; does the count of the section say too few?",
                "giá trị nằm ngoài HORIZONTAL và VERTICAL; số dòng ghi ở đầu phần có thiếu không?",
            )
    absent = [key for key in CUTS if key not in cuts]
    if absent:
        raise _error(
            path,
            f"no line {absent[0]} {DEGREES}; is this an antenna pattern in MSI format?",
            f"thiếu dòng {absent[0]} {DEGREES}; đây có phải tệp ăng-ten dạng MSI không?",
        )
    return header, cuts


def _number(text: str) -> float | None:
    """A number with decimal point or comma; None for anything else."""
    if not re.fullmatch(_NUMBER, text):
        return None
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) else None


def _quantity(text: str) -> tuple[float, str] | None:
    """A number and the unit behind it, lower-case; None for anything else."""
    found = _QUANTITY.fullmatch(text.strip())
    value = _number(found[1]) if found else None
    return (value, found[2].lower()) if found and value is not None else None


def _count(line: _Line) -> int:
    count = line.value.split(maxsplit=1)[0] if line.value else ""
    if not re.fullmatch(r"[0-9]{1,5}", count) or int(count) == 0:
        raise line.error(
            f"{line.shown}: the number of values is missing; write {line.key} {DEGREES}",
            f"{line.shown}: thiếu số lượng giá trị; hãy ghi {line.key} {DEGREES}",
        )
    return int(count)


def _cut(head: _Line, lines: list[_Line], count: int) -> _Cut:
    """Read a section; every line that its head announces must be there."""
    pairs = []
    for line in lines:
        if line.key in (*CUTS, *READ, *IGNORED):
            break
        pairs.append(_pair(line))
    if len(pairs) < count:
        raise head.error(
            f"{head.key} announces {count} values, {len(pairs)} follow; complete them or correct the number",
            f"{head.key} ghi {count} giá trị nhưng chỉ có {len(pairs)}; hãy bổ sung hoặc sửa con số",
        )
    angle_deg, value_db = np.array(pairs, dtype=float).T
    cut = _Cut(angle_deg % float(DEGREES), value_db, lines)
    _check_angles(head, cut)
    return cut


def _pair(line: _Line) -> tuple[float, float]:
    numbers = [_number(part) for part in line.text.replace(";", " ").split()]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        raise line.error(
            f"{line.shown}: write an angle and an attenuation in dB, for example 15 0.4",
            f"{line.shown}: hãy ghi góc và độ suy hao (dB), ví dụ 15 0.4",
        )
    angle_deg, value_db = numbers[0], numbers[1]
    if abs(angle_deg) > DEGREES or abs(value_db) > LARGEST_ATTENUATION_DB:
        raise line.error(
            f"{line.shown}: angles lie within 360°, attenuations within {LARGEST_ATTENUATION_DB:g} dB",
            f"{line.shown}: góc phải trong 360°, độ suy hao trong {LARGEST_ATTENUATION_DB:g} dB",
        )
    return angle_deg, value_db


def _check_angles(head: _Line, cut: _Cut) -> None:
    """Refuse an angle with two values, and gaps too wide to fill."""
    order = np.argsort(cut.angle_deg, kind="stable")
    step_deg, angle_deg = np.diff(cut.angle_deg[order]), cut.angle_deg[order]
    torn = np.flatnonzero((step_deg == 0.0) & (np.diff(cut.value_db[order]) != 0.0))
    if torn.size:
        raise cut.lines[order[torn[0] + 1]].error(
            f"{head.key} has another value for {angle_deg[torn[0]]:g}° above; keep one",
            f"{head.key} đã có giá trị khác cho góc {angle_deg[torn[0]]:g}°; hãy giữ một giá trị",
        )
    gap_deg = np.append(step_deg, angle_deg[0] + DEGREES - angle_deg[-1])
    widest = int(np.argmax(gap_deg))
    if gap_deg[widest] > LARGEST_GAP_DEG:
        span = f"{angle_deg[widest]:g}° … {angle_deg[(widest + 1) % angle_deg.size]:g}°"
        raise head.error(
            f"{head.key} has no value between {span}; give at least one every {LARGEST_GAP_DEG:g}°",
            f"{head.key} không có giá trị trong khoảng {span}; mỗi {LARGEST_GAP_DEG:g}° cần ít nhất một",
        )


def _check_sign(cuts: dict[str, _Cut]) -> None:
    """Refuse a file with values on both sides of zero: they are not relative to the maximum."""
    if not any((cut.value_db > 0.0).any() for cut in cuts.values()):
        return
    for key, cut in cuts.items():
        below = np.flatnonzero(cut.value_db < 0.0)
        if below.size:
            raise cut.lines[below[0]].error(
                f"{key} has an attenuation below zero among others above; "
                "give all relative to the antenna's greatest gain, without a minus sign",
                f"{key} có độ suy hao âm lẫn với giá trị dương; "
                "hãy ghi tất cả so với độ lợi lớn nhất của ăng-ten, không có dấu trừ",
            )


def _gain_table_db(cut: _Cut) -> NDArray[np.float32]:
    """Gains at 0 to 359 degrees, shape (360,), linear around the circle where the file has other angles."""
    gain_db = 0.0 - np.abs(cut.value_db)
    table_db = np.interp(np.arange(float(DEGREES)), cut.angle_deg, gain_db, period=float(DEGREES))
    return np.asarray(table_db, dtype=np.float32)


def _name(path: Path, header: dict[str, _Line]) -> str:
    named, first = header.get("NAME"), header.get("")
    text = named.value if named else first.text if first else ""
    name = " ".join(nfc(text).split())
    if not antenna_key(name):
        raise _error(path, "no name; begin with a line NAME …", "thiếu tên; hãy thêm dòng NAME … ở đầu")
    return name


def _gain_dbi(path: Path, header: dict[str, _Line]) -> float:
    line = header.get("GAIN")
    if line is None:
        raise _error(
            path, "no line GAIN; add one, for example GAIN 17.5 dBi", "thiếu dòng GAIN; ví dụ GAIN 17.5 dBi"
        )
    found = _quantity(line.value)
    low, high = GAIN_LIMITS_DBI
    if found is not None and found[1] in _ABOVE_ISOTROPIC_DB:
        gain_dbi = found[0] + _ABOVE_ISOTROPIC_DB[found[1]]
        if low <= gain_dbi <= high:
            return gain_dbi
    raise line.error(
        f"{line.shown}: write a gain from {low:g} to {high:g} with its unit, for example GAIN 17.5 dBi",
        f"{line.shown}: hãy ghi độ lợi từ {low:g} đến {high:g} kèm đơn vị, ví dụ GAIN 17.5 dBi",
    )


def _freq_mhz(header: dict[str, _Line]) -> float:
    """Frequency in MHz; NaN where the file has none, or a range of them."""
    found = _quantity(header["FREQUENCY"].value) if "FREQUENCY" in header else None
    if found is None or found[1] not in _MHZ or found[0] <= 0.0:
        return math.nan
    return found[0] * _MHZ[found[1]]


def _tilt_deg(header: dict[str, _Line], vertical_db: NDArray[np.float32]) -> float:
    """Electrical tilt of the pattern, as the file states it or, where it does not, as its cut shows it."""
    for key in ("ELECTRICAL_TILT", "TILT"):
        line = header.get(key)
        found = _quantity(line.value) if line else None
        if line and found and found[1] in ("", "deg", "degree", "degrees", "°", "t"):
            _check_tilt(line, found[0], vertical_db)
            return found[0]
        if line and line.value and key == "ELECTRICAL_TILT":
            raise line.error(
                f"{line.shown}: write degrees, for example ELECTRICAL_TILT 6",
                f"{line.shown}: hãy ghi số độ, ví dụ ELECTRICAL_TILT 6",
            )
    ahead_deg = np.arange(-FRONT_DEG, FRONT_DEG + 1)
    front_db = vertical_db[ahead_deg]
    return float(ahead_deg[front_db == front_db.max()].mean())


def _check_tilt(line: _Line, tilt_deg: float, vertical_db: NDArray[np.float32]) -> None:
    low, high = TILT_LIMITS_DEG
    if not low <= tilt_deg <= high:
        raise line.error(
            f"{line.shown}: must be {low:g} … {high:g}",
            f"{line.shown}: phải trong khoảng {low:g} … {high:g}",
        )
    if vertical_db[round(-tilt_deg)] > vertical_db[round(tilt_deg)] + HALF_POWER_DB:
        raise line.error(
            f"{line.shown}: the vertical cut is stronger at {-tilt_deg:g}° than at {tilt_deg:g}°: "
            "its angles seem to count upwards; 90 must be straight down",
            f"{line.shown}: mặt cắt đứng mạnh hơn ở {-tilt_deg:g}° so với {tilt_deg:g}°: "
            "có lẽ góc được đếm lên trên; 90 phải là hướng thẳng xuống đất",
        )
