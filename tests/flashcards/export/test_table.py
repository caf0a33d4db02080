import csv
import io

from mlcourse.flashcards.cards import CODES, make
from mlcourse.flashcards.export.table import COLUMNS, to_csv


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_card_has_a_row(glossary):
    found = rows(to_csv(glossary, codes=CODES))
    assert [row["id"] for row in found] == [card.id for card in make(glossary)]
    assert all(row["front"] and row["back"] for row in found)


def test_the_file_follows_rfc_4180(glossary):
    text = to_csv(glossary, slugs=["data-drift"])
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    assert text.endswith("\r\n")
    quoted = [line for line in text.split("\r\n") if line.count('"') % 2]
    assert quoted == []  # a break inside a cell is a bare LF, in quotes


def test_a_row_says_what_the_card_says(glossary):
    labs = {"data-drift": ["12_data_drift"]}
    row = rows(to_csv(glossary, slugs=["data-drift"], codes=["prod"], labs=labs))[0]
    assert row["id"] == "data-drift:prod"
    assert row["back"] == "data drift"
    assert "compared with the data it was trained on" in row["front"]
    assert (row["type"], row["labs"]) == ("prod", "12_data_drift")


def test_choices_stand_on_the_front(glossary):
    found = rows(to_csv(glossary, slugs=["data-drift"], codes=["choose"]))
    assert any("data drift / domain shift" in row["front"] for row in found)


def test_a_spreadsheet_never_takes_a_cell_for_a_formula(edited):
    for sign in "=+-@\t\r":
        changed = edited("recall", definition=f"{sign}SUM(A1:A9)")
        row = rows(to_csv(changed, slugs=["recall"], codes=["rec"]))[0]
        assert row["back"] == f"'{sign}SUM(A1:A9)"


def test_no_cell_of_the_glossary_begins_a_formula(glossary):
    found = rows(to_csv(glossary, codes=CODES))
    cells = [cell for row in found for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
