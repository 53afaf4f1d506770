"""What is wrong with a request is said in the reader's language alone, whatever it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api.app import ROUTES
from api.routes.feature_queries import items_model
from api.web.faults import OTHER, WORDS, fault
from geocover.features import COLLECTIONS
from tests.api.running import bearer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from fastapi.dependencies.models import Dependant

    from tests.api.filling import Filled

WRONG: tuple[Any, ...] = (
    "", "x", "x" * 20_000, "\x00", "-1", "1.5", "1e999", "nan", "9" * 5000, "2025-13-31", "2025-12-31T10:00",
    None, 5, [], {}, "\ud800",
)  # fmt: skip


def models() -> Iterator[type[BaseModel]]:
    """All that parameters and bodies are read by."""
    for module in ROUTES:
        for route in module.router.routes:
            if isinstance(route, APIRoute):
                yield from of(route.dependant)
    for kind in COLLECTIONS.values():
        yield items_model(kind)


def of(dependant: Dependant) -> Iterator[type[BaseModel]]:
    """Those of one address."""
    for one in (*dependant.query_params, *dependant.body_params):
        told = one.field_info.annotation
        if isinstance(told, type) and issubclass(told, BaseModel):
            yield told
    for below in dependant.dependencies:
        yield from of(below)


def faults_of(model: type[BaseModel]) -> Iterator[Any]:
    """Errors of wrong values of every field, of none at all, and of what is no object."""
    tried: list[Any] = [{}, [], "x", None, {"nothing": 1}]
    for name, field in model.model_fields.items():
        tried += [{field.alias or name: value} for value in WRONG]
    for values in tried:
        try:
            model.model_validate(values)
        except ValidationError as error:
            yield from error.errors()


@pytest.mark.parametrize("where", ["query", "body"])
def test_every_error_has_words(where: str) -> None:
    """Catches an error of any parameter that is told in the words of a library, or in English to all."""
    kinds = set()
    for model in set(models()):
        for error in faults_of(model):
            kinds.add(error["type"])
            english, viet = fault({**error, "loc": (where, *error["loc"])})
            assert error["msg"] not in viet
            assert OTHER[1] not in viet, error
            assert "{" not in viet
            assert not re.search(r"\d\.\d", viet), viet
            assert not re.search(
                r"\b(should|be|input|valid|value error|characters|has to)\b", viet.lower()
            ), viet
            assert english.isascii()
    assert kinds - {"extra_forbidden"} <= set(WORDS)
    assert len(kinds) >= 12


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/collections/communes/items?limit=0", "tham số limit không hợp lệ: phải từ 1 trở lên"),
        ("/collections/communes/items?filter=", "tham số filter không hợp lệ: ngắn hơn 1 ký tự"),
        ("/collections/communes/items?as_of=x", "tham số as_of không hợp lệ: hãy ghi một ngày có thật"),
        ("/coverage?as_of=2025-13-31", "tham số as_of không hợp lệ: hãy ghi một ngày có thật"),
        ("/figures?date=1", "tham số date không hợp lệ: hãy ghi một ngày có thật"),
        ("/communes?detail=much", "tham số detail không hợp lệ: phải là một trong: full, map"),
        ("/point?lon=east&lat=21", "tham số lon không hợp lệ: hãy ghi một số"),
        ("/figures?nothing=1", "không có tham số nothing; xem /openapi.json"),
    ],
)
def test_parameters_are_told_of_in_vietnamese(client: httpx.Client, path: str, said: str) -> None:
    """Catches a Vietnamese message of which half is English."""
    answer = client.get(path, headers={"Accept-Language": "vi"})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    english = client.get(path, headers={"Accept-Language": "en"}).json()["detail"]
    assert english.isascii()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"x", "phần thân yêu cầu không phải JSON (ký tự thứ 0)"),
        (b'{"mapping": []}', "trường mapping không hợp lệ: hãy ghi một đối tượng JSON"),
        (b"[]", "phần thân yêu cầu: hãy ghi một đối tượng JSON"),
        (b'{"more": 1}', "không có trường more"),
        (b'{"mapping": 1}', "trường mapping không hợp lệ: hãy ghi một đối tượng JSON"),
    ],
)
def test_bodies_are_told_of_in_vietnamese(
    closed: httpx.Client, filled: Filled, body: bytes, said: str
) -> None:
    """Catches a body's error that speaks of a parameter named 0."""
    headers = {
        **bearer(filled.tokens["planner"]),
        "Accept-Language": "vi",
        "Content-Type": "application/json",
    }
    answer = closed.post("/site-lists/none/check", content=body, headers=headers)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
