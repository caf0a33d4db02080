import json

import pytest

from mlcourse.flashcards.export.skos import to_skos


@pytest.fixture(scope="module")
def document(glossary):
    return json.loads(to_skos(glossary))


@pytest.fixture(scope="module")
def concepts(document):
    return {
        node["@id"]: node for node in document["@graph"] if node["@type"] == "Concept"
    }


def above(address, concepts):
    found, waiting = set(), [address]
    while waiting:
        new = set(concepts[waiting.pop()].get("broader", [])) - found
        found |= new
        waiting += new
    return found


def test_every_term_is_a_concept_of_the_scheme(document, concepts, glossary):
    scheme = document["@graph"][0]
    assert scheme["@type"] == "ConceptScheme"
    assert {c["notation"] for c in concepts.values()} == {
        e.id for e in glossary.entries.values()
    }
    assert {c["inScheme"] for c in concepts.values()} == {scheme["@id"]}


def test_s13_a_name_has_one_kind_in_a_concept(concepts):
    for concept in concepts.values():
        alt, hidden = concept.get("altLabel", []), concept.get("hiddenLabel", [])
        names = [concept["prefLabel"], *alt, *hidden]
        assert len(names) == len(set(names)), concept["@id"]


def test_s27_nothing_is_related_to_what_is_broader(concepts):
    for address, concept in concepts.items():
        ancestors = above(address, concepts)
        for other in concept.get("related", []):
            assert other not in ancestors, address
            assert address not in above(other, concepts), address


def test_links_lead_to_concepts(concepts, document):
    for concept in concepts.values():
        links = {*concept.get("broader", []), *concept.get("related", [])}
        assert links <= concepts.keys()
    collections = [n for n in document["@graph"] if n["@type"] == "Collection"]
    members = [member for node in collections for member in node["member"]]
    assert sorted(members) == sorted(concepts)


def test_the_top_of_the_scheme_is_what_has_nothing_broader(concepts):
    for concept in concepts.values():
        assert ("topConceptOf" in concept) != ("broader" in concept)


def test_every_key_means_something_of_skos(document):
    known = {
        "Concept", "notation", "prefLabel", "altLabel", "hiddenLabel", "definition",
        "example", "note", "scopeNote", "broader", "related", "inScheme",
        "topConceptOf", "member",
    }  # fmt: skip
    assert document["@context"]["@vocab"] == "http://www.w3.org/2004/02/skos/core#"
    keys = {key for node in document["@graph"] for key in node if key[0] != "@"}
    assert keys <= known


def test_a_word_to_avoid_is_a_note_and_no_label(glossary):
    nodes = json.loads(to_skos(glossary, slugs=["data-drift"]))["@graph"]
    drift = next(n for n in nodes if n["@type"] == "Concept")
    labels = [drift["prefLabel"], *drift["altLabel"], *drift["hiddenLabel"]]
    assert "data derivation" not in labels
    assert "Do not say: data derivation." in drift["scopeNote"]
    assert "[[" not in json.dumps(drift)
    assert "related" not in drift  # the others are not exported


def test_the_address_of_a_concept_is_a_parameter(glossary):
    text = to_skos(glossary, slugs=["data-drift"], base="https://terms.example/")
    assert '"@id": "https://terms.example/data-drift"' in text
