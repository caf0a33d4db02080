"""What a load test found: numbers, a table and plots."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy import float64
    from numpy.typing import NDArray

__all__ = ["LoadReport", "Sweep"]

# Okabe and Ito's palette: told apart with every common form of colour blindness.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
BUSY_CLIENT = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class LoadReport:
    """The result of one load test.

    Percentiles are those of ``numpy.percentile`` with ``method="linear"``, type 7 of
    Hyndman and Fan (Sample Quantiles in Statistical Packages, 1996). Where fewer than
    ``100 / (100 - q)`` requests succeeded they say little more than the maximum.

    Args:
        url: Where the requests went.
        method: The HTTP method.
        concurrency: How many requests were on their way at once.
        seconds: From the first request to the last answer, without the warm-up.
        latencies_ms: Milliseconds from sending to the last byte of the answer, in the
            order of the answers; float64; successful requests only.
        errors: How often each kind of error came: a status, ``timeout``, ``refused``
            or ``disconnected``. A kind that never came counts 0.
        client_busy: The share of the time for which the client used its processor.
            Above 0.9 the client sets the pace, and the numbers describe it.

    Example:
        >>> report = LoadReport(
        ...     url="http://127.0.0.1:8000/predict", method="POST", concurrency=2,
        ...     seconds=0.5, latencies_ms=[10, 20, 30, 40], errors={"503": 1},
        ... )
        >>> report.p50_ms, report.throughput_rps, report.error_rate
        (25.0, 8.0, 0.2)
    """

    url: str
    method: str
    concurrency: int
    seconds: float
    latencies_ms: "NDArray[float64]" = field(repr=False)
    errors: Mapping[str, int] = field(default_factory=dict)
    client_busy: float = 0.0

    def __post_init__(self) -> None:
        import numpy as np

        latencies = np.array(self.latencies_ms, dtype=np.float64)
        latencies.setflags(write=False)
        object.__setattr__(self, "latencies_ms", latencies)
        object.__setattr__(self, "errors", Counter(self.errors))

    @property
    def requests(self) -> int:
        """How many requests were measured, failed ones included."""
        return self.latencies_ms.size + sum(self.errors.values())

    @property
    def error_rate(self) -> float:
        """The share of the requests that failed, 0 to 1; NaN if none was sent."""
        sent = self.requests
        return sum(self.errors.values()) / sent if sent else math.nan

    @property
    def throughput_rps(self) -> float:
        """Successful requests a second."""
        return self.latencies_ms.size / self.seconds if self.seconds else math.nan

    @property
    def client_limited(self) -> bool:
        """Whether the client, not the server, set the pace."""
        return self.client_busy > BUSY_CLIENT

    @property
    def p50_ms(self) -> float:
        """The median latency in milliseconds."""
        return self.percentile(50)

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the latency in milliseconds."""
        return self.percentile(95)

    @property
    def p99_ms(self) -> float:
        """The 99th percentile of the latency in milliseconds."""
        return self.percentile(99)

    def percentile(self, q: float) -> float:
        """Return a percentile of the latency in milliseconds; NaN if none succeeded.

        Args:
            q: Which one, 0 to 100.

        Raises:
            ValueError: If ``q`` is outside 0 to 100.
        """
        import numpy as np

        if not 0 <= q <= 100:
            raise ValueError(f"q == {q!r}, must be between 0 and 100.")
        if not self.latencies_ms.size:
            return math.nan
        return float(np.percentile(self.latencies_ms, q, method="linear"))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the histogram of the latencies with the percentiles marked.

        The axis ends a little after the 99th percentile, so that a single slow answer
        does not flatten the rest; a note counts what lies beyond.

        Args:
            ax: Where to draw; a new figure if omitted.
        """
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
        ax.set_title(f"{self.method} {_path(self.url)}, {self.concurrency} at a time")
        ax.set_xlabel("latency (ms)")
        ax.set_ylabel("requests")
        ax.spines[["top", "right"]].set_visible(False)
        if not self.latencies_ms.size:
            ax.text(
                0.5, 0.5, "no request succeeded", ha="center", transform=ax.transAxes
            )
            return ax
        end = 1.25 * self.p99_ms
        ax.hist(self.latencies_ms, bins=50, range=(0, end), color=BLUE, alpha=0.75)
        for q, color, style in ((50, GREEN, "-"), (95, ORANGE, "--"), (99, RED, ":")):
            value = self.percentile(q)
            label = f"p{q}  {value:.3g} ms"
            ax.axvline(value, color=color, linestyle=style, linewidth=2, label=label)
        ax.set_xlim(0, end)
        beyond = int((self.latencies_ms > end).sum())
        note = f"{beyond} slower than shown, up to {max(self.latencies_ms):.3g} ms"
        ax.legend(frameon=False, title=note if beyond else None)
        return ax

    def _rows(self) -> list[tuple[str, str]]:
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(self.errors.items()))
        warning = ", it sets the pace" if self.client_limited else ""
        return [
            ("requests", f"{self.requests}, {self.concurrency} at a time"),
            ("throughput", f"{self.throughput_rps:.4g} requests/s"),
            *((f"p{q}", f"{self.percentile(q):.3g} ms") for q in (50, 95, 99)),
            ("errors", f"{self.error_rate:.2%}" + (f" ({kinds})" if kinds else "")),
            ("client busy", f"{self.client_busy:.0%}{warning}"),
        ]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self._rows()
        )
        caption = escape(f"{self.method} {self.url}")
        return f"<table><caption>{caption}</caption>{rows}</table>"


@dataclass(frozen=True, slots=True, eq=False)
class Sweep(Mapping[int, LoadReport]):
    """Load tests by their level of concurrency, lowest first.

    Args:
        reports: One report for each level.
    """

    reports: tuple[LoadReport, ...]

    def __getitem__(self, concurrency: int) -> LoadReport:
        for report in self.reports:
            if report.concurrency == concurrency:
                return report
        raise KeyError(concurrency)

    def __iter__(self) -> Iterator[int]:
        return (report.concurrency for report in self.reports)

    def __len__(self) -> int:
        return len(self.reports)

    def frame(self) -> "pd.DataFrame":
        """Return a table with a row for each level of concurrency."""
        import pandas as pd

        columns = (
            "requests",
            "throughput_rps",
            "p50_ms",
            "p95_ms",
            "p99_ms",
            "error_rate",
            "client_busy",
        )
        return pd.DataFrame(
            {
                name: [getattr(report, name) for report in self.reports]
                for name in columns
            },
            index=pd.Index(list(self), name="concurrency"),
        )

    def plot(self) -> "tuple[Axes, Axes]":
        """Draw throughput, and below it the 95th percentile, against concurrency.

        A level at which requests failed is marked with their share, and one at which
        the client set the pace with a hollow point: it says nothing of the server.
        """
        import matplotlib.pyplot as plt

        figure, (top, bottom) = plt.subplots(
            2, 1, sharex=True, figsize=(7, 5), layout="constrained"
        )
        levels = list(self)
        hollow = [report for report in self.reports if report.client_limited]
        figure.suptitle(f"{self.reports[0].method} {_path(self.reports[0].url)}")
        panels: tuple[tuple[Any, str, str, str], ...] = (
            (top, "throughput_rps", "throughput (requests/s)", BLUE),
            (bottom, "p95_ms", "p95 latency (ms)", RED),
        )
        for ax, name, label, color in panels:
            values = [getattr(report, name) for report in self.reports]
            ax.plot(levels, values, color=color, marker="o", linewidth=2)
            ax.plot(
                [report.concurrency for report in hollow],
                [getattr(report, name) for report in hollow],
                linestyle="",
                marker="o",
                color=color,
                markerfacecolor="white",
                label="client sets the pace",
            )
            ax.set_ylabel(label)
            ax.set_ylim(bottom=0, top=1.2 * max([*filter(math.isfinite, values), 1e-9]))
            ax.grid(axis="y", alpha=0.3)
            ax.spines[["top", "right"]].set_visible(False)
        if hollow:
            top.legend(frameon=False, loc="upper left")
        for report in self.reports:
            if report.error_rate > 0:
                top.annotate(
                    f"{report.error_rate:.0%} failed",
                    (report.concurrency, report.throughput_rps),
                    xytext=(0, 8),
                    textcoords="offset points",
                    ha="center",
                )
        bottom.set_xscale("log", base=2)
        bottom.set_xticks(levels, [str(level) for level in levels])
        bottom.set_xlabel("concurrency (requests on their way at once)")
        return top, bottom


def _path(url: str) -> str:
    return "/" + url.split("://", 1)[-1].partition("/")[2]
