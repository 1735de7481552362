"""How a thing gets its name on the web."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from civicgraph.graph.records.iris import BASE, KINDS, REGISTERED_KINDS, key_of, short_hash, slugify, thing_iri
from civicgraph.ontology.read import classes

SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)
KEYS = st.builds("{}/{}".format, st.sampled_from(sorted(KINDS)), SLUGS)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Birmingham City Council", "birmingham-city-council"),
        ("Réseau & Söhne (UK) Ltd.", "reseau-sohne-uk-ltd"),
        ("  G4S -- plc  ", "g4s-plc"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full-width"),
        ("co.uk/IT_services", "co-uk-it-services"),
        ("I\x00T\u200b", "i-t"),
    ],
)
def test_a_slug_is_the_name_in_small_ascii_letters(name: str, slug: str) -> None:
    assert slugify(name) == slug


def test_names_without_ascii_get_slugs_of_their_own() -> None:
    # Of the first name nothing would be left, of the second neither: they still must not be the same thing.
    assert slugify("株式会社") != slugify("有限会社")
    assert slugify("") == short_hash("")


@given(st.text())
def test_every_name_has_a_slug_that_makes_an_iri(name: str) -> None:
    iri = thing_iri(f"organisation/{slugify(name)}")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", iri.removeprefix(BASE + "organisation/"))


@given(SLUGS)
def test_a_slug_is_its_own_slug(slug: str) -> None:
    assert slugify(slug) == slug


@given(KEYS, st.sampled_from([BASE, "http://localhost:8000/id/"]))
def test_a_key_comes_back_from_its_iri(key: str, base: str) -> None:
    assert key_of(thing_iri(key, base), base) == key


@pytest.mark.parametrize("iri", ["", BASE, BASE + "organisation", "https://example.org/id/organisation/serco"])
def test_other_iris_have_no_key(iri: str) -> None:
    assert key_of(iri) is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        "serco",
        "organisation/",
        "organisation/Serco",
        "organisation/serco-",
        "organisation/a--b",
        "organisation/a/b",
        "organisation/a b",
        "organisation/é",
        "organisation/serco\n",
    ],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="is not a kind/slug"):
        thing_iri(key)


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'council' is not a kind of thing; the kinds are organisation, person"):
        thing_iri("council/dover")


def test_every_kind_has_its_class_in_the_ontology() -> None:
    assert set(KINDS.values()) <= classes()
    assert set(KINDS) >= REGISTERED_KINDS


@given(st.lists(st.text(alphabet="ab/ "), min_size=1), st.lists(st.text(alphabet="ab/ "), min_size=1))
def test_a_hash_tells_apart_what_is_cut_differently(one: list[str], other: list[str]) -> None:
    assume(one != other)
    assert short_hash(*one) != short_hash(*other)


def test_a_hash_is_the_beginning_of_the_digest() -> None:
    # SHA-256 of "a", 0x1f, "b", from sha256sum.
    assert short_hash("a", "b") == "f04cdced9736a69d"
    assert short_hash("a", "b", length=8) == "f04cdced"
