from mlcourse.cli.gate import Step, run_gate, steps


def test_the_whole_gate_ends_with_the_tests():
    names = [step.name for step in steps()]
    assert names[-1] == "tests"
    assert [step.name for step in steps(fast=True)] == names[:-1]
    assert {"format", "style", "types", "floors", "spelling"} < set(names)


def test_a_step_names_the_command_that_repeats_it():
    assert str(steps()[-1]) == ".venv/bin/pytest -n 2"


def test_all_steps_run_and_the_failed_ones_are_told_last(tmp_path):
    said = []
    todo = [
        Step("bad", ("python", "-c", "print('reason'); raise SystemExit(3)")),
        Step("good", ("python", "-c", "print('not shown')")),
    ]
    assert run_gate(tmp_path, todo, say=said.append) is False
    assert said[0] == "reason"
    assert said[1].startswith("FAIL  bad")
    assert said[2].startswith("ok    good")
    assert said[3].startswith("Repeat: .venv/bin/python -c")


def test_a_gate_that_passes_says_so(tmp_path):
    said = []
    assert run_gate(tmp_path, [Step("good", ("python", "-c", ""))], say=said.append)
    assert len(said) == 1


def test_steps_run_in_the_course(tmp_path):
    code = "import os; open('here', 'w').write(os.getcwd())"
    assert run_gate(tmp_path, [Step("a", ("python", "-c", code))], say=str)
    assert (tmp_path / "here").read_text() == str(tmp_path.resolve())
