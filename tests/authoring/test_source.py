import subprocess
import sys
from pathlib import Path

import pytest

from mlcourse.authoring.card import Card
from mlcourse.authoring.lab import Cell, Lab
from mlcourse.authoring.source import find_oddity, parse_source, read_lab, to_source
from mlcourse.errors import SourceError

TOY = Path(__file__).resolve().parents[1] / "toycourse" / "solutions"
LABS = ["00_hello", "01_double"]
HEADER = "# ---\n# jupyter:\n#   mlcourse:\n#     title: Toy\n# ---\n\n"
ANSWER = '# %% answer="psi"\n### BEGIN SOLUTION\npsi = 1\n### END SOLUTION\n\n'


@pytest.mark.parametrize("name", LABS)
def test_a_canonical_source_is_written_as_it_was_read(name):
    text = (TOY / name / f"{name}.py").read_text(encoding="utf-8")

    assert to_source(parse_source(text, name=name)) == text


@pytest.mark.parametrize("name", LABS)
def test_the_canonical_form_is_what_ruff_formats(name, tmp_path):
    (tmp_path / "lab.py").write_text(to_source(read_lab(TOY / name)), encoding="utf-8")

    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--check",
        "lab.py",
    ]
    ruff = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)

    assert ruff.returncode == 0, ruff.stdout


@pytest.mark.parametrize("blank", ["", "\n", "\n\n"])
def test_up_to_two_blank_lines_between_cells_are_kept(blank):
    text = to_source(parse_source(f"{HEADER}# %%\nx = 1\n{blank}# %%\ny = 2\n"))

    assert text.endswith(f"# %%\nx = 1\n{blank}# %%\ny = 2\n")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("# %%\nx = 1\n\n\n\n\n# %%\ny = 2\n", (17, "# %%")),
        ("# %% \nx = 1\n", (14, "# %%")),
        (
            '# %% answer="x" \n### BEGIN SOLUTION\n### END SOLUTION\n',
            (14, '# %% answer="x"'),
        ),
        ("# %% [markdown]\n# one\n\n# two\n", (16, "#")),
        ("# %%\nx = 1", (16, "")),
        ("# %%\nx = 1\n", None),
    ],
)
def test_a_line_in_another_form_is_found(body, found):
    header = to_source(Lab("toy", Card("Toy", 5), ())).rstrip("\n")

    text = f"{header}\n\n{body}"

    assert find_oddity(text, parse_source(text)) == found


def test_every_kind_of_cell_is_read():
    lab = read_lab(TOY / "01_double")

    kinds = {cell.kind for cell in lab.cells}

    assert kinds == {
        "answer", "test", "needs", "written", "memo", "rubric", "guess", "text", "code",
    }  # fmt: skip
    assert lab.card.title == "Double, and say so"
    assert lab.card.defines == ("range",)
    assert (lab.points, lab.written_points) == (23, 6)
    assert lab.find("double,reach", "needs").source.startswith("display(")


def test_a_memo_is_text_without_its_comment_signs():
    memo = read_lab(TOY / "01_double").find("memo", "memo")

    assert memo.source.split("\n")[:3] == [
        "### BEGIN SOLUTION",
        "# What the counters say",
        "",
    ]


def test_magics_and_odd_text_survive_the_way_back():
    cells = (
        Cell("code", source="%matplotlib inline\nx = 1"),
        Cell("code", source="%%time\nx = 1"),
        Cell("text", source="# %% is a marker\n\n    indented\ntwo spaces  \nend"),
        Cell(
            "memo",
            "memo",
            "### BEGIN SOLUTION\n%%html\n\n!ls\n### Results\n### END SOLUTION",
            2.5,
        ),
    )
    lab = Lab("toy", Card("Toy", 5), cells)

    assert parse_source(to_source(lab), name="toy") == lab


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("x = 1\n", 7, "text before the first cell"),
        (
            '# %% colour="red"\nx = 1\n',
            7,
            "unknown key 'colour', must be one of: answer",
        ),
        ("# %% answer=psi\nx = 1\n", 7, "put it in quotes"),
        ("# %% [md]\n# x\n", 7, "is no cell marker"),
        ("#%%\nx = 1\n", 7, "is no cell marker"),
        ("# %%\nif x:\n    # %% y\n    pass\n", 9, "is no cell marker"),
        ('# %%\nx = """\n# %%\n"""\n\n# %%\ny = 1\n', 9, "begins no cell in a string"),
        ('# %%answer="psi"\nx = 1\n', 7, "is no cell marker"),
        ('# %% answer="psi" test="psi"\nx = 1\n', 7, "in one cell, make two cells"),
        ('# %% answer="psi" answer="chi"\nx = 1\n', 7, "given twice"),
        ('# %% answer="a b"\nx = 1\n', 7, "is no cell marker"),
        ('# %% answer="2b"\nx = 1\n', 7, "'2b' is no name"),
        ('# %% [markdown] answer="psi"\n# x\n', 7, "remove [markdown]"),
        ('# %% rubric="psi"\nx = 1\n', 7, "a rubric is text"),
        ("# %% [markdown]\nplain\n", 8, "must start with '# '"),
        ("# %%\n", 7, "the cell is empty"),
        ('# %% answer="psi" points=3\nx = 1\n', 7, "points on answer"),
        ('# %% answer="psi"\npsi = 1\n', 7, "has 0 solution regions"),
        ('# %% answer="psi"\n### BEGIN SOLUTION\nx = 1\n', 8, "the region has no end"),
        ('# %% answer="psi"\n### END SOLUTION\n', 8, "closes nothing"),
        ('# %% answer="psi"\n# BEGIN SOLUTION\nx = 1\n', 8, "is not a marker"),
        (
            '# %% answer="psi"\n### BEGIN SOLUTION\n### BEGIN SOLUTION\n',
            9,
            "begins inside a region",
        ),
        (
            "# %%\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n",
            7,
            "outside of an answer",
        ),
        (
            "# %%\n### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS\n",
            7,
            "outside of a test",
        ),
        (ANSWER + ANSWER, 12, "'psi' is used in line 7"),
        (ANSWER + '# %% test="psi"\n', 12, "points are missing"),
        (
            ANSWER + '# %% test="psi" points=0\n',
            12,
            "points == 0, must be a number above",
        ),
        (
            ANSWER + '# %% test="psi" points="3"\n',
            12,
            "points == '3', must be a number",
        ),
        (
            ANSWER + '# %% test="psi" points=true\n',
            12,
            "points == True, must be a number",
        ),
        (
            ANSWER + '# %% test="chi" points=3\n',
            12,
            "test 'chi' has no answer above it",
        ),
        (
            ANSWER + '# %% needs="psi,chi"\nx = 1\n',
            12,
            "needs 'chi' has no answer above",
        ),
        (
            '# %% guess="x"\ny = 1\n\n# %% guess="x"\ny = 1\n',
            10,
            "'guess_x' is used in",
        ),
        ('# %% guess="x" points=1\ny = 1\n', 7, "points on guess"),
        ('# %% [markdown] guess="x"\n# y\n', 7, "guess is a code cell"),
        (
            ANSWER + '# %% test="psi" points=3\nchecks.psi(points=3)\n',
            12,
            "the builder adds checks.psi",
        ),
    ],
)
def test_an_error_names_the_line_and_the_fix(body, line, message):
    with pytest.raises(SourceError) as error:
        parse_source(HEADER + body, name="06_toy")

    text = str(error.value)
    assert text.startswith(f"06_toy.py:{line}: ")
    assert message in text
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("x = 1\n", "must start with a header"),
        ("# ---\n# a: [\n# ---\n", "the header is not YAML"),
        ("# ---\n# jupyter:\n#   mlcourse:\n#     colour: 1\n# ---\n", "unknown field"),
        (
            "# ---\n# jupyter:\n#   mlcourse:\n#     minutes: x\n# ---\n",
            "minutes == 'x'",
        ),
        ("# ---\n# jupyter:\n#   mlcourse:\n#     goals: x\n# ---\n", "goals == 'x'"),
        (
            "# ---\n# jupyter:\n#   mlcourse:\n#     terms: [x]\n# ---\n",
            "terms == ['x']",
        ),
        ("# ---\n# jupyter:\n#   mlcourse: [x]\n# ---\n", "must be a mapping"),
    ],
)
def test_a_bad_header_is_refused(header, message):
    with pytest.raises(SourceError, match="lab.py:1: ") as error:
        parse_source(header)

    assert message in str(error.value)


def test_a_missing_source_says_how_to_make_one(tmp_path):
    (tmp_path / "07_x").mkdir()

    with pytest.raises(SourceError, match="mlcourse dev new 07_x"):
        read_lab(tmp_path / "07_x")
