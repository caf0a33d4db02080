import pytest

from mlcourse.writing.markdown import CODE, passages


def parts(text, kind=None):
    return [(p.kind, p.text, p.line) for p in passages(text) if kind in (None, p.kind)]


def test_headings_of_both_styles_carry_level_and_line():
    found = [(p.text, p.level, p.line) for p in passages("# A *b*\n\ntext\n\nC\n---\n")]
    assert found == [("A b", 1, 1), ("text", 0, 3), ("C", 2, 5)]


def test_sentences_know_the_line_they_start_on():
    text = "One is here. Two\nis here too. Three.\n\n- Four.\n- Five\n  goes on. Six.\n"
    lines = [(p.text, p.line) for p in passages(text)]
    assert lines == [
        ("One is here.", 1),
        ("Two\nis here too.", 1),
        ("Three.", 2),
        ("Four.", 4),
        ("Five\ngoes on.", 5),
        ("Six.", 6),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "```python\nhidden = 45\n```",
        "    hidden = 45",
        "<!-- hidden 45 -->",
        "<div>hidden 45</div>",
        "![hidden 45](picture.png)",
        "[a]: https://hidden.example/45",
    ],
)
def test_code_blocks_comments_and_pictures_are_not_read(hidden):
    text = f"Before.\n\n{hidden}\n\nAfter."
    assert [p.text for p in passages(text) if p.text] == ["Before.", "After."]


def test_a_code_span_is_one_character_and_can_be_put_back():
    (first, second) = passages("Call `GET /health`. Then `POST /predict` answers.")
    assert first.text == f"Call {CODE}."
    assert second.with_code == "Then POST /predict answers."


def test_addresses_are_masked_and_spans_stay_in_step():
    (only,) = passages("See <https://a.example/5> or http://b.example/6 and `x = 7`.")
    assert only.with_code == "See  or  and x = 7."


def test_the_text_of_a_link_is_read_and_its_target_is_not():
    assert parts("See [the guide](guide-2.md) now.") == [
        ("sentence", "See the guide now.", 1)
    ]


def test_table_cells_carry_their_row_and_labels():
    text = "| path | p95 (ms) |\n|---|---|\n| `/predict` | 12.3 |\n"
    cells = passages(text)
    assert [cell.kind for cell in cells] == ["cell"] * 4
    assert cells[3].labels == "p95 (ms) | /predict"
    assert cells[2].place == cells[3].place != cells[1].place
    assert [cell.line for cell in cells] == [1, 1, 3, 3]


def test_block_quotes_are_marked():
    quoted = {p.text: p.quoted for p in passages("> They said so.\n\nWe did not.")}
    assert quoted == {"They said so.": True, "We did not.": False}


def test_front_matter_is_skipped_and_lines_stay():
    assert parts("---\nlicense: mit\n---\nText.") == [("sentence", "Text.", 4)]


def test_windows_line_ends_change_nothing():
    text = "# A\n\nOne. Two.\n"
    assert parts(text.replace("\n", "\r\n")) == parts(text)
