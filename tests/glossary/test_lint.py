import pytest
import yaml

from mlcourse.glossary.__main__ import main
from mlcourse.glossary.lint import lint, lint_folder
from mlcourse.glossary.load import Reading
from mlcourse.glossary.rules import RULES


@pytest.fixture
def folder(tmp_path, fields):
    (tmp_path / "terms").mkdir()
    (tmp_path / "schema").mkdir()
    linked = "concept-drift training-serving-skew drift-detection drift "
    linked += "population-stability-index retraining-trigger"
    planned = "# slugs\n" + "\n".join(linked.split()) + "\n"
    (tmp_path / "schema" / "planned.txt").write_text(planned)
    write(tmp_path, fields)
    return tmp_path


def write(folder, fields, **changes):
    entry = fields | changes
    path = folder / "terms" / f"{entry['slug']}.yaml"
    path.write_text(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False), "utf-8")


def test_the_example_of_the_format_has_no_fault_but_links_to_come(folder):
    faults = lint_folder(folder)
    assert {fault.rule for fault in faults} == {"links_lead_to_entries"}
    assert all(fault.warning for fault in faults)


@pytest.mark.parametrize(
    ("name", "line", "rule"),
    [
        ("published.txt", "gone  # was in 0.1.0", "published_entries_keep_their_file"),
        ("words.txt", "unusedword", None),
        ("planned.txt", "concept-drift", "links_lead_to_entries"),
    ],
)
def test_the_lists_of_the_folder_are_read(folder, name, line, rule):
    (folder / "schema" / name).write_text(line + "\n")
    found = {fault.rule for fault in lint_folder(folder) if not fault.warning}
    assert found == ({rule} if rule else set())


def test_a_sentence_of_the_brief_is_noticed(folder, fields):
    from mlcourse.glossary.shingles import shingles_text

    listed = shingles_text([fields["plain"]])
    (folder / "schema" / "brief-shingles.txt").write_text(listed)
    assert "text_is_our_own" in {fault.rule for fault in lint_folder(folder)}


def test_a_published_id_keeps_its_entry(make_entry):
    retired = Reading((make_entry(status="retired", related=[], broader=[]),), ())
    rules = {fault.rule for fault in lint(retired, published=["data-drift"])}
    assert "published_entries_keep_their_file" not in rules
    (fault,) = lint(Reading((), ()), published=["data-drift"])
    assert str(fault) == (
        "data-drift.yaml: id == 'data-drift' was published, and no entry has it: "
        "bring the file back with status: retired."
    )


def test_a_renamed_entry_keeps_its_published_id(plain_entry):
    renamed = plain_entry("new", id="old", renamed_from=["old"])
    faults = lint(Reading((renamed,), ()), published=["old"])
    assert "published_entries_keep_their_file" not in {fault.rule for fault in faults}


def test_the_texts_of_a_retired_entry_are_not_judged(plain_entry):
    loud = {"plain": "Gone", "definition": "Too short."}
    there = lint(Reading((plain_entry("old", **loud),), ()))
    retired = lint(Reading((plain_entry("old", **loud, status="retired"),), ()))
    assert there
    assert retired == []


def test_every_rule_says_what_it_is():
    names = [rule.__name__ for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(rule.__doc__ for rule in RULES)


def test_the_command_prints_faults_and_fails(folder, fields, capsys):
    assert main(["lint", "--folder", str(folder)]) == 0
    write(folder, fields, definition="Too short.")
    assert main(["lint", "--folder", str(folder), "data-drift"]) == 1
    assert "definition == 'Too short.' has 2 words" in capsys.readouterr().out


def test_the_command_shows_only_what_is_asked_for(folder, fields, capsys):
    write(folder, fields, definition="Too short.")
    assert main(["lint", "--folder", str(folder), "other"]) == 0
    assert capsys.readouterr().out == "0 faults, 0 warnings\n"


def test_the_command_writes_the_schema(folder):
    assert main(["schema", "--folder", str(folder)]) == 0
    assert (folder / "schema" / "entry.schema.json").read_text("utf-8").startswith("{")
