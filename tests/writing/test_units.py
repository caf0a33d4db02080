import pytest

from mlcourse.writing.units import counts, find_unit, unit_of


@pytest.mark.parametrize(
    ("name", "kind", "factor"),
    [
        ("ms", "time", 1e-3),
        ("Milliseconds", "time", 1e-3),
        ("seconds", "time", 1.0),
        ("%", "share", 0.01),
        ("per  cent", "share", 0.01),
        ("percentage points", "points", 0.01),
        ("req/s", "rate", 1.0),
        ("requests per second", "rate", 1.0),
        ("MiB", "bytes", 2.0**20),
        ("€", "euro", 1.0),
        ("x", "times", 1.0),
        ("", "", 1.0),
        ("Members", "members", 1.0),
    ],
)
def test_units_have_a_kind_and_a_size(name, kind, factor):
    assert unit_of(name)[:2] == (kind, factor)


@pytest.mark.parametrize(
    ("labels", "symbol"),
    [
        ("p95 (ms)", "ms"),
        ("Latency in s", "s"),
        ("size [MB] | model", "MB"),
        ("p95_ms", "ms"),
        ("error rate, %", "%"),
    ],
)
def test_a_header_names_its_unit(labels, symbol):
    assert find_unit(labels).symbol == symbol


@pytest.mark.parametrize("labels", ["", "Class B", "x", "min", "Second run", "members"])
def test_a_header_without_a_unit_names_none(labels):
    assert find_unit(labels) is None


def test_a_counted_noun_may_have_two_words_before_it():
    assert counts("members", " active paying members left")
    assert not counts("members", " of the paying members")
    assert not counts("", " members")
