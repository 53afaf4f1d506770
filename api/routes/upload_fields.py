"""From the fields of a form to an upload, or to what is wrong with them."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile

from api.web.bodies import safe_name
from api.web.problems import Problem
from geocover.errors import InputError
from geocover.register.operators import operator_key
from geocover.register.uploads import Upload
from geocover.site_lists.columns.mapping import mapping_from_json

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from api.readers.access import Reader

FIELDS = {"file", "as_of", "operator", "mapping", "csrf"}
LONGEST = 100
EARLIEST = dt.date(1990, 1, 1)
AHEAD = dt.timedelta(days=366)


def upload_of(reader: Reader, form: FormData) -> tuple[Upload, dict[str, Any]]:
    """Return the upload of a form, and what it says about columns.

    Raises
    ------
    Problem
        400 naming the field, 403 for a partner who names another operator.
    InvalidError
        The file is empty.
    """
    unknown = sorted(set(form) - FIELDS)
    if unknown:
        raise _wrong(unknown[0][:LONGEST], "there is no such field", "không có trường này")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise _wrong("file", "send a file", "hãy gửi kèm tệp")
    as_of, mapping = _date(_text(form, "as_of")), mapping_of(_text(form, "mapping"))
    operator = _operator(reader, _text(form, "operator"))
    return Upload(safe_name(file.filename or ""), file.file.read(), operator, as_of), mapping


def mapping_of(text: str) -> dict[str, Any]:
    """Return a mapping of columns as plain JSON; empty for an empty text.

    Raises
    ------
    Problem
        400 for what is no mapping.
    """
    if not text:
        return {}
    try:
        mapping_from_json(text)
    except InputError as error:
        raise Problem(400, str(error), error.vi) from error
    told: dict[str, Any] = json.loads(text)
    return told


def _text(form: FormData, name: str) -> str:
    values = form.getlist(name)
    if len(values) > 1 or any(isinstance(value, UploadFile) for value in values):
        raise _wrong(name, "send it once, as text", "chỉ gửi một lần, dạng chữ")
    return str(values[0]).strip() if values else ""


def _date(text: str) -> dt.date:
    if not text:
        raise _wrong(
            "as_of",
            "it is missing; say of which day the list is, such as 2025-12-31",
            "chưa có; hãy ghi danh sách là của ngày nào, ví dụ 2025-12-31",
        )
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise _wrong("as_of", "write a date as 2025-12-31", "hãy ghi ngày dạng 2025-12-31") from error
    if not EARLIEST <= day <= dt.datetime.now(dt.UTC).date() + AHEAD:
        raise _wrong(
            "as_of", f"{day} cannot be a reporting date", f"{day:%d/%m/%Y} không thể là ngày báo cáo"
        )
    return day


def _operator(reader: Reader, told: str) -> str:
    own = reader.operator
    if own is None:
        if not told or len(told) > LONGEST or not told.isprintable():
            raise _wrong("operator", "name the operator whose list it is", "hãy ghi nhà mạng của danh sách")
        return told
    if told and operator_key(told) != operator_key(own):
        raise Problem(
            403,
            f"this key uploads lists of {own} alone; leave the field operator out",
            f"khoá này chỉ tải lên danh sách của {own}; hãy bỏ trường operator",
        )
    return own


def _wrong(field: str, english: str, viet: str) -> Problem:
    return Problem(400, f"field {field}: {english}", f"trường {field}: {viet}")
