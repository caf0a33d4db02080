"""Exceptions of the package: one base, so that a caller can catch all of them."""

__all__ = [
    "BuildError",
    "CourseNotFoundError",
    "LabNotFoundError",
    "MlcourseError",
    "ServerError",
    "SourceError",
]


class MlcourseError(Exception):
    """Base of every error that a person can do something about."""


class CourseNotFoundError(MlcourseError):
    """No course folder at or above the place where one was looked for."""


class LabNotFoundError(MlcourseError):
    """No lab has that number or name."""


class SourceError(MlcourseError):
    """A lab's source breaks a rule of the builder."""


class BuildError(MlcourseError):
    """A built notebook cannot be written without losing somebody's work."""


class ServerError(MlcourseError):
    """An application did not start, or did not stop, as a server."""
