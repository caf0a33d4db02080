# nbformat and nbgrader are not typed.
# mypy: disable-error-code="no-untyped-call,import-untyped"
"""The score of one executed cell: nbgrader's, where an honest notebook could get it."""

import math

from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade, is_solution

from mlcourse.grading.job import Flag

__all__ = ["score_cell"]


def score_cell(cell: NotebookNode) -> tuple[float | None, Flag | None]:
    """Return what nbgrader's ``determine_grade`` would give, unless it was forged.

    Cells that a human grades are left to nbgrader. For test cells it differs in this:

    - An error anywhere among the outputs is 0 points. nbgrader stops at the first
      result, so what is shown before an assertion fails would count.
    - A test cell that has code and was not run is 0 points, and flagged. nbgrader gives
      it all points, because nothing went wrong.
    - Two results with different scores, or a result that is not a number between 0 and
      the most points (negative, infinite, NaN, too large), or one without a text, are
      for a human: no score and a flag. nbgrader gives all points, or fails for the
      whole submission.

    Args:
        cell: A cell that nbgrader grades, after it was run.

    Returns:
        The score, None where a human must decide; and what a human should look at.

    Raises:
        ValueError: If the cell is not graded.

    Example:
        >>> from nbformat.v4 import new_code_cell, new_output
        >>> mark = {"grade": True, "solution": False, "grade_id": "t", "points": 2}
        >>> test = new_code_cell("f(3)", execution_count=1, metadata={"nbgrader": mark})
        >>> score_cell(test)[0]
        2.0
        >>> test.outputs = [new_output("execute_result", {"text/plain": "nan"})]
        >>> score_cell(test)[1].kind
        'impossible-score'
    """
    if not is_grade(cell) or is_solution(cell) or cell.cell_type != "code":
        return _score(cell), None
    name = str(cell.metadata.nbgrader.grade_id)
    kinds = [output.output_type for output in cell.outputs]
    if "error" in kinds:
        return 0.0, None
    if cell.source.strip() and cell.get("execution_count") is None:
        text = "The test has code and was not run; nbgrader would give all points."
        return 0.0, Flag("not-run", text, cell=name)
    most = float(cell.metadata.nbgrader.points)
    results = [one for one in cell.outputs if one.output_type == "execute_result"]
    for result in results:
        if why := _impossible(result, most):
            return None, Flag("impossible-score", why, cell=name)
    scores = set()
    for place in [i for i, kind in enumerate(kinds) if kind == "execute_result"]:
        # What stands before a result counts with it: text on stderr is 0 points.
        others = [o for o in cell.outputs[:place] if o.output_type != "execute_result"]
        only = NotebookNode(cell, outputs=[*others, cell.outputs[place]])
        scores.add(_score(only))
    if len(scores) > 1:
        text = f"The test shows {len(results)} results with different scores."
        return None, Flag("several-results", text, cell=name)
    return _score(cell), None


def _score(cell: NotebookNode) -> float | None:
    score, _ = determine_grade(cell)
    return None if score is None else float(score)


def _impossible(result: NotebookNode, most: float) -> str:
    """Return why a result is no score, or nothing; texts are nbgrader's to judge."""
    shown = result.data.get("text/plain")
    if not shown:
        return "The result of the test has no text, which nbgrader cannot score."
    if isinstance(shown, list):
        if len(shown) > 1:
            return ""
        shown = shown[0]
    try:
        score = float(shown)
    except ValueError:
        return ""
    if math.isfinite(score) and 0 <= score <= most:
        return ""
    return f"The test's result is {score:g}, which is not between 0 and {most:g}."
