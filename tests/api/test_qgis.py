"""QGIS, without a screen, reads every public collection in full."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

PYTHON = Path("/usr/bin/python3")
PUBLIC = ("communes", "coverage", "gaps", "places", "snapshots")
POLYGON, MULTI_POLYGON, POINT = 3, 6, 1
READ = """
import json, sys
from qgis.core import QgsApplication, QgsDataSourceUri, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
told = {}
for name in sys.argv[2:]:
    uri = QgsDataSourceUri()
    asked = {"url": sys.argv[1], "typename": name, "pagingEnabled": "true", "pageSize": "10"}
    for key, value in asked.items():
        uri.setParam(key, value)
    layer = QgsVectorLayer(uri.uri(False), name, "OAPIF")
    features = list(layer.getFeatures()) if layer.isValid() else []
    told[name] = {
        "valid": layer.isValid(),
        "count": len(features),
        "shapes": sum(not one.geometry().isNull() for one in features),
        "type": int(layer.wkbType()),
        "names": sorted(str(one["name"]) for one in features) if name == "communes" else [],
    }
print("TOLD" + json.dumps(told))
application.exitQgis()
"""


@pytest.fixture(scope="module")
def qgis() -> list[str]:
    """Command that runs Python with QGIS."""
    command = [str(PYTHON), "-c"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    if (
        not PYTHON.exists()
        or subprocess.run(
            [*command, "import qgis.core"], capture_output=True, check=False, env=environment
        ).returncode
    ):
        pytest.skip("QGIS is not installed (package python3-qgis)")
    return command


def test_qgis_reads_every_public_collection(client: httpx.Client, qgis: list[str], tmp_path: Path) -> None:
    """Catches collections that QGIS refuses, reads in part, or without geometry, type or Vietnamese names."""
    environment = {
        **os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path),
        "PYTHONPATH": "",
    }  # fmt: skip
    result = subprocess.run(
        [*qgis, READ, str(client.base_url).rstrip("/"), *PUBLIC],
        capture_output=True, text=True, check=False, timeout=120, env=environment,
    )  # fmt: skip
    assert "TOLD" in result.stdout, result.stderr
    told = json.loads(result.stdout.partition("TOLD")[2].splitlines()[0])
    for name in PUBLIC:
        page = client.get(f"/collections/{name}/items?limit=10000").json()
        assert told[name]["valid"], name
        assert told[name]["count"] == told[name]["shapes"] == page["numberMatched"], (name, told)
    types = {name: told[name]["type"] for name in PUBLIC}
    polygons = dict.fromkeys(("communes", "coverage", "gaps"), MULTI_POLYGON)
    assert types == {**polygons, "places": POINT, "snapshots": POLYGON}
    communes = client.get("/collections/communes/items").json()["features"]
    assert told["communes"]["names"] == sorted(one["properties"]["name"] for one in communes)
