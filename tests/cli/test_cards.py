"""`mlcourse cards`: one line says what is wrong, and files are whole or not there."""

import csv
import io
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from fsrs.scheduler import DEFAULT_PARAMETERS

from mlcourse.cli.cards import _editor
from mlcourse.flashcards import Schedule, default_home
from mlcourse.paths import Course

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The course of this checkout, and a learner's own folder for the test."""
    monkeypatch.setenv("MLCOURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MLCOURSE_HOME", str(ROOT))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.fixture
def study(run_with):
    """Study by lines, and return what was said."""
    return lambda lines, *words: run_with(lines, "cards", "--simple", *words)


@pytest.fixture
def run_with():
    from typer.testing import CliRunner

    from mlcourse.cli import app

    def call(text, *words):
        done = CliRunner().invoke(app, words, input=text)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call


def reviews():
    return [e for e in default_home().log().read().events if e.kind == "review"]


def is_one_line(done, *parts):
    assert done.exit_code == 1
    assert done.stderr.startswith("mlcourse: ")
    assert done.stderr.count("\n") == 1
    return all(part in done.stderr for part in parts)


def test_a_sitting_through_a_pipe_is_saved(study):
    done = study("\n3\n", "--new", "2")
    assert done.exit_code == 0
    assert "Today: 2 cards, 2 of them new." in done.stdout
    assert "1 answer, 1 right (100%), all saved." in done.stdout
    assert [event.data["rating"] for event in reviews()] == [3]


def test_without_a_terminal_lines_are_shown_unasked(run):
    done = run("cards", "--new", "1")
    assert done.exit_code == 0
    assert "Card 1 of 1, new." in done.stdout


def test_the_terms_of_a_lab_come_alone(study):
    done = study("\n3\n", "--lab", "06", "--new", "1")
    assert "Learn: 1 card, 1 of them new." in done.stdout
    card = json.loads((ROOT / "labs/06_rest_service/06_rest_service.ipynb").read_text())
    terms = card["metadata"]["mlcourse"]["terms"]
    assert reviews()[0].data["card"].split(":")[0] == terms["defines"][0]


def test_a_change_of_retention_shows_the_work_it_makes(study):
    done = study("", "--retention", "0.95")
    assert done.stdout.startswith("Wanted recall from now on: 95%, about ")


def test_a_category_and_a_mode_are_kept_to(study):
    done = study("", "browse", "--category", "ab-testing", "--limit", "1")
    assert "Browse: 1 card." in done.stdout


def test_retention_is_kept_from_then_on(study):
    study("", "--retention", "0.85")
    state, _ = default_home().state()
    assert state.schedule.retention == 0.85


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("cards", "tomorrow"), "must be one of: today, learn"),
        (("cards", "--lab", "77"), "lab == '77'"),
        (("cards", "--category", "cooking"), "category == 'cooking'"),
        (("cards", "--retention", "0.5"), "from 0.8 to 0.95"),
        (("cards", "--new", "-1"), "new == -1"),
        (("cards", "--export", "pdf"), "must be one of: anki, csv, md, skos"),
        (("cards", "--export", "csv", "--lab", "77"), "lab == '77'"),
        (("cards", "--out", "cards.csv"), "--export"),
        (("cards", "tune"), "must be >= 400"),
        (("cards", "--picture", "recall.png"), "goes with stats"),
        (("cards", "stats", "--web"), "stats and --web"),
        (("cards", "cram", "--export", "csv"), "cram and --export"),
        (("cards", "--simple", "--web"), "only one of them"),
        (("cards", "--import", "none.apkg"), "cannot be read"),
        (("cards", "--import", "none.jsonl"), "cannot be read"),
        (("cards", "stats", "--picture", "recall.doc"), "must be one of: .png"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(run, home, words, part):
    assert is_one_line(run(*words), part)
    assert list((home / "here").iterdir()) == []
    assert not list((home / "data").glob("reviews/*.jsonl"))


def test_csv_holds_the_cards_of_a_lab(run, home):
    done = run("cards", "--export", "csv", "--lab", "06", "--out", "cards.csv")
    assert done.stdout == "Written: cards.csv\n"
    content = (home / "here" / "cards.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert {"endpoint", "latency"} <= {row["term"] for row in rows}
    assert any("06_rest_service" in row["labs"] for row in rows)


@pytest.mark.parametrize(
    ("kind", "name", "begin"),
    [
        ("anki", "mlgloss.apkg", b"PK"),
        ("md", "mlgloss.md", b"# "),
        ("skos", "mlgloss.jsonld", b"{"),
    ],
)
def test_an_export_has_a_usual_name(run, home, kind, name, begin):
    done = run("cards", "--export", kind, "--category", "ab-testing")
    assert done.exit_code == 0
    assert [path.name for path in (home / "here").iterdir()] == [name]
    assert (home / "here" / name).read_bytes().startswith(begin)


def test_an_export_that_cannot_be_written_leaves_nothing(run, home):
    words = ("--category", "ab-testing", "--out", "missing/cards.md")
    assert is_one_line(run("cards", "--export", "md", *words), "cannot be written")
    assert list((home / "here").iterdir()) == []


def test_the_log_of_another_device_is_taken_in_once(run, study, home):
    study("\n3\n\n1\n", "--new", "2")
    log = default_home().log().path
    log.rename(home / "here" / "other.jsonl")
    assert run("cards", "--import", "other.jsonl").stdout.startswith("2 new events")
    assert run("cards", "--import", "other.jsonl").stdout.startswith("0 new events")
    assert len(reviews()) == 2


def test_stats_of_a_new_learner_say_so(run):
    done = run("cards", "stats")
    assert done.exit_code == 0
    assert "No card has come back yet" in done.stdout
    assert "The next 30 days with at most 10 new a day" in done.stdout


def test_stats_show_the_work_as_if(run):
    done = run("cards", "stats", "--new", "3", "--retention", "0.95")
    assert "at most 3 new a day, wanted recall 95%" in " ".join(done.stdout.split())
    assert not reviews()
    assert default_home().state()[0].schedule.retention == 0.90


def test_stats_write_a_picture(run, study, home):
    study("\n3\n", "--new", "1")
    done = run("cards", "stats", "--picture", "recall.png")
    assert "Written: recall.png" in done.stdout
    assert (home / "here" / "recall.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("better", [True, False])
def test_tune_keeps_weights_only_if_they_are_better(run, monkeypatch, better):
    fitted = Schedule(weights=(0.3, *DEFAULT_PARAMETERS[1:])) if better else Schedule()
    monkeypatch.setattr("mlcourse.cli.card_report.tune", lambda *_, **__: fitted)
    done = run("cards", "tune")
    assert done.exit_code == 0
    assert ("fits you now" in done.stdout) is better
    assert default_home().state()[0].schedule == fitted
    assert len(default_home().log().read().events) == better


def test_the_file_of_a_term_opens_in_the_learners_editor(home, monkeypatch):
    edit = _editor(Course(home))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "")
    assert edit("psi").endswith("psi.yaml")
    monkeypatch.setenv("EDITOR", f"{sys.executable} -c pass")
    assert edit("psi") == "A change of psi.yaml shows when you start again."
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert "no-such-editor does not start" in edit("psi")


def test_flags_name_the_note_and_the_file(run, study):
    assert "No card is flagged." in run("cards", "flags").stdout
    study("f\nthe stress is wrong\n", "--lab", "06", "--new", "1")
    shown = run("cards", "flags").stdout
    assert "the stress is wrong" in shown
    assert "endpoint.yaml" in shown
    assert "1 card flagged." in shown


def test_a_suspended_card_is_listed_and_comes_back(run, study):
    assert "No card is suspended." in run("cards", "suspended").stdout
    study("s\n", "--lab", "06", "--new", "1")
    assert "endpoint" in run("cards", "suspended").stdout
    assert len(default_home().state()[0].suspended) == 1

    assert run("cards", "--restore", "Endpoint").stdout == "1 card will come again.\n"
    assert not default_home().state()[0].suspended
    assert is_one_line(run("cards", "--restore", "endpoint"), "no suspended card")


def test_web_starts_the_page_with_the_plan(run, monkeypatch):
    calls = []
    monkeypatch.setattr(
        "mlcourse.flashcards.web.serve",
        lambda course, plan, **options: calls.append((plan, options)),
        raising=False,
    )
    done = run("cards", "--web", "--lab", "06", "--port", "8123", "--no-browser")
    assert done.exit_code == 0
    ((plan, options),) = calls
    assert plan.terms[0] == "endpoint"
    assert options == {"port": 8123, "browser": False}


def test_a_course_without_a_glossary_says_so(tmp_path, run, monkeypatch):
    (tmp_path / "bare" / "labs").mkdir(parents=True)
    monkeypatch.setenv("MLCOURSE_HOME", str(tmp_path / "bare"))
    assert is_one_line(run("cards"), "glossary")


@pytest.fixture
def own(home, monkeypatch):
    """A course with our glossary and one lab, which takes files."""
    root = home / "course"
    name = "06_rest_service"
    (root / "solutions").mkdir(parents=True)
    shutil.copytree(ROOT / "labs" / name, root / "labs" / name)
    (root / "glossary").symlink_to(ROOT / "glossary")
    monkeypatch.setenv("MLCOURSE_HOME", str(root))
    return root


def test_a_quiz_on_the_terms_of_a_lab_is_written(own, run):
    words = ("--seed", "31", "--lab", "06", "--term", "data-drift", "--questions", "9")
    done = run("dev", "quiz", "quiz_serving", *words)
    assert done.exit_code == 0
    path = own / "solutions" / "quiz_serving" / "quiz_serving.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert sum(cell.id.startswith("question_") for cell in notebook.cells) == 9
    before = path.read_bytes()
    again = run("dev", "quiz", "quiz_serving", "--seed", "32")
    assert is_one_line(again, "is there already")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("07_quiz", "--seed", "1"), "must begin with a letter"),
        (("../quiz", "--seed", "1"), "must begin with a letter"),
        (("quiz", "--seed", "1", "--category", "cooking"), "cooking"),
        (("quiz", "--seed", "1", "--term", "no-such"), "no-such"),
        (("quiz", "--seed", "1", "--lab", "77"), "lab == '77'"),
        (("quiz", "--seed", "1", "--term", "data-drift"), "questions == 20"),
    ],
)
def test_a_quiz_that_cannot_be_made_leaves_nothing(own, run, words, part):
    assert is_one_line(run("dev", "quiz", *words), part)
    assert list((own / "solutions").iterdir()) == []
