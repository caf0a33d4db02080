"""Want points that they have not earned."""

from grading.corpus.case import (
    HUMAN,
    WITHOUT_SQUARES,
    WRONG,
    Case,
    cheat,
    find,
    marks,
    tags,
)

ALWAYS = """\
class Always(list):
    def __eq__(self, other): return True
    def __getitem__(self, key): return Always()
    __hash__ = None
def squares(n):
    return Always()"""
PLANT = {"squares": "def squares(n):\n    return []"}

FORGERS = [
    Case(
        "skips-the-tests", WITHOUT_SQUARES, answers=WRONG, edit=tags("skip-execution")
    ),
    Case(
        "expects-errors", WITHOUT_SQUARES, answers=WRONG, edit=tags("raises-exception")
    ),
    Case(
        "calls-displayhook",
        WITHOUT_SQUARES | {"test_partial": HUMAN},
        answers=cheat("import sys\nsys.displayhook(3)"),
    ),
    Case(
        "displays-before-each-cell",
        WITHOUT_SQUARES | {"test_partial": HUMAN},
        answers={
            "squares": "import sys\nget_ipython().events.register('pre_run_cell', "
            "lambda info: sys.displayhook(3))\n" + PLANT["squares"]
        },
    ),
    Case(
        "empties-later-cells",
        {"test_squares": HUMAN, "test_partial": HUMAN, "test_double": 1.0},
        flag=True,
        answers={
            "squares": "get_ipython().input_transformers_post.append(lambda _: [])"
        },
    ),
    Case(
        "empties-later-cells-early",
        {"test_squares": HUMAN, "test_partial": HUMAN, "test_double": 1.0},
        flag=True,
        answers={
            "squares": "get_ipython().input_transformers_cleanup.append(lambda _: [])"
        },
    ),
    Case(
        "removes-asserts",
        {"test_squares": HUMAN, "test_double": 1.0},
        flag=True,
        answers={
            "squares": "import ast\nclass Drop(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node): return ast.Pass()\n"
            "get_ipython().ast_transformers.append(Drop())\n" + PLANT["squares"]
        },
    ),
    Case(
        "hides-tracebacks",
        WITHOUT_SQUARES,
        answers={
            "squares": "get_ipython().showtraceback = lambda *a, **k: None\n"
            + PLANT["squares"]
        },
    ),
    Case(
        "runs-nothing",
        {"test_squares": HUMAN, "test_partial": HUMAN, "test_double": 1.0},
        flag=True,
        answers={
            "squares": "from IPython.core.interactiveshell import ExecutionResult\n"
            "def run(self, *a, **k):\n"
            "    async def nothing(): return ExecutionResult(None)\n"
            "    return nothing()\n"
            "type(get_ipython()).run_cell_async = run\n"
            "type(get_ipython()).run_cell = lambda *a, **k: ExecutionResult(None)"
        },
    ),
    Case(
        "answers-for-the-kernel",
        {"test_squares": HUMAN, "test_partial": HUMAN, "test_double": 1.0},
        flag=True,
        answers={
            "squares": "async def do(self, *a, **k):\n"
            "    return {'status': 'ok', 'execution_count': 1, 'payload': [],\n"
            "            'user_expressions': {}}\n"
            "type(get_ipython().kernel).do_execute = do"
        },
    ),
    Case(
        "equals-everything",
        {"test_squares": HUMAN, "test_double": 1.0},
        flag=True,
        answers={"squares": ALWAYS},
    ),
    Case(
        "returns-not-a-number",
        WITHOUT_SQUARES | {"test_partial": HUMAN},
        answers={
            "squares": "class Nan(list):\n"
            "    def __eq__(self, other): return float('nan')\n"
            "    __hash__ = None\n"
            "def squares(n):\n    return Nan()"
        },
    ),
    Case(
        "returns-a-negative",
        WITHOUT_SQUARES | {"test_partial": HUMAN},
        answers={
            "squares": "class Minus(list):\n"
            "    def __eq__(self, other): return -5\n"
            "    __hash__ = None\n"
            "def squares(n):\n    return Minus()"
        },
    ),
    Case(
        "returns-too-much",
        WITHOUT_SQUARES | {"test_partial": HUMAN},
        answers={
            "squares": "class Much(list):\n"
            "    def __eq__(self, other): return 1e9\n"
            "    __hash__ = None\n"
            "def squares(n):\n    return Much()"
        },
    ),
    Case(
        "owns-the-test",
        WITHOUT_SQUARES,
        answers=WRONG,
        edit=marks("test_squares", solution=True),
    ),
    Case(
        "unlocks-the-test",
        WITHOUT_SQUARES,
        answers=WRONG,
        edit=marks("test_squares", locked=False, grade=False),
    ),
    Case(
        "raises-the-points",
        WITHOUT_SQUARES,
        answers=WRONG,
        edit=marks("test_squares", points=99),
    ),
    Case(
        "rewrites-the-test",
        WITHOUT_SQUARES,
        answers=WRONG | {"test_squares": "assert True", "test_partial": "3"},
    ),
    Case(
        "turns-the-test-into-text",
        WITHOUT_SQUARES,
        answers=WRONG,
        edit=lambda name, content: (
            name == "problem1"
            and find(content, "test_squares").update(cell_type="markdown")
        ),
    ),
    Case(
        "shadows-the-library",
        WITHOUT_SQUARES,
        flag=True,
        answers=WRONG,
        files={
            "json.py": "raise SystemExit",
            "numpy.py": "",
            "IPython/__init__.py": "",
        },
    ),
    Case(
        "brings-startup-files",
        WITHOUT_SQUARES,
        answers=WRONG,
        files={
            "sitecustomize.py": "raise SystemExit",
            "usercustomize.py": "raise SystemExit",
            "nbgrader_config.py": "raise SystemExit",
            "ipython_config.py": "raise SystemExit",
            ".ipython/profile_default/startup/x.py": "raise SystemExit",
        },
    ),
]
