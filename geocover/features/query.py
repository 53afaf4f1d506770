"""What a reader asks of a collection."""

from __future__ import annotations

from dataclasses import dataclass

from geocover.features.systems import CRS84

SHORT = 100  # features of a page


@dataclass(frozen=True)
class FeatureQuery:
    """Which features of a collection, in which order, and how they are written.

    Attributes
    ----------
    bbox, bbox_crs
        A box as text (see `geocover.features.boxes`) and its system.
    datetime
        An instant or interval as text (see `geocover.features.moments`).
    filter, filter_lang, filter_crs
        An expression of CQL2 and the system of its geometries.
    equals
        Simple filters: names of properties and the text that each must have.
    sortby
        Names of properties, each with + or - before it or not, separated by commas.
    crs, properties, skip_geometry
        System of the answer, the properties wanted (None for all), and whether geometries are left out.
    limit, offset
        How many, after how many.
    """

    bbox: str | None = None
    bbox_crs: str = CRS84
    datetime: str | None = None
    filter: str | None = None
    filter_lang: str = "cql2-text"
    filter_crs: str = CRS84
    equals: tuple[tuple[str, str], ...] = ()
    sortby: str | None = None
    crs: str = CRS84
    properties: str | None = None
    skip_geometry: bool = False
    limit: int = 100
    offset: int = 0

    @property
    def selects(self) -> tuple[object, ...]:
        """What decides which features there are, and in which order."""
        return (
            self.bbox, self.bbox_crs, self.datetime, self.filter, self.filter_lang, self.filter_crs,
            self.equals, self.sortby,
        )  # fmt: skip

    @property
    def is_light(self) -> bool:
        """Whether it takes about a millisecond over tables at hand: a short page, of a box at the most."""
        chosen = self.datetime or self.filter or self.equals or self.sortby
        return not chosen and self.limit <= SHORT and self.crs == self.bbox_crs == CRS84

    @property
    def takes_all(self) -> bool:
        """Whether all features are asked for, in the order of the collection."""
        return not (self.bbox or self.datetime or self.filter or self.equals or self.sortby)
