# ruff: noqa: E501 - a table of faults reads best with a line for each
import re
from pathlib import Path

import pytest

from mlcourse.authoring.build import build
from mlcourse.authoring.lint import lint
from mlcourse.authoring.prose import style
from mlcourse.authoring.terms import read_glossary
from mlcourse.glossary.load import build as build_glossary

DOUBLE = '# %% answer="double"'


@pytest.fixture
def faults(built):
    """Change one file of the second toy lab and lint it."""

    def change(name, old, new, *, rebuild=False):
        path = built.solutions / "01_double" / name
        text = path.read_text(encoding="utf-8")
        changed = re.sub(old, lambda _: new, text, count=1, flags=re.DOTALL)
        assert changed != text, old
        path.write_text(changed, encoding="utf-8")
        if rebuild:
            build(built)
        return [f"{fault.what}: {fault.fix}" for fault in lint(built, "01")]

    return change


@pytest.mark.parametrize("name", ["00_hello", "01_double"])
def test_a_clean_lab_has_no_faults(built, name):
    assert lint(built, name) == []


SOURCE, CHECKS, WRONG = "01_double.py", "checks.py", "wrong_answers.py"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (CHECKS, r'hints=\{"ends": "Greatest less least."\}',
         'hints={"ends": " "}', "a check without hints"),
        (CHECKS, r"@reach\.expects.*?got=reach\)\n", "", "no visible property"),
        (CHECKS, r"memo = checks\.task", 'extra = checks.task("extra", hints={"a": "b"})'
         "\nmemo = checks.task", "no test calls it"),
        (WRONG, r"    WrongAnswer\(\n        answer=\"reach\",.*?\),\n", "",
         "1 planted wrong answers for 'reach'"),
        (WRONG, r'answer="reach"', 'answer="rich"', "no such answer: use double, reach"),
        (WRONG, r'hint="ends"', 'hint="end"', "no hint 'end': use ends"),
        (WRONG, r'hint="ends"', 'hint="ends", test="none"', "no test 'none'"),
        (WRONG, r"return x\*\*2", "return 2 * x", "it is the model answer"),
        (SOURCE, r'# %% test="reach".*?(?=# %% \[markdown\])', "",
         "no test depends on the answer 'reach'"),
        (SOURCE, r"@checks\.reach\.hidden.*?got=reach\)\n\n\n", "",
         "the test 'reach' has no hidden tests"),
        (SOURCE, r"- range\n", "- rnage\n", "write glossary/terms/rnage.yaml"),
        (SOURCE, r"- mean\n", "- maen\n", "unknown term 'maen'"),
        (SOURCE, r"#       - mean\n", "", "the term 'mean' is not on the card: add it to terms"),
        (SOURCE, r"\{term\}`mean`", "mean", "the term 'mean' is on the card and linked "
         "nowhere: write {term}`mean`"),
        (SOURCE, r"\{term\}`mean`", "{term}`meen`", "unknown term 'meen': did you mean"),
        (SOURCE, r"title: Double, and say so", 'title: ""', "the card has no title"),
        (SOURCE, r"minutes: 10", "minutes: 10 ", "not as jupytext writes it: make it"),
        (SOURCE, r"minutes: 10", "minutes: 0", "the card has no minutes"),
        (SOURCE, r"    goals:\n#     - .*?\n", "    goals: []\n", "the card has no goals"),
        (SOURCE, r"Our counters", "word " * 120, "the scenario has"),
        (SOURCE, r"## Scenario", "## Story", "no scenario"),
        (SOURCE, r"## Interview question", "## Talk", "no section 'Interview question'"),
        (SOURCE, r"## Flashcards", "## Cards", "no section 'Flashcards'"),
        (SOURCE, r"## Elsewhere", "## Away", "no section 'Elsewhere'"),
        (SOURCE, r"# - What doubles it\?", "# What doubles it?", "2 flashcards"),
        (SOURCE, r"display\(SVG\(f'<svg xmlns=\"http://www.w3.org/2000/svg\" width.*?\n",
         "double(reach)\n", "1 pictures: draw 2"),
        (SOURCE, r'test="double" points=8', 'test="double" points=3', "18 points: give"),
        (SOURCE, r'written="memo" points=3', 'written="memo" points=7',
         "10 points for writing: give 4 to 8"),
        (SOURCE, r"five doubled readings\.", "five doubled readings!",
         "an exclamation mark"),
        (SOURCE, r"five doubled readings\.", "five \U0001f680 readings.", "an emoji"),
        (SOURCE, r"five doubled readings\.", "what /home/ada/x.csv holds.",
         "a path of one machine, '/home/ada'"),
        (SOURCE, r"five doubled readings\.", "https://example.org/x.", "an address"),
        (CHECKS, r"Greatest less least\.", "Greatest less least!", "an exclamation mark"),
        (SOURCE, r"    return 2 \* x", "    pass", "the answer is empty"),
        (SOURCE, r"reach = TODO", "reach = TODO\nraise NotImplementedError",
         "a stub that raises"),
        (SOURCE, r"# %% \[markdown\]\n# The bars", "# %%\nprint(true_readings, reach)\n\n"
         "# %% [markdown]\n# reach = max(true_readings) - min(true_readings)\n#\n# The bars",
         "learners see a line of it: 'reach = max(true_readings) - min(true_readings)'"),
        (SOURCE, r"reach = TODO\n(?=### BEGIN)", "", None),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named(faults, file, old, new, message):
    found = faults(file, old, new, rebuild="learners see" in str(message))

    if message is None:
        assert found == []
    else:
        assert any(message in fault for fault in found), found


def test_later_code_that_an_untouched_lab_cannot_run_is_named(faults):
    found = faults(
        SOURCE,
        r"reach = TODO\n(### BEGIN SOLUTION.*?)## 3\. Tell",
        "### BEGIN SOLUTION\nreach = max(true_readings) - min(true_readings)\n"
        "### END SOLUTION\n\n"
        '# %% test="reach" points=8\n### BEGIN HIDDEN TESTS\nassert reach\n'
        "### END HIDDEN TESTS\n\n# %%\nprint(reach)\n\n# %% [markdown]\n# ## 3. Tell",
    )

    assert any("later code uses 'reach'" in fault for fault in found), found


def test_a_lab_that_is_not_built_is_named(built):
    (built.labs / "01_double" / "01_double.ipynb").unlink()

    assert [fault.fix for fault in lint(built, "01")] == [
        "mlcourse dev build 01_double"
    ]


def test_a_file_that_no_lab_has_is_named(built):
    (built.solutions / "01_double" / "notes.txt").write_text("x")

    assert [str(fault) for fault in lint(built, "01")] == [
        "notes.txt: a file that no lab has: remove it"
    ]


def test_a_source_that_cannot_be_read_is_one_fault(faults):
    (found,) = faults(SOURCE, r" points=8", "")

    assert "points are missing" in found


@pytest.mark.parametrize(
    ("file", "name"), [(CHECKS, "checks"), (WRONG, "wrong_answers")]
)
def test_a_file_that_does_not_run_is_one_fault(faults, file, name):
    found = faults(file, r"\A", "1 / 0\n")

    assert any(f"{name}.py does not run" in fault for fault in found), found


def test_the_first_lab_needs_no_anatomy(built):
    text = (built.solutions / "00_hello" / "00_hello.py").read_text(encoding="utf-8")

    assert "Scenario" not in text
    assert lint(built, "00") == []


def test_the_glossary_may_be_given(built):
    assert lint(built, "01", glossary=read_glossary(built)) == []
    faults = lint(built, "01", glossary=build_glossary([]))
    assert [fault.where for fault in faults] == [
        "01_double.py:73", "01_double.py:121", "01_double.py:140",
        "01_double.py:1", "01_double.py:1",
    ]  # fmt: skip


def test_an_entry_that_cannot_be_read_is_named(built, edit):
    edit(
        built.glossary / "terms" / "mean.yaml", "countable: countable", "countable: on"
    )

    (fault,) = lint(built, "01")

    assert "mean.yaml: countable == True" in fault.what


@pytest.mark.parametrize(
    "text",
    [
        "A plain sentence.",
        "![A picture](docs/x.png)",
        "`a != b` and `print('!')`",
        "```\necho hi! https://example.org\n```",
        "Open http://127.0.0.1:8000/docs or http://localhost:8000.",
        "POST /predict and GET /tmpfile, at 3 a.m.",
        "a != b",
    ],
)
def test_good_prose_passes(text):
    assert list(style("x.py:1", text)) == []


def test_linting_leaves_no_bytecode(built):
    lint(built, "01")

    assert not list(Path(built.root).rglob("__pycache__"))


def test_a_hidden_test_may_prepare_its_case_as_a_visible_check_does(faults):
    found = faults(
        SOURCE,
        r"expect\(double\(-3\) == -6, got=double\(-3\)\)",
        "expect(double(3) == 6, got=double(3))\n    expect(double(-3) == -6)",
        rebuild=True,
    )

    assert found == []


def test_a_line_of_a_hidden_test_in_the_notebook_is_named(faults):
    found = faults(
        SOURCE,
        r"# The bars show",
        "# expect(reach == 8, got=reach)\n#\n# The bars show",
        rebuild=True,
    )

    assert any("'expect(reach == 8, got=reach)'" in fault for fault in found), found
