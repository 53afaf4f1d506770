"""Pattern files in MSI format: what is read, what is refused, and that nothing else can happen."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.errors import AntennaError
from geocover.io.antennas import read_antenna, read_antennas

OFF_DEG = (np.arange(360) + 180) % 360 - 180
TILT_DEG = 6
HORIZONTAL_DB = np.minimum(12.0 * (OFF_DEG / 65.0) ** 2, 30.0).round(2)
VERTICAL_DB = np.roll(np.minimum(12.0 * (OFF_DEG / 7.0) ** 2, 32.0), TILT_DEG).round(2)
HEADER = [
    "NAME K-65 1800 06T",
    "MAKE Thử nghiệm",
    "FREQUENCY 1800",
    "H_WIDTH 65",
    "V_WIDTH 7",
    "FRONT_TO_BACK 30",
    "GAIN 15.35 dBd",
    "TILT ELECTRICAL",
    "ELECTRICAL_TILT 6",
    "COMMENT made up",
]


def section(key: str, values: Any, angles: Any = range(360), pattern: str = "{} {}") -> list[str]:
    return [f"{key} {len(values)}", *(pattern.format(*pair) for pair in zip(angles, values, strict=True))]


def text(
    *, header: list[str] = HEADER, horizontal: list[str] | None = None, vertical: list[str] | None = None
) -> str:
    cuts = horizontal or section("HORIZONTAL", HORIZONTAL_DB), vertical or section("VERTICAL", VERTICAL_DB)
    return "\n".join([*header, *cuts[0], *cuts[1], ""])


def with_line(key: str, line: str) -> list[str]:
    """The header with one line in the place of that of a key; none where the line is empty."""
    return [line if one.split()[0] == key else one for one in HEADER if line or one.split()[0] != key]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "k65.msi"


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_file_as_manufacturers_write_it(path: Path) -> None:
    """Catches attenuations kept as gains, dBd taken for dBi, and cuts swapped or shifted."""
    antenna = read_antenna(written(path, text()))
    assert (antenna.name, antenna.freq_mhz, antenna.electrical_tilt_deg) == ("K-65 1800 06T", 1800.0, 6.0)
    assert antenna.gain_dbi == pytest.approx(17.5)
    np.testing.assert_array_equal(antenna.horizontal_db, -HORIZONTAL_DB.astype(np.float32))
    np.testing.assert_array_equal(antenna.vertical_db, -VERTICAL_DB.astype(np.float32))
    assert antenna.vertical_db.argmax() == TILT_DEG
    assert (antenna.beamwidth_h_deg, antenna.beamwidth_v_deg) == (65.0, 7.0)


@pytest.mark.parametrize(
    "disguise",
    [
        lambda plain: plain.replace("\n", "\r\n").encode(),
        lambda plain: plain.replace("\n", "\r").encode(),
        lambda plain: plain.encode("utf-8-sig"),
        lambda plain: plain.replace("Thử nghiệm", "Hersteller für Öl").encode("latin-1"),
        lambda plain: plain.replace(" ", "\t").replace("K-65\t1800\t06T", "K-65 1800 06T").encode(),
        lambda plain: plain.lower().replace("k-65 1800 06t", "K-65 1800 06T").encode(),
        lambda plain: plain.replace(".", ",").encode(),
        lambda plain: plain.replace("\n", "\n\n").replace("0 0.0\n", "  0\t 0.0 \n").encode() + b"\x1a",
        lambda plain: plain.replace("NAME ", "", 1).encode(),
    ],
    ids=["crlf", "cr", "bom", "latin-1", "tabs", "lower case", "decimal comma", "blanks", "no NAME"],
)
def test_same_antenna_in_another_dress(path: Path, disguise: Any) -> None:
    """Catches a reader that only knows the files of one manufacturer."""
    plain = read_antenna(written(path.with_name("plain.msi"), text()))
    other = read_antenna(written(path, disguise(text())))
    assert (other.name, other.gain_dbi, other.electrical_tilt_deg) == (plain.name, plain.gain_dbi, 6.0)
    np.testing.assert_array_equal(other.horizontal_db, plain.horizontal_db)
    np.testing.assert_array_equal(other.vertical_db, plain.vertical_db)


@pytest.mark.parametrize(
    ("line", "gain_dbi"),
    [
        ("GAIN 15.35", 17.5), ("GAIN 15.35 dBd", 17.5), ("GAIN 17,5 dBi", 17.5), ("gain 17.5DBI", 17.5),
        ("GAIN 17.5 (dBi)", 17.5), ("GAIN -2.15 dBd", 0.0),
    ],
)  # fmt: skip
def test_gain_without_unit_is_over_a_dipole(path: Path, line: str, gain_dbi: float) -> None:
    """Catches 2.15 dB lost or added on every cell with this antenna."""
    found = read_antenna(written(path, text(header=with_line("GAIN", line)))).gain_dbi
    assert found == pytest.approx(gain_dbi)


@pytest.mark.parametrize(
    ("line", "freq_mhz"),
    [
        ("FREQUENCY 2140 MHz", 2140.0), ("FREQUENCY 2.6 GHz", 2600.0), ("FREQUENCY 1710-2170", math.nan),
        ("FREQUENCY", math.nan), ("", math.nan), ("FREQUENCY 0", math.nan),
    ],
)  # fmt: skip
def test_frequency_is_one_number_or_unknown(path: Path, line: str, freq_mhz: float) -> None:
    """Catches GHz taken for MHz, and the lower end of a band taken for the frequency."""
    found = read_antenna(written(path, text(header=with_line("FREQUENCY", line)))).freq_mhz
    assert found == pytest.approx(freq_mhz, nan_ok=True)


@pytest.mark.parametrize(
    ("tilt", "electrical", "tilt_deg"),
    [
        ("TILT 5", "", 5.0), ("TILT 5 deg", "", 5.0), ("TILT 05T", "", 5.0), ("TILT MECHANICAL", "", 6.0),
        ("TILT 0", "ELECTRICAL_TILT 6", 6.0), ("TILT", "ELECTRICAL_TILT", 6.0), ("", "", 6.0),
    ],
)  # fmt: skip
def test_tilt_is_stated_or_seen_in_the_cut(path: Path, tilt: str, electrical: str, tilt_deg: float) -> None:
    """Catches a tilt applied twice: a file silent about the tilt that its cut contains."""
    rest = [line for line in HEADER if "TILT" not in line]
    header = [*rest, *(line for line in (tilt, electrical) if line)]
    assert read_antenna(written(path, text(header=header))).electrical_tilt_deg == tilt_deg


def test_flat_vertical_cut_has_no_tilt(path: Path) -> None:
    """Catches the first of many equal maxima taken for a tilt of -30°."""
    header = [line for line in HEADER if "TILT" not in line]
    content = text(header=header, vertical=section("VERTICAL", np.zeros(360)))
    assert read_antenna(written(path, content)).electrical_tilt_deg == 0.0


def test_minus_signs_throughout_are_gains(path: Path) -> None:
    """Catches a file of negative numbers read as an antenna that is loudest behind."""
    content = text(
        horizontal=section("HORIZONTAL", -HORIZONTAL_DB), vertical=section("VERTICAL", -VERTICAL_DB)
    )
    antenna = read_antenna(written(path, content))
    np.testing.assert_array_equal(antenna.horizontal_db, -HORIZONTAL_DB.astype(np.float32))


def test_announced_gaps_are_filled_around_the_circle(path: Path) -> None:
    """Catches a step in place of a line, and 350° … 0° filled from the wrong side."""
    horizontal = section("HORIZONTAL", HORIZONTAL_DB[::10], range(0, 360, 10))
    gain_db = read_antenna(written(path, text(horizontal=horizontal))).horizontal_db
    assert gain_db[20] == -HORIZONTAL_DB[20].astype(np.float32)
    assert gain_db[25] == pytest.approx(-(HORIZONTAL_DB[20] + HORIZONTAL_DB[30]) / 2, abs=1e-5)
    assert gain_db[357] == pytest.approx(-0.3 * HORIZONTAL_DB[350], abs=1e-5)


@pytest.mark.parametrize("angles", [OFF_DEG, OFF_DEG[::-1], np.arange(360) - 360])
def test_angles_in_any_order_and_turn(path: Path, angles: Any) -> None:
    """Catches values taken by line number instead of by angle; -90° is 270°."""
    values = VERTICAL_DB[angles % 360]
    found = read_antenna(written(path, text(vertical=section("VERTICAL", values, angles))))
    np.testing.assert_array_equal(found.vertical_db, -VERTICAL_DB.astype(np.float32))


def test_closing_angle_may_repeat_the_first(path: Path) -> None:
    """Catches 361 values refused although 0° and 360° agree, or accepted although they do not."""
    closed = section("HORIZONTAL", [*HORIZONTAL_DB, HORIZONTAL_DB[0]], range(361))
    found = read_antenna(written(path, text(horizontal=closed)))
    np.testing.assert_array_equal(found.horizontal_db, -HORIZONTAL_DB.astype(np.float32))
    torn = [*closed[:-1], "360 9.9"]
    with pytest.raises(AntennaError, match=r"line 372: HORIZONTAL has another value for 0°"):
        read_antenna(written(path, text(horizontal=torn)))


SHORT = section("VERTICAL", VERTICAL_DB)[:-1]
MIXED = section("HORIZONTAL", HORIZONTAL_DB - 0.5)
REFUSED = {
    "no name": ({"header": with_line("NAME", "")}, r"k65\.msi: no name"),
    "empty name": ({"header": with_line("NAME", "NAME")}, r"k65\.msi: no name"),
    "no gain": ({"header": with_line("GAIN", "")}, r"k65\.msi: no line GAIN"),
    "gain of words": ({"header": with_line("GAIN", "GAIN high")}, r"line 7: 'GAIN high': .*GAIN 17\.5 dBi"),
    "gain in watts": ({"header": with_line("GAIN", "GAIN 17 W")}, "line 7: 'GAIN 17 W'"),
    "gain impossible": ({"header": with_line("GAIN", "GAIN 175")}, "line 7: .*from -30 to 60"),
    "gain twice": ({"header": [*HEADER, "Gain 12"]}, "line 11: GAIN stands twice"),
    "tilt of words": (
        {"header": with_line("ELECTRICAL_TILT", "ELECTRICAL_TILT six")},
        "line 9: .*ELECTRICAL_TILT 6",
    ),
    "tilt impossible": ({"header": with_line("ELECTRICAL_TILT", "ELECTRICAL_TILT 80")}, "line 9: .*-30 … 45"),
    "counted upwards": (
        {"vertical": section("VERTICAL", np.roll(VERTICAL_DB, -2 * TILT_DEG))},
        "line 9: .*stronger at -6° than at 6°.*90 must be straight down",
    ),
    "cut missing": ({"vertical": ["COMMENT none"]}, r"k65\.msi: no line VERTICAL 360"),
    "cut twice": (
        {"vertical": [*section("VERTICAL", VERTICAL_DB), *section("VERTICAL", VERTICAL_DB)]},
        "VERTICAL stands twice",
    ),
    "no count": ({"horizontal": ["HORIZONTAL", "0 0.0"]}, "line 11: 'HORIZONTAL': .*write HORIZONTAL 360"),
    "count of nothing": ({"horizontal": ["HORIZONTAL 0"]}, "line 11: 'HORIZONTAL 0'"),
    "too few lines": ({"vertical": SHORT}, "line 372: VERTICAL announces 360 values, 359 follow"),
    "too few before the next cut": (
        {"horizontal": section("HORIZONTAL", HORIZONTAL_DB)[:-3]},
        "line 11: HORIZONTAL announces 360 values, 357 follow",
    ),
    "too many lines": (
        {"horizontal": [*section("HORIZONTAL", HORIZONTAL_DB), "360 0.0"]},
        "line 372: a value outside",
    ),
    "three columns": ({"horizontal": ["HORIZONTAL 1", "0 0.0 0.0"]}, "line 12: '0 0.0 0.0': write an angle"),
    "word for number": ({"horizontal": ["HORIZONTAL 1", "0 zero"]}, "line 12: '0 zero'"),
    "not a number": ({"horizontal": ["HORIZONTAL 1", "0 nan"]}, "line 12: '0 nan'"),
    "endless number": ({"horizontal": ["HORIZONTAL 1", "0 1e999"]}, "line 12: '0 1e999'"),
    "angle beyond": ({"horizontal": ["HORIZONTAL 1", "400 1"]}, "line 12: .*angles lie within 360°"),
    "half a circle": (
        {"vertical": section("VERTICAL", VERTICAL_DB[:181], range(181))},
        "line 372: VERTICAL has no value between 180° … 0°",
    ),
    "signs mixed": ({"horizontal": MIXED}, "line 12: HORIZONTAL has an attenuation below zero"),
    "absolute gains": (
        {
            "header": with_line("ELECTRICAL_TILT", ""),
            "horizontal": section("HORIZONTAL", 47.5 - HORIZONTAL_DB),
            "vertical": section("VERTICAL", 50.0 - VERTICAL_DB),
        },
        "both cuts stay 17.5 dB under",
    ),
    "empty": ({"header": [], "horizontal": [" "], "vertical": [" "]}, "no line HORIZONTAL 360"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_faulty_file_names_its_line_and_the_remedy(path: Path, parts: dict[str, Any], words: str) -> None:
    """Catches a guess in place of a question, and a message that leaves the user searching."""
    with pytest.raises(AntennaError, match=words) as caught:
        read_antenna(written(path, text(**parts)))
    assert str(path) in str(caught.value)
    assert str(path) in caught.value.vi
    assert str(caught.value) != caught.value.vi


def test_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """Catches an OSError in the user's face."""
    for wrong in (tmp_path / "nowhere.msi", tmp_path, "null\0byte.msi"):
        with pytest.raises(AntennaError, match="cannot be read"):
            read_antenna(wrong)


def test_folder_files_and_one_file(tmp_path: Path) -> None:
    """Catches a pattern missed for its suffix's case, and notes, hidden files or folders read as patterns."""
    for number, name in enumerate(("b.MSI", "a.pln", "c.prn", "notes.txt", "._a.pln")):
        written(tmp_path / name, text(header=with_line("NAME", f"NAME K{number}")))
    (tmp_path / "folder.msi").mkdir()
    assert list(read_antennas(tmp_path)) == ["K0", "K1", "K2"]
    assert list(read_antennas(tmp_path / "a.pln")) == ["K1"]
    assert list(read_antennas([tmp_path / "notes.txt", str(tmp_path / "b.MSI")])) == ["K0", "K3"]


def test_folder_without_patterns_and_two_files_of_one_name(tmp_path: Path) -> None:
    """Catches an empty catalogue without a word, and one file silently in place of another."""
    with pytest.raises(AntennaError, match=r"no antenna file \(\.msi, \.pln, \.prn\)") as caught:
        read_antennas(tmp_path)
    assert "không có tệp ăng-ten" in caught.value.vi
    for name in ("a.msi", "b.msi"):
        written(tmp_path / name, text())
    with pytest.raises(AntennaError, match=r"b\.msi: antenna 'K-65 1800 06T' is in .*a\.msi too"):
        read_antennas(tmp_path)


LINES = text().split("\n")
ODD = st.one_of(
    st.sampled_from(["", "NAME", "GAIN", "HORIZONTAL 360", "VERTICAL", "0 0", "TILT 1e300", "ß 1", "359 -1"]),
    st.text(max_size=12),
)  # fmt: skip
SPOILT = st.lists(st.tuples(st.integers(0, len(LINES) - 1), ODD), max_size=4)


@settings(max_examples=150)
@given(SPOILT, st.sampled_from(["utf-8", "utf-16", "latin-1"]), st.integers(0, 3_000))
def test_spoilt_file_is_read_or_refused(tmp_path: Path, spoilt: Any, encoding: str, cut: int) -> None:
    """Catches any other error than AntennaError."""
    lines = LINES.copy()
    for at, line in spoilt:
        lines[at] = line
    content = "\n".join(lines).encode(encoding, errors="replace")
    try:
        values = read_antenna(written(tmp_path / "spoilt.msi", content[: len(content) - cut])).horizontal_db
    except AntennaError as error:
        values, refused = None, str(error)
    assert values is not None or "spoilt.msi" in refused


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    """Catches a traceback on a picture or a workbook with the suffix of a pattern."""
    with pytest.raises(AntennaError, match=r"any\.msi"):
        read_antenna(written(tmp_path / "any.msi", content))
