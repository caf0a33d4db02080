"""Want to stop the grader. The cells before the break keep their points."""

from grading.corpus.case import HUMAN, Case, first

LATER = {
    "test_squares": 2.0,
    "test_partial": 3.0,
    "test_total": 0.0,
    "test_double": 1.0,
}
BREAKERS = [
    Case("exits", LATER, answers={"total": "import os\nos._exit(0)"}),
    Case("leaves", LATER | {"test_total": HUMAN}, answers={"total": "exit()"}),
    Case("faults", LATER, answers={"total": "import ctypes\nctypes.string_at(0)"}),
    Case(
        "never-ends",
        LATER,
        answers={
            "total": "while True:\n    try:\n        while True: pass\n"
            "    except BaseException: pass"
        },
    ),
    Case(
        "sleeps-in-c",
        LATER,
        answers={
            "total": "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(1000)"
        },
    ),
    Case(
        "kills-its-parents",
        None,
        answers={
            "total": "import os, signal\n"
            "for pid in (os.getppid(), 1, -1):\n"
            "    try: os.kill(pid, signal.SIGKILL)\n"
            "    except OSError: pass"
        },
    ),
    Case(
        "eats-memory",
        LATER,
        answers={"total": "x = []\nwhile True: x.append(bytearray(1 << 24))"},
    ),
    Case(
        "forks",
        None,
        answers={
            "total": "import os, time\n"
            "try:\n    for _ in range(2000):\n"
            "        if os.fork() == 0: time.sleep(100)\n"
            "except OSError: pass"
        },
    ),
    Case("talks", LATER, answers={"total": "print('x' * (1 << 28))"}),
    Case(
        "shows-much",
        LATER,
        answers={
            "total": "from IPython.display import HTML\nfor _ in range(400): display(HTML('x' * (1 << 20)))"
        },
    ),
    Case(
        "fills-the-disk",
        None,
        answers={
            "total": "def total(path):\n    with open('big', 'wb') as f:\n"
            "        for _ in range(4096): f.write(bytes(1 << 20))\n    return 6"
        },
    ),
    Case(
        "closes-its-sockets",
        None,
        answers={"total": "import os\nos.closerange(3, 1000)"},
    ),
    Case(
        "stays-behind",
        edit=first(
            at=99,
            code="import subprocess\nsubprocess.Popen(['setsid', 'sleep', '98765'])\n1",
        ),
    ),
    Case(
        "leaves-a-thread",
        None,
        edit=first(
            code="""\
import threading, time
def talk():
    while True: print('still here', flush=True); time.sleep(0.01)
threading.Thread(target=talk, daemon=True).start()"""
        ),
    ),
]
