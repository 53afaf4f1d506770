"""GDAL reads the collections as they come over HTTP."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.gdal


@pytest.mark.parametrize(
    ("path", "count"), [("/communes", 4), ("/gaps", 2), ("/places", 6), ("/stations", 6)]
)
def test_ogrinfo_reads_over_http(client: httpx.Client, path: str, count: int) -> None:
    """Catches answers that GDAL and so QGIS cannot open, or that lose features or the CRS."""
    ogrinfo = shutil.which("ogrinfo")
    if ogrinfo is None:
        pytest.skip("ogrinfo is not installed (package gdal-bin)")
    address = f"{client.base_url}".rstrip("/") + path
    result = subprocess.run(
        [ogrinfo, "-ro", "-al", "-so", address], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert f"Feature Count: {count}" in result.stdout
    assert "WGS 84" in result.stdout
    assert "ERROR" not in result.stderr
