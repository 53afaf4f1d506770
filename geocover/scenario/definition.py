"""Scenario: frozen inputs and parameters; its digest names the result."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocover._version import __version__
from geocover.coverage import MAX_REACH_M
from geocover.errors import ScenarioError
from geocover.gaps import MIN_AREA_KM2
from geocover.io.antennas import SUFFIXES
from geocover.io.clutter import TABLE
from geocover.io.network import DEFAULTS
from geocover.profiles import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Models = dict[str, dict[str, object]]

TERRAIN_MODELS: Models = {"4G": {"name": "p1812"}, "5G": {"name": "p1812"}}
MODELS_WITHOUT_TERRAIN: Models = {"4G": {"name": "extended-hata"}, "5G": {"name": "tr38901"}}
OUTSIDE_KM = 15.0


@dataclass(frozen=True)
class Reported:
    """A figure that somebody reports, to stand beside the computed one.

    Attributes
    ----------
    figure
        What it speaks of: "area-share", "population-share", "reach:commune_centre", "reach:industrial_park",
        "reach:urban_centre", "reach:hamlet", "stations", "stations-new".
    technology
        "4G", "5G", or "" for all.
    value
        In ``unit``.
    unit
        "%" or "trạm" (stations).
    source
        Who reported it and when.
    since
        First day that counts, for "stations-new".
    status
        Restricts places to this status ("operating"), for "reach:...".
    """

    figure: str
    technology: str
    value: float
    unit: str
    source: str
    since: dt.date | None = None
    status: str | None = None


@dataclass(frozen=True)
class Scenario:
    """Everything a result depends on.

    Attributes
    ----------
    name, province_code
        What pages call it, and the two-digit code of the province.
    as_of
        Reporting date: cells on air later are left out.
    areas, network, places, terrain, population, defaults, catalogue
        Input files; ``terrain`` and ``population`` may be None.
    clutter, clutter_table
        Raster of land cover, which needs terrain, and the table of its classes' heights.
    antennas
        File or folder of measured patterns (MSI format) that the site list names.
    network_crs
        CRS of a site list in metres.
    resolution_m
        Side of a pixel.
    models
        Propagation model of each technology to be predicted; none means P.1812 for 4G and 5G where there is
        terrain, else extended Hata and TR 38.901 (`chosen_models`).
    profiles
        Names of the profiles to be answered; none means every one of the technologies that are predicted.
    max_reach_m, min_gap_km2, outside_km
        Greatest reach of a cell; smallest gap reported; how far outside the areas a site may stand.
    count_dbm
        Level from which the cells that a pixel receives are counted; None to count none, which is faster.
    reported
        Figures reported by others.
    illustrative
        Whether the data are made up; also set by any input that says so.
    note_vi, note_en
        A remark that goes on every page.
    """

    name: str
    province_code: str
    as_of: dt.date
    areas: Path
    network: Path
    places: tuple[Path, ...] = ()
    terrain: Path | None = None
    clutter: Path | None = None
    clutter_table: Path = TABLE
    population: Path | None = None
    antennas: Path | None = None
    defaults: Path = DEFAULTS
    catalogue: Path = CATALOGUE
    network_crs: str | None = None
    resolution_m: float = 100.0
    models: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    profiles: tuple[str, ...] = ()
    max_reach_m: float = MAX_REACH_M
    count_dbm: float | None = None
    min_gap_km2: float = MIN_AREA_KM2
    outside_km: float = OUTSIDE_KM
    reported: tuple[Reported, ...] = ()
    illustrative: bool = False
    note_vi: str = ""
    note_en: str = ""

    def chosen_models(self) -> Mapping[str, Mapping[str, object]]:
        """Model of each technology: those that are set, else by whether there is terrain."""
        return self.models or (MODELS_WITHOUT_TERRAIN if self.terrain is None else TERRAIN_MODELS)

    def check_clutter(self) -> None:
        """Refuse land cover that nothing would read.

        Raises
        ------
        ScenarioError
            Clutter without terrain, or a table of clutter heights without clutter.
        """
        if self.clutter is not None and self.terrain is None:
            raise ScenarioError(
                "clutter is given without terrain, and only models over terrain read it; add terrain, or "
                "leave clutter out",
                "có lớp phủ (clutter) mà không có địa hình (terrain), chỉ mô hình trên địa hình mới dùng; "
                "hãy thêm địa hình, hoặc bỏ lớp phủ",
            )
        if self.clutter is None and self.clutter_table != TABLE:
            raise ScenarioError(
                "clutter_table is given without clutter; add the raster of its classes, or leave it out",
                "có clutter_table mà không có clutter; hãy thêm ảnh raster lớp phủ, hoặc bỏ bảng này",
            )

    def files(self) -> dict[str, Path]:
        """Input files by role; the antennas may be a folder."""
        single = {
            "areas": self.areas,
            "network": self.network,
            "terrain": self.terrain,
            "clutter": self.clutter,
            "clutter_table": self.clutter_table if self.clutter else None,
            "population": self.population,
            "antennas": self.antennas,
            "defaults": self.defaults,
            "catalogue": self.catalogue,
        }
        listed = {f"places-{number}": path for number, path in enumerate(self.places, start=1)}
        return {role: path for role, path in {**single, **listed}.items() if path is not None}

    def inputs(self) -> dict[str, dict[str, str]]:
        """Name and SHA-256 of each input file by role.

        Raises
        ------
        ScenarioError
            If a file is missing.
        """
        return {
            role: {"name": path.name, "sha256": _sha256(role, path)} for role, path in self.files().items()
        }

    def parameters(self) -> dict[str, Any]:
        """All that is not a file, as plain JSON values."""
        return {
            "name": self.name,
            "province_code": self.province_code,
            "as_of": self.as_of.isoformat(),
            "network_crs": self.network_crs,
            "resolution_m": self.resolution_m,
            "models": {technology: dict(model) for technology, model in sorted(self.chosen_models().items())},
            "profiles": list(self.profiles),
            "max_reach_m": self.max_reach_m,
            "count_dbm": self.count_dbm,
            "min_gap_km2": self.min_gap_km2,
            "outside_km": self.outside_km,
            "reported": [_plain(one) for one in self.reported],
            "illustrative": self.illustrative,
            "note_vi": self.note_vi,
            "note_en": self.note_en,
        }

    def digest(self) -> str:
        """SHA-256 over the inputs' digests, the parameters and the program's version, in hexadecimal."""
        content = {"inputs": self.inputs(), "parameters": self.parameters(), "geocover": __version__}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Reported) -> dict[str, Any]:
    fields = dict(vars(value))
    fields["since"] = value.since.isoformat() if value.since else None
    return fields


def _sha256(role: str, path: Path) -> str:
    if role == "antennas" and path.is_dir():
        return hashlib.sha256("".join(_antenna_files(path)).encode()).hexdigest()
    if not path.is_file():
        raise ScenarioError(f"{role}: no file {path}", f"{role}: không có tệp {path}")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _antenna_files(folder: Path) -> Iterator[str]:
    """Name and digest of each antenna file of a folder, in the order of their names."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith("."):
            yield f"{path.name}\0{_sha256('antenna', path)}\n"


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario from TOML; file names in it are relative to its folder.

    Raises
    ------
    ScenarioError
        The file is unreadable, lacks an entry, has an unknown one or one of the wrong kind.
    """
    path = Path(path)
    try:
        loaded = tomllib.loads(path.read_text(encoding="utf-8"))
        return _scenario(loaded, path.parent)
    except OSError as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error})", f"{path}: không đọc được ({error})"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: not TOML ({error})", f"{path}: không phải TOML ({error})") from error
    except (TypeError, KeyError, ValueError) as error:
        raise ScenarioError(
            f"{path}: an entry is missing, unknown or of the wrong kind: {error}",
            f"{path}: có mục thiếu, lạ hoặc sai kiểu: {error}",
        ) from error


def _scenario(loaded: Mapping[str, Any], folder: Path) -> Scenario:
    unknown = set(loaded) - {"scenario", "inputs", "models", "reported"}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    inputs = dict(loaded["inputs"])
    network_crs = inputs.pop("network_crs", None)
    listed = [folder / name for name in inputs.pop("places", [])]
    files = {role: folder / name for role, name in inputs.items()}
    settings = dict(loaded["scenario"])
    settings["profiles"] = tuple(settings.get("profiles", ()))
    if not isinstance(settings["as_of"], dt.date):
        raise TypeError(f"as_of = {settings['as_of']!r}: write a date as 2025-12-31, without quotes")
    return Scenario(
        **settings,
        **files,
        places=tuple(listed),
        network_crs=network_crs,
        models=loaded.get("models", {}),
        reported=tuple(Reported(**one) for one in loaded.get("reported", [])),
    )
