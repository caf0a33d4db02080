"""``python -m grading.grader COURSE LOG``: a grader without kernels, to be killed."""

import sys
from functools import partial
from pathlib import Path

from grading.conftest import ASSIGNMENT
from grading.pretend import pretend

from mlcourse.grading.course import Course
from mlcourse.grading.run import grade

if __name__ == "__main__":
    grade(
        Course.open(Path(sys.argv[1])),
        ASSIGNMENT,
        runner=partial(pretend, log=sys.argv[2]),
        workers=2,
    )
