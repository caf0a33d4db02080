"""nbgrader's settings for this course; each command of nbgrader reads this file."""

import os
import shutil
import sys
from pathlib import Path

from mlcourse.authoring.release import STEPS

c = get_config()  # noqa: F821 - traitlets puts it here

COURSE = Path(__file__).resolve().parent
GRADING = ".grading"

# nbgrader opens the gradebook before it makes any folder.
(COURSE / GRADING).mkdir(exist_ok=True)

# A new gradebook calls `alembic` by name; it stands beside this Python.
if shutil.which("alembic") is None:
    os.environ["PATH"] = (
        f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )

# Commands work from any folder, and the gradebook knows which course it is.
c.CourseDirectory.root = str(COURSE)
c.CourseDirectory.course_id = "mlcourse"

# The sources and what learners get stand at the top of the checkout ...
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "labs"

# ... and everything that grading writes stands in one folder that git ignores.
c.CourseDirectory.submitted_directory = f"{GRADING}/submitted"
c.CourseDirectory.autograded_directory = f"{GRADING}/autograded"
c.CourseDirectory.feedback_directory = f"{GRADING}/feedback"
c.CourseDirectory.solution_directory = f"{GRADING}/solution"
c.CourseDirectory.source_with_tests_directory = f"{GRADING}/source_with_tests"
c.CourseDirectory.db_url = f"sqlite:///{COURSE / GRADING / 'gradebook.db'}"
c.ZipCollectApp.downloaded_directory = f"{GRADING}/downloaded"
c.Exchange.root = str(COURSE / GRADING / "exchange")
c.Exchange.cache = str(COURSE / GRADING / "cache")
c.NbGrader.logfile = str(COURSE / GRADING / "nbgrader.log")

# nbgrader copies every file beside a notebook to learners and into the grading folder.
# These two hold the answers: the source and the planted mistakes.
c.CourseDirectory.ignore = [
    ".*",
    "*.pyc",
    "__pycache__",
    "feedback",
    "[0-9][0-9]_*.py",
    "wrong_answers.py",
]

# Rubrics stay here, stubs run without an error, a memo gets a stub of its own.
c.GenerateAssignment.preprocessors = STEPS

# formgrader shows the rubric above each written answer; feedback never has it.
c.HTMLExporter.preprocessors = ["mlcourse.authoring.rubric.ShowRubrics"]

# A test cell that a learner deleted comes back, so that it counts for nothing.
c.OverwriteCells.add_missing_cells = True

# A cell may train a model, and a cold kernel imports for ten seconds: nbclient's 4 s
# for the last message of a cell (iopub) fails honest notebooks on a busy machine.
c.ExecutePreprocessor.timeout = 120
c.ExecutePreprocessor.iopub_timeout = 120
c.ExecutePreprocessor.startup_timeout = 120

# No farewell of up to five seconds, and no code of the learner's that runs at exit.
c.ExecutePreprocessor.shutdown_kernel = "immediate"

# Times and widget states differ on every run; graded notebooks should not.
c.ExecutePreprocessor.record_timing = False
c.ExecutePreprocessor.store_widget_state = False

# The names that `mlcourse submit` gives its archives.
c.FileNameCollectorPlugin.named_regexp = (
    r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"
)
