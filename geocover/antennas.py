"""Antennas by name: their measured patterns, as two cuts of 360 degrees.

Manufacturers publish one pattern for each band and electrical tilt; `geocover.io.antennas` reads it. A cell
without an antenna's name has the pattern of 3GPP that its beamwidths give (`geocover.kernels.antenna`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geocover.errors import AntennaError
from geocover.names import nfc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

DEGREES = 360
HALF_POWER_DB = 3.0
SHOWN = 8


@dataclass(frozen=True, eq=False)
class Antenna:
    """One antenna at one band and one electrical tilt.

    Attributes
    ----------
    name
        By which site lists call it.
    gain_dbi
        Gain of the main direction over an isotropic antenna.
    freq_mhz
        Frequency of the pattern; NaN where unknown.
    electrical_tilt_deg
        Tilt that the vertical cut already contains, positive down. A cell of another electrical tilt has
        the same cut, shifted by the difference.
    horizontal_db, vertical_db
        Gain relative to the main direction at 0 to 359 degrees, shape (360,), float32, read-only, never
        positive. Horizontal: clockwise from the azimuth. Vertical: 0 is the horizon in front, 90 straight
        down, 180 the horizon behind, 270 straight up.

    Raises
    ------
    AntennaError
        On construction: no name, another shape, values that are not finite or above 0, or two cuts that
        both stay more than 3 dB below the main direction (values that are not relative to it).
    """

    name: str
    gain_dbi: float
    freq_mhz: float
    electrical_tilt_deg: float
    horizontal_db: NDArray[np.float32]
    vertical_db: NDArray[np.float32]

    def __post_init__(self) -> None:
        if not antenna_key(self.name):
            raise AntennaError("an antenna has no name", "có ăng-ten không có tên")
        if not np.isfinite([self.gain_dbi, self.electrical_tilt_deg]).all():
            raise AntennaError(
                f"antenna {self.name!r}: gain and tilt must be numbers",
                f"ăng-ten {self.name!r}: độ lợi và góc nghiêng phải là số",
            )
        for cut in ("horizontal_db", "vertical_db"):
            object.__setattr__(self, cut, _checked_cut(self.name, cut, getattr(self, cut)))
        highest_db = float(max(self.horizontal_db.max(), self.vertical_db.max()))
        if highest_db < -HALF_POWER_DB:
            raise AntennaError(
                f"antenna {self.name!r}: both cuts stay {-highest_db:.1f} dB under the main direction; "
                "give values relative to the antenna's greatest gain",
                f"ăng-ten {self.name!r}: cả hai mặt cắt đều thấp hơn hướng chính ít nhất "
                f"{-highest_db:.1f} dB; hãy cho giá trị so với độ lợi lớn nhất của ăng-ten",
            )

    def same_pattern(self, other: Antenna) -> bool:
        """Whether another antenna radiates alike: both cuts and the tilt that they hold."""
        return (
            self.electrical_tilt_deg == other.electrical_tilt_deg
            and np.array_equal(self.horizontal_db, other.horizontal_db)
            and np.array_equal(self.vertical_db, other.vertical_db)
        )

    @property
    def beamwidth_h_deg(self) -> float:
        """Horizontal half-power beamwidth, to a degree, 1 to 360."""
        return half_power_width_deg(self.horizontal_db)

    @property
    def beamwidth_v_deg(self) -> float:
        """Vertical half-power beamwidth, to a degree, 1 to 180."""
        return min(half_power_width_deg(self.vertical_db), 180.0)


class Antennas(Mapping[str, Antenna]):
    """Antennas by name, in the order of their names; case and white space do not matter.

    Raises
    ------
    AntennaError
        On construction: two antennas of one name.
    """

    def __init__(self, antennas: Iterable[Antenna] = ()) -> None:
        self._by_key: dict[str, Antenna] = {}
        for antenna in sorted(antennas, key=lambda one: antenna_key(one.name)):
            first = self._by_key.setdefault(antenna_key(antenna.name), antenna)
            if first is not antenna:
                raise AntennaError(
                    f"two antennas are called {antenna.name!r}; give each band and tilt its own name",
                    f"hai ăng-ten cùng tên {antenna.name!r}; mỗi băng tần và góc nghiêng cần một tên riêng",
                )

    def __getitem__(self, name: str) -> Antenna:
        return self._by_key[antenna_key(name)]

    def __iter__(self) -> Iterator[str]:
        return (antenna.name for antenna in self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def known(self) -> str:
        """The names for an error message: the first few, and how many more; ``-`` for none."""
        names = list(self)
        more = f", … (+{len(names) - SHOWN})" if len(names) > SHOWN else ""
        return (", ".join(names[:SHOWN]) + more) or "-"

    def stack(self, names: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Cuts of several antennas for the kernels: horizontal and vertical, each of shape (names, 360), dB.

        Raises
        ------
        AntennaError
            If a name is not among these antennas.
        """
        absent = [name for name in names if name not in self]
        if absent:
            raise AntennaError(
                f"antenna {absent[0]!r} is not known; known: {self.known()}",
                f"không có ăng-ten {absent[0]!r}; các ăng-ten đã có: {self.known()}",
            )
        cuts = np.empty((2, len(names), DEGREES), np.float32)
        for row, name in enumerate(names):
            cuts[0, row], cuts[1, row] = self[name].horizontal_db, self[name].vertical_db
        return cuts[0], cuts[1]


def antenna_key(name: str) -> str:
    """Name without regard to case, composition and white space; names of tilts differ in little else."""
    return " ".join(nfc(name).casefold().split())


def half_power_width_deg(cut_db: NDArray[np.float32]) -> float:
    """Degrees around the maximum of a cut (shape (360,), dB) that lie within 3 dB of it: 1 to 360."""
    peak = int(np.argmax(cut_db))
    outside = np.roll(cut_db, -peak) < cut_db[peak] - HALF_POWER_DB
    if not outside.any():
        return float(DEGREES)
    return float(np.argmax(outside) + np.argmax(outside[::-1]))


def _checked_cut(name: str, cut: str, values_db: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a read-only copy of a cut, or refuse it."""
    copy = np.array(values_db, dtype=np.float32)
    if copy.shape != (DEGREES,) or not np.isfinite(copy).all() or copy.max() > 0.0:
        raise AntennaError(
            f"antenna {name!r}: {cut} must be {DEGREES} finite values of 0 dB or less",
            f"ăng-ten {name!r}: {cut} phải gồm {DEGREES} giá trị hữu hạn, không lớn hơn 0 dB",
        )
    copy.flags.writeable = False
    return copy
