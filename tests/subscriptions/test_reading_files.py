"""Files as people really have them: every encoding, delimiter and fault is read, or named with its place."""

from __future__ import annotations

import time

import pytest

from accounts.errors import Refused
from subscriptions.bulk.kinds.import_users import COLUMNS
from subscriptions.bulk.reading import LINES_AT_MOST, SIZE_AT_MOST, Row, check_header, decode, rows

NAMES = "name,email,org_unit\nZoë Müller,zoe@acme.example,/Sales\n"


def read(text: str) -> list[Row]:
    return list(rows(text, COLUMNS))


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        check_header(decode(content), COLUMNS)
    assert refused.value.field == "file"
    return refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_its_mark(encoding: str) -> None:
    assert decode(NAMES.encode(encoding)) == NAMES


def test_utf_16_of_either_byte_order_is_read() -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert decode(mark + NAMES.encode(encoding)) == NAMES


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac-roman"])
def test_another_encoding_is_refused_with_line_and_byte_and_never_guessed(encoding: str) -> None:
    said = refusal(NAMES.encode(encoding))
    byte = "ë".encode(encoding)[0]
    assert said == f"Line 2 is not UTF-8: byte 3 of it is 0x{byte:02X}. Save the file as “CSV UTF-8” and try again."


def test_the_byte_is_counted_behind_the_mark_too() -> None:
    content = b"\xef\xbb\xbfname,email\nZo\xeb,zoe@acme.example\n"
    assert "Line 2 is not UTF-8: byte 3" in refusal(content)
    assert "Line 1 is not UTF-8: byte 6" in refusal(b"\xef\xbb\xbfna\xffme,email\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "workbook"),
        (b"name,email\nA\x00na,ana@acme.example\n", "Line 2 contains a NUL"),
        (NAMES.encode("utf-16-le"), "NUL"),
        (NAMES.encode("utf-32"), "NUL"),
        (b"\xff\xfe\x00", "damaged"),
        (b"\xff\xfe" + b"\x00\xd8" + b"a\x00", "damaged"),
        (b"x" * (SIZE_AT_MOST + 1), "10 MB"),
        (b"name,email\n" + b"\n" * (LINES_AT_MOST + 1), "100,000 lines"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in refusal(content)


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        ("name,email,password", "passwords do not belong into files"),
        ("name,email,Password [Required]", "passwords do not belong into files"),
        ("nom,e-mail,Mot de passe", "passwords do not belong into files"),
        ("name,email,shoe size", "“shoe size” is not known"),
        ("name,,email", "“” is not known"),
        ("name", "“email” is missing"),
        ("name,email,e-mail", "“email” is there twice"),
        ('name,"email', "cannot be read"),
    ],
)
def test_titles_that_are_wrong_are_refused_at_once(titles: str, said: str) -> None:
    assert said in refusal(f"{titles}\nAna,ana@acme.example,x\n".encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines_are_found_out(delimiter: str, end: str) -> None:
    text = end.join([delimiter.join(["Email", "NAME"]), delimiter.join(["ana@acme.example", '"Martin, A; B"']), ""])
    assert read(text) == [Row(2, {"email": "ana@acme.example", "name": "Martin, A; B"})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_too_many_lines_are_too_many_whatever_ends_them(end: str) -> None:
    line = f"Ana,ana@acme.example{end}"
    assert "at most 100,000 lines" in refusal(f"name,email{end}{line * (LINES_AT_MOST + 1)}".encode())
    assert decode(f"name,email{end}{line * LINES_AT_MOST}".encode())


def test_a_quotation_mark_that_is_never_closed_spoils_its_own_line_only() -> None:
    found = read('name,email\nAna,ana@acme.example\n"Bo,bo@acme.example\nCleo,cleo@acme.example\n"D"x,d@acme.example\n')
    assert [(row.number, row.error[:16]) for row in found] == [
        (2, ""),
        (3, "A quotation mark"),
        (4, ""),
        (5, "A quotation mark"),
    ]


def test_ragged_lines_are_named_and_empty_ones_left_out() -> None:
    found = read("name,email\nAna\n\n  \n,\nBo,bo@acme.example,,\nCleo,cleo@acme.example,more\n")
    assert [(row.number, row.error) for row in found] == [
        (2, "This line has 1 values, and there are 2 columns."),
        (6, ""),
        (7, "This line has 3 values, and there are 2 columns."),
    ]


def test_characters_that_look_like_ends_of_lines_are_none() -> None:
    assert read("name,email\nA\x0bn\x85a\u2028,ana@acme.example\n") == [
        Row(2, {"name": "A\x0bn\x85a", "email": "ana@acme.example"})
    ]


def test_a_character_lost_elsewhere_is_no_name() -> None:
    [row] = read("name,email\nZo\ufffd,zoe@acme.example\n")
    assert "was lost" in row.error


def test_a_file_of_results_can_be_corrected_and_sent_again() -> None:
    [row] = read("line,name,email,org_unit,outcome,message\n7,Ana,ana@acme.example,/,Refused,Enter a name.\n")
    assert row == Row(2, {"name": "Ana", "email": "ana@acme.example", "org_unit": "/"})


def test_100_000_lines_are_read_in_reasonable_time() -> None:
    text = "name,email,org_unit\n" + "".join(
        f"Person {n},person{n}@acme.example,/Sales\n" for n in range(LINES_AT_MOST)
    )
    began = time.process_time()
    assert len(read(decode(text.encode()))) == LINES_AT_MOST
    # Measured below 1 s; somebody who makes it quadratic gets minutes.
    assert time.process_time() - began < 10
