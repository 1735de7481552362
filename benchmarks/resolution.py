"""How often names are rightly taken for one organisation: `python benchmarks/resolution.py [DATA] [--errors]`.

Three tasks with known answers, each by three methods: names equal in lower case, normal names equal, and the whole
resolution without judgements. DATA is the folder of real data, by default `../shared/data` beside the checkout.

The published map of government bodies leaves names open that are theirs. `government_names_checked.csv` beside this
file holds every answer that the map does not confirm, read by hand: whether it is the same body, and on what ground. An
answer that neither the map nor that list confirms counts as wrong.
"""

import argparse
import csv
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from civicgraph.graph.identity.mentions import Rank, SourceMention
from civicgraph.graph.identity.names import normalise, provisional_key
from civicgraph.graph.identity.resolve import resolve

Answers = Mapping[str, str | None]
"""For each name the identifier it was taken for."""

METHODS = ("lower case equal", "normal name equal", "resolution")


@dataclass(frozen=True, slots=True)
class Task:
    """Bodies with their official and other names, and names with the identifier that each belongs to, or none."""

    title: str
    cls: str
    official: tuple[tuple[str, str], ...]
    other: tuple[tuple[str, str], ...]
    cases: tuple[tuple[str, str | None], ...]


def equal_by(rule: Callable[[str], str], task: Task) -> Answers:
    """Return the answers of plain equality under a rule; a name that two bodies bear answers nothing."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for name, identifier in (*task.official, *task.other):
        bearers[rule(name)].add(identifier)
    return {name: next(iter(found)) if len(found := bearers[rule(name)]) == 1 else None for name, _ in task.cases}


def by_resolution(task: Task) -> Answers:
    """Return the answers of the resolution over all names of the task at once."""
    bodies = [SourceMention(provisional_key(n, [i]), n, Rank.REGISTER, (i,), task.cls) for n, i in task.official]
    keys = {mention.key: mention.identifiers[0] for mention in bodies}
    aliases = [
        SourceMention(provisional_key(name, [identifier]), name, Rank.REGISTER, is_alias=True)
        for name, identifier in task.other
    ]
    hint = "PublicBody" if task.cls == "Council" else "Organisation"
    named = [SourceMention(provisional_key(name), name, cls=hint) for name, _ in task.cases]
    resolution = resolve([*bodies, *named, *aliases])
    return {mention.name: keys.get(resolution.of(mention.key)) for mention in named}


def score(task: Task, answers: Answers) -> tuple[int, int, int, int]:
    """Return how many were right, wrong, how many have an answer, and how many cases there are."""
    right = sum(answers[name] is not None and answers[name] == truth for name, truth in task.cases)
    given = sum(answers[name] is not None for name, _ in task.cases)
    return right, given - right, sum(truth is not None for _, truth in task.cases), len(task.cases)


def row(title: str, method: str, counts: tuple[int, int, int, int]) -> str:
    """Return a row of the table."""
    right, wrong, positive, cases = counts
    precision = f"{right / (right + wrong):.4f}" if right + wrong else "-"
    recall = f"{right / positive:.4f}" if positive else "-"
    return f"| {title} | {cases} | {positive} | {method} | {right} | {wrong} | {precision} | {recall} |"


def authorities(data: Path) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return official and nice names of the register with the identifier of each authority."""
    official, nice = [], []
    for line in _table(data / "local_authorities" / "uk_local_authorities.csv"):
        identifier = f"GB-LAE-{line['local-authority-code']}"
        official.append((line["official-name"], identifier))
        nice.append((line["nice-name"], identifier))
    return tuple(official), tuple(nice)


def authority_aliases(data: Path) -> tuple[tuple[str, str], ...]:
    """Return the aliases of both lists whose code the register knows; one that two authorities bear is left out."""
    folder = data / "local_authorities"
    register = list(_table(folder / "uk_local_authorities.csv"))
    codes = {line["local-authority-code"]: line["local-authority-code"] for line in register}
    for line in register:
        for column in ("old-register-and-code", "even-older-register-and-code"):
            codes |= {old.strip(): line["local-authority-code"] for old in line[column].split(",") if old.strip()}
    codes |= _older_codes(folder, register)
    bearers: dict[str, set[str]] = defaultdict(set)
    for line in _table(folder / "lookup_name_to_registry.csv"):
        bearers[line["la-name"]].add(codes.get(line["local-authority-code"], ""))
    for line in _table(folder / "openregister_name_map.tsv"):
        bearers[line["name"]].add(codes.get(line["local-authority"], ""))
    return tuple(
        sorted((name, f"GB-LAE-{next(iter(c))}") for name, c in bearers.items() if len(c) == 1 and "" not in c)
    )


def _older_codes(folder: Path, register: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the code of today for each older one of which some alias is an official name of today."""
    official = {line["official-name"].lower(): line["local-authority-code"] for line in register}
    found: dict[str, set[str]] = defaultdict(set)
    for line in _table(folder / "openregister_name_map.tsv"):
        if line["name"].lower() in official:
            found[line["local-authority"]].add(official[line["name"].lower()])
    return {older: next(iter(codes)) for older, codes in found.items() if len(codes) == 1}


def read_by_hand() -> dict[str, str]:
    """Return the names that are a body's although the map leaves them open, with the body's code."""
    lines = _table(Path(__file__).with_name("government_names_checked.csv"))
    return {line["name"]: line["government-organisation"] for line in lines if line["same"] == "yes"}


def tasks(data: Path, *, by_hand: bool) -> Iterator[Task]:
    """Yield the tasks that are about public bodies; `by_hand` takes what was read by hand for an answer, too."""
    official, nice = authorities(data)
    aliases = authority_aliases(data)
    if by_hand:
        yield Task("authorities: each alias, against official and short names", "Council", official, nice, aliases)
    folder = data / "gov_orgs"
    bodies = tuple(
        (b["name"], f"GB-GOR-{b['government-organisation']}") for b in _table(folder / "government-organisation.tsv")
    )
    known = {identifier for _, identifier in bodies}
    cases = []
    checked = read_by_hand() if by_hand else {}
    for line in _table(folder / "name_map.tsv"):
        truth = line["government-organisation"] or checked.get(line["name"], "")
        if not truth or f"GB-GOR-{truth}" in known:
            cases.append((line["name"], f"GB-GOR-{truth}" if truth else None))
    short = tuple(
        (line["abbreviation"], f"GB-GOR-{line['government-organisation']}")
        for line in _table(folder / "abbreviation_map.tsv")
    )
    against = "the map, and names read by hand" if by_hand else "the map alone"
    yield Task(f"government bodies, against {against}", "PublicBody", bodies, (), tuple(cases))
    yield Task("the same, with the register's abbreviations", "PublicBody", bodies, short, tuple(cases))


def left_out(data: Path, folds: int = 10) -> Iterator[Task]:
    """Yield the aliases in parts, each against official names, short names and the aliases of all other parts."""
    official, nice = authorities(data)
    aliases = list(authority_aliases(data))
    random.Random(3).shuffle(aliases)  # noqa: S311 - a fixed order is wanted, no secret
    for fold in range(folds):
        rest = [alias for index, alias in enumerate(aliases) if index % folds != fold]
        yield Task(
            "authorities: a tenth at a time, against all others",
            "Council",
            official,
            (*nice, *rest),
            tuple(aliases[fold::folds]),
        )


def company_pairs(data: Path) -> dict[str, tuple[int, int, int, int]]:
    """Return the counts by method over all pairs of supplier names with published company numbers."""
    lines = list(_table(data / "er_gold" / "supplier_names_by_company_number.csv"))
    names = [(line["supplier_name"], line["company_number"]) for line in lines]
    resolution = resolve(SourceMention(provisional_key(name), name) for name, _ in names)
    rules: dict[str, Callable[[str], str]] = {
        METHODS[0]: str.lower,
        METHODS[1]: normalise,
        METHODS[2]: lambda name: resolution.of(provisional_key(name)),
    }
    pairs = list(combinations(names, 2))
    positive = sum(one[1] == other[1] for one, other in pairs)
    counts = {}
    for method, rule in rules.items():
        joined = [(one, other) for one, other in pairs if rule(one[0]) == rule(other[0])]
        right = sum(one[1] == other[1] for one, other in joined)
        counts[method] = (right, len(joined) - right, positive, len(pairs))
    return counts


def slips(data: Path, seed: int = 3) -> Task:
    """Return the gold names as registered, and each with one fault that is common in records; seeded, not real."""
    lines = list(_table(data / "er_gold" / "supplier_names_by_company_number.csv"))
    chance = random.Random(seed)  # noqa: S311 - faults that can be made again, no secret
    official = {line["company_number"]: line["supplier_name"] for line in lines}
    cases: dict[str, str] = {}
    for number, name in official.items():
        for fault in _FAULTS:
            spoilt = fault(name, chance)
            if spoilt != name:
                cases.setdefault(spoilt, f"GB-COH-{number}")
    bodies = tuple((name, f"GB-COH-{number}") for number, name in official.items())
    return Task("company names with one fault each (made)", "Company", bodies, (), tuple(sorted(cases.items())))


def _doubled(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name))
    return name[:at] + name[at - 1] + name[at:]


def _swapped(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _dropped(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name))
    return name[:at] + name[at + 1 :]


def _coded(name: str, chance: random.Random) -> str:
    return f"{name} {chance.randrange(1 << 32, 1 << 36):X}"


_FAULTS: Sequence[Callable[[str, random.Random], str]] = (
    lambda name, _: f"DO NOT USE - {name}",
    lambda name, _: f"{name} (Example Branch Only)",
    lambda name, _: name[: max(len(name) * 3 // 4, 20)],
    lambda name, _: name.replace(" & ", " "),
    _coded,
    lambda name, _: name.upper().replace("LIMITED", "LTD."),
    lambda name, _: name.replace("Ltd", "Limited").replace("&", "and"),
    lambda name, _: name.removesuffix(" Ltd").removesuffix(" Limited"),
    lambda name, _: name.replace(" ", "", 1),
    _doubled,
    _swapped,
    _dropped,
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "data", nargs="?", type=Path, default=Path(__file__).resolve().parents[1].parent / "shared" / "data"
    )
    parser.add_argument("--errors", action="store_true", help="list what was answered wrongly")
    options = parser.parse_args()
    print("| task | cases | with an answer | method | right | wrong | precision | recall |")
    print("|---|---:|---:|---|---:|---:|---:|---:|")
    for method, counts in company_pairs(options.data).items():
        print(row("company names: pairs, by company number", method, counts))
    for task in (slips(options.data), *tasks(options.data, by_hand=True), *tasks(options.data, by_hand=False)):
        _print_task([task], options.errors)
    _print_task(list(left_out(options.data)), options.errors)
    asked, missed = waiting(slips(options.data))
    print(f"\nOf the {missed} made names that are not joined, {asked} wait for review with the right company.")
    _print_speed(options.data)


def _print_task(parts: Sequence[Task], errors: bool) -> None:
    answering: dict[str, Callable[[Task], Answers]] = {
        METHODS[0]: lambda task: equal_by(str.lower, task),
        METHODS[1]: lambda task: equal_by(normalise, task),
        METHODS[2]: by_resolution,
    }
    for method, answer in answering.items():
        answered = [(task, answer(task)) for task in parts]
        counts = [score(task, answers) for task, answers in answered]
        print(row(parts[0].title, method, _total(counts)))
        if errors and method == METHODS[-1]:
            for task, answers in answered:
                _print_errors(task, answers)


def waiting(task: Task) -> tuple[int, int]:
    """Return how many of the cases without an answer wait for a person with the right body, and how many there are."""
    bodies = [SourceMention(provisional_key(n, [i]), n, Rank.REGISTER, (i,), task.cls) for n, i in task.official]
    keys = {mention.identifiers[0]: mention.key for mention in bodies}
    resolution = resolve([*bodies, *(SourceMention(provisional_key(name), name) for name, _ in task.cases)])
    asked = {(doubt.left, doubt.right) for doubt in resolution.doubtful}
    missed = [
        tuple(sorted((keys[truth], own)))
        for name, truth in task.cases
        if truth is not None and (own := resolution.of(provisional_key(name))) not in keys.values()
    ]
    return sum(pair in asked for pair in missed), len(missed)


def _total(counts: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    right, wrong, positive, cases = (sum(column) for column in zip(*counts, strict=True))
    return right, wrong, positive, cases


def _print_errors(task: Task, answers: Answers) -> None:
    official = {identifier: name for name, identifier in task.official}
    for name, truth in task.cases:
        if answers[name] != truth:
            told = official.get(answers[name] or "", "-")
            fault = "wrong" if answers[name] else "missed"
            print(f"  {fault}: {name!r} is {official.get(truth or '', '-')!r}, told {told!r}")


def _print_speed(data: Path) -> None:
    names = {line["name"] for line in _table(data / "gov_orgs" / "name_map.tsv")}
    names |= {f"{name} Ltd" for name in sorted(names)}
    started = time.perf_counter()
    found = resolve(SourceMention(provisional_key(name), name) for name in sorted(names))
    took = time.perf_counter() - started
    print(
        f"\n{len(names):,} names in {took:.1f} s: {len(found.merges):,} merges, {len(found.doubtful):,} doubtful pairs"
    )


def _table(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")


if __name__ == "__main__":
    main()
