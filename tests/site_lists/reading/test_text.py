"""Text files: delimiters, quotes, line ends, and every encoding that Vietnamese lists come in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.site_lists.findings import Findings
from geocover.site_lists.reading.encodings import decode
from geocover.site_lists.reading.fonts import conversions
from geocover.site_lists.reading.text import read_text, sniff
from geocover.site_lists.reading.vietnamese import from_tcvn3, from_utf8_twice, from_vni, is_syllable

NAMES = "Mã trạm;Tên trạm;Kinh độ;Vĩ độ\r\nPTO1;Xã Đoan Hùng, Phú Thọ;105,34808;21,32292\r\n"
WORDS = [
    "Phú", "Thọ", "Đoan", "Hùng", "Hạ", "Hoà", "Thanh", "Ba", "Cẩm",
    "Khê", "Yên", "Lập", "Tân", "Sơn", "Lâm", "Thao", "Vĩnh", "Tường",
    "Tam", "Đảo", "Lạc", "Thuỷ", "Kỳ", "Sơn", "nghiêng", "khuỷu", "quyết",
    "giếng", "ngoằn", "ngoèo", "xoong", "thuở", "quốc", "gì", "ý", "Uý",
    "ướt", "nghĩ", "Ằng", "ẵm", "ổn", "ợ",
]  # fmt: skip


def read(content: bytes) -> tuple[list[list[object]], list[str]]:
    findings = Findings()
    (sheet,) = read_text(content, findings.add)
    return [list(row) for row in sheet.rows], [finding.code for finding in findings]


def to_tcvn3(text: str) -> bytes:
    """Reverse of the converter, letter by letter."""
    codes = [*range(0xA1, 0xB0), *range(0xB5, 0xFF)]
    table = {from_tcvn3(chr(code)): code for code in codes if from_tcvn3(chr(code)).isalpha()}
    return bytes(table.get(letter, ord(letter) if letter.isascii() else 0x3F) for letter in text)


_VNI = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_HAT = {"\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä", "": "â"}
_VNI_BREVE = {"\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë", "": "ê"}
_VNI_I = {"\u0301": "í", "\u0300": "ì", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò", "": "i"}


def to_vni(text: str) -> bytes:
    """Write a text as a VNI font has it, from its own table."""
    return "".join(map(_vni_letter, text)).encode("latin-1")


def _vni_letter(letter: str) -> str:
    base, *marks = unicodedata.normalize("NFD", letter)
    tone = next((mark for mark in marks if mark in _VNI), "")
    if base in "đĐ":
        return "ñ" if base == "đ" else "Ñ"
    if base in "iI" and tone:
        return _VNI_I[tone] if base == "i" else _VNI_I[tone].upper()
    if base in "yY" and tone == "\u0323":
        return "î" if base == "y" else "Î"
    if "\u031b" in marks:
        base = {"o": "ô", "u": "ö", "O": "Ô", "U": "Ö"}[base]
        code = _VNI.get(tone, "")
    elif "\u0302" in marks:
        code = _VNI_HAT[tone]
    elif "\u0306" in marks:
        code = _VNI_BREVE[tone]
    else:
        code = _VNI.get(tone, "")
    return base + (code.upper() if base.isupper() else code)


def to_1258(text: str) -> bytes:
    """Windows-1258 has few composed letters: tones stand behind, as combining characters."""
    out = b""
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            marks = unicodedata.normalize("NFD", letter)
            tone = next(mark for mark in marks if mark in _VNI)
            out += unicodedata.normalize("NFC", marks.replace(tone, "")).encode("cp1258") + tone.encode(
                "cp1258"
            )
    return out


@pytest.mark.parametrize("word", WORDS)
def test_vietnamese_words_are_syllables(word: str) -> None:
    """Catches a rime or a tone missing in the table."""
    assert is_syllable(word)
    assert is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize(
    "word", ["Thä", "tr¹m", "für", "Cafộ", "Phuù", "hoắk", "lac", "Trạmm", "ạạ", "", "§"]
)
def test_other_words_are_not(word: str) -> None:
    """Catches a pattern so wide that it tells no encodings apart; a stop without a tone is no syllable."""
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("encoding", "codes"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", []),
        ("utf-16-le", []),
        ("utf-16-be", []),
        ("utf-32", []),
        ("cp1258", ["encoding-converted"]),
        ("tcvn3", ["encoding-converted"]),
        ("vni", ["encoding-converted"]),
    ],
)
def test_every_encoding_gives_the_same_text(encoding: str, codes: list[str]) -> None:
    """Catches any of the encodings read as another, and conversions that nobody is told of."""
    own = {"cp1258": to_1258, "tcvn3": to_tcvn3, "vni": to_vni}
    content = own[encoding](NAMES) if encoding in own else NAMES.encode(encoding)
    rows, found = read(content)
    assert rows[0] == ["Mã trạm", "Tên trạm", "Kinh độ", "Vĩ độ"]
    assert rows[1] == ["PTO1", "Xã Đoan Hùng, Phú Thọ", "105,34808", "21,32292"]
    assert found == codes


def test_decomposed_utf8_is_composed() -> None:
    """Catches names from macOS that look equal and are not."""
    assert read(unicodedata.normalize("NFD", NAMES).encode())[0][0][0] == "Mã trạm"


def test_foreign_text_is_not_made_vietnamese() -> None:
    """Catches conversion of text that is in none of the encodings."""
    rows, codes = read("Straße;Größe\nKöln;für\n".encode("cp1252"))
    assert rows[0] == ["Straße", "Größe"]
    assert codes == ["encoding-unknown"]


def test_a_few_damaged_bytes_do_not_change_the_encoding() -> None:
    """Catches a whole UTF-8 list read as eight-bit because one character is cut."""
    rows, codes = read(("Xã Phú Thọ\n" * 50).encode() + "ọ".encode()[:2])
    assert rows[0] == ["Xã Phú Thọ"]
    assert codes == ["encoding-damaged"]


def test_nul_characters_are_removed() -> None:
    """Catches lists that old programs pad with NUL."""
    assert read(b"site;lon\nA\x00\x00;105\n" + b"x;y\n" * 20)[0][1] == ["A", "105"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told(delimiter: str) -> None:
    """Catches a delimiter mistaken for another."""
    assert (
        sniff(f"site{delimiter}lon{delimiter}lat\n" + f"A{delimiter}105.1{delimiter}21.2\n" * 3) == delimiter
    )


def test_decimal_commas_do_not_split_numbers() -> None:
    """Catches commas of numbers and addresses winning over semicolons, with a title above."""
    assert sniff("Danh sách\nsite;lon;lat;x\n" + "A;105,1;21,2;3,5\n" * 40) == ";"


def test_separator_line_is_obeyed_and_not_a_row() -> None:
    """Catches rows numbered one too high: Excel hides the line."""
    rows, codes = read(b"sep=|\r\nsite|lon,lat\r\nA|1,2\r\n")
    assert rows == [["site", "lon,lat"], ["A", "1,2"]]
    assert codes == ["separator-line"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_rows_are_as_in_excel(end: str) -> None:
    """Catches lone CR, blank lines that shift numbers, and quoted fields over two lines."""
    rows, _ = read(f'site;note{end}{end}A;"một{end}hai"{end}B;"5 ""x"""{end}'.encode())
    assert rows == [["site", "note"], [], ["A", f"một{end}hai"], ["B", '5 "x"']]


def test_degrees_with_quotation_marks_stay_one_field() -> None:
    """Catches the seconds sign taken for a quotation mark."""
    assert read("s;x\nA;105°20'52.9\"Đ\nB;21°19'22\"B\n".encode())[0][1:] == [
        ["A", "105°20'52.9\"Đ"],
        ["B", "21°19'22\"B"],
    ]


def test_a_mark_never_closed_loses_no_row() -> None:
    """Catches the rest of the file swallowed by one field."""
    rows, codes = read(('site;note\nA;"chưa đóng\n' + "B;x\n" * 60).encode())
    assert len(rows) == 62
    assert codes == ["quotes-unbalanced"]


def test_ragged_rows_keep_all_fields() -> None:
    """Catches fields beyond the first row's width being dropped."""
    assert read(b"a,b\n1\n1,2,3,4\n")[0] == [["a", "b"], ["1"], ["1", "2", "3", "4"]]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\ufeff\ufffe"), min_size=1))
def test_utf8_is_always_kept(text: str) -> None:
    """Catches valid UTF-8 taken for something else."""
    if "\x00" not in text and any(character > "\x7f" for character in text):
        assert decode(text.encode(), Findings().add) == unicodedata.normalize("NFC", text)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_text(content: bytes) -> None:
    """Catches decoders and parsers that raise."""
    (sheet,) = read_text(content, Findings().add)
    assert all(isinstance(value, str | None) for row in sheet.rows for value in row)


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=12))
def test_old_fonts_in_a_column_come_back(words: list[str]) -> None:
    """Catches TCVN3 and VNI text in workbooks left as it is or half converted."""
    good = " ".join(words).lower()
    if all(word.isascii() for word in words):
        return
    for encode, decoder in ((to_tcvn3, from_tcvn3), (to_vni, from_vni)):
        assert unicodedata.normalize("NFC", decoder(encode(good).decode("latin-1"))) == good


def test_good_vietnamese_is_never_converted() -> None:
    """Catches harm done to correct names that use Latin-1 letters only."""
    names = {
        "Sông Lô",
        "Hoà Bình",
        "Phú Lâm",
        "Yên Lãng",
        "Đá Bạc",
        "Ô tô",
        "Trạm 3°",
        "Café",
        "xí nghiệp",
        "Cô Tô",
    }
    assert conversions([names, {"Thọ Sơn", "Gò"}])[1] == [{}, {}]


def test_only_columns_in_old_fonts_are_converted() -> None:
    """Catches a good column spoilt by a bad neighbour, and words that both readings allow left behind."""
    old = {to_tcvn3(text).decode("latin-1") for text in ("Phú Thọ", "Đoan Hùng", "Hạ Hoà", "Cẩm Khê", "Phú")}
    encoding, (changes, others) = conversions([old, {"Phú Thọ", "Sông Lô", "Phó Đáy"}])
    assert encoding == "TCVN3 (ABC)"
    assert set(changes.values()) == {"Phú Thọ", "Đoan Hùng", "Hạ Hoà", "Cẩm Khê", "Phú"}
    assert not others


def test_utf8_read_as_windows_1252_comes_back() -> None:
    """Catches the commonest damage of all: a UTF-8 list opened and saved as ANSI."""
    damaged = {text.encode().decode("cp1252", "replace") for text in ("Phú Thọ", "Tên trạm", "Mã trạm")}
    assert from_utf8_twice("Tên trạm".encode().decode("cp1252")) == "Tên trạm"
    assert "Tên trạm" in conversions([damaged])[1][0].values()
