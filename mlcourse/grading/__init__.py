"""Grading of any nbgrader course: plan, execute, commit; then feedback and reports.

*Plan* reads the course and the submissions, and makes one self-contained job of each
submission. *Execute* runs a job in a sandbox; it sees neither course nor gradebook.
*Commit* is the one writer: a transaction a submission into nbgrader's own gradebook,
and the same ``autograded`` folders. A journal of content hashes lets a run that was
killed go on where it was.
"""
