"""Files as people really have them: every encoding, delimiter and fault is read, or named with its place."""

from __future__ import annotations

import time

import pytest

from accounts.errors import Refused
from jobs.encodings import LINES_AT_MOST, SIZE_AT_MOST, decode
from jobs.kinds.import_users import COLUMNS
from jobs.reading import Row, rows
from jobs.titles import check_titles, without_passwords

NAMES = "name,email,org_unit\nZoë Müller,zoe@acme.example,/Sales\n"


def read(text: str) -> list[Row]:
    return list(rows(text, COLUMNS))


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        check_titles(decode(content), COLUMNS)
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
        ("name", "The column “email” is missing. The first line names the columns: name, email, org_unit."),
        ("name,email,e-mail", "“email” is there twice"),
        ("First Name,email", "The column “last name” is missing."),
        ('\n\nname,em"ail', "Line 3, with the titles of the columns, cannot be read: A quotation mark"),
    ],
)
def test_titles_that_are_wrong_are_refused_at_once(titles: str, said: str) -> None:
    assert said in refusal(f"{titles}\nAna,ana@acme.example,x\n".encode())


def test_everything_that_is_wrong_with_the_titles_is_said_together() -> None:
    assert refusal(b"nam,emial,org_unit,Org Unit Path,password\nAna,ana@acme.example,/,/,x\n") == (
        "The column “name” is missing. The column “email” is missing. The column “org_unit” is there twice."
        " Not known: “nam”, “emial”. The first line names the columns: name, email, org_unit."
    )


def test_the_titles_of_the_original_are_known_and_others_are_named() -> None:
    titles = (
        "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
        "Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],Recovery Email,Cost Center"
    )
    text = f"{titles}\nGil,Goog,gil@acme.example,Secret-1234,,/Sales,gil@home.example,7\n,Solo,solo@acme.example\n"
    found = check_titles(text, COLUMNS)
    assert found.ignored == ("Recovery Email", "Cost Center")
    assert found.passwords == ("Password [Required]", "Password Hash Function [UPLOAD ONLY]")
    assert read(text) == [
        Row(2, {"name": "Gil Goog", "email": "gil@acme.example", "org_unit": "/Sales"}),
        Row(3, {"name": "Solo", "email": "solo@acme.example", "org_unit": ""}),
    ]


def test_a_column_of_passwords_is_taken_out_before_anything_is_stored() -> None:
    text = (
        'sep=;\n\nname;mot de passe;email\n\n"A;\nna";"secret\nnot known";ana@acme.example\nBo;secret;bo@acme.example'
    )
    kept = without_passwords(text, check_titles(text, COLUMNS))
    assert "secret" not in kept
    assert "not known" not in kept
    assert (
        read(kept)
        == read(text)
        == [
            Row(5, {"name": "A;\nna", "email": "ana@acme.example"}),
            Row(8, {"name": "Bo", "email": "bo@acme.example"}),
        ]
    )
    hidden = 'name,password,email\nAna,sec"ret,ana@acme.example\n'
    with pytest.raises(Refused, match="Line 2: A quotation mark"):
        without_passwords(hidden, check_titles(hidden, COLUMNS))
    assert without_passwords(NAMES, check_titles(NAMES, COLUMNS)) is NAMES


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


def test_a_cell_may_hold_line_breaks_and_lines_are_counted_as_an_editor_does() -> None:
    text = 'name,email\r\n"Ada\r\nLovett",ada@acme.example\r\n"Bea ""B""\n\nGood", "bea@acme.example" \r\nCy,\r\n'
    assert read(text) == [
        Row(2, {"name": "Ada\nLovett", "email": "ada@acme.example"}),
        Row(4, {"name": 'Bea "B"\n\nGood', "email": "bea@acme.example"}),
        Row(7, {"name": "Cy", "email": ""}),
    ]


@pytest.mark.parametrize(
    "line", ['"D"x,d@acme.example', 'D"x,d@acme.example', 'Lovett",ada@acme.example', 'D,"d"@acme.example,"/"']
)
def test_a_quotation_mark_that_is_wrong_within_its_line_spoils_that_line_only(line: str) -> None:
    found = read(f"name,email,org_unit\nAna,ana@acme.example,/\n{line}\nCleo,cleo@acme.example,/\n")
    assert [(row.number, row.error[:29]) for row in found] == [(2, ""), (3, "A quotation mark on this line"), (4, "")]
    assert found[1].cells == {"name": line}


@pytest.mark.parametrize(
    "wrong",
    [
        '"Bo,bo@acme.example',
        '"Bo,bo@acme.example\nCleo,"cleo@acme.example"',
        '"D"x,"more\nCleo,cleo@acme.example\nthan this",d@acme.example',
        '15" screen,"more\nCleo,cleo@acme.example\nthan this"',
    ],
)
def test_behind_a_quotation_mark_that_stays_open_nothing_is_guessed(wrong: str) -> None:
    first, second = read(f"name,email\nAna,ana@acme.example\n{wrong}\nEve,eve@acme.example\n")
    assert (first.number, first.error) == (2, "")
    assert second.number == 3
    assert "opens on this line is not closed properly. Nothing from line 3 on was read" in second.error


def test_cells_that_are_left_out_at_the_end_are_empty_where_they_may_be() -> None:
    found = read(
        "name,email,org_unit\nAna,ana@acme.example\nBo\n\n  \n,,\nCy,cy@acme.example,/,,\nDi,di@acme.example,/,x\n"
    )
    assert [(row.number, row.error) for row in found] == [
        (2, ""),
        (3, "This line has 1 values, and there are 3 columns."),
        (7, ""),
        (8, "This line has 4 values, and there are 3 columns."),
    ]
    assert found[0].cells == {"name": "Ana", "email": "ana@acme.example", "org_unit": ""}


@pytest.mark.parametrize(
    "before", ["\n", "\r\n,,\r\n", "sep=;\n", "SEP=;\r\n", '"sep=;"\n', "sep=;;;\n", "\nsep=;\n\n", "\ufeff\ufeff"]
)
def test_what_programs_put_in_front_of_the_titles_is_left_out(before: str) -> None:
    text = decode(f'{before}name;"a, b, c";email\nAna;x;ana@acme.example\n'.encode())
    number = before.count("\n") + 2
    assert read(text) == [Row(number, {"name": "Ana", "email": "ana@acme.example"})]
    assert check_titles(text, COLUMNS).ignored == ("a, b, c",)


def test_the_delimiter_that_is_named_counts() -> None:
    assert read("sep=|\nname|e-mail\nA;B,C|ana@acme.example\n") == [
        Row(2 + 1, {"name": "A;B,C", "email": "ana@acme.example"})
    ]


@pytest.mark.parametrize(
    ("spoiled", "better"),
    [("MÃ¼ller", "Müller"), ("JosÃ©", "José"), ("Ã\x81gnes", "Ágnes"), ("M√ºller", "Müller"), ("Å½iÅ¾ek", "Žižek")],
)
def test_what_another_program_spoiled_is_warned_of(spoiled: str, better: str) -> None:
    [row] = read(f"name,email\n{spoiled},ana@acme.example\n")
    assert row.warning == f"“{spoiled}” looks like “{better}”, saved in a wrong encoding."
    assert (row.error, row.cells["name"]) == ("", spoiled)


@pytest.mark.parametrize(
    "name", ["Zoë Müller", "ÀÉ", "Ångström", "Øst “Ø”", "Łukasz", "李", "Nguyễn", "M.ª José", "CAFÉ – Ö"]
)
def test_good_names_are_not_warned_of(name: str) -> None:
    [row] = read(f"name,email\n{name},ana@acme.example\n")
    assert (row.warning, row.error) == ("", "")


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
    # Measured below 1 s; a person who makes it quadratic gets minutes.
    assert time.process_time() - began < 10
