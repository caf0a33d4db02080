import pytest

from mlcourse.kernels.limits import Limits


def test_a_limit_survives_the_way_through_json():
    limits = Limits(memory_mib=512, cpu_seconds=3.5)
    assert Limits(**limits.as_json()) == limits


@pytest.mark.parametrize(
    ("field", "value"),
    [("memory_mib", 0), ("processes", -1), ("cpu_seconds", -0.5), ("output_mib", 0)],
)
def test_an_impossible_limit_is_named_with_its_value(field, value):
    with pytest.raises(ValueError, match=rf"{field} == {value}"):
        Limits(**{field: value})
