import pytest
import yaml

from mlcourse.glossary.load import GlossaryError, build, load, read


@pytest.fixture
def write(tmp_path, fields):
    def written(slug="data-drift", **changes):
        entry = {**fields, "slug": slug, "id": slug, **changes}
        text = yaml.safe_dump(entry, allow_unicode=True, sort_keys=False)
        (tmp_path / f"{slug}.yaml").write_text(text, "utf-8")
        return tmp_path / f"{slug}.yaml"

    return written


def spoil(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_entries_load_in_the_order_of_the_alphabet(tmp_path, write):
    write("zebra", term="a zebra", confusions=[])
    write("middle", term="Middle", confusions=[])
    write("ab", term="A/B testing", confusions=[])
    assert list(load(tmp_path).entries) == ["ab", "middle", "zebra"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "term: data drift",
            "term: on",
            "data-drift.yaml: term == True is what YAML makes of yes, no, on, off, "
            "true or false, not text: put it in quotes.",
        ),
        (
            "- feature drift",
            "- 1:30",
            "data-drift.yaml: labels.alt[0] == 90 is what YAML makes of digits, also "
            "of 1:30, not text: put it in quotes.",
        ),
        (
            "since: 0.1.0",
            "since: 2026-03-01",
            "data-drift.yaml: since == datetime.date(2026, 3, 1) is a date, not text: "
            "put it in quotes.",
        ),
        (
            "countable: uncountable",
            "countable: no",
            "data-drift.yaml: countable == False is what YAML makes of yes, no, on, "
            "off, true or false, not text: put it in quotes.",
        ),
        (
            "plain: ",
            "plane: ",
            "data-drift.yaml: plain == None is missing: write it.",
        ),
        (
            "plain: ",
            "plane: ",
            "is no field of an entry: correct the name, or remove it.",
        ),
        (
            "deck: core",
            "deck: Core",
            "data-drift.yaml: deck == 'Core' is not allowed: input should be 'core', "
            "'foundations' or 'tools'.",
        ),
        (
            "term: data drift",
            "term: data drift\nterm: drift",
            "data-drift.yaml: line 4 == \"the key 'term' is written twice\" is no YAML "
            "that we read: repair it.",
        ),
        ("term: data drift", "term: [data drift", "is no YAML that we read"),
        (
            "id: data-drift",
            "id: Data-Drift",
            "id == 'Data-Drift' has another form: it must match pattern",
        ),
        (
            "broader:\n- drift",
            "broader: drift",
            "data-drift.yaml: broader == 'drift' is no list: write [ ] around it, or "
            "one line with - for each.",
        ),
        (
            "slug: data-drift",
            "slug: drift",
            "data-drift.yaml: slug == 'drift' is not the name of the file: write slug: "
            "data-drift, or rename the file.",
        ),
    ],
)
def test_a_fault_names_file_field_value_and_fix(tmp_path, write, old, new, sentence):
    spoil(write(), old, new)
    entries, faults = read(tmp_path)
    assert entries == ()
    assert sentence in "\n".join(map(str, faults))
    with pytest.raises(GlossaryError) as caught:
        load(tmp_path)
    assert sentence in str(caught.value)


def test_a_list_of_bad_items_is_not_called_too_short(tmp_path, write):
    write(sources=[{"kind": "seed"}])
    assert [fault.field for fault in read(tmp_path).faults] == [
        "sources[0].seed.ref",
        "sources[0].seed.used_for",
    ]


def test_a_file_that_is_no_text_is_a_fault(tmp_path):
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\xff")
    assert read(tmp_path).faults[0].rule == "yaml"


def test_an_empty_file_is_a_fault(tmp_path):
    (tmp_path / "x.yaml").write_text("")
    assert read(tmp_path).faults[0].field == "entry"


def test_one_bad_file_does_not_hide_the_others(tmp_path, write):
    write()
    (tmp_path / "bad.yaml").write_text("[")
    entries, faults = read(tmp_path)
    assert [entry.slug for entry in entries] == ["data-drift"]
    assert [fault.file for fault in faults] == ["bad.yaml"]


def test_an_empty_folder_is_no_glossary(tmp_path):
    with pytest.raises(GlossaryError, match="not there yet"):
        load(tmp_path)


def test_a_pair_written_once_stands_in_both_entries(make_entry, plain_entry):
    written = make_entry()
    glossary = build([written, plain_entry("concept-drift")])
    there, back = (
        glossary.entries[slug].confusions for slug in ("data-drift", "concept-drift")
    )
    assert there == written.confusions
    assert [pair.other for pair in back] == ["data-drift"]
    assert back[0].difference == there[0].difference
    assert back[0].contrast == there[0].contrast


def test_three_entries_that_are_confused_see_each_other(plain_entry):
    def pair(one, other):
        contrast = [{"text": "[[?]]", "answer": side} for side in (one, other)]
        return {"with": other, "difference": "They differ.", "contrast": contrast}

    glossary = build(
        [
            plain_entry("a-x", confusions=[pair("a-x", "b-x"), pair("a-x", "c-x")]),
            plain_entry("b-x", confusions=[pair("b-x", "c-x")]),
            plain_entry("c-x"),
        ]
    )
    others = {s: {p.other for p in e.confusions} for s, e in glossary.entries.items()}
    assert others == {
        "a-x": {"b-x", "c-x"},
        "b-x": {"a-x", "c-x"},
        "c-x": {"a-x", "b-x"},
    }


def test_a_pair_written_in_both_entries_is_refused(make_entry, plain_entry):
    back = {
        "with": "data-drift",
        "difference": "They differ.",
        "contrast": [{"text": "[[?]]", "answer": "data-drift"}],
    }
    with pytest.raises(GlossaryError, match="is written in both entries"):
        build([make_entry(), plain_entry("concept-drift", confusions=[back])])


def test_names_lead_to_terms_the_best_kind_first(make_entry, plain_entry):
    names = build(
        [make_entry(), plain_entry("other", labels={"avoid": ["Input drift"]})]
    ).names
    assert [(n.slug, n.kind) for n in names["input drift"]] == [
        ("data-drift", "alt"),
        ("other", "avoid"),
    ]
    assert names["data drift"][0].kind == "term"


def test_a_retired_entry_stays_but_answers_to_no_name(make_entry):
    glossary = build([make_entry(status="retired")])
    assert "data-drift" in glossary.entries
    assert not glossary.names


def test_a_glossary_cannot_be_changed(make_entry):
    glossary = build([make_entry()])
    with pytest.raises(TypeError):
        glossary.entries["x"] = make_entry()
