"""What a partner says about its columns, in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from geocover.errors import InputError
from geocover.site_lists.columns.mapping import ColumnMapping, mapping_from_json, read_mapping, write_mapping


def test_a_mapping_comes_back_from_its_file(tmp_path: Path) -> None:
    """Catches a setting or a Vietnamese head that is lost on the way to the next upload."""
    mapping = ColumnMapping({"Mã trạm": "station_id", "Cột lạ": ""}, "Viettel", "4G", "EPSG:9208")
    write_mapping(mapping, tmp_path / "mapping.json")
    again = read_mapping(tmp_path / "mapping.json")
    assert again == mapping
    assert again.to_json() == mapping.to_json()


def test_an_unknown_field_is_refused_with_those_that_exist() -> None:
    """Catches a misspelt field that is silently ignored."""
    with pytest.raises(InputError, match=r"no field 'heigth'.*height_m") as caught:
        ColumnMapping({"Cao": "heigth"})
    assert "không có trường" in caught.value.vi


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"columns": []}',
        '{"columns": {"a": 1}}',
        '{"other": "x"}',
        '{"operator": 5}',
        '{"columns": {"--": "lon"}}',
    ],
)
def test_other_json_is_refused(text: str) -> None:
    """Catches a file that is no mapping and is taken for an empty one."""
    with pytest.raises(InputError) as caught:
        mapping_from_json(text)
    assert caught.value.vi != str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Catches a bare OSError in front of a partner."""
    with pytest.raises(InputError, match=r"none\.json"):
        read_mapping(tmp_path / "none.json")
