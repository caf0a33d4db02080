import pytest

from mlcourse.grading.message import check


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stderr", "text": "x"}),
        ("status", {"execution_state": "idle"}),
        ("display_data", {"data": {"text/plain": "x"}, "metadata": {}}),
        ("execute_result", {"data": {"application/json": [1.5, None]}, "metadata": {}}),
        ("error", {"ename": "E", "evalue": "", "traceback": ["x"]}),
        ("execute_reply", {"status": "ok", "execution_count": 1}),
        ("comm_open", {"comm_id": "x", "data": {"state": {}}}),
        ("clear_output", {"wait": True}),
    ],
)
def test_what_a_kernel_says_passes(kind, content):
    before = repr(content)
    check(kind, content)
    assert repr(content) == before


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdlog", "text": "x"}),
        ("stream", {"text": "x"}),
        ("stream", []),
        ("status", {"execution_state": None}),
        ("display_data", {"data": {"text/html": {"a": 1}}, "metadata": {}}),
        ("display_data", {"data": {"application/json": float("nan")}, "metadata": {}}),
        ("execute_result", {"data": [], "metadata": {}}),
        ("error", {"ename": "E", "evalue": "", "traceback": [None]}),
        ("execute_reply", {"status": "error", "ename": 1}),
    ],
)
def test_what_a_notebook_cannot_hold_is_refused(kind, content):
    with pytest.raises((KeyError, TypeError, ValueError)):
        check(kind, content)


def test_an_aborted_reply_is_an_error():
    reply = {"status": "aborted"}
    check("execute_reply", reply)
    assert reply == {
        "status": "error",
        "ename": "Aborted",
        "evalue": "",
        "traceback": [],
    }
