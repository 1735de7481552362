import csv
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.identity.candidates import Entry, candidates
from civicgraph.graph.identity.clusters import Clusters, Resolution
from civicgraph.graph.identity.councils import council_key
from civicgraph.graph.identity.judgements import read_judgements
from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.identity.names import provisional_key, read_name
from civicgraph.graph.identity.resolve import resolve
from civicgraph.graph.records.types import Party

DATA = Path(__file__).parents[4] / "shared" / "data"


def mention(party: Party) -> SourceMention:
    return SourceMention(
        provisional_key(party.name, party.identifiers), party.name, identifiers=party.identifiers, cls=party.cls
    )


def alias(name: str, key: str) -> SourceMention:
    return SourceMention(key, name, Rank.REGISTER, is_alias=True)


def named(*names: str) -> list[SourceMention]:
    return [mention(Party(name)) for name in names]


def identified(name: str, identifier: str, cls: str = "Organisation") -> SourceMention:
    return mention(Party(name, (identifier,), cls))


def are_one(resolution: Resolution, *names: str) -> bool:
    return len({resolution.of(provisional_key(name)) for name in names}) == 1


def test_an_identifier_decides_before_any_name() -> None:
    two_names = [identified("Keepmoat Ltd", "GB-COH-1"), identified("Engie Regeneration Ltd", "GB-COH-1")]
    assert len({mention.key for mention in two_names}) == 1
    other = mention(Party("Equans Ltd", ("GB-CHC-9", "GB-COH-1")))
    resolution = resolve([*two_names, other])
    assert resolution.canonical == {"organisation/gb-coh-1": "organisation/gb-chc-9"}
    assert resolution.merges[0].reason == "identifier"


def test_a_name_joins_the_one_identifier_that_bears_it() -> None:
    one = [identified("Acme Ltd", "GB-COH-1"), *named("ACME LIMITED")]
    assert resolve(one).of("organisation/acme-ltd") == "organisation/gb-coh-1"
    two = [*one, identified("Acme Ltd.", "GB-COH-2")]
    assert resolve(two).of("organisation/acme-ltd") == "organisation/acme-ltd"
    other_scheme = [*one, identified("Acme Ltd", "GB-CHC-2")]
    assert len(set(map(resolve(other_scheme).of, (m.key for m in other_scheme)))) == 1


def test_a_form_left_out_is_supplied_where_only_one_is_seen() -> None:
    assert are_one(resolve(named("Kainos", "KAINOS LTD")), "Kainos", "Kainos Ltd")
    assert resolve(named("Kainos", "KAINOS LTD")).of("organisation/kainos") == "organisation/kainos-ltd"
    for names in (
        ("Tessella", "Tessella Ltd", "Tessella plc"),
        ("John Smith", "John Smith Ltd"),
        ("Leeds University", "Leeds University Ltd"),
        ("Housing", "Housing Corporation"),
        ("ABC", "ABC Ltd"),
        ("BJSS", "BJSS Ltd"),
    ):
        assert not are_one(resolve(named(*names)), *names[:2])
    out_of_text = [SourceMention("organisation/capita", "Capita", Rank.CLAIMS), *named("Capita plc")]
    resolution = resolve(out_of_text)
    assert resolution.canonical == {}
    assert [doubt.kind for doubt in resolution.doubtful] == ["form"]


def test_group_and_subsidiary_stay_apart() -> None:
    names = ("Capita", "Capita plc", "Capita Business Services Ltd", "Capita Secure Information Solutions Ltd")
    resolution = resolve(named(*names))
    assert are_one(resolution, "Capita", "Capita plc")
    assert len({resolution.of(provisional_key(name)) for name in names}) == 3


def test_a_trading_name_is_a_question_and_not_an_answer() -> None:
    resolution = resolve(named("NINIAN SOLUTIONS LTD T/A HUDDLE", "Huddle"))
    assert resolution.canonical == {}
    assert [(doubt.kind, doubt.names) for doubt in resolution.doubtful] == [
        ("trading", ("huddle", "ninian solutions ltd"))
    ]


def test_an_alias_of_two_is_none() -> None:
    councils = [identified("Dorset Council", "GB-LAE-DST"), identified("Dorset County Council", "GB-LAE-DOR")]
    aliases = [alias("Dorset", councils[0].key), alias("Dorset", councils[1].key), alias("DCC", councils[1].key)]
    resolution = resolve([*councils, *named("Dorset", "DCC"), *aliases])
    assert resolution.canonical == {"organisation/dcc": "organisation/gb-lae-dor"}


@pytest.mark.parametrize(
    ("name", "joined"),
    [
        ("LB Camden", True),
        ("Camden London Boro", True),
        ("Camden LBC", True),
        ("London Boruogh of Camden", True),
        ("Camden County Council", False),
        ("Camden Town Council", False),
        ("Camden City Council", False),
        ("Camden", False),
        ("Camden Ltd", False),
    ],
)
def test_a_council_is_known_by_its_place_and_tier(name: str, joined: bool) -> None:
    others = [identified(f"London Borough of {place}", f"GB-LAE-{place}", "Council") for place in "ABCDE"]
    camden = identified("London Borough of Camden", "GB-LAE-CMD", "Council")
    assert (resolve([camden, *others, *named(name)]).of(provisional_key(name)) == camden.key) is joined


def test_certain_likenesses_join_and_others_are_possible_matches() -> None:
    joined = [
        ("Cyber Security Associates Ltd", "CyberSecurity Associates Limited"),
        ("East Lancashire Chamber Commerce", "Chamber Commerce East Lancashire"),
        ("Spikes Cavell Analytic Ltd", "Spikes Cavell Analytics Ltd"),
    ]
    asked = [
        ("Core Systems Ltd", "Core Systems UK Ltd"),
        ("Hill Care Ltd", "Mill Care Ltd"),
        ("Zeefix Ltd", "Zefix Ltd"),
    ]
    apart = [("Martin James Ltd", "James Martin Ltd"), ("School 12 Ltd", "School 13 Ltd")]
    for pair in joined:
        assert are_one(resolve(named(*pair)), *pair), pair
    for pair in asked:
        resolution = resolve(named(*pair))
        assert not resolution.canonical, pair
        assert len(resolution.doubtful) == 1, pair
    for pair in apart:
        resolution = resolve(named(*pair))
        assert not resolution.canonical, pair
        assert not resolution.doubtful, pair


def test_no_likeness_joins_two_identifiers_of_one_scheme() -> None:
    acme = [identified("Cyber Security Ltd", "GB-COH-1"), identified("CyberSecurity Ltd", "GB-COH-2")]
    resolution = resolve([*acme, *named("Cyber-Security Ltd", "CYBERSECURITY LTD.")])
    assert resolution.of(acme[0].key) != resolution.of(acme[1].key)


def test_a_judgement_is_obeyed_and_undone() -> None:
    names = named("Hill Care Ltd", "Mill Care Ltd", "Kainos", "Kainos Ltd")
    judgements = read_judgements("- same: [Hill Care Ltd, MILL CARE LIMITED]\n- different: [Kainos, Kainos Ltd]\n")
    resolution = resolve(names, judgements)
    assert are_one(resolution, "Hill Care Ltd", "Mill Care Ltd")
    assert not are_one(resolution, "Kainos", "Kainos Ltd")
    assert [refused.evidence for refused in resolution.refused] == ["judged to be different"]
    assert are_one(resolve(names), "Kainos", "Kainos Ltd")


def test_a_judgement_does_not_join_two_companies_of_one_register() -> None:
    two = [identified("Acme Ltd", "GB-COH-1"), identified("Zeta Ltd", "GB-COH-2")]
    resolution = resolve(two, read_judgements("- same: [Acme Ltd, Zeta Ltd]"))
    assert resolution.canonical == {}
    assert "different identifiers of GB-COH" in resolution.refused[0].evidence


WORDS = "acme hill mill care systems uk and sons leeds council city ltd plc"
words = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=4).map(" ".join)
identifiers = st.sampled_from([(), (), ("GB-COH-1",), ("GB-COH-2",)])
mentions = st.lists(st.builds(Party, words, identifiers).map(mention), max_size=12)


@given(mentions, st.randoms(use_true_random=False))
def test_the_order_of_the_mentions_does_not_matter(found: list[SourceMention], chance: random.Random) -> None:
    resolution = resolve(found)
    shuffled = [*found, *found]
    chance.shuffle(shuffled)
    assert resolve(shuffled) == resolution
    keys = {named.key for named in found}
    assert resolution.canonical.keys() <= keys
    assert {resolution.of(key) for key in keys} == {resolution.of(resolution.of(key)) for key in keys}
    assert resolution.of("organisation/gb-coh-1") != resolution.of("organisation/gb-coh-2")


def test_clusters_name_what_forbids_a_join() -> None:
    clusters = Clusters({"a": ["GB-COH-1"], "b": ["GB-COH-2"], "c": [], "d": []})
    assert clusters.at_odds([("a", "c"), ("c", "b"), ("c", "d")]) == {("a", "c"), ("c", "b"), ("c", "d")}
    assert clusters.join("c", "a") is None
    assert clusters.find("c") == "a"
    assert clusters.join("c", "b") == "different identifiers of GB-COH: GB-COH-1 and GB-COH-2"
    clusters.keep_apart([("d", "c")])
    assert clusters.join("a", "d") == "judged to be different"


def test_a_place_is_told_from_what_a_council_calls_itself() -> None:
    assert council_key("city of london") is None
    assert council_key("north east lincolnshire council") == ("north east lincolnshire", "", True)
    assert council_key("west midlands ca") == ("west midlands", "combined", True)


def test_no_candidates_among_none() -> None:
    assert candidates([]) == candidates([Entry.of("organisation/a", read_name("a"))]) == []


def table(path: Path) -> Sequence[dict[str, str]]:
    if not path.exists():
        pytest.skip(f"the real data is not beside the checkout: no {path.name}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_no_two_companies_of_the_gold_list_become_one() -> None:
    gold = table(DATA / "er_gold" / "supplier_names_by_company_number.csv")
    resolution = resolve(named(*(line["supplier_name"] for line in gold)))
    numbers: dict[str, set[str]] = {}
    for line in gold:
        numbers.setdefault(resolution.of(provisional_key(line["supplier_name"])), set()).add(line["company_number"])
    assert [found for found in numbers.values() if len(found) > 1] == []


def test_aliases_of_authorities_lead_to_the_right_one() -> None:
    folder = DATA / "local_authorities"
    register = table(folder / "uk_local_authorities.csv")
    bodies = [
        identified(line["official-name"], f"GB-LAE-{line['local-authority-code']}", "Council") for line in register
    ]
    short = [alias(line["nice-name"], body.key) for line, body in zip(register, bodies, strict=True)]
    truth: dict[str, set[str]] = {}
    for line in table(folder / "lookup_name_to_registry.csv"):
        truth.setdefault(line["la-name"], set()).add(provisional_key("", [f"GB-LAE-{line['local-authority-code']}"]))
    aliases = [SourceMention(provisional_key(name), name, cls="PublicBody") for name in truth]
    resolution = resolve([*bodies, *aliases, *short])
    keys = {body.key for body in bodies}
    answers = {one.name: resolution.of(one.key) for one in aliases if resolution.of(one.key) in keys}
    right = sum(answer in truth[name] for name, answer in answers.items())
    assert right / len(answers) >= 0.99
    assert right / len(truth) >= 0.95
