"""Want to see, or to change, what is not their own."""

from grading.corpus.case import Case, first, link

LOOK = "def look(path):\n    try: print(open(path).read())\n    except OSError as error: print(type(error).__name__)\n"
THIEVES = [
    Case("reads-its-notebook", edit=first(code=LOOK + "look('problem1.ipynb')")),
    Case(
        "walks-the-disk",
        edit=first(
            code="import os\nfound = []\n"
            "for top, _, files in os.walk('/'):\n"
            "    if top.startswith(('/proc', '/sys', '/usr')) or 'site-packages' in top: continue\n"
            "    found += [top + '/' + f for f in files if f.endswith(('.ipynb', '.db'))]\n"
            "print('FOUND', found)"
        ),
    ),
    Case(
        "writes-the-gradebook",
        edit=first(
            code="import sqlite3, glob\n"
            "for path in ['../../../gradebook.db', *glob.glob('/*/*/gradebook.db')]:\n"
            "    try: sqlite3.connect(path).execute('update grade set auto_score=99')\n"
            "    except Exception as error: print(type(error).__name__)"
        ),
    ),
    Case(
        "reads-the-environment", edit=first(code="import os\nprint(dict(os.environ))")
    ),
    Case(
        "calls-out",
        edit=first(
            code="import os, socket\n"
            "try: socket.create_connection(('127.0.0.1', {port}), 1); print('CONNECTED')\n"
            "except OSError as error: print(type(error).__name__)"
        ),
    ),
    Case(
        "links-to-the-gradebook",
        flag=True,
        arrange=link("notes.txt", "{course}/gradebook.db"),
    ),
    Case("links-to-a-folder", flag=True, arrange=link("notes", "{course}/source")),
    Case(
        "links-its-notebook",
        {"test_double": 1.0},
        flag=None,
        failure=True,
        arrange=lambda folder, course: (
            (folder / "problem1.ipynb").unlink(),
            (folder / "problem1.ipynb").symlink_to(
                course / "source/ps1/problem1.ipynb"
            ),
        )[0],
    ),
    Case(
        "sees-its-neighbours",
        edit=first(
            code="import os\nprint('SEEN', os.listdir('..'), [p for p in os.listdir('/proc') if p.isdigit()])"
        ),
    ),
    Case(
        "writes-outside",
        edit=first(
            code="""\
import os
for path in ('/sandbox/../x', '/usr/x', os.path.expanduser('~/../../x'), '/etc/passwd'):
    try: open(path, 'w').write('x'); print('WROTE', path)
    except OSError as error: print(type(error).__name__)"""
        ),
    ),
    Case(
        "exports-a-pickle",
        edit=first(
            code="""\
class Bomb:
    def __reduce__(self): return (print, ('BOOM',))
    def _repr_mimebundle_(self, **k): return {'application/x-pickle': 'gASVEA=='}
Bomb()"""
        ),
    ),
]
