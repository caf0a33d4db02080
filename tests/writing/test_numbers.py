import pytest

from mlcourse.writing.numbers import find_figures
from mlcourse.writing.units import unit_of


def shown(text, value, unit):
    return any(f.shows(value, unit_of(unit)) for f in find_figures(text))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        # the digits shown
        ("It is 12.3456 ms.", 12.3456, "ms"),
        ("It is 12.35 ms.", 12.3456, "ms"),
        ("It is 12.3 ms.", 12.3456, "ms"),
        ("It is 12 ms.", 12.3456, "ms"),
        ("It is 12.50 ms.", 12.5, "ms"),
        ("It is 3 ms.", 3.0, "ms"),
        ("It is 0.5 s.", 0.5, "s"),
        ("It is 1200 ms.", 1234.0, "ms"),
        ("It is 0 ms.", 0.0, "ms"),
        ("It is 12,3 ms.", 12.3456, "ms"),
        # how a unit is written
        ("It is 12.3ms.", 12.3456, "ms"),
        ("a 12.3-ms wait", 12.3456, "ms"),
        ("It is 12.3\u202fms.", 12.3456, "ms"),
        ("It is 12.3 milliseconds.", 12.3456, "ms"),
        ("It is 0.0123 s.", 12.3456, "ms"),
        ("It is 12300 µs.", 12.3456, "ms"),
        ("It is 1.5 minutes.", 90.0, "s"),
        ("p95 (ms): 12.3", 12.3456, "ms"),
        ("latency in ms: 12.3", 12.3456, "ms"),
        ("p50, p95 and p99 are 8, 12.3 and 20 ms.", 12.3456, "ms"),
        ("p50 8, p95 12.3, p99 20 ms", 12.3456, "ms"),
        ("8/12.3/20 ms", 12.3456, "ms"),
        # large and small
        ("1 234 members", 1234, "members"),
        ("1,234 paying members", 1234, "members"),
        ("1\u00a0234\u00a0567 members", 1234567, "members"),
        ("1,234.5 requests per second", 1234.5, "req/s"),
        ("1.2e3 ms", 1234.0, "ms"),
        ("1.23 × 10^-3 s", 0.001234, "s"),
        ("1.2 million members", 1_234_567, "members"),
        ("12k members", 12_345, "members"),
        ("1234 of them", 1234, ""),
        ("€4.50 a day", 4.5, "€"),
        ("4.50 euros", 4.5, "€"),
        ("$1.2 million", 1_234_567, "$"),
        ("5 kB", 5000, "B"),
        ("3.2x faster", 3.21, "x"),
        ("3.2 times as fast", 3.21, "x"),
        # shares
        ("3.4 %", 0.034, "share"),
        ("3.4%", 3.4, "%"),
        ("3.4 percent", 3.4, "%"),
        ("a share of 0.034", 3.4, "%"),
        ("a share of 0.034", 0.034, "share"),
        ("1.2 percentage points", 1.2, "pp"),
        ("1.2 pp", 1.2, "pp"),
        ("by 0.4 to 1.2 points", 1.2, "pp"),
        # signs
        ("a change of -2.3 %", -2.34, "%"),
        ("a change of −2.3 %", -2.34, "%"),
        ("it fell by 2.3 %", -2.34, "%"),
        ("2.3 % fewer calls", -2.34, "%"),
    ],
)
def test_a_text_shows_a_value(text, value, unit):
    assert shown(text, value, unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("It is 12.34 ms.", 12.3456, "ms"),  # cut off, not rounded
        ("It is 12.4 ms.", 12.3456, "ms"),
        ("It is 10 ms.", 12.3456, "ms"),  # one digit
        ("It is 1e1 ms.", 12.3456, "ms"),
        ("It is 1 s.", 0.6, "s"),
        ("It is 0 %.", 0.3, "%"),
        ("It is 0.00 s.", 0.0034, "s"),
        ("It is 1000 ms.", 1234.0, "ms"),
        ("It is 12.3.", 12.3456, "ms"),  # no unit
        ("It is 12.3 s.", 12.3456, "ms"),
        ("It is 12.3 MB.", 12.3456, "ms"),
        ("It is 12.3 m.", 12.3456, "ms"),
        ("It is 34 %.", 0.034, "share"),
        ("It is 3.4.", 3.4, "%"),
        ("It is 3.4 %.", 3.4, "pp"),
        ("It is 3.4 pp.", 3.4, "%"),
        ("a change of 2.3 %", -2.34, "%"),
        ("a change of -2.3 %", 2.34, "%"),
        ("12 ms", 12, "members"),
        ("12 ms", 12, ""),
        ("1 234 calls", 1234, "members"),
        ("$4.50", 4.5, "€"),
        ("4.5 time", 4.5, "s"),
        ("112.3 ms", 12.3, "ms"),
        ("12.3.1 ms", 12.3, "ms"),
    ],
)
def test_a_text_does_not_show_a_value(text, value, unit):
    assert not shown(text, value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "p95 and HTTP2",
        "the 95th percentile",
        "on 2026-11-21",
        "at 12:30",
        "version 0.7.23",
        "127.0.0.1",
        "v2",
        "a3b",
        "9" * 5000,
        "1" * 30,
        "",
    ],
)
def test_names_dates_and_versions_are_no_figures(text):
    assert find_figures(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("between 1.2 and 3.4 %", [1.2, 3.4]),
        ("1.2–3.4 %", [1.2, 3.4]),
        ("1.2-3.4 %", [1.2, 3.4]),
        ("[1.2, 3.4] %", [1.2, 3.4]),
        ("[1.2,3.4] %", [1.2, 3.4]),
        ("[12,15] ms", [12, 15]),
        ("-1.2 to 3.4 %", [-1.2, 3.4]),
        ("2.3 ± 1.1 %", [2.3, 1.1]),
        ("2.3 +/- 1.1 %", [2.3, 1.1]),
        ("12 ms -15 ms", [12, -15]),
    ],
)
def test_the_ends_of_a_range_are_two_numbers(text, values):
    assert [figure.value for figure in find_figures(text)] == values


def test_joined_numbers_share_the_unit_and_others_do_not():
    first, second, third = find_figures("In 2024 it took 12 to 15 ms.")
    assert first.implied is None
    assert second.implied == third.unit == unit_of("ms")


@pytest.mark.parametrize("exponent", ["e99", "e-99", " million", "k"])
def test_extreme_numbers_are_read_without_an_error(exponent):
    (figure,) = find_figures("9" * 18 + exponent)
    assert not figure.shows(1.0, unit_of("ms"))
