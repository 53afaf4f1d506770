"""Pictures as bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Format = Literal["png", "webp"]
PNG_LEVEL = 4
WEBP_METHOD = 1


def palette_picture(
    classes: NDArray[np.uint8], colours: tuple[str, ...], kind: Format, about: Mapping[str, str] | None = None
) -> bytes:
    """Write classes as a picture with a palette; class 0 is transparent.

    Parameters
    ----------
    classes
        Shape (rows, columns); 0, or the number of a colour from 1.
    colours
        As ``#rrggbb``.
    kind
        A PNG of few bits a pixel, or WebP without loss.
    about
        What a PNG says inside of itself.
    """
    palette = np.zeros((len(colours) + 1, 4), np.uint8)
    palette[0] = (255, 255, 255, 0)
    for number, colour in enumerate(colours, 1):
        palette[number] = (*bytes.fromhex(colour[1:]), 255)
    if kind == "webp":
        return _saved(_image(palette[classes]), "WEBP", lossless=True, quality=0, method=WEBP_METHOD)
    picture = _image(classes)
    picture.putpalette(palette[:, :3].tobytes())
    bits = 4 if len(colours) < 16 else 8
    return _saved(
        picture, "PNG", transparency=0, compress_level=PNG_LEVEL, bits=bits, pnginfo=_about(about or {})
    )


def grey_picture(grey: NDArray[np.uint8], kind: Format) -> bytes:
    """Write greys as a picture; 0 is transparent."""
    if kind == "webp":
        alpha = np.where(grey > 0, 255, 0).astype(np.uint8)
        pixels = np.stack([grey, grey, grey, alpha], axis=-1)
        return _saved(_image(pixels), "WEBP", quality=80, method=WEBP_METHOD)
    return _saved(_image(grey), "PNG", transparency=0, compress_level=PNG_LEVEL)


def _image(values: NDArray[np.uint8]) -> Any:  # noqa: ANN401  Pillow is imported where it is used
    from PIL import Image

    return Image.fromarray(values)


def _about(texts: Mapping[str, str]) -> Any:  # noqa: ANN401
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    return info


def _saved(picture: Any, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
