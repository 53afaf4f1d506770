"""Names must match across spellings and stay apart where they are different."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.names import UNIT_TYPES, fold, nfc, split_type, tone_key

VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
vietnamese_text = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " -'0123456789", max_size=40)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Hòa", "Hoà"),
        ("Thủy", "Thuỷ"),
        ("Úy", "Uý"),
        ("TÂN HÒA", "tân hoà"),
        ("Khỏe", "Khoẻ"),
        ("Ngã Bảy", "ngã  bảy"),
    ],
)
def test_tone_placement_does_not_matter(old: str, new: str) -> None:
    """Catches a site list that writes Hòa and a boundary file that writes Hoà being left unmatched."""
    assert tone_key(old) == tone_key(new)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà", "Hoá"),
        ("Ba", "Bà"),
        ("Sơn", "Son"),
        ("Đông", "Dông"),
        ("Cẩm Giang", "Cẩm Giàng"),
        ("Thạnh An", "Thanh An"),
    ],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    """Catches a key so coarse that two real communes merge."""
    assert tone_key(one) != tone_key(other)


@given(vietnamese_text)
def test_composition_and_case_do_not_matter(text: str) -> None:
    """Catches a key or a fold that differs between a file from a Mac (NFD) and one from Windows (NFC)."""
    decomposed = unicodedata.normalize("NFD", text)
    assert nfc(decomposed) == nfc(text)
    assert tone_key(decomposed) == tone_key(text) == tone_key(text.upper())
    assert fold(decomposed) == fold(text) == fold(text.upper())


@given(st.text(max_size=40))
def test_fold_is_plain_ascii_for_any_input(text: str) -> None:
    """Catches marks, capitals or runs of spaces that survive into an identifier."""
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.lower() == " ".join(folded.split())
    assert fold(folded) == folded


@given(st.text(max_size=40))
def test_keys_are_stable(text: str) -> None:
    """Catches a key that changes when it is taken of a key, so that stored keys would not match."""
    assert tone_key(tone_key(text)) == tone_key(text)
    assert nfc(nfc(text)) == nfc(text)


@given(
    st.sampled_from(["hoa", "thuy", "uy", "khoe", "loa"]),
    st.sampled_from(TONES),
    st.sampled_from(TONES),
    st.data(),
)
def test_key_tells_tones_and_only_tones(letters: str, one: str, other: str, data: st.DataObject) -> None:
    """Catches a key that loses the tone or depends on the vowel which carries it."""
    vowels = [place for place, letter in enumerate(letters) if letter in "aeouy"]

    def toned(tone: str) -> str:
        place = data.draw(st.sampled_from(vowels)) + 1
        return letters[:place] + tone + letters[place:]

    assert (tone_key(toned(one)) == tone_key(toned(other))) is (one == other)


def test_fold_examples() -> None:
    """Catches đ being dropped, as every decomposition-only fold does, and no-break spaces kept."""
    assert fold("  Đoan\u00a0Hùng ") == "doan hung"
    assert fold("Ðạo Trù") == "dao tru"


@pytest.mark.parametrize("unit_type", UNIT_TYPES)
@given(name=vietnamese_text.map(str.strip).filter(bool))
def test_type_and_name_come_apart(unit_type: str, name: str) -> None:
    """Catches a type left in the name or a piece of the name lost, for each type and any case."""
    expected = (unit_type, " ".join(name.split()))
    assert split_type(f"{unit_type} {name}") == expected
    assert split_type(f"  {unit_type.upper()}  {name}") == expected
    assert split_type(unicodedata.normalize("NFD", f"{unit_type} {name}")) == expected


@pytest.mark.parametrize("text", ["Tân Hòa", "Xã", "Thị trấn", "Xãhội", ""])
def test_no_type_is_an_empty_type(text: str) -> None:
    """Catches a bare name being cut, or a type without a name becoming an empty name."""
    assert split_type(text) == ("", text)
