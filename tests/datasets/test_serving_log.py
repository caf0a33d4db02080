"""A log of served features in which one is wrong from some moment on."""

import numpy as np
import pytest

from mlcourse.datasets import TRANSFORMATIONS, make_serving_log


def draw(n=4_000, seed=0, **options):
    return make_serving_log(n, rng=np.random.default_rng(seed), **options)


@pytest.mark.parametrize("seed", range(12))
def test_from_the_planted_moment_the_servers_transform_the_feature(seed):
    log = draw(seed=seed, servers=1 + seed % 4)
    truth, frame = log.truth, log.frame
    served, right = frame[truth.feature], log.offline[truth.feature]
    hit = (frame["request_time"] >= truth.since) & frame["server"].isin(truth.servers)
    wanted = TRANSFORMATIONS[truth.transformation](right)
    assert len(truth.servers) == 1 + seed % 4
    assert (served[hit] == wanted[hit]).mean() > 0.9
    assert (wanted != right).mean() > 0.2
    assert 0.9 < (served[~hit] == right[~hit]).mean() < 1


def test_all_other_features_differ_only_now_and_then():
    log = draw(feature="orders_28d")
    for name in set(log.features) - {"orders_28d"}:
        same = (log.frame[name] == log.offline[name]).mean()
        assert 0.94 < same < 0.99


def test_every_feature_and_transformation_can_be_planted():
    seen = {draw(50, seed).truth.transformation for seed in range(80)}
    assert seen == set(TRANSFORMATIONS)


def test_a_transformation_that_changes_nothing_is_refused():
    with pytest.raises(ValueError, match=r"^transformation == 'rounded', must be one"):
        draw(feature="orders_28d", transformation="rounded")


@pytest.mark.parametrize("name", ["feature", "transformation"])
def test_an_unknown_name_is_refused_with_those_that_are_known(name):
    with pytest.raises(ValueError, match=rf"^{name} == 'age', must be one of: "):
        draw(**{name: "age"})


@pytest.mark.parametrize(("name", "value"), [("days", 0), ("servers", 5)])
def test_numbers_out_of_bounds_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"^{name} == {value}, must be"):
        draw(**{name: value})


def test_the_log_prints_in_one_line():
    assert repr(draw(9)) == "ServingLog(9 rows, 4 features)"
