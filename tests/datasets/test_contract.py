"""One contract for every generator of data: all that is named ``make_*``."""

import dataclasses
import importlib
import inspect
import json
import math
import os
import pickle
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from pandas.testing import assert_frame_equal

from mlcourse import datasets

MAKERS = [name for name in dir(datasets) if name.startswith("make_")]
PICTURES = Path(__file__).parents[2] / ".artefacts" / "datasets"
DTYPES = {"bool", "category", "datetime64[ns]", "float64", "int64", "string"}
NOT_COUNTS = [1.0, "10", True, None, np.True_, np.float64(5), 1 + 0j]
NOT_RNGS = [0, None, np.random, np.random.PCG64(0), "rng"]


@pytest.fixture(params=MAKERS)
def make(request):
    return getattr(datasets, request.param)


def drawn(make, *, n=500, seed=0):
    return make(n, rng=np.random.default_rng(seed))


def same(first, second):
    """Whether two truths hold the same values, whatever they are made of."""
    if dataclasses.is_dataclass(first):
        return type(first) is type(second) and all(
            same(getattr(first, field.name), getattr(second, field.name))
            for field in dataclasses.fields(first)
        )
    if isinstance(first, np.ndarray):
        return np.array_equal(first, second)
    if isinstance(first, pd.DataFrame | pd.Series):
        return first.equals(second)
    return first == second


def test_every_generator_of_the_package_is_exported():
    written = set()
    for module in pkgutil.iter_modules(datasets.__path__, "mlcourse.datasets."):
        members = vars(importlib.import_module(module.name))
        written |= {name for name in members if name.startswith("make_")}
    assert written
    assert written == set(MAKERS)
    assert written <= set(datasets.__all__)


def test_n_comes_first_and_all_else_is_named_and_rng_is_required(make):
    n, *rest = inspect.signature(make).parameters.values()
    assert n.name == "n"
    assert n.default is inspect.Parameter.empty
    assert {parameter.kind for parameter in rest} == {inspect.Parameter.KEYWORD_ONLY}
    required = [p.name for p in rest if p.default is inspect.Parameter.empty]
    assert required == ["rng"]


def test_no_default_can_be_changed_by_a_caller(make):
    for parameter in inspect.signature(make).parameters.values():
        hash(parameter.default)  # a list, a dict or an array would raise
        assert not isinstance(parameter.default, np.random.Generator)


def test_the_docstring_names_arguments_result_units_and_source(make):
    text = inspect.getdoc(make)
    for heading in ("Args:", "Returns:", "Raises:", "Source:", "Example:"):
        assert f"\n{heading}\n" in text
    for name in inspect.signature(make).parameters:
        assert f"\n    {name}: " in text
    assert "unit" in text.partition("Returns:")[2].partition("Raises:")[0].lower()
    assert "." in text.splitlines()[0]


def test_the_same_state_of_rng_gives_the_same_data(make):
    first, second = drawn(make), drawn(make)
    assert_frame_equal(first.frame, second.frame, check_exact=True)
    assert_frame_equal(first.columns, second.columns)
    assert same(first.truth, second.truth)


def test_another_process_draws_the_same_data(make):
    code = f"""if True:
        import json, sys
        import numpy as np, pandas as pd
        from mlcourse import datasets
        frame = datasets.{make.__name__}(500, rng=np.random.default_rng(0)).frame
        hashes = pd.util.hash_pandas_object(frame)
        heavy = [m for m in ("sklearn", "matplotlib", "scipy") if m in sys.modules]
        print(json.dumps([str(hashes.sum()), heavy]))
        """
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    checksum, heavy = json.loads(run.stdout)
    here = pd.util.hash_pandas_object(drawn(make).frame)
    assert checksum == str(here.sum())
    assert heavy == []


def test_another_state_of_rng_gives_other_data(make):
    first, second = drawn(make, seed=0), drawn(make, seed=1)
    assert not first.frame.equals(second.frame)
    assert not same(first.truth, second.truth)


def test_two_results_share_no_state(make):
    untouched = drawn(make)
    spoilt = drawn(make)
    spoilt.frame.iloc[:] = spoilt.frame.iloc[::-1].to_numpy()
    spoilt.columns["unit"] = "furlongs"
    again = drawn(make)
    assert_frame_equal(again.frame, untouched.frame)
    assert_frame_equal(again.columns, untouched.columns)
    assert same(again.truth, untouched.truth)


@pytest.mark.parametrize("field", ["frame", "truth", "columns"])
def test_the_result_is_frozen(make, field):
    result = drawn(make)
    assert not hasattr(result, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, field, None)


def test_the_truth_is_frozen_and_its_arrays_are_read_only(make):
    truth = drawn(make).truth
    names = [field.name for field in dataclasses.fields(truth)]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(truth, names[0], None)
    values = [getattr(truth, name) for name in names]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    assert not any(array.flags.writeable for array in arrays)


def test_the_result_survives_the_way_to_another_process(make):
    result = drawn(make)
    back = pickle.loads(pickle.dumps(result))
    assert_frame_equal(back.frame, result.frame)
    assert same(back.truth, result.truth)


def test_the_frame_has_plain_rows_and_stable_types(make):
    frame = drawn(make).frame
    assert isinstance(frame.index, pd.RangeIndex)
    assert frame.columns.is_unique
    assert {str(dtype) for dtype in frame.dtypes} <= DTYPES
    assert_frame_equal(drawn(make, n=1).frame.iloc[:0], frame.iloc[:0])


def test_the_table_describes_each_column_once_in_order(make):
    result = drawn(make)
    table, frame = result.columns, result.frame
    assert list(table.index) == list(frame.columns)
    assert list(table["dtype"]) == [str(dtype) for dtype in frame.dtypes]
    assert (table["meaning"].str.len() > 10).all()
    assert table["meaning"].str.endswith(".").all()
    assert table["known_after_days"].dtype == np.int64


def test_every_number_has_a_unit_and_bounds_and_keeps_to_them(make):
    result = drawn(make, n=20_000)
    for name in result.frame.select_dtypes(["int64", "float64"]):
        about, values = result.columns.loc[name], result.frame[name]
        assert about["unit"], name
        assert math.isfinite(about["low"])
        assert math.isfinite(about["high"])
        assert values.between(about["low"], about["high"]).all(), name


def test_every_category_is_listed_in_the_table(make):
    result = drawn(make)
    for name in result.frame.select_dtypes("category"):
        listed = result.columns.loc[name, "categories"]
        assert tuple(result.frame[name].cat.categories) == listed


@pytest.mark.parametrize("n", [1, 2, np.int64(3)])
def test_few_rows_work(make, n):
    result = make(n, rng=np.random.default_rng(0))
    assert len(result.frame) == n
    assert repr(result)


@pytest.mark.parametrize("n", [0, -1, np.int64(0)])
def test_no_rows_are_refused_with_the_value(make, n):
    with pytest.raises(ValueError, match=rf"^n == .*{int(n)}.*must be >= 1\.$"):
        make(n, rng=np.random.default_rng(0))


@pytest.mark.parametrize("n", NOT_COUNTS)
def test_what_is_no_count_is_refused_and_rng_stays_as_it_was(make, n):
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    with pytest.raises(TypeError, match=r"^n == .*must be an integer"):
        make(n, rng=rng)
    assert rng.bit_generator.state == before


@pytest.mark.parametrize("rng", NOT_RNGS)
def test_what_is_no_rng_is_refused_with_the_way_out(make, rng):
    with pytest.raises(TypeError, match=r"^rng == .*default_rng\(seed\)"):
        make(10, rng=rng)


def test_a_picture_of_the_data_is_drawn_for_people(make):
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{make.__name__}.png"
    path.unlink(missing_ok=True)
    picture(drawn(make, n=20_000), title=make.__name__).savefig(path, dpi=110)
    assert path.stat().st_size > 10_000


def picture(result, *, title):
    """Small multiples: each column's values, and the rate of the label along them."""
    table, frame = result.columns, result.frame
    is_label = (table["dtype"] == "bool") & (table["known_after_days"] > 0)
    labels = list(table.index[is_label])
    skipped = {*labels, *table.index[table["dtype"] == "string"]}
    names = [name for name in table.index if name not in skipped]
    rows = math.ceil(len(names) / 4)
    figure = Figure(figsize=(11, 2 * rows + 0.4), layout="constrained")
    figure.suptitle(f"{title}: rows (bars), rate of the label (points, right)")
    panels = figure.subplots(rows, 4, squeeze=False).flat
    for axes, name in zip(panels, names, strict=False):
        groups, at, width = grouped(frame[name])
        counts = frame.groupby(groups, observed=False).size().to_numpy()
        axes.bar(at, counts, width, color="0.75")
        unit = table.loc[name, "unit"]
        axes.set_title(f"{name} [{unit}]" if unit else name, fontsize=8)
        axes.tick_params(labelsize=6)
        for label in labels:
            rate = frame[label].groupby(groups, observed=False).mean().to_numpy()
            right = axes.twinx()
            right.plot(at, np.where(counts >= 30, rate, np.nan), "o", ms=3, c="tab:red")
            right.set_ylim(0, 0.5)
            right.tick_params(labelsize=7)
    for axes in list(panels):  # those that are left over
        axes.set_visible(False)
    return figure


def grouped(values):
    """The group of each value, where to draw the groups, and how wide."""
    if values.dtype.kind in "if" and values.nunique() > 12:
        whole = values.dtype.kind == "i"
        low, high = values.min() - 0.5 * whole, values.quantile(0.99) + 0.5 * whole
        width = (high - low) / 20
        width = math.ceil(width) if whole else width
        edges = low + width * np.arange(21)
        return pd.cut(values, edges, include_lowest=True), edges[:-1] + width / 2, width
    if values.dtype.kind == "M":
        values = values.dt.strftime("%Y-%m" if values.nunique() < 9 else "%y")
    groups = pd.Categorical(values)
    names = [str(group).replace("_", "\n") for group in groups.categories]
    return groups, names, 0.8
