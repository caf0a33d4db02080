import pytest

from mlcourse.writing.memo import read_memo
from mlcourse.writing.results import (
    Number,
    intervals,
    read_results,
    reported,
    sightings,
    unsupported,
)

LIFT = (1.2345, 2.3111, 3.3999)


def judge(text, numbers, values):
    results = read_results(numbers, values)
    return reported(results, results, sightings(read_memo(text)))


def judge_interval(text, value=LIFT, unit="%"):
    results = read_results({"lift": Number(unit, interval=True)}, {"lift": value})
    return intervals(results, sightings(read_memo(text)))


def judge_units(text, strict, **values):
    numbers = {name: Number("ms", required=False) for name in values}
    results = read_results(numbers, values)
    return unsupported(results, read_memo(text), strict)


@pytest.mark.parametrize(
    "text",
    [
        "The p95 is 12.3 ms.",
        "The p95 is `12.3 ms`.",
        "| metric | value |\n|---|---|\n| p95 | 12.3 ms |",
        "| metric | ms |\n|---|---|\n| p95 | 12.3 |",
        "| metric | p95 (ms) |\n|---|---|\n| /predict | 12.3 |",
        "| metric | `p95_ms` |\n|---|---|\n| /predict | 12.3 |",
        "| metric | /predict |\n|---|---|\n| p95 (ms) | 12.3 |",
        "> The p95 is 12.3 ms.",
        "The p95 is **12.3** ms.",
    ],
)
def test_a_result_is_found_wherever_a_reader_sees_it(text):
    assert judge(text, {"p95": Number("ms")}, {"p95": 12.3456}) == (1.0, ())


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("All is well.", "does not appear", None),
        ("```\np95 = 12.3 ms\n```", "does not appear", None),
        ("# p95 12.3 ms", "does not appear", None),
        ("Well.\n\nIt is 11 ms.", '"11 ms" is not your p95', 3),
        ("It is 12.34 ms.", "round it, do not cut it off", 1),
        ("It is 12.3.", '"12.3" has no unit: write it in ms.', 1),
        ("It is 99 ms.", "does not appear", None),
    ],
)
def test_a_result_not_found_is_explained(text, message, line):
    verdict = judge(text, {"p95": Number("ms")}, {"p95": 12.3456})
    assert verdict.share == 0
    assert message in verdict.faults[0].message
    assert verdict.faults[0].line == line


def test_one_digit_of_a_long_value_is_too_coarse():
    verdict = judge("It is 10 ms.", {"p95": Number("ms")}, {"p95": 10.4})
    assert verdict.share == 1  # "10" shows two digits
    verdict = judge("It is 10 ms.", {"p95": Number("ms")}, {"p95": 12.3456})
    assert "too coarse" in verdict.faults[0].message
    verdict = judge("It is 9 ms.", {"p95": Number("ms")}, {"p95": 9.4})
    assert "too coarse" in verdict.faults[0].message


def test_percent_in_place_of_percentage_points_is_explained():
    verdict = judge("It rose by 1.2 %.", {"rise": Number("pp")}, {"rise": 1.2})
    assert "percentage points" in verdict.faults[0].message


def test_the_explanation_does_not_show_the_value():
    numbers = {"p95": Number("ms"), "error_rate": Number("%", interval=True)}
    values = {"p95": 12.3456, "error_rate": (3.1, 4.21, 5.3)}
    results = read_results(numbers, values)
    seen = sightings(read_memo("It took 15 ms and 4 % failed."))
    faults = reported(results, results, seen).faults + intervals(results, seen).faults
    text = " ".join(fault.message for fault in faults)
    assert len(faults) >= 2
    assert not any(part in text for part in ("12.3", "3.1", "4.2", "5.3"))
    assert "error rate" in text


def test_numbers_give_partial_credit():
    numbers = {"p50": Number("ms"), "p95": Number("ms"), "rate": Number("req/s")}
    values = {"p50": 5.51, "p95": 12.3456, "rate": 431.2, "other": "ignored"}
    verdict = judge("p50 and p95 are 5.5 and 12 ms.", numbers, values)
    assert verdict.share == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "text",
    [
        "It is between 1.2 % and 3.4 %.",
        "It is between 1.2 and 3.4 %.",
        "It is 1.2–3.4 %.",
        "It is 1.2 % to 3.4 %.",
        "It is 2.3 % (95 % CI [1.2, 3.4] %).",
        "It is 2.3 % (95 % CI: 1.23 % to 3.40 %).",
        "It is 2.3 % (95 % CI 1.2 to 3.4).",  # as style guides have it
        "It is 2.3 % of 1,000 members (95 % CI [1.2, 3.4]).",
        "It is 2.3 % ± 1.1 %.",
        "It is 2.3 ± 1.1 %.",
        "It is 2.3 % (± 1.1 %).",
        "It is 2.3 +/- 1.1 %.",
        "It is 0.012 to 0.034 as a share.",
        "| low | high |\n|---|---|\n| 1.2 % | 3.4 % |",
        "| lift | low (%) | high (%) |\n|---|---|---|\n| all | 1.2 | 3.4 |",
    ],
)
def test_an_interval_is_found(text):
    assert judge_interval(text) == (1.0, ())


@pytest.mark.parametrize(
    "text",
    [
        "It is 2.3 %.",
        "It is at least 1.2 %.",
        "It is 1.2 % at least. It is 3.4 % at most.",  # two sentences
        "It is 1 % to 3 %.",  # one digit
        "It is 1.2 % to 3.5 %.",
        "It is 1.2 % to 3 %.",
        "It is 1 % to 3.4 %.",
        "It is 1.2 to 3.4.",
        "It is 1.2 to 3.4 ms.",
        "It is 2.3 (1.2 to 3.4).",
        "It is 2.9 % (1.2 to 3.4).",  # the unit of another number
        "It is 2.3 % (1.2 to 3.5).",
        "It is 2.3 % ± 0.5 %.",
        "It is 2 % ± 1 %.",
        "```\n1.2 % to 3.4 %\n```",
    ],
)
def test_a_point_alone_or_another_interval_is_a_finding(text):
    verdict = judge_interval(text)
    assert verdict.share == 0
    assert "give its interval" in verdict.faults[0].message


def test_an_interval_across_zero_and_ends_of_unequal_length_are_found():
    across = (-1.234, 0.4, 2.04)
    assert judge_interval("From -1.2 % to 2.0 %.", across).share == 1
    assert judge_interval("From a loss of 1.2 % to a gain of 2.0 %.", across).share == 1
    assert judge_interval("It is 0.2 to 12.4 %.", (0.21, 6.0, 12.42)).share == 1


def test_a_skewed_interval_is_not_plus_or_minus():
    assert judge_interval("It is 2.3 % ± 2.0 %.", (1.9, 2.3, 5.9)).share == 0


def test_a_number_that_is_no_result_is_a_finding():
    verdict = judge_units("It is 12 ms.\n\nThen 45 ms.", ["ms"], p95=12.3)
    (fault,) = verdict.faults
    assert verdict.share == 0.5
    assert (fault.line, fault.quote) == (3, "45 ms")
    assert 'you write "45 ms"; none of your results is that' in fault.message


@pytest.mark.parametrize(
    "text",
    [
        "It is 12 ms.",
        "It is 12.3 milliseconds.",
        "It is 10 ms.",  # coarse: another criterion's matter
        "We wait 30 s.",  # another unit
        "Set `timeout = 45 ms`.",  # code
        "```\n45 ms\n```",
        "It has 45 parts.",
        "",
    ],
)
def test_results_other_units_and_code_are_let_through(text):
    assert judge_units(text, ["ms"], p95=12.3) == (1.0, ())


def test_a_level_is_no_result():
    text = "With 95 % confidence, and for 99 % of calls, 95 % CI, we are 90 % sure."
    assert judge_units(text, ["%"], p95=12.3).share == 1
    assert judge_units("It rose by 95 %.", ["%"], p95=12.3).share == 0


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (Number("ms"), None),
        (Number("ms"), float("nan")),
        (Number("ms"), float("inf")),
        (Number("ms"), "fast"),
        (Number("ms"), (1.0, 2.0, 3.0)),
        (Number("ms", interval=True), 2.0),
        (Number("ms", interval=True), (1.0, 2.0)),
        (Number("ms", interval=True), (1.0, float("nan"), 3.0)),
        (Number("ms", interval=True), (3.0, 2.0, 1.0)),
    ],
)
def test_a_value_that_is_missing_or_malformed_is_an_error_of_the_lab(number, value):
    with pytest.raises(ValueError, match="values\\['p95'\\]"):
        read_results({"p95": number}, {"p95": value})
    with pytest.raises(ValueError, match="is missing"):
        read_results({"p95": number}, {})
