"""Reader of the cases that NTIA publishes with its library of the Irregular Terrain Model."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geocover.kernels.itm import Link, Reference, area_reference, loss_tls, profile_reference


@dataclass(frozen=True)
class Case:
    """One row of p2p.csv or area.csv: columns as NTIA names them, and the profile in point-to-point mode."""

    row: dict[str, str]
    profile: NDArray[np.float64] | None

    def number(self, name: str) -> float:
        """The value of a column."""
        return float(self.row[name])

    @property
    def link(self) -> Link:
        """Antennas, frequency, ground and air."""
        return row_link(self.row)

    @property
    def reference(self) -> Reference:
        """The median of this case's path as the kernels give it."""
        if self.profile is not None:
            return profile_reference(self.profile[2:], float(self.profile[1]), self.link)
        sitings = int(self.row["tx_siting_criteria"]), int(self.row["rx_siting_criteria"])
        return area_reference(
            1000.0 * self.number("d__km"), self.number("delta_h__meter"), sitings, self.link
        )

    def loss(self) -> tuple[float, int]:
        """Loss in dB and flags as the kernels give them."""
        quantiles = self.number("time"), self.number("location"), self.number("situation")
        return loss_tls(self.reference, self.link, *quantiles)


def row_link(row: dict[str, str]) -> Link:
    """Link of the columns or lines that NTIA calls h_tx__meter, f__mhz and so on."""
    return Link(
        float(row["h_tx__meter"]),
        float(row["h_rx__meter"]),
        float(row["f__mhz"]),
        int(row["pol"]),
        float(row["epsilon"]),
        float(row["sigma"]),
        float(row["N_0"]),
        int(row["climate"]),
        int(row["mdvar"]),
    )


def read_profiles(path: Path) -> list[NDArray[np.float64]]:
    """Profiles: number of intervals, metres between points, elevations in metres."""
    lines = path.read_text(encoding="utf-8").split()
    profiles = [np.array(line.split(","), dtype=np.float64) for line in lines]
    for number, profile in enumerate(profiles, start=1):
        if profile.size != profile[0] + 3:
            msg = f"{path}, line {number}: {profile.size - 2} elevations instead of {profile[0] + 1:.0f}"
            raise ValueError(msg)
    return profiles


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def profile_cases(folder: Path) -> list[Case]:
    """All cases of p2p.csv with their profiles of pfls.csv."""
    pairs = zip(read_rows(folder / "p2p.csv"), read_profiles(folder / "pfls.csv"), strict=True)
    return [Case(row, profile) for row, profile in pairs]


def area_cases(folder: Path) -> list[Case]:
    """All cases of area.csv."""
    return [Case(row, None) for row in read_rows(folder / "area.csv")]


def example_input(folder: Path, name: str) -> dict[str, str]:
    """Input file of a command-line example, such as i_p2pcr.txt."""
    text = (folder / "cmd_examples" / f"i_{name}.txt").read_text(encoding="utf-8")
    return dict(line.split(",", 1) for line in text.split())


def example_lines(folder: Path, name: str) -> list[str]:
    """Lines of the output of a command-line example."""
    return (folder / "cmd_examples" / f"o_{name}.txt").read_text(encoding="utf-8").splitlines()


def example_output(folder: Path, name: str) -> dict[str, str]:
    """Labels and first words of the values in the output of a command-line example."""
    pairs = (line.split("  ", 1) for line in example_lines(folder, name) if "  " in line.strip())
    return {label.strip(): rest.split()[0] for label, rest in pairs if rest.split()}


def example_table(folder: Path, name: str) -> list[list[float]]:
    """Rows of numbers between a table's heading and its end in the output of a command-line example."""
    rows: list[list[float]] = []
    for line in example_lines(folder, name):
        words = line.split()
        if len(words) >= 4 and all(word.replace(".", "", 1).isdigit() for word in words):
            rows.append([float(word) for word in words])
    return rows


def example_profile(folder: Path) -> NDArray[np.float64]:
    """The profile of the point-to-point examples."""
    return read_profiles(folder / "cmd_examples" / "pfl.txt")[0]
