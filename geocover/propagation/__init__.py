"""Propagation models: frozen dataclasses of parameters over compiled kernels.

A model joins by being listed in `MODELS`: scenario files, figures and the command line find it by its name.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

from geocover.errors import ModelError
from geocover.propagation.base import ENVIRONMENTS, Environment, Link, Mast, Model, RadialModel
from geocover.propagation.hata import Cost231Hata, ExtendedHata, OkumuraHata
from geocover.propagation.p1812 import P1812
from geocover.propagation.parameters import check_kinds
from geocover.propagation.radius import Radius
from geocover.propagation.tr38901 import TR38901

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ENVIRONMENTS",
    "MODELS",
    "P1812",
    "TR38901",
    "Cost231Hata",
    "Environment",
    "ExtendedHata",
    "Link",
    "Mast",
    "Model",
    "OkumuraHata",
    "RadialModel",
    "Radius",
    "model_from_dict",
]

MODELS: dict[str, type[Model]] = {
    model.name: model for model in (P1812, ExtendedHata, OkumuraHata, Cost231Hata, TR38901, Radius)
}


def model_from_dict(description: Mapping[str, object]) -> Model:
    """Build a model from its name and parameters: the inverse of `Model.describe`.

    Parameters
    ----------
    description
        ``{"name": ..., parameter: value, ...}`` with plain JSON values; parameters left out keep their
        defaults.

    Raises
    ------
    ModelError
        If the name or a parameter is unknown, a parameter is missing, or a value is of the wrong kind or out
        of range.
    """
    name = description.get("name")
    if not isinstance(name, str) or name not in MODELS:
        known = ", ".join(MODELS)
        raise ModelError(
            f"model: name is {name!r}; choose one of {known}",
            vi=f"mô hình: tên là {name!r}; hãy chọn một trong {known}",
        )
    given = {key: value for key, value in description.items() if key != "name"}
    _check_names(MODELS[name], given)
    check_kinds(MODELS[name], given)
    return MODELS[name](**given)


def _check_names(model: type[Model], given: Mapping[str, object]) -> None:
    """Refuse parameters the model does not have, and the absence of those it cannot do without."""
    known = {field.name: field for field in fields(model)}
    unknown = sorted(set(given) - set(known))
    missing = [name for name, field in known.items() if field.default is MISSING and name not in given]
    if unknown or missing:
        raise ModelError(
            f"model {model.name}: unknown parameters {unknown}, missing parameters {missing}; "
            f"it takes {', '.join(known)}",
            vi=f"mô hình {model.name}: tham số không có {unknown}, tham số còn thiếu {missing}; "
            f"mô hình nhận {', '.join(known)}",
        )
