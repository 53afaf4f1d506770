"""What is wrong with a request is said in the reader's language alone, whatever it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError

from api.app import ROUTES
from api.routes.feature_queries import items_model
from api.settings import Settings
from api.web.faults import OTHER, WORDS, fault, words_of
from geocover.errors import GeocoverError
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
    assert kinds - {"extra_forbidden", "value_error"} <= set(WORDS)
    assert len(kinds) >= 12


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/collections/communes/items?limit=0", "tham số limit không hợp lệ: phải từ 1 trở lên"),
        ("/collections/communes/items?filter=", "tham số filter không hợp lệ: không được để trống"),
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


class OwnError(GeocoverError, ValueError):
    """What a check of ours raises."""


def checked(value: str) -> str:
    """Raise what is in a value's name."""
    if value == "own":
        raise OwnError("write it in capitals", vi="hãy viết hoa")
    if value == "library":
        raise ValueError("no such thing")
    return value


class Bounded(BaseModel):
    """Fields whose bounds are nothing, one and several, and one that our own check looks at."""

    text: str = Field(default="ab", min_length=1, max_length=2)
    letter: str = Field(default="a", min_length=0, max_length=1)
    word: str = Field(default="ab", min_length=2)
    secret: SecretStr = Field(default=SecretStr("abc"), min_length=3)
    one: list[int] = Field(default=[1], min_length=1, max_length=1)
    two: list[int] = Field(default=[1, 2], min_length=2, max_length=2)
    none: list[int] = Field(default=[], max_length=0)
    count: int = Field(default=0, ge=0, le=1)
    own: Annotated[str, AfterValidator(checked)] = "x"


@pytest.mark.parametrize(
    ("name", "value", "english", "viet"),
    [
        ("text", "", "it must not be empty", "không được để trống"),
        ("text", "abc", "it may have at most 2 characters", "chỉ được có nhiều nhất 2 ký tự"),
        ("letter", "ab", "it may have at most 1 character", "chỉ được có nhiều nhất 1 ký tự"),
        ("word", "a", "it has to have at least 2 characters", "phải có ít nhất 2 ký tự"),
        ("secret", "a", "it has to have at least 3 characters", "phải có ít nhất 3 ký tự"),
        ("one", [], "it has to have at least 1 item", "phải có ít nhất 1 mục"),
        ("one", [1, 2], "it may have at most 1 item", "chỉ được có nhiều nhất 1 mục"),
        ("two", [1], "it has to have at least 2 items", "phải có ít nhất 2 mục"),
        ("none", [1], "it may have at most 0 items", "chỉ được có nhiều nhất 0 mục"),
        ("count", -1, "it has to be 0 or more", "phải từ 0 trở lên"),
        ("count", 2, "it has to be 1 or less", "phải từ 1 trở xuống"),
        ("own", "own", "write it in capitals", "hãy viết hoa"),
        ("own", "library", "no such thing", OTHER[1]),
    ],
)
def test_bounds_and_own_checks_are_told_as_they_are(
    name: str, value: object, english: str, viet: str
) -> None:
    """Catches "1 characters", a secret counted in items, and a check of ours that speaks of dates."""
    with pytest.raises(ValidationError) as caught:
        Bounded.model_validate({name: value})
    (error,) = caught.value.errors()
    assert words_of(error) == (english, viet)
    named = fault({**error, "loc": ("query", name)})
    assert named == (f"parameter {name}: {english}", f"tham số {name} không hợp lệ: {viet}")


def test_every_setting_has_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a setting whose fault is told by a library, by /openapi.json, or in English to all."""
    seen = set()
    for name in Settings.model_fields:
        for value in (
            "x",
            "-1",
            "0",
            "1e999",
            "nan",
            "9" * 5000,
            "https://a b",
            "http://[x",
            "http://[::1/{z}",
        ):
            monkeypatch.setenv(f"GEOCOVER_{name}", value)
            try:
                Settings()
            except ValidationError as caught:
                for error in caught.errors():
                    english, viet = words_of(error)
                    seen.add(error["type"])
                    assert (english, viet) != OTHER, error
                    assert viet.startswith(("hãy ghi ", "phải ", "số có ")), viet
                    assert english.isascii()
        monkeypatch.delenv(f"GEOCOVER_{name}")
    assert {"value_error", "too_short", "literal_error", "bool_parsing", "int_parsing"} <= seen


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"x", "phần thân yêu cầu không phải JSON (dòng 1, cột 1)"),
        ('{"mapping":\n "ế" x}'.encode(), "phần thân yêu cầu không phải JSON (dòng 2, cột 6)"),
        (b'{"mapping": []}', "trường mapping không hợp lệ: hãy ghi một đối tượng JSON"),
        (b"[]", "phần thân yêu cầu: hãy ghi một đối tượng JSON"),
        (b'{"more": 1}', "không có trường more"),
        (b'{"more": "\xff"}', "không đọc được phần thân yêu cầu; xem /openapi.json"),
        (b"[" * 500_000, "không đọc được phần thân yêu cầu; xem /openapi.json"),
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


@pytest.mark.parametrize(
    "form",
    [
        {"files": [("file", ("a.csv", b"a")), ("file", ("b.csv", b"b"))]},
        {"files": {"file": ("a.csv", b"a")}, "data": {f"x{number}": "" for number in range(9)}},
        {"files": {"file": ("a.csv", b"a")}, "data": {"operator": "a" * 70_000}},
        {"content": b"--b", "headers": {"Content-Type": "multipart/form-data"}},
    ],
)
def test_forms_that_cannot_be_read_say_what_they_may_hold(
    closed: httpx.Client, filled: Filled, form: dict[str, Any]
) -> None:
    """Catches a refusal that says no more than its status, or says it in English to all."""
    for language, said in (
        ("vi", "chỉ gửi một tệp và tối đa 8 trường"),
        ("en", "send one file and at most 8"),
    ):
        key = {**bearer(filled.tokens["planner"]), "Accept-Language": language}
        answer = closed.post("/site-lists", **{**form, "headers": {**key, **form.get("headers", {})}})
        assert answer.status_code == 400
        assert said in answer.json()["detail"]
