"""The process in which other answers are tried: ``python -m ... FOLDER``.

``FOLDER/job.json`` says what to do; ``FOLDER/results.jsonl`` takes a line for each
answer. An answer that could not be tried here has no line.
"""

import asyncio
import contextlib
import ctypes
import io
import json
import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from nbformat import NotebookNode

__all__ = ["main"]

Fields = dict[str, Any]
_PR_SET_PDEATHSIG = 1


def main(folder: Path) -> None:
    """Run the job of a folder.

    Args:
        folder: Holds ``job.json``; the working directory is a copy of the lab.
    """
    _die_with(os.getppid())
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    waiting = list(job["variants"])
    shell = _shell()
    # Loaded before the first fork, once for all.
    import nbgrader.utils  # type: ignore[import-untyped]  # noqa: F401

    with (folder / "results.jsonl").open("w", encoding="utf-8") as results:
        for position, cell in enumerate(job["cells"]):
            here = [
                variant for variant in waiting if variant["answer"] == cell["answer"]
            ]
            waiting = [variant for variant in waiting if variant not in here]
            if here and not job["fork"]:
                for variant in here:
                    _report(results, variant["id"], _try(shell, job, position, variant))
                return
            if here and _is_alone():
                for number, fields in _fork(shell, job, position, here, folder):
                    _report(results, number, fields)
            if not waiting:
                return
            _run_cell(shell, cell)


def _is_alone(grace: float = 10.0) -> bool:
    # A forked child has one thread, and waits for ever for what others hold. The
    # threads of a server that has stopped take a moment to end.
    deadline = time.monotonic() + grace
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(max(0.0, deadline - time.monotonic()))
    return threading.active_count() == 1


def _die_with(parent: int) -> None:
    # Linux ends this process when its parent ends, however that comes about.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _report(results: io.TextIOBase | Any, number: int, fields: Fields) -> None:
    results.write(json.dumps({"id": number, **fields}) + "\n")
    results.flush()


def _shell() -> "InteractiveShell":
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.loop_runner = asyncio.Runner().run
    sys.path.insert(0, "")
    return shell


def _run_cell(shell: "InteractiveShell", cell: Fields) -> tuple[Any, list[Fields]]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        done = shell.run_cell(cell["source"])  # type: ignore[no-untyped-call]
    outputs: list[Fields] = []
    error = done.error_before_exec or done.error_in_exec
    if err.getvalue():
        outputs.append(
            {"output_type": "stream", "name": "stderr", "text": err.getvalue()}
        )
    if error is not None:
        outputs.append({"output_type": "error", "ename": type(error).__name__})
    if done.result is not None:
        formatter = shell.display_formatter
        assert formatter is not None
        data, _ = formatter.format(done.result)  # type: ignore[no-untyped-call]
        outputs.append({"output_type": "execute_result", "data": data})
    return done.result, outputs


def _score(cell: Fields, outputs: list[Fields]) -> float:
    from nbformat import from_dict
    from nbgrader.utils import determine_grade

    grading = {"grade": True, "solution": False, "points": cell["points"]}
    node: NotebookNode = from_dict(  # type: ignore[no-untyped-call]
        {
            "cell_type": "code",
            "metadata": {"nbgrader": grading},
            "source": cell["source"],
            "outputs": outputs,
        }
    )
    return float(determine_grade(node)[0])


def _try(
    shell: "InteractiveShell", job: Fields, position: int, variant: Fields
) -> Fields:
    found: Fields = {"scores": {}, "points": {}, "hints": {}}
    wanted = set(variant["tests"])
    for offset, cell in enumerate(job["cells"][position:]):
        source = variant["source"] if offset == 0 else cell["source"]
        result, outputs = _run_cell(shell, cell | {"source": source})
        name = cell["test"]
        if not name:
            continue
        found["scores"][name] = _score(cell, outputs)
        found["points"][name] = float(cell["points"])
        found["hints"][name] = getattr(result, "hint_key", None)
        wanted.discard(name)
        loses = found["scores"][name] < found["points"][name]
        if not wanted and (variant["tests"] or loses):
            break
    return found


def _fork(
    shell: "InteractiveShell",
    job: Fields,
    position: int,
    variants: list[Fields],
    folder: Path,
) -> Iterator[tuple[int, Fields]]:
    context = multiprocessing.get_context("fork")
    waiting = list(variants)
    running: dict[Any, tuple[Any, int, float]] = {}
    while waiting or running:
        while waiting and len(running) < job["workers"]:
            variant = waiting.pop(0)
            receiver, sender = context.Pipe(duplex=False)
            place = folder / f"lab-{variant['id']}"
            child = context.Process(
                target=_child, args=(sender, place, shell, job, position, variant)
            )
            child.start()
            sender.close()
            deadline = time.monotonic() + job["timeout"]
            running[receiver] = (child, variant["id"], deadline)
        soonest = min(deadline for _, _, deadline in running.values())
        pause = max(0.0, soonest - time.monotonic())
        ready = multiprocessing.connection.wait(list(running), pause)
        for receiver in list(running):
            child, number, deadline = running[receiver]
            late = time.monotonic() >= deadline
            if receiver not in ready and not late:
                continue
            del running[receiver]
            yield number, _receive(receiver, job["timeout"], late=receiver not in ready)
            _end(child)


def _receive(receiver: Any, timeout: float, *, late: bool) -> Fields:
    nothing: Fields = {"scores": {}, "points": {}, "hints": {}}
    if late:
        return nothing | {"failure": f"timed out after {timeout:g} s"}
    try:
        fields: Fields = receiver.recv()
    except EOFError:
        return nothing | {"failure": "its process died"}
    return fields


def _child(
    sender: Any,
    place: Path,
    shell: "InteractiveShell",
    job: Fields,
    position: int,
    variant: Fields,
) -> None:
    # A group of its own, so that programs it starts can be ended with it; files and
    # event loop of its own, since a fork shares both.
    os.setpgid(0, 0)
    _die_with(os.getppid())
    shutil.copytree(Path.cwd(), place)
    os.chdir(place)
    shell.loop_runner = asyncio.Runner().run
    sender.send(_try(shell, job, position, variant))
    sender.close()
    os._exit(0)


def _end(child: Any) -> None:
    for end in (lambda: os.killpg(child.pid, signal.SIGKILL), child.kill):
        with contextlib.suppress(ProcessLookupError):
            end()
    child.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
