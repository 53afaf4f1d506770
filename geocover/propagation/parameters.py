"""Whether a model's parameters are of the kinds that its type hints state."""

from __future__ import annotations

import math
import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from geocover.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.propagation.base import Model


def check_parameters(model: Model) -> None:
    """Refuse a model built with a value of the wrong kind (for ``__post_init__``).

    Raises
    ------
    ModelError
        Naming the parameter, its value and what it takes.
    """
    check_kinds(type(model), vars(model))


def check_kinds(model: type[Model], given: Mapping[str, object]) -> None:
    """Refuse values of the wrong kind for a model's parameters.

    Raises
    ------
    ModelError
        Naming the parameter, its value and what it takes.
    """
    hints = get_type_hints(model)
    for key, value in given.items():
        _check_kind(model.name, key, value, hints[key])


def _check_kind(model: str, key: str, value: object, hint: Any) -> None:  # noqa: ANN401
    """Refuse a value that the parameter's type does not allow."""
    if not _fits(value, hint):
        allowed = _spell(hint)
        raise ModelError(
            f"model {model}: parameter {key} is {value!r}; it takes {allowed[0]}",
            vi=f"mô hình {model}: tham số {key} là {value!r}; giá trị hợp lệ: {allowed[1]}",
        )


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401
    """Whether a JSON value is of the kind that a type hint states; whole numbers count as numbers."""
    if get_origin(hint) in (Union, types.UnionType):
        return any(_fits(value, option) for option in get_args(hint))
    if get_origin(hint) is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _spell(hint: Any) -> tuple[str, str]:  # noqa: ANN401
    """Say what a type hint allows, in English and Vietnamese."""
    if get_origin(hint) in (Union, types.UnionType):
        english, vietnamese = zip(*map(_spell, get_args(hint)), strict=True)
        return " or ".join(english), " hoặc ".join(vietnamese)
    if get_origin(hint) is Literal:
        choices = ", ".join(get_args(hint))
        return f"one of {choices}", f"một trong {choices}"
    words = {
        float: ("a number", "một số"),
        int: ("a whole number", "một số nguyên"),
        bool: ("true or false", "true hoặc false"),
        str: ("text", "văn bản"),
        type(None): ("null", "null"),
    }
    return words[hint]
