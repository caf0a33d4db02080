"""Notebook files from strangers."""

import json

import nbformat
import pytest

from mlcourse.grading.notebook import MOST_CELLS, parse_notebook


def parse(cells, **changes):
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    nb, flags = parse_notebook(json.dumps(raw | changes).encode())
    nbformat.validate(nb)
    json.dumps(nb, allow_nan=False).encode()
    assert {flag.kind for flag in flags} <= {"invalid-notebook"}
    return nb, [flag.message for flag in flags]


def cell(**changes):
    plain = {"id": "a", "cell_type": "code", "metadata": {}, "source": "1"}
    return plain | {"outputs": [], "execution_count": 1} | changes


def test_a_good_notebook_is_kept_but_for_its_outputs():
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 10**6}]
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nb, flags = parse([cell(outputs=outputs)], metadata={"widgets": widgets, "x": 1})
    assert flags == []
    assert nb.metadata == {"x": 1}
    (only,) = nb.cells
    assert (only.id, only.source, only.outputs) == ("a", "1", [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"not json", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"\xff\xfe{\0}\0", "not UTF-8"),
        (b"[]", "not an object"),
        (b"{}", "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 3, "worksheets": [7]}', "cannot be converted"),
        (b'{"nbformat": [], "worksheets": [7]}', "no list of cells"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"cells": ' + b"9" * 10_000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=reason):
        parse_notebook(data)


def test_too_many_cells_are_refused():
    with pytest.raises(ValueError, match="cells; the most is"):
        parse([cell()] * (MOST_CELLS + 1))


def test_nan_in_an_output_is_no_concern_and_nan_in_metadata_is_dropped():
    value = {"output_type": "display_data", "metadata": {}, "data": {"a": float("nan")}}
    assert parse([cell(outputs=[value])])[1] == []
    nb, flags = parse([cell(metadata={"score": float("inf"), "n": float("nan")})])
    assert nb.cells[0].metadata == {"score": None, "n": None}
    assert flags == [
        "The notebook was not valid and was repaired: "
        "numbers that are not finite were dropped."
    ]


def test_half_a_character_and_a_byte_order_mark_do_not_stop_the_grader():
    nb, flags = parse([cell(source="x = '\ud800'")])
    assert nb.cells[0].source == "x = '?'"
    assert len(flags) == 1
    raw = json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": [cell()]})
    assert parse_notebook(raw.encode("utf-8-sig"))[1] == []


@pytest.mark.parametrize(
    "bad",
    [
        7,
        None,
        {},
        {"cell_type": "heading", "level": 1, "source": "x", "metadata": {}},
        cell(source=None),
        cell(source=["a", 3]),
        cell(metadata=[]),
        cell(metadata={"collapsed": "yes", "name": 3}),
        cell(cell_type=["code"]),
        cell(cell_type="markdown", attachments={"a.png": 7}),
        cell(metadata={"deep": json.loads("[" * 300 + "]" * 300)}),
    ],
)
def test_a_broken_cell_costs_only_itself(bad):
    good = cell(id="good", source="good = 1", metadata={"mine": 1})
    nb, flags = parse([bad, good])
    assert nb.cells[-1].source == "good = 1"
    assert nb.cells[-1].metadata == {"mine": 1}
    assert flags


def test_metadata_of_a_wrong_kind_is_dropped_and_nbgraders_is_kept():
    marks = {"grade_id": "a"}
    nb, _ = parse(
        [cell(metadata={"collapsed": 3, "nbgrader": marks})],
        metadata={"kernelspec": "python3", "language": 4},
    )
    assert nb.metadata == {}
    assert nb.cells[0].metadata == {"nbgrader": marks}


def test_ids_become_unique_and_are_the_same_in_each_run():
    cells = [cell(), cell(), cell(id="no spaces"), cell(id=None), cell(id=[])]
    del cells[3]["id"]
    first, _ = parse(cells)
    again, _ = parse(cells)
    ids = [one.id for one in first.cells]
    assert ids[0] == "a"
    assert len(set(ids)) == 5
    assert ids == [one.id for one in again.cells]


def test_a_notebook_older_than_cell_ids_gets_none():
    nb, flags = parse([cell(), cell()], nbformat_minor=4)
    assert flags == []
    assert [one.get("id") for one in nb.cells] == [None, None]


@pytest.mark.parametrize("version", [(5, 0), (99, 1), (4, 99), (4, "5"), ("4", None)])
def test_another_number_of_the_format_is_read_if_there_are_cells(version):
    nb, flags = parse([cell()], nbformat=version[0], nbformat_minor=version[1])
    assert (nb.nbformat, nb.nbformat_minor, len(flags)) == (4, 5, 1)


def test_a_notebook_of_version_3_is_converted_the_same_way_each_time():
    old = nbformat.v3.new_notebook()
    sheet = nbformat.v3.new_worksheet()
    sheet.cells.append(nbformat.v3.new_code_cell("1 + 1"))
    old.worksheets.append(sheet)
    data = json.dumps(old).encode()
    nb, flags = parse_notebook(data)
    assert [one.source for one in nb.cells] == ["1 + 1"]
    assert len(flags) == 1
    assert parse_notebook(data)[0] == nb
