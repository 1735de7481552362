"""The file of judgements: which two names a person holds for one organisation, or for two; and which contracts are one.

The file is a YAML list that a person edits:

    - same: [Huddle, NINIAN SOLUTIONS LTD]
      why: its own annual report says so
      by: a.person
      date: 2026-11-22
    - different: [organisation/capita, CAPITA BUSINESS SERVICES LTD]
      why: group and subsidiary
    - different: [St Mary's School, St Mary's School @ bradford*]
      why: two schools; what sources with such ids name so is another

A judgement names each side as some record writes it or by key. Contracts are named by key. That `contract/x` and
`payments/x` are the same says that what its buyer paid its supplier while it ran was paid under it. Taking an entry out
undoes it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import yaml

from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.records.iris import thing_iri

_VERDICTS: Final = ("same", "different")
IN_SOURCES: Final = " @ "
"""Between a name and a pattern of the ids of sources: what the name means in these alone."""
_FIELDS: Final = (*_VERDICTS, "why", "by", "date")
_OF_CONTRACTS: Final = ("contract/", "payments/")


class JudgementError(ValueError):
    """An entry of the judgements that cannot be read: the file, the line, what is wrong and what would be right."""

    def __init__(self, file: str, line: int, reason: str, remedy: str) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{file}:{line}: {reason}; {remedy}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person holds of two organisations, named by key or as a record writes them."""

    same: bool
    left: str
    right: str
    why: str = ""
    by: str = ""
    date: dt.date | None = None
    line: int = 0

    @property
    def keys(self) -> tuple[str, str]:
        """The provisional keys of both sides."""
        return key_of_side(self.left), key_of_side(self.right)


def key_of_side(side: str) -> str:
    """Return the provisional key that one side of a judgement names.

    >>> key_of_side("organisation/gb-coh-02299747"), key_of_side("Capita P.L.C.")
    ('organisation/gb-coh-02299747', 'organisation/capita-plc')
    """
    return side if side.startswith(("organisation/", *_OF_CONTRACTS)) else provisional_key(side)


def read_judgements(text: str, file: str = "judgements.yaml") -> list[Judgement]:
    """Return the judgements of a file's text; none for an empty one.

    Raises
    ------
    JudgementError
        The text is not YAML, not a list, or an entry is not as the head of this module shows it.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "a character that is not text"
        raise JudgementError(file, mark.line + 1 if mark else 1, f"not YAML: {problem}", "correct it there") from error
    except RecursionError as error:
        raise JudgementError(file, 1, "nested too deeply", "a judgement is one level deep") from error
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        remedy = "begin each judgement with '- same:' or '- different:'"
        raise JudgementError(file, root.start_mark.line + 1, "not a list", remedy)
    return [_judgement(node, file) for node in root.value]


def written(judgement: Judgement) -> str:
    """Return a judgement as the text of an entry, to be appended to the file."""
    verdict = "same" if judgement.same else "different"
    entry: dict[str, str | list[str] | dt.date] = {verdict: [judgement.left, judgement.right]}
    entry |= {name: text for name, text in (("why", judgement.why), ("by", judgement.by)) if text}
    if judgement.date is not None:
        entry["date"] = judgement.date
    return str(yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=1 << 16, default_flow_style=None))


def without(text: str, left: str, right: str) -> str:
    """Return a file's text without the entries about two organisations; every other line stays as it was.

    Raises
    ------
    JudgementError
        The text cannot be read, or its list is in one line, so that no entry has lines of its own.
    """
    written, keys = {left, right}, {key_of_side(left), key_of_side(right)}
    judgements = read_judgements(text)
    lines = text.splitlines(keepends=True)
    if len({judgement.line for judgement in judgements}) != len(judgements):
        raise JudgementError("judgements.yaml", 1, "several judgements on one line", "write each on lines of its own")
    starts = [judgement.line - 1 for judgement in judgements]
    kept = lines[: starts[0]] if starts else lines
    for judgement, start, end in zip(judgements, starts, [*starts[1:], len(lines)], strict=True):
        same = {judgement.left, judgement.right} == written if len(keys) == 1 else set(judgement.keys) == keys
        if not same:
            kept += lines[start:end]
    return "".join(kept)


def _judgement(node: yaml.Node, file: str) -> Judgement:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise JudgementError(file, line, "not a judgement", "write 'same: [one name, another name]'")
    fields: dict[str, yaml.Node] = {}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if key.value not in _FIELDS:
            raise JudgementError(file, at, f"a field {key.value!r}", f"the fields are {', '.join(_FIELDS)}")
        if key.value in fields:
            raise JudgementError(file, at, f"{key.value!r} twice", "write each field once")
        fields[key.value] = value
    verdicts = [verdict for verdict in _VERDICTS if verdict in fields]
    if len(verdicts) != 1:
        raise JudgementError(file, line, f"{len(verdicts)} verdicts", "write either 'same' or 'different'")
    left, right = _sides(fields.pop(verdicts[0]), file)
    texts = {name: _text(value, file) for name, value in fields.items()}
    day = texts.pop("date", "")
    try:
        date = dt.date.fromisoformat(day) if day else None
    except ValueError as error:
        at = fields["date"].start_mark.line + 1
        raise JudgementError(file, at, f"{day!r} is not a date", "write it as 2026-11-22") from error
    return Judgement(verdicts[0] == "same", left, right, **texts, date=date, line=line)


def _sides(node: yaml.Node, file: str) -> tuple[str, str]:
    line = node.start_mark.line + 1
    sides = [_text(member, file) for member in node.value] if isinstance(node, yaml.SequenceNode) else []
    if len(sides) != 2 or not all(sides):  # noqa: PLR2004 - one and the other
        raise JudgementError(file, line, "not two names", "write '[one name, another name]'")
    left, right = sides
    for side in sides:
        try:
            thing_iri(key_of_side(side.partition(IN_SOURCES)[0]).replace("payments/", "contract/"))
        except ValueError as error:
            raise JudgementError(file, line, str(error), "write the name, or the key as a table shows it") from error
    if left.startswith(_OF_CONTRACTS) != right.startswith(_OF_CONTRACTS):
        fault = f"{left!r} and {right!r} are not things of one kind"
        raise JudgementError(file, line, fault, "name two organisations, or two contracts")
    return left, right


def _text(node: yaml.Node, file: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise JudgementError(file, node.start_mark.line + 1, "not text", "write it as one line of text")
    return str(node.value).strip()
