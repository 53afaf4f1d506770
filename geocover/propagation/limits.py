"""Refusal of values outside the range that a model's source states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geocover.errors import ModelError

if TYPE_CHECKING:
    from geocover.propagation.base import Link


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Range of links for which a model's source is made; both ends included.

    Attributes
    ----------
    freq_mhz, tx_height_m, rx_height_m
        Lowest and highest value.
    """

    freq_mhz: tuple[float, float]
    tx_height_m: tuple[float, float]
    rx_height_m: tuple[float, float]

    def check(self, model: str, link: Link) -> None:
        """Raise `ModelError` if the link is outside."""
        require_within(model, "frequency in MHz", "tần số (MHz)", link.freq_mhz, self.freq_mhz)
        require_within(model, "mast height in m", "độ cao anten trạm (m)", link.tx_height_m, self.tx_height_m)
        require_within(
            model, "receiver height in m", "độ cao máy thu (m)", link.rx_height_m, self.rx_height_m
        )


def require_within(
    model: str, quantity: str, quantity_vi: str, value: float, limits: tuple[float, float]
) -> None:
    """Refuse a value outside a closed range.

    Parameters
    ----------
    model
        Name of the model, for the message.
    quantity, quantity_vi
        What the value is, with its unit, in English and Vietnamese.
    value
        The value; NaN and infinity are refused too.
    limits
        Lowest and highest allowed value.

    Raises
    ------
    ModelError
        If the value is outside.
    """
    low, high = limits
    if math.isfinite(value) and low <= value <= high:
        return
    given, span = f"{value:.10g}", f"{low:.10g}–{high:.10g}"
    raise ModelError(
        f"model {model}: {quantity} is {given}, allowed {span}; correct the value or choose another model",
        vi=f"mô hình {model}: {quantity_vi} là {_vietnamese(given)}, cho phép {_vietnamese(span)}; "
        "hãy sửa giá trị hoặc chọn mô hình khác",
    )


def _vietnamese(number: str) -> str:
    """Decimal comma in place of the point."""
    return number.replace(".", ",")
