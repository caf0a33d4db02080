"""``python -m mlcourse.cli``, for where ``mlcourse`` is not on the path."""

from mlcourse.cli import main

main()
