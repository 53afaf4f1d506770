"""What is wrong with a parameter, a body or a setting, in plain words of both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DATE = ("write a date that exists as 2025-12-31", "hãy ghi một ngày có thật, dạng năm-tháng-ngày: 2025-12-31")
# What tells that a date was asked for: how the pattern of one begins.
DATED = {"string_pattern_mismatch": ("pattern", "[0-9]{4}-")}
WHOLE = ("write a whole number", "hãy ghi một số nguyên")
NUMBER = ("write a number, with a point before decimals", "hãy ghi một số, dấu thập phân là dấu chấm")
BOOLEAN = ("write true or false (1 or 0)", "hãy ghi true hoặc false (1 hoặc 0)")
TEXT = ("write a text", "hãy ghi một chuỗi ký tự")
FORM = ("it is not written as the address asks", "cách ghi không đúng")
OBJECT = (
    "write a JSON object: names and values in braces",
    "hãy ghi một đối tượng JSON: tên và giá trị trong ngoặc nhọn",
)
EMPTY = ("it must not be empty", "không được để trống")
# By pydantic's names of errors; what it counts with stands in braces, {s} makes the plural.
WORDS = {
    "missing": ("it is missing and has to be given", "còn thiếu, phải có"),
    "string_too_short": (
        "it has to have at least {min_length} character{s}",
        "phải có ít nhất {min_length} ký tự",
    ),
    "string_too_long": (
        "it may have at most {max_length} character{s}",
        "chỉ được có nhiều nhất {max_length} ký tự",
    ),
    "too_short": ("it has to have at least {min_length} item{s}", "phải có ít nhất {min_length} mục"),
    "too_long": ("it may have at most {max_length} item{s}", "chỉ được có nhiều nhất {max_length} mục"),
    "string_pattern_mismatch": FORM,
    "string_type": TEXT,
    "string_unicode": TEXT,
    "greater_than_equal": ("it has to be {ge} or more", "phải từ {ge} trở lên"),
    "less_than_equal": ("it has to be {le} or less", "phải từ {le} trở xuống"),
    "greater_than": ("it has to be more than {gt}", "phải lớn hơn {gt}"),
    "less_than": ("it has to be less than {lt}", "phải nhỏ hơn {lt}"),
    "finite_number": ("it has to be a finite number", "phải là một số hữu hạn"),
    "int_parsing": WHOLE,
    "int_parsing_size": ("the number has too many digits", "số có quá nhiều chữ số"),
    "int_type": WHOLE,
    "int_from_float": WHOLE,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "bool_parsing": BOOLEAN,
    "bool_type": BOOLEAN,
    "literal_error": ("it has to be one of: {expected}", "phải là một trong: {expected}"),
    "dict_type": OBJECT,
    "model_attributes_type": OBJECT,
    "model_type": OBJECT,
    "date_type": DATE,
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "date_from_datetime_inexact": DATE,
}
OTHER = (
    "it has a value that it cannot have; see /openapi.json",
    "giá trị không dùng được; xem /openapi.json",
)


def fault(error: Mapping[str, Any], body: object = None) -> tuple[str, str]:
    """Say what is wrong, in English and in Vietnamese, by an error as pydantic or FastAPI gives it.

    Parameters
    ----------
    error
        The error.
    body
        Text of the body, where it was to be JSON: tells the row and the column.
    """
    if error["type"] == "json_invalid":
        return _no_json(error["loc"][-1], body)
    name, named, named_vi = _named(error["loc"])
    if error["type"] == "extra_forbidden":
        return (
            f"unknown {named} {name}; /openapi.json lists what there is",
            f"không có {named_vi} {name}; xem /openapi.json",
        )
    english, viet = words_of(error)
    if not name:
        return f"the body: {english}", f"phần thân yêu cầu: {viet}"
    return f"{named} {name}: {english}", f"{named_vi} {name} không hợp lệ: {viet}"


def words_of(error: Mapping[str, Any]) -> tuple[str, str]:
    """Say what a value has to be, in English and in Vietnamese, by an error as pydantic gives it."""
    kind, counted = _kind(error), error.get("ctx", {})
    if kind == "value_error":
        raised = counted["error"]
        return str(raised), getattr(raised, "vi", OTHER[1])
    bound = counted.get("min_length", counted.get("max_length"))
    if kind == "string_too_short" and bound == 1:
        return EMPTY
    told = {**_told(counted), "s": "" if bound == 1 else "s"}
    english, viet = (one.format(**told) for one in WORDS.get(kind, OTHER))
    return english, viet


def _kind(error: Mapping[str, Any]) -> str:
    """Name of an error: dates are asked for in several ways, and the length of a secret is that of a text."""
    kind, counted = str(error["type"]), error.get("ctx", {})
    name, mark = DATED.get(kind, ("", ""))
    if name and mark in str(counted[name]):
        return "date_type"
    return f"string_{kind}" if counted.get("field_type") == "Value" else kind


def _no_json(position: int, body: object) -> tuple[str, str]:
    """Say where a body stops to be JSON; rows and columns are counted from 1."""
    before = body[:position] if isinstance(body, str) else " " * position
    row, column = before.count("\n") + 1, position - before.rfind("\n")
    return (
        f"the body is no JSON (row {row}, column {column}); see /openapi.json",
        f"phần thân yêu cầu không phải JSON (dòng {row}, cột {column}); xem /openapi.json",
    )


def _named(where: tuple[Any, ...]) -> tuple[str, str, str]:
    """Name of what is wrong, and what it is in each language."""
    if where[0] == "body":
        return ".".join(map(str, where[1:])), "field", "trường"
    return str(where[-1]), "parameter", "tham số"


def _told(counted: Mapping[str, Any]) -> dict[str, str]:
    """What an error counts with, without the words of a language."""
    return {
        name: str(value).removesuffix(".0").replace("'", "").replace(" or ", ", ").replace(" and ", ", ")
        for name, value in counted.items()
    }
