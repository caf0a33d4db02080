"""Real kernels behind walls, and what students do to them."""

import os
import resource
import shutil
import signal
import tempfile
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mlcourse.grading.execute import execute
from mlcourse.grading.job import Job, Notebook
from mlcourse.grading.kernel import ProvisionedKernel
from mlcourse.grading.score import score_cell
from mlcourse.kernels import bubblewrap, connection
from mlcourse.kernels.limits import Limits
from mlcourse.kernels.provisioner import SandboxProvisioner, SandboxUnavailableError

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
LIMITS = Limits(memory_mib=512, processes=64, output_mib=1, cpu_seconds=20)


@pytest.fixture(scope="module", autouse=True)
def templates_of_this_test():
    """A folder of its own for templates: a socket's path has 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="mlg", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLCOURSE_RUN_DIR", str(folder))
        yield
    for path in [path for path in connection._held if path.is_relative_to(folder)]:
        connection._held.pop(path).close()
    shutil.rmtree(folder, ignore_errors=True)


def checked(source, name="t", points=2):
    mark = {"grade": True, "solution": False, "locked": True, "schema_version": 3}
    mark |= {"grade_id": name, "points": points}
    return new_code_cell(source, metadata={"nbgrader": mark})


def job(*cells, **settings):
    cells = [new_code_cell(one) if isinstance(one, str) else one for one in cells]
    marks = [one.metadata.nbgrader for one in cells if "nbgrader" in one.metadata]
    points = {mark.grade_id: mark.points for mark in marks}
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": spec})
    text = nbformat.writes(notebook)
    settings = {"limits": LIMITS, "cell_seconds": 20.0} | settings
    return Job("ps1", "ada", (Notebook("problem1", text, points),), **settings)


class Graded:
    """An outcome, read as the gradebook's writer reads it."""

    def __init__(self, *cells, **settings):
        self.outcome = execute(job(*cells, **settings))
        assert self.outcome.failure == ""
        self.execution = self.outcome.executions[0]
        self.notebook = nbformat.reads(self.execution.text, as_version=4)
        nbformat.validate(self.notebook)
        self.scores, self.kinds = {}, {flag.kind for flag in self.outcome.flags}
        for cell in self.notebook.cells:
            if "nbgrader" in cell.metadata:
                score, flag = score_cell(cell)
                self.scores[cell.metadata.nbgrader.grade_id] = score
                self.kinds |= {flag.kind} if flag else set()

    def errors(self, index):
        outputs = self.notebook.cells[index].outputs
        return [one.ename for one in outputs if one.output_type == "error"]


def test_an_honest_notebook_gets_its_points_and_no_flag():
    graded = Graded(
        "import numpy as np\ndef f(n): return n * n\nstr, list, type = 1, 2, 3",
        "1 / 0",
        checked("assert f(2) == 4"),
        checked("assert f(3) == 10", "wrong"),
        checked("round(f(1) / 2, 2)", "part"),
        checked("np.testing.assert_allclose(f(np.ones(3)), np.ones(3))", "arrays"),
        checked("for n in (1, 2):\n    assert f(n) == n * n", "loop"),
    )
    assert graded.scores == {"t": 2, "wrong": 0, "part": 0.5, "arrays": 2, "loop": 2}
    assert graded.kinds == set()
    assert [cell.execution_count for cell in graded.notebook.cells] == list(range(1, 8))
    execution = graded.execution
    assert (execution.name, execution.reason) == ("problem1", "")
    assert execution.tier.startswith("namespaces")
    assert execution.wall_seconds > execution.cpu_seconds / 2 > 0


def test_the_same_job_draws_the_same_numbers():
    code = "import random, numpy as np\nprint(random.random(), np.random.rand())"
    made = job(code)
    texts = [execute(made).executions[0].text for _ in range(2)]
    first, second = (nbformat.reads(text, as_version=4).cells[0] for text in texts)
    assert first.outputs == second.outputs


def test_the_notebook_is_told_that_it_is_graded_and_has_its_files():
    graded = Graded(
        "import os\nprint(os.environ['NBGRADER_EXECUTION'], open('data/a.txt').read())",
        files={"data/a.txt": b"42"},
    )
    assert graded.notebook.cells[0].outputs[0].text == "autograde 42\n"


@pytest.mark.parametrize("variables", [{"MLCOURSE_SEED": "7"}, {}])
def test_the_seed_is_the_jobs_and_not_the_workers(variables, monkeypatch):
    monkeypatch.setenv("MLCOURSE_SEED", "1")
    graded = Graded(
        "import os\nprint(os.environ.get('MLCOURSE_SEED'))", variables=variables
    )
    assert graded.notebook.cells[0].outputs[0].text.strip() == str(
        variables.get("MLCOURSE_SEED")
    )


def test_files_may_be_as_large_as_the_work_folder():
    large = bytes(70 << 20)
    graded = Graded(
        "import os\nprint(os.path.getsize('data.bin') >> 20)",
        files={"data.bin": large},
        limits=replace(LIMITS, scratch_mib=80),
    )
    assert graded.notebook.cells[0].outputs[0].text == "70\n"
    outcome = execute(
        job("1", files={"data.bin": large}, limits=replace(LIMITS, scratch_mib=64))
    )
    assert "holds more than 5,000 files or 64 MiB" in outcome.failure


def test_a_file_beside_the_notebook_shadows_no_library_and_can_be_imported():
    graded = Graded(
        "import beside",
        checked(
            "import numpy\nassert hasattr(numpy, 'ndarray') and beside.ANSWER == 42"
        ),
        files={"numpy.py": b"raise SystemExit", "beside.py": b"ANSWER = 42"},
    )
    assert graded.scores == {"t": 2}


ENDINGS = {
    "exit": ("import os; os._exit(0)", "exit", "KernelDied"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "exit", "KernelDied"),
    "kill": ("import os; os.kill(os.getpid(), 9)", "exit", "KernelDied"),
    "stubborn": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "time",
        "TimeLimitExceeded",
    ),
    "swallow": (
        "while True:\n    try:\n        while True: sum(range(99))\n"
        "    except BaseException: pass",
        "time",
        "TimeLimitExceeded",
    ),
    "display": (
        "from IPython.display import display\n"
        "for _ in range(99): display({'text/plain': 'x' * 100_000}, raw=True)",
        "output",
        "OutputLimitExceeded",
    ),
    "giant": (
        "from IPython.display import display\n"
        "display({'text/plain': 'x' * (20 << 20)}, raw=True)",
        "output",
        "OutputLimitExceeded",
    ),
    "closed": (
        "get_ipython().kernel.iopub_socket.close()\n"
        "get_ipython().kernel.shell_stream.close()",
        None,
        None,
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ran_before_the_end_of_a_kernel_keeps_its_points(ending):
    code, reason, name = ENDINGS[ending]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    graded = Graded(
        "x = 1",
        checked("assert x == 1"),
        code,
        checked("assert x == 1", "after"),
        cell_seconds=2.0,
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert graded.scores["t"] == 2
    if reason:
        assert graded.scores["after"] == 0
        assert graded.execution.reason == reason
        assert graded.errors(2)[-1] == graded.errors(3)[-1] == name
    assert grown < 200 << 10  # KiB


def test_too_much_memory_of_all_processes_ends_it_and_is_named():
    code = (
        "import mmap\nm = mmap.mmap(-1, 2 << 30)\n"
        "for i in range(0, 2 << 30, 4096): m[i] = 1"
    )
    graded = Graded("x = 1", checked("assert x == 1"), code, checked("x", "after"))
    if graded.execution.tier != "namespaces+cgroup":
        pytest.skip("no control groups here")
    assert graded.scores == {"t": 2, "after": 0}
    assert graded.execution.reason == "memory"
    assert graded.errors(2) == graded.errors(3) == ["MemoryLimitExceeded"]


def test_too_large_an_array_is_an_error_and_the_notebook_goes_on():
    graded = Graded("x = bytearray(4 << 30)", checked("assert True"))
    assert graded.errors(0) == ["MemoryError"]
    assert graded.scores == {"t": 2}


def test_cpu_time_is_what_counts():
    limits = replace(LIMITS, cpu_seconds=1.0)
    graded = Graded("while True: pass", checked("1", "after"), limits=limits)
    assert graded.execution.reason == "cpu"
    assert graded.errors(0) == graded.errors(1) == ["CpuTimeLimitExceeded"]


def test_a_bomb_of_processes_is_nobody_else_s_problem():
    graded = Graded(
        "x = 1",
        checked("assert x == 1"),
        "import os\nwhile True: os.fork()",
        cell_seconds=2.0,
    )
    assert graded.scores == {"t": 2}
    assert graded.errors(2)


def test_a_gigabyte_in_one_line_is_an_error_of_the_cell():
    limits = replace(LIMITS, memory_mib=3000)
    graded = Graded("print('x' * (1 << 30))", checked("assert True"), limits=limits)
    assert graded.errors(0) == ["OutputLimitError"]
    assert graded.scores == {"t": 2}
    assert len(graded.execution.text) < 1 << 20


def test_a_cell_over_its_time_is_told_as_nbgrader_tells_it():
    graded = Graded("while True: pass", checked("assert True"), cell_seconds=0.5)
    assert graded.errors(0) == ["KeyboardInterrupt", "CellTimeoutError"]
    assert graded.scores == {"t": 2}


def test_a_thread_that_prints_later_costs_no_points():
    code = (
        "import sys, threading\ngo = threading.Event()\n"
        "def late():\n    go.wait()\n    print('late', flush=True)\n"
        "    done.set()\n"
        "done = threading.Event()\nthreading.Thread(target=late).start()"
    )
    graded = Graded(code, checked("go.set(); done.wait(10); assert True"))
    assert graded.scores == {"t": 2}


FORGERIES = {
    "a result before the error": (
        "import sys\ndef f(n):\n    sys.displayhook(2)\n    return 0",
        checked("assert f(2) == 4"),
        0,
        None,
    ),
    "a second result": (
        "import sys\ndef f(n):\n    sys.displayhook(2)\n    return 0",
        checked("good = f(2) == 4\n2 * good + 0.5"),
        None,
        "several-results",
    ),
    "cells that become empty": (
        "get_ipython().input_transformers_post.append(lambda lines: [])",
        checked("assert False"),
        2,
        "canary-survived",
    ),
    "asserts that become nothing": (
        "import ast\n"
        "class Gone(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)\n"
        "get_ipython().ast_transformers.append(Gone())",
        checked("assert False"),
        2,
        "canary-survived",
    ),
    "a shell that runs nothing": (
        "from IPython.core.interactiveshell import ExecutionResult\n"
        "shell = type(get_ipython())\n"
        "async def nothing(self, *a, **k): return ExecutionResult(None)\n"
        "shell.run_cell_async = nothing\n"
        "shell.run_cell = lambda self, *a, **k: ExecutionResult(None)",
        checked("assert False"),
        2,
        "canary-survived",
    ),
    "tracebacks that are not shown": (
        "get_ipython().showtraceback = lambda *a, **k: None",
        checked("assert False"),
        0,
        None,
    ),
    "an answer that equals everything": (
        "class A:\n    def __eq__(self, other): return True\ndef f(n): return A()",
        checked("assert f(2) == 4"),
        2,
        "equals-everything",
    ),
    "a comparison that never fails": (
        "import numpy as np\nnp.testing.assert_allclose = lambda *a, **k: None",
        checked("np.testing.assert_allclose(1, 2)"),
        2,
        "equals-everything",
    ),
    "not a number": ("x = float('nan')", checked("x"), None, "impossible-score"),
    "less than nothing": ("x = -1", checked("x"), None, "impossible-score"),
    "more than all": ("x = 1e9", checked("x"), None, "impossible-score"),
    "a reply in the kernel's name": (
        "def f(n):\n"
        "    kernel = get_ipython().kernel\n"
        "    parent, send = kernel.get_parent(), kernel.session.send\n"
        "    send(kernel.iopub_socket, 'status', {'execution_state': 'idle'},"
        " parent=parent)\n"
        "    reply = {'status': 'ok', 'execution_count': 1, 'user_expressions': {},"
        " 'payload': []}\n"
        "    ident = kernel._parent_ident['shell']\n"
        "    send(kernel.shell_stream, 'execute_reply', reply, parent, ident=ident)\n"
        "    kernel.shell_stream.flush()\n"
        "    import time\n"
        "    time.sleep(0.3)\n"
        "    return 0",
        checked("assert f(2) == 4"),
        0,
        "forged-reply",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_brings_nothing_or_is_told(forgery):
    code, cell, score, kind = FORGERIES[forgery]
    graded = Graded(code, cell)
    assert graded.scores == {"t": score}
    assert graded.kinds == ({kind} if kind else set())


ODD = (
    "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out')",
    "from IPython.display import display, clear_output, HTML\n"
    "h = display(HTML('<b>1</b>'), display_id='a')\nh.update(HTML('<b>2</b>'))",
    "print('gone')\nclear_output()\nprint('stays')",
    "print('gone')\nclear_output(wait=True)\nprint('stays')",
    "h.update(HTML('<b>3</b>'))\nprint('a\\rb\\b')",
    "import pandas as pd\npd.DataFrame({'a': [1.5, 2.0]})",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "plt.plot([2, 1])",
    "def f(x):\n    return 1 / x\nf(0)",
    "this is wrong",
    "input()",
    "raise KeyboardInterrupt",
    "raise SystemExit",
    "%%bash\necho shell\necho problem >&2",
    "!echo shell",
    "import warnings\nwarnings.warn('careful')",
    "import logging\nlogging.getLogger('x').warning('logged')",
    "import threading\nt = threading.Thread(target=print, args=('thread',))\n"
    "t.start()\nt.join()",
    "%%capture kept\nprint('captured')\ndisplay(1)",
    "kept.stdout, len(kept.outputs)",
    "get_ipython().run_cell('print(1)\\n2');",
    "get_ipython().run_cell('1 / 0');",
    "from tqdm.auto import tqdm\nfor i in tqdm([], disable=True): pass",
    "await __import__('asyncio').sleep(0)\n'waited'",
    "async def later():\n    await asyncio.sleep(0.01)\n    print('later')\n"
    "import asyncio\ntask = asyncio.create_task(later())",
    "await task",
    "await asyncio.gather(later(), later())\nraise ExceptionGroup('g', [ValueError()])",
    "import ipywidgets as w\nout = w.Output()\nwith out:\n    print('in')\n    1 / 0",
    "out",
    "w.IntSlider(3)",
    "from pprint import pprint\npprint({'a': [1] * 40})",
    "x = 3; x; ",
    "x = 3; x;;",
    "_, __, Out[6].shape, len(In)",
    " \n",
    "# only words",
    "def g():\n    yield 1\nnext(g())",
    "print('\\u00e9 \\U0001f600')",
    "class A:\n    def __repr__(self): raise ValueError('no')\nA()",
    "class B:\n    def _repr_html_(self): return '<i>b</i>'\nB()",
    "display(A())",
    "get_ipython().showtraceback = lambda *a, **k: None\n1 / 0",
)


def in_order(outputs):
    """Join what a stream said in a row: where it is cut is a matter of timers."""
    found = []
    for is_stream, run in groupby(outputs, key=lambda one: one.output_type == "stream"):
        if not is_stream:
            found += run
            continue
        texts = {}
        for one in run:
            texts[one.name] = texts.get(one.name, "") + one.text
        found += [new_output("stream", name=n, text=texts[n]) for n in sorted(texts)]
    return found


def test_outputs_are_what_nbgrader_would_have_saved():
    from nbgrader.preprocessors import Execute

    made = job(*ODD)
    ours = nbformat.reads(execute(made).executions[0].text, as_version=4)
    theirs = nbformat.reads(made.notebooks[0].text, as_version=4)
    settings = {"limits": made.limits.as_json(), "seed": int(made.key[:8], 16)}
    spec = KernelSpec(
        argv=["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        env={"NBGRADER_EXECUTION": "autograde"},
    )
    with tempfile.TemporaryDirectory() as folder:
        kernel = ProvisionedKernel(spec, Path(folder), SandboxProvisioner, **settings)
        try:
            stock = Execute(timeout=60)
            stock.preprocess(theirs, {}, km=kernel.manager)
            stock.kc.stop_channels()
            kernel.manager.context.destroy(linger=0)
        finally:
            kernel.close()
    for mine, stock in zip(ours.cells, theirs.cells, strict=True):
        for cell in (mine, stock):
            if cell.source.strip():
                assert len(cell.metadata.pop("execution")) == 4
            for output in cell.outputs:
                if any(word in str(output) for word in (" at 0x", "model_id")):
                    output["data"] = sorted(output["data"])
            cell.outputs = in_order(cell.outputs)
        assert mine == stock
    assert ours.metadata.keys() == theirs.metadata.keys()
    assert ours.metadata.language_info == theirs.metadata.language_info


def test_what_programs_and_children_print_is_complete():
    graded = Graded(
        "import os, subprocess\nos.system('echo 1')\nsubprocess.run(['echo', '2'])\n"
        "print(end='', flush=True)\nos.write(1, b'3');",
        "import multiprocessing as mp\n"
        "def work(n): print(n, flush=True)\n"
        "with mp.get_context('fork').Pool(2) as pool: pool.map(work, [4, 5])",
    )
    first, second = (
        "".join(one.text for one in cell.outputs if one.output_type == "stream")
        for cell in graded.notebook.cells
    )
    assert first == "1\n2\n3"
    assert sorted(second) == ["\n", "\n", "4", "5"]  # each write by itself
    assert graded.kinds == set()


def test_half_a_character_is_written_as_another_one():
    graded = Graded("print('a\\ud800b')", checked("assert True"))
    assert graded.notebook.cells[0].outputs[0].text == "a?b\n"
    assert graded.scores == {"t": 2}


def test_another_kernel_than_ours_is_refused_with_the_reason():
    text = job("1").notebooks[0].text.replace('"python3"', '"ir"')
    made = job("1")
    text = text.replace('"language": "python"', '"language": "R"')
    outcome = execute(replace(made, notebooks=(Notebook("p", text, {}),)))
    assert outcome.executions == ()
    assert "'ir'" in outcome.failure


def test_without_a_sandbox_the_tier_says_so(monkeypatch):
    graded = Graded("x = 1", checked("assert x == 1"), sandbox=False)
    assert graded.execution.tier == "none"
    assert graded.scores == {"t": 2}


def test_where_there_is_no_sandbox_nothing_runs(monkeypatch):
    monkeypatch.setattr(bubblewrap, "missing", lambda: "There is no bubblewrap.")
    with pytest.raises(SandboxUnavailableError, match="no bubblewrap"):
        execute(job("1"))


def test_a_file_outside_of_the_submission_is_refused():
    outcome = execute(job("1", files={"../x": b""}))
    assert "'../x'" in outcome.failure


def test_what_was_only_too_slow_runs_again_alone(monkeypatch):
    from mlcourse.grading import execute as module

    seen = []

    def run(job, notebook):
        seen.append(notebook.name)
        execution, flags, _ = original(job, notebook)
        return execution, flags, len(seen) == 1

    original = module._run
    monkeypatch.setattr(module, "_run", run)
    assert execute(job("1")).failure == ""
    assert seen == ["problem1"] * 2


def parent(process):
    stat = Path(f"/proc/{process}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def sibling(process):
    """Return the other child of a supervisor: the first process inside the walls."""
    own = parent(process)
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    return next(int(child) for child in children if int(child) != process)


@pytest.mark.parametrize("victim", [parent, sibling])
@pytest.mark.parametrize("times", [1, 2])
def test_a_kernel_that_somebody_ended_costs_no_points(monkeypatch, victim, times):
    from mlcourse.grading import execute as module

    runs = []

    def watch(client, points):
        runs.append(client)
        if len(runs) <= times:
            kernel = client._kernel._provisioner.outer_process
            os.kill(victim(kernel), signal.SIGKILL)
        return original(client, points)

    original = module.watch
    monkeypatch.setattr(module, "watch", watch)
    outcome = execute(job("x = 1", checked("assert x == 1")))
    assert len(runs) == 2
    if times == 1:
        notebook = nbformat.reads(outcome.executions[0].text, as_version=4)
        assert score_cell(notebook.cells[1]) == (2, None)
    else:
        assert "The kernel was lost" in outcome.failure
        assert outcome.executions == ()


def test_a_kernel_that_ends_itself_is_the_notebooks_own_doing():
    graded = Graded(
        checked("x = 1"), "import os\nos.kill(os.getpid(), 9)", checked("x")
    )
    assert graded.execution.reason == "exit"
