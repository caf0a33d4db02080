import pytest

from mlcourse.glossary.rules import sentences as rules


def example(text):
    return [{"id": "e1", "text": text, "audience": "engineer"}]


@pytest.mark.parametrize(
    "text",
    [
        "We saw [[data drift]] in May.",
        "[[Data drift]] came back.",
        "It is [[data-drift]] again.",
        "We saw [[data drifts]].",
        "The data [[drifted]] again.",
    ],
)
def test_an_example_with_the_term_or_an_inflection_passes(make_entry, judge, text):
    entry = make_entry(examples=example(text), inflections=["drifted"])
    assert judge(rules.example_holds_the_term_once, entry) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("We saw data drift in May.", "has 0 gaps"),
        ("[[data drift]] and [[data drift]].", "has 2 gaps"),
        ("We saw [[data drift in May.", "has 0 gaps"),
        ("We saw [[data drift]]]] in May.", "has 1 gaps"),
        ("We saw [[concept drift]].", "marks 'concept drift'"),
        ("We saw [[input drift]].", "marks 'input drift'"),
        ("[[Data drift]] is data drift.", "says the term outside"),
    ],
)
def test_an_example_without_one_clear_gap_is_named(make_entry, judge, text, problem):
    entry = make_entry(examples=example(text))
    (fault,) = judge(rules.example_holds_the_term_once, entry)
    assert fault.problem.startswith(problem)


def test_a_verb_has_no_plural(make_entry, judge):
    entry = make_entry(
        term="deploy", part_of_speech="verb", examples=example("We [[deploys]] it.")
    )
    assert len(judge(rules.example_holds_the_term_once, entry)) == 1


@pytest.mark.parametrize(
    ("pattern", "sample", "where"),
    [
        ("detect + data drift", "Detect feature drift early.", []),
        ("detect + drift", "Detect data drift early.", ["collocations[0].pattern"]),
        ("detect + data drift", "Detect it early.", ["collocations[0].example"]),
    ],
)
def test_a_collocation_holds_the_term(make_entry, judge, pattern, sample, where):
    entry = make_entry(collocations=[{"pattern": pattern, "example": sample}])
    found = judge(rules.collocation_holds_the_term, entry)
    assert [fault.field for fault in found] == where


def pair(*contrasts):
    return [
        {
            "with": "concept-drift",
            "difference": "One moves the inputs, the other the answer.",
            "contrast": [{"text": text, "answer": side} for text, side in contrasts],
        }
    ]


HERE = ("The age field moved: this is [[?]].", "data-drift")
THERE = ("The same input now means fraud: this is [[?]].", "concept-drift")


@pytest.mark.parametrize(
    ("contrasts", "faults"),
    [
        ((HERE, THERE), 0),
        ((THERE, HERE), 0),
        ((HERE,), 1),
        ((HERE, HERE), 1),
        ((HERE, THERE, THERE), 1),
        ((HERE, (THERE[0], "skew")), 1),
    ],
)
def test_a_pair_has_a_sentence_for_each_side(make_entry, judge, contrasts, faults):
    entry = make_entry(confusions=pair(*contrasts))
    found = judge(rules.contrast_has_a_sentence_for_each_side, entry)
    assert len(found) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("This is [[?]].", 0),
        ("This is a gap.", 1),
        ("[[?]] is [[?]].", 1),
        ("[[?]] is a [[gap]].", 1),
    ],
)
def test_a_contrast_sentence_has_one_gap(make_entry, judge, text, faults):
    entry = make_entry(confusions=pair((text, "data-drift"), THERE))
    assert len(judge(rules.contrast_has_one_gap, entry)) == faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("The inputs moved: this is [[?]].", 0),
        ("Not concept drift but [[?]].", 1),
        ("Feature drift, that is [[?]].", 1),
    ],
)
def test_a_contrast_sentence_keeps_its_answer(
    make_entry, plain_entry, judge, text, faults
):
    entry = make_entry(confusions=pair((text, "data-drift"), THERE))
    other = plain_entry("concept-drift")
    assert len(judge(rules.contrast_keeps_its_answer, entry, other)) == faults


def task(answer, avoid=()):
    return [
        {
            "situation": "It moved.",
            "audience": "manager",
            "must_mention": ["what"],
            "avoid": list(avoid),
            "model_answer": answer,
        }
    ]


@pytest.mark.parametrize(("count", "faults"), [(40, 0), (41, 1)])
def test_a_model_answer_has_at_most_40_words(make_entry, judge, count, faults):
    entry = make_entry(say_it=task("word " * (count - 1) + "word"))
    assert len(judge(rules.model_answer_is_short, entry)) == faults


@pytest.mark.parametrize(
    ("answer", "avoid", "faults"),
    [
        ("Visitors are younger.", ["PSI", "covariate"], 0),
        ("The psi is high.", ["PSI"], 1),
        ("Its covariates moved.", ["covariate"], 1),
        ("It is statistically so.", ["statistic"], 1),
        ("It made progress.", ["prog"], 0),
        ("It was odd.", ["PSI", "odd", "was"], 2),
    ],
)
def test_a_model_answer_avoids_its_words(make_entry, judge, answer, avoid, faults):
    entry = make_entry(say_it=task(answer, avoid))
    found = judge(rules.model_answer_avoids_its_own_words, entry)
    assert len(found) == faults
