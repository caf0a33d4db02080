import pytest

from mlcourse.seed import course_rng, course_seed


def test_streams_of_two_names_differ():
    assert course_rng("06 members").random() != course_rng("06 load").random()


def test_another_course_seed_gives_another_stream(monkeypatch):
    first = course_rng("06 members").random()
    monkeypatch.setenv("MLCOURSE_SEED", "1")
    assert course_rng("06 members").random() != first


@pytest.mark.parametrize("text", ["", "-1", "1.5", "seven"])
def test_a_seed_that_is_no_number_is_refused_with_its_value(monkeypatch, text):
    monkeypatch.setenv("MLCOURSE_SEED", text)
    with pytest.raises(ValueError, match="MLCOURSE_SEED == "):
        course_seed()
