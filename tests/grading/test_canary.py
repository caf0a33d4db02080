"""Controls in an interpreter of this process; real kernels stand in test_execute."""

import ast

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from mlcourse.grading.canary import comparisons, stranger, watch
from mlcourse.grading.control import must_fail


def ask(control, names=None):
    """Run a control as a kernel would, and return what it answers."""
    names = {} if names is None else names
    try:
        exec(control.code, names)
    except Exception as error:
        said = {"ename": type(error).__name__, "evalue": str(error)}
        return control.answer({"status": "error", "traceback": [], **said})
    return control.answer({"status": "ok"})


def equal(tests, **names):
    """Return which of the comparisons of a source are true of a stranger."""
    found = comparisons(tests)
    answer = ask(stranger(found), names)
    assert answer is not None
    return [found[int(number)] for number in answer.split(",") if number]


class Everything:
    def __eq__(self, other):
        return True

    __hash__ = None


def test_a_control_fails_and_leaves_no_name():
    names = {"str": 1, "type": 2, "Exception": 3, "enumerate": 4, "AssertionError": 5}
    before = dict(names)
    assert ask(must_fail(), names) == ""
    assert ask(stranger(["_ == 1"]), names) == ""
    assert names.keys() - {"__builtins__"} == before.keys()


def test_no_two_controls_are_alike():
    assert len({must_fail().code for _ in range(50)}) == 50


def test_another_error_or_none_is_no_answer():
    control = must_fail()
    assert control.answer(None) is None
    assert control.answer({"status": "ok"}) is None
    error = {"status": "error", "ename": control.error, "evalue": "x"}
    assert control.answer(error) is None
    error = {"status": "error", "ename": "E", "evalue": control.token}
    assert control.answer(error) is None


def test_a_removed_assert_is_noticed():
    class Gone(ast.NodeTransformer):
        def visit_Assert(self, node):
            return ast.copy_location(ast.Pass(), node)

    control = must_fail()
    code = ast.unparse(Gone().visit(ast.parse(control.code)))
    exec(code, {})


@pytest.mark.parametrize(
    "test",
    [
        "assert f(2) == 4",
        "assert 4 == f(2)",
        "assert 3 < 5 and (f(2) == 4)",
        "assert f(1) == f(2) == 4",
        "if True:\n    assert f(2) == 4",
        "for n in (1, 2):\n    assert f(n) == n",
        "with open('x') as file:\n    assert f(2) == 4",
        "assert_equal(f(2), 4)",
        "self.assertEqual(4, f(2))",
    ],
)
def test_an_answer_that_equals_everything_is_found(test):
    names = {"f": lambda _: Everything(), "n": 2, "assert_equal": None}
    assert "(f(2)) == _" in equal(test, **names) or "(f(n)) == _" in equal(
        test, **names
    )


@pytest.mark.parametrize(
    "value", [4, 4.0, "x", None, [1, 2], {"a": 1}, (1,), {1}, True, float("nan"), ...]
)
def test_an_ordinary_answer_is_not(value):
    assert equal("assert f(2) == 4", f=lambda _: value) == []


def test_arrays_and_frames_are_ordinary():
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, 2]})
    tests = "assert f(2) == 4\nassert_equal(f(2), 4)"
    for value in (np.ones(3), np.float64(1), np.array(1), frame, frame.a, pd.NA):
        assert equal(tests, f=lambda _, value=value: value) == []


def test_comparing_functions_that_work_are_ordinary():
    source = (
        "np.testing.assert_allclose(x, 1)\nassert math.isclose(x, 1)\n"
        "assert np.allclose(x, 1)\nunittest.TestCase().assertEqual(x, 1)\n"
        "assert np.array_equal(x, x)\npd.testing.assert_frame_equal(f, f)"
    )
    names = {name: __import__(name) for name in ("math", "unittest", "numpy", "pandas")}
    names |= {"np": names["numpy"], "pd": names["pandas"], "x": 1.0}
    names["f"] = names["pd"].DataFrame({"a": [1]})
    assert equal(source, **names) == []


@pytest.mark.parametrize(
    ("test", "names"),
    [
        ("check.assert_equal(1, 2)", {"assert_equal": lambda *_: None}),
        ("assert check.isclose(1, 2)", {"isclose": lambda *_: True}),
        ("check.assertEqual(1, 2)", {"assertEqual": lambda *_: None}),
    ],
)
def test_a_comparing_function_that_never_fails_is_found(test, names):
    check = type("check", (), {key: staticmethod(f) for key, f in names.items()})
    assert len(equal(test, check=check)) == 1


@pytest.mark.parametrize(
    "test",
    [
        "def g():\n    assert f(2) == 4",
        "class G:\n    assert f(2) == 4",
        "assert f(2) != 4",
        "assert f(2) > 4",
        "assert 4 == 4",
        "assert (y := 4) == 4",
        "assert f(2) == mock.ANY or True",
        "%matplotlib inline",
        "assert_not_equal(f(2), 3)",
        "assertLessEqual(f(2), 3)",
        "print(f(2) == 4)",
    ],
)
def test_what_cannot_be_asked_again_is_left_alone(test):
    assert [one for one in comparisons(test) if "f(2)" not in one] == []
    assert "(y" not in "".join(comparisons(test))


class ScriptedClient:
    """Runs every cell well, and answers controls as it is told."""

    def __init__(self, cells, reply):
        self.nb = new_notebook(cells=cells)
        self.reason, self.flags, self.asked, self._reply = "", [], [], reply

    def run(self, cell, index):
        self.asked.append(cell.source)
        return "bad" not in cell.source

    def control(self, code, seconds):
        self.asked.append("control")
        return self._reply(code)


def fails_well(code):
    try:
        exec(code, {})
    except Exception as error:
        said = {"ename": type(error).__name__, "evalue": str(error)}
        return {"status": "error", **said}
    return {"status": "ok"}


def checked(source, name):
    mark = {"grade": True, "solution": False, "grade_id": name, "points": 1}
    return new_code_cell(source, metadata={"nbgrader": mark})


def test_a_control_follows_each_run_of_tests():
    cells = [new_code_cell("a"), checked("b", "b"), checked("c", "c")]
    cells += [new_code_cell("d"), checked("e", "e")]
    client = ScriptedClient(cells, fails_well)
    assert watch(client, {"b": 1, "c": 1, "e": 1}) == ("", [])
    assert client.asked == ["a", "b", "c", "control", "d", "e", "control"]


def test_tests_that_failed_need_no_control():
    client = ScriptedClient([checked("bad", "b")], fails_well)
    assert watch(client, {"b": 1}) == ("", [])
    assert client.asked == ["bad"]


def test_a_control_that_survives_is_told_for_each_test_before_it():
    for reply in ({"status": "ok"}, None):
        cells = [checked("b", "b"), checked("bad", "c"), checked("d", "d")]
        client = ScriptedClient(cells, lambda code, reply=reply: reply)
        _, flags = watch(client, {"b": 1, "c": 1, "d": 1})
        assert [(flag.kind, flag.cell) for flag in flags] == [
            ("canary-survived", "b"),
            ("canary-survived", "d"),
        ]
