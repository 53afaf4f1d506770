"""What holds for every model: description and back, refusals in two languages, windows."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from geocover.errors import ModelError
from geocover.grid import Grid
from geocover.propagation import (
    MODELS,
    TR38901,
    Cost231Hata,
    ExtendedHata,
    Link,
    Mast,
    Model,
    OkumuraHata,
    RadialModel,
    Radius,
    model_from_dict,
)

GRID = Grid("EPSG:32648", 500_000.0, 2_400_000.0, 30.0, (300, 400))
ALL = [
    ExtendedHata(),
    ExtendedHata(environment="open", range_m=8000.0, max_freq_mhz=4000),
    OkumuraHata(environment="suburban", city="large"),
    Cost231Hata(city="large"),
    TR38901(),
    TR38901(variant="rma", sight="los", building_height_m=10.0, street_width_m=15.0),
    Radius(radius_m=3000.0),
]


def link_for(model: Model, environment: Any = "urban") -> Link:
    """A link within the range of any one model."""
    return Link(900.0 if isinstance(model, OkumuraHata) else 1800.0, 40.0, 1.5, environment)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_a_model_survives_its_description_as_json(model: Model) -> None:
    """Catches a parameter that `describe` loses, or a value that JSON changes: digests hang on it."""
    text = json.dumps(model.describe(), sort_keys=True)
    again = model_from_dict(json.loads(text))
    assert again == model
    assert json.dumps(again.describe(), sort_keys=True) == text


def test_every_model_is_listed_under_its_own_name() -> None:
    """Catches a model that scenario files cannot name, or two under one name."""
    assert set(MODELS) == {"p1812", "extended-hata", "okumura-hata", "cost231-hata", "tr38901", "radius"}
    assert all(model.name == name for name, model in MODELS.items())


def test_listing_a_class_is_all_that_a_new_model_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches special cases by name in `model_from_dict`."""

    @dataclasses.dataclass(frozen=True)
    class Doubled(Radius):
        name = "doubled"
        times: int = 2

    monkeypatch.setitem(MODELS, "doubled", Doubled)
    built = model_from_dict({"name": "doubled", "radius_m": 500, "times": 3})
    assert built == Doubled(radius_m=500.0, times=3)


@pytest.mark.parametrize(
    ("description", "english", "vietnamese"),
    [
        ({}, "choose one of p1812", "hãy chọn một trong"),
        ({"name": "hata"}, "name is 'hata'", "tên là 'hata'"),
        ({"name": ["radius"]}, "choose one of", "hãy chọn"),
        ({"name": "radius"}, r"missing parameters \['radius_m'\]", "còn thiếu"),
        ({"name": "radius", "radius_m": 1e3, "r": 1}, r"unknown parameters \['r'\]", "tham số không có"),
        ({"name": "radius", "radius_m": "1000"}, "radius_m is '1000'; it takes a number", "một số"),
        ({"name": "radius", "radius_m": True}, "radius_m is True; it takes a number", "một số"),
        ({"name": "radius", "radius_m": float("nan")}, "radius_m is nan", "radius_m là nan"),
        ({"name": "radius", "radius_m": 0.5}, "radius_m is 0.5, allowed 1–200000", "là 0,5, cho phép"),
        ({"name": "tr38901", "variant": "umi"}, "one of rma, uma or null", "rma, uma hoặc null"),
        ({"name": "tr38901", "sight": None}, "one of los, nlos, expected", "một trong los"),
        ({"name": "tr38901", "street_width_m": 60}, "street_width_m is 60, allowed 5–50", "cho phép 5–50"),
        ({"name": "extended-hata", "environment": "rural"}, "one of urban, suburban, open", "một trong"),
        ({"name": "extended-hata", "range_m": 2e5}, "range_m is 200000", "range_m là 200000"),
        ({"name": "extended-hata", "max_freq_mhz": 6e3}, "allowed 3000–4000", "cho phép 3000–4000"),
        ({"name": "cost231-hata", "city": "small"}, "one of medium, large", "một trong medium"),
    ],
)
def test_a_wrong_description_is_refused_in_both_languages(
    description: dict[str, object], english: str, vietnamese: str
) -> None:
    """Catches a silent default, a bare TypeError, or a message that a planner cannot read."""
    with pytest.raises(ModelError, match=english) as caught:
        model_from_dict(description)
    assert vietnamese in caught.value.vi


def test_a_model_built_in_code_is_checked_as_one_from_a_file() -> None:
    """Catches a misspelt choice in a notebook that would surface as an index error inside predict."""
    with pytest.raises(ModelError, match="variant is 'UMa'"):
        TR38901(variant="UMa")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="city is 'huge'"):
        Cost231Hata(city="huge")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "change", "english"),
    [
        (ExtendedHata(), {"freq_mhz": 3700.0}, "frequency in MHz is 3700, allowed 30–3000"),
        (ExtendedHata(max_freq_mhz=4000.0), {"freq_mhz": 4100.0}, "allowed 30–4000"),
        (ExtendedHata(), {"tx_height_m": 250.0}, "mast height in m is 250"),
        (ExtendedHata(), {"rx_height_m": 0.5}, "receiver height in m is 0.5"),
        (OkumuraHata(), {"freq_mhz": 1800.0}, "allowed 150–1500"),
        (OkumuraHata(), {"tx_height_m": 25.0}, "mast height in m is 25, allowed 30–200"),
        (Cost231Hata(), {"freq_mhz": 2100.0}, "allowed 1500–2000"),
        (Cost231Hata(), {"freq_mhz": float("nan")}, "frequency in MHz is nan"),
        (TR38901(), {"freq_mhz": 450.0}, "allowed 500–100000"),
        (TR38901(), {"rx_height_m": 15.0}, "allowed 1.5–13"),
        (TR38901(variant="rma"), {"freq_mhz": 40_000.0}, "allowed 500–30000"),
        (TR38901(variant="rma"), {"tx_height_m": 9.0}, "allowed 10–150"),
    ],
)
def test_a_link_outside_the_source_is_refused(
    model: RadialModel, change: dict[str, Any], english: str
) -> None:
    """Catches extrapolation in frequency or height that nobody asked for."""
    link = dataclasses.replace(link_for(model), **change)
    with pytest.raises(ModelError, match=english) as caught:
        model.loss_db(np.array([1000.0]), link)
    assert model.name in caught.value.vi
    assert "hãy sửa giá trị" in caught.value.vi


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
@pytest.mark.parametrize("environment", ["urban", "open"])
def test_a_window_holds_the_loss_of_each_pixel_centre(model: RadialModel, environment: str) -> None:
    """Catches half-pixel shifts, exchanged axes and NaN at the model's edge.

    0.03 dB are left to interpolation in the curve, from five pixels off the mast on.
    """
    link = link_for(model, environment)
    mast = Mast(505_017.0, 2_395_041.0, link)
    found = model.loss_window(mast, GRID.whole(), None)
    window = GRID.whole()
    east, north = np.meshgrid(window.xs_m() - mast.x_m, window.ys_m() - mast.y_m)
    distance_m = np.hypot(east, north)
    expected = np.where(distance_m <= model.max_distance_m(), model.loss_db(distance_m, link), np.inf)
    assert found.dtype == np.float32
    assert not np.isnan(found).any()
    edge = np.isfinite(found) != np.isfinite(expected)
    assert np.all(np.abs(distance_m[edge] - model.max_distance_m()) <= GRID.resolution_m / 4)
    far = np.isfinite(found) & np.isfinite(expected) & (distance_m > 150)
    assert far.sum() > 1000
    np.testing.assert_allclose(found[far], expected[far], rtol=0, atol=0.03)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_a_window_cut_in_tiles_has_the_same_bits(model: RadialModel) -> None:
    """Catches a loss that depends on the tiling of the grid."""
    mast = Mast(505_017.0, 2_395_041.0, link_for(model))
    whole = model.loss_window(mast, GRID.whole(), None)
    for window in GRID.tiles(130):
        np.testing.assert_array_equal(model.loss_window(mast, window, None), whole[window.slices])


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_nothing_is_covered_beyond_the_stated_reach(model: RadialModel) -> None:
    """Catches a reach that is too short: pixels that would be cut off the disc around the mast."""
    link = link_for(model)
    reach_m = model.reach_m(Mast(0.0, 0.0, link), 130.0, 30.0, None)
    distance_m = np.arange(0.0, model.max_distance_m() + 60.0, 5.0)
    covered = (model.loss_db(distance_m, link) <= 130.0) & (distance_m <= model.max_distance_m())
    assert covered.any()
    assert distance_m[covered].max() <= reach_m
