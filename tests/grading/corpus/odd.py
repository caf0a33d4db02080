"""Honest work in an odd form: it gets exactly its points."""

from grading.corpus.case import (
    FULL,
    WITHOUT_SQUARES,
    Case,
    drop,
    first,
    rename,
    tags,
    twice,
)
from nbformat.v4 import new_markdown_cell

FORMULA = "def squares(n):\n    return [i * i for i in range(1, n + 1)]"
ODD = [
    Case("honest"),
    Case("renamed", arrange=rename),
    Case("deleted-test", edit=drop("test_squares")),
    Case("copied-test", edit=twice("test_squares")),
    Case("copied-answer", edit=twice("squares")),
    Case(
        "own-module",
        answers={"squares": "from mymath import squares"},
        files={"mymath.py": FORMULA},
    ),
    Case("own-data", files={"data/extra.txt": "5\n"}),
    Case("changed-data", files={"data/numbers.txt": "100\n"}),
    Case("warns", edit=first(code="import warnings\nwarnings.warn('look out')")),
    Case("raises", edit=first(code="1 / 0")),
    Case("asks", edit=first(code="input('name?')")),
    Case("prints-a-megabyte", edit=first(code="print('line\\n' * 200_000)")),
    Case(
        "draws",
        edit=first(
            code="import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
        ),
    ),
    Case("awaits", edit=first(code="import asyncio\nawait asyncio.sleep(0)")),
    Case("uses-the-shell", edit=first(code="!ls\n%timeit -n1 -r1 1")),
    Case(
        "serves",
        edit=first(
            code="""\
import http.server, threading, urllib.request
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
urllib.request.urlopen(f'http://127.0.0.1:{server.server_port}/').status"""
        ),
    ),
    Case(
        "starts-processes",
        edit=first(
            code="""\
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
with ProcessPoolExecutor(2, multiprocessing.get_context('fork')) as pool: print(list(pool.map(abs, [-1, -2])))"""
        ),
    ),
    Case(
        "ends-with-a-thread",
        edit=first(
            at=99,
            code="import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()",
        ),
    ),
    Case("tagged", edit=tags("slow", "hide-input")),
    Case(
        "commented",
        edit=lambda name, content: content.cells.append(new_markdown_cell("# Thanks")),
    ),
    Case(
        "numpy-result",
        answers={
            "squares": "import numpy as np\ndef squares(n):\n    return (np.arange(1, n + 1) ** 2).tolist()"
        },
    ),
    Case(
        "half",
        WITHOUT_SQUARES | {"test_partial": 1.0},
        answers={"squares": "def squares(n):\n    return [n * n]"},
    ),
    Case(
        "untouched",
        {name: 0.0 for name in FULL},
        answers={
            "squares": "def squares(n):\n    pass",
            "total": "def total(path):\n    pass",
            "double": "def double(x):\n    pass",
        },
    ),
]
