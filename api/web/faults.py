"""What is wrong with a parameter or a body, in plain words of both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DATE = ("write a date that exists as 2025-12-31", "hãy ghi một ngày có thật, dạng năm-tháng-ngày: 2025-12-31")
DIGITS = "[0-9]{4}-"  # how the pattern of a date begins
WHOLE = ("write a whole number", "hãy ghi một số nguyên")
NUMBER = ("write a number", "hãy ghi một số")
TEXT = ("write a text", "hãy ghi một chuỗi ký tự")
FORM = ("it is not written as the address asks", "cách ghi không đúng")
OBJECT = (
    "write a JSON object: names and values in braces",
    "hãy ghi một đối tượng JSON: tên và giá trị trong ngoặc nhọn",
)
# By pydantic's names of errors; what it counts with stands in braces.
WORDS = {
    "missing": ("it is missing and has to be given", "còn thiếu, phải có"),
    "string_too_short": ("it is shorter than {min_length} characters", "ngắn hơn {min_length} ký tự"),
    "string_too_long": ("it is longer than {max_length} characters", "dài hơn {max_length} ký tự"),
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
    "bool_parsing": ("write true or false", "hãy ghi true hoặc false"),
    "bool_type": ("write true or false", "hãy ghi true hoặc false"),
    "literal_error": ("it has to be one of: {expected}", "phải là một trong: {expected}"),
    "dict_type": OBJECT,
    "model_attributes_type": OBJECT,
    "model_type": OBJECT,
    "value_error": DATE,  # of our own checks; dates have the only one
    "date_type": DATE,
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "date_from_datetime_inexact": DATE,
}
OTHER = (
    "it has a value that it cannot have; see /openapi.json",
    "giá trị không dùng được; xem /openapi.json",
)


def fault(error: Mapping[str, Any]) -> tuple[str, str]:
    """Say what is wrong, in English and in Vietnamese, by an error as pydantic or FastAPI gives it."""
    kind, where = error["type"], error["loc"]
    if kind == "json_invalid":
        return (
            f"the body is no JSON (character {where[-1]}); see /openapi.json",
            f"phần thân yêu cầu không phải JSON (ký tự thứ {where[-1]}); xem /openapi.json",
        )
    name, named, named_vi = _named(where)
    if kind == "extra_forbidden":
        return (
            f"unknown {named} {name}; /openapi.json lists what there is",
            f"không có {named_vi} {name}; xem /openapi.json",
        )
    if kind == "string_pattern_mismatch" and DIGITS in error["ctx"]["pattern"]:
        kind = "date_type"
    english, viet = (one.format(**_told(error.get("ctx", {}))) for one in WORDS.get(kind, OTHER))
    if not name:
        return f"the body: {english}", f"phần thân yêu cầu: {viet}"
    return f"{named} {name}: {english}", f"{named_vi} {name} không hợp lệ: {viet}"


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
