"""A report computes what it says, and its plots can be read."""

import math

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from mlcourse.serving import LoadReport, Sweep


def make_report(latencies, **changes):
    values = {
        "url": "http://127.0.0.1:8000/predict",
        "method": "POST",
        "concurrency": 4,
        "seconds": 2.0,
        "latencies_ms": latencies,
    }
    return LoadReport(**{**values, **changes})


@pytest.fixture
def skewed():
    return make_report(
        np.random.default_rng(6).lognormal(1, 0.5, 500),
        errors={"503": 30, "timeout": 2},
    )


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("q", [0, 50, 95, 99, 99.9, 100])
def test_percentiles_are_those_of_numpy(skewed, q):
    assert skewed.percentile(q) == np.percentile(skewed.latencies_ms, q)


def test_named_percentiles_are_the_percentiles(skewed):
    named = (skewed.p50_ms, skewed.p95_ms, skewed.p99_ms)
    assert named == tuple(skewed.percentile(q) for q in (50, 95, 99))


def test_percentiles_interpolate_as_type_7_of_hyndman_and_fan():
    assert make_report([10, 20, 30, 40]).percentile(90) == pytest.approx(37.0)


@pytest.mark.parametrize("q", [-1, 101, math.nan])
def test_a_percentile_outside_the_scale_is_refused(skewed, q):
    with pytest.raises(ValueError, match="must be between 0 and 100"):
        skewed.percentile(q)


def test_counts_rates_and_throughput_agree(skewed):
    assert skewed.requests == 532
    assert skewed.error_rate == 32 / 532
    assert skewed.throughput_rps == 250
    assert skewed.errors["refused"] == 0


def test_a_report_of_nothing_has_no_numbers():
    empty = make_report([], seconds=0.0)
    assert all(map(math.isnan, (empty.p50_ms, empty.error_rate, empty.throughput_rps)))


def test_a_report_cannot_be_changed(skewed):
    with pytest.raises(AttributeError):
        skewed.seconds = 1.0
    with pytest.raises(ValueError, match="read-only"):
        skewed.latencies_ms[0] = 0
    assert skewed.latencies_ms.dtype == np.float64


def test_the_table_shows_numbers_with_units_and_escapes_the_address(skewed):
    html = make_report(skewed.latencies_ms, url="http://127.0.0.1/<b>")._repr_html_()
    assert "&lt;b&gt;" in html
    assert f"{skewed.p99_ms:.3g} ms" in html
    assert "503 30, timeout 2" in skewed._repr_html_()


def test_the_table_says_when_the_client_set_the_pace():
    assert "it sets the pace" in make_report([1], client_busy=0.95)._repr_html_()
    assert "it sets the pace" not in make_report([1], client_busy=0.5)._repr_html_()


def test_the_histogram_marks_the_percentiles_and_names_its_units(skewed):
    ax = skewed.plot()
    assert ax.get_xlabel() == "latency (ms)"
    assert ax.get_ylabel() == "requests"
    assert ax.get_title() == "POST /predict, 4 at a time"
    marked = [line.get_xdata()[0] for line in ax.get_lines()]
    assert marked == [skewed.p50_ms, skewed.p95_ms, skewed.p99_ms]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0] == f"p50  {skewed.p50_ms:.3g} ms"
    assert plt.rcParams["figure.facecolor"] == "white"


def test_the_histogram_counts_what_lies_beyond_its_edge():
    ax = make_report([1.0] * 999 + [500.0]).plot()
    assert ax.get_legend().get_title().get_text() == "1 slower than shown, up to 500 ms"
    assert sum(bar.get_height() for bar in ax.patches) == 999


def test_the_histogram_draws_where_it_is_told(skewed):
    _, (left, _) = plt.subplots(1, 2)
    assert skewed.plot(left) is left


def test_a_histogram_of_nothing_says_so():
    ax = make_report([], errors={"refused": 3}).plot()
    assert ax.texts[0].get_text() == "no request succeeded"


@pytest.fixture
def levels():
    return Sweep(
        (
            make_report([1, 2, 3], concurrency=1),
            make_report([5, 6], concurrency=8, errors={"503": 1}),
            make_report([], concurrency=16, errors={"503": 9}, client_busy=0.99),
        )
    )


def test_a_sweep_is_a_mapping_by_concurrency(levels):
    assert list(levels) == [1, 8, 16]
    assert levels[8].requests == 3
    assert 2 not in levels


def test_the_frame_of_a_sweep_has_a_row_for_each_level(levels):
    frame = levels.frame()
    assert frame.index.tolist() == [1, 8, 16]
    assert frame.index.name == "concurrency"
    assert frame.loc[1, "p50_ms"] == 2.0
    assert frame.loc[8, "error_rate"] == pytest.approx(1 / 3)


def test_the_plot_of_a_sweep_has_labelled_axes_and_marks_failures(levels):
    top, bottom = levels.plot()
    assert top.get_ylabel() == "throughput (requests/s)"
    assert bottom.get_ylabel() == "p95 latency (ms)"
    assert bottom.get_xlabel().startswith("concurrency (")
    assert [label.get_text() for label in bottom.get_xticklabels()] == ["1", "8", "16"]
    assert [text.get_text() for text in top.texts] == ["33% failed", "100% failed"]
    hollow = top.get_lines()[1]
    assert hollow.get_xdata().tolist() == [16]
    assert top.get_legend().get_texts()[0].get_text() == "client sets the pace"


def test_a_sweep_that_measured_the_server_has_no_hollow_points():
    top, _ = Sweep((make_report([1], concurrency=1),)).plot()
    assert top.get_legend() is None
