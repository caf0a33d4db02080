"""Pairs that look alike: found under new names, not where the class was taught so."""

from mlcourse.grading.similarity import fingerprints, similar

CELL = ("nb", "answer")
CODE = """\
def drift(old, new, bins=10):
    edges = np.quantile(old, np.linspace(0, 1, bins + 1))
    before, _ = np.histogram(old, edges)
    after, _ = np.histogram(new, edges)
    before = before / before.sum() + 1e-6
    after = after / after.sum() + 1e-6
    return float(((after - before) * np.log(after / before)).sum())
"""
RENAMED = """\
# my own work
def psi(a, b, n=20):

    q = np.quantile(a, np.linspace(0, 1, n + 1))
    x, _ = np.histogram(a, q); y, _ = np.histogram(b, q)
    x = x / x.sum() + 1e-9  # no zeros
    y = y / y.sum() + 1e-9
    return float(((y - x) * np.log(y / x)).sum())
"""
OTHER = """\
def drift(old, new, bins=10):
    total = 0.0
    for low, high in zip(cuts(old, bins), cuts(old, bins)[1:], strict=True):
        share = sum(low < v <= high for v in old) / len(old) or EPS
        other = sum(low < v <= high for v in new) / len(new) or EPS
        total += (other - share) * math.log(other / share)
    return total
"""


def answers(**codes):
    return {student: {CELL: code} for student, code in codes.items()}


def test_renaming_and_comments_hide_nothing():
    (pair,) = similar(answers(ada=CODE, bob=RENAMED, eve=OTHER))
    assert (pair.left, pair.right) == ("ada", "bob")
    assert pair.score > 0.8


def test_different_solutions_are_not_alike():
    assert similar(answers(ada=CODE, eve=OTHER)) == []


def test_a_part_that_was_taken_over_is_found_and_shown():
    longer = CODE + "\n" + OTHER.replace("drift", "slow")
    (pair,) = similar(answers(ada=RENAMED, eve=longer))
    assert pair.score > 0.8
    assert "np.histogram(a, q)" in pair.fragments[0].left
    assert "np.histogram(old, edges)" in pair.fragments[0].right
    assert "math.log" not in pair.fragments[0].right


def test_a_part_in_another_cell_is_found():
    pairs = similar({"ada": {CELL: CODE}, "bob": {("nb", "last"): RENAMED}})
    assert pairs[0].fragments[0].cell == CELL


def test_what_was_released_does_not_count():
    assert similar(answers(ada=CODE, bob=RENAMED), released=[CODE]) == []


def test_what_most_of_the_class_wrote_does_not_count():
    many = answers(**{f"s{i}": CODE for i in range(6)})
    assert similar(many) == []
    few = many | answers(**{f"t{i}": f"x{i} = {i}" for i in range(20)})
    assert len(similar(few)) == 15


def test_short_answers_say_nothing():
    assert similar(answers(ada="x = 1", bob="y = 2")) == []
    assert similar({}) == []
    assert similar({"ada": {}}) == []


def test_a_match_as_long_as_the_guarantee_is_found_anywhere():
    shared = "total += rate[k] * (price - cost) / max(count, 1)"
    for before in ("", "a = 1\n", "b = f(1, 2)\nc = {}\n"):
        ours = {gram for gram, _, _ in fingerprints(before + shared)}
        theirs = {gram for gram, _, _ in fingerprints("import x\n" + shared)}
        assert ours & theirs


def test_programs_with_errors_are_read_as_far_as_they_go():
    assert fingerprints(CODE + "\ndef (:\n    'unclosed") != []
    assert isinstance(fingerprints("if x:\n  a\n b\n\0"), list)


def test_the_result_does_not_depend_on_the_order_of_students():
    one = similar(answers(ada=CODE, bob=RENAMED, eve=CODE + OTHER))
    two = similar(answers(eve=CODE + OTHER, bob=RENAMED, ada=CODE))
    assert one == two
