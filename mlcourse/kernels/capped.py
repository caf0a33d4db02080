"""Standard output with an end."""

from ipykernel.iostream import OutStream

__all__ = ["CappedStream", "OutputLimitError"]


class OutputLimitError(RuntimeError):
    """A cell printed more than a grader reads."""


class CappedStream(OutStream):
    """Standard output that refuses to go on without end.

    ipykernel joins the prints of a fifth of a second into one message, so a limit at
    the reader's end comes too late for a loop that prints.
    """

    most = 10 << 20
    written = 0

    def write(self, text: str) -> int:
        """Write, until the limit.

        Raises:
            OutputLimitError: If more is written than the limit.
        """
        self.written += len(text)
        if self.written > self.most:
            raise OutputLimitError(f"more than {self.most >> 20} MiB of output")
        return super().write(text) or 0
