"""Normal names: one spelling for what differs only in case, punctuation, accents and legal boilerplate.

Two names with one normal name are one organisation's unless an identifier says otherwise. What the rules do follows
when the registrar of companies takes two names for the same: case, punctuation, "the" in front and "&" for "and" tell
no companies apart. The legal form does, so it stays: X Ltd and X LLP are two.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from civicgraph.graph.identity.words import words
from civicgraph.graph.records.iris import short_hash, slugify

_LETTERS: Final = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_PLAIN: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u0060\u00b4", "'") | dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "-")
)
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_TRADING: Final = re.compile(
    r"\s*[(\[,;-]*\s*(?<!\w)(?:t\s?[/\\]\s?as?|t\.a\.?|trading\s+as|d/b/a)(?!\w)[\s:)]*", re.ASCII
)
_TRADING_SIGNS: Final = ("/", "\\", "t.a", "trading")
_FORM: Final = r"\b(?:ltd|limited|plc|llp)\b\.?"
_SHORT: Final = r"[A-Z][A-Za-z]{0,3}[A-Z][a-z]?"
_PARENT: Final = re.compile(
    rf"(?:(?P<parent>{_SHORT})\s*(?:\s-|-\s|:)\s*(?P<after>\S.*\s.*\S)|(?P<before>\S.*\s.*\S)\s*\((?P<department>{_SHORT})\))\Z"
)
_DOTTED: Final = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.){2,})")
_WORD: Final = re.compile(r"[^\W_]+")
_BETWEEN_LANGUAGES: Final = re.compile(r"\s[-–—|]\s|\s*/\s*")
LONGEST_ACRONYM: Final = 4
_PASSES: Final = 12
_SPELLING: Final = "--"
"""Sets the digest of a spelling off from the provisional key; no slug of a name has two hyphens."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, read: `normal` is what it is known by, `core` the same without `form`, its canonical legal form.

    `trading` is the normal name that follows "T/A", or empty.
    """

    normal: str
    core: str
    form: str
    trading: str = ""


@lru_cache(maxsize=1 << 16)
def normalise(name: str) -> str:
    """Return the normal form of a name: never empty for a name that is not, and its own normal form.

    Examples
    --------
    >>> normalise("The CAPITA Business-Services Limited")
    'capita business services ltd'
    >>> normalise("J & C Joel Ltd."), normalise("SMARTSOURCING P L C"), normalise("Justice, Ministry of")
    ('j and c joel ltd', 'smartsourcing plc', 'ministry of justice')
    >>> normalise("NINIAN SOLUTIONS LTD T/A HUDDLE"), normalise("Bibby Factors Yorkshire re Subscan Uds Ltd")
    ('ninian solutions ltd', 'subscan uds ltd')
    """
    return _settled(name, _once) or _settled(name, _plain) or name


def read_name(name: str) -> Name:
    """Return a name taken apart.

    >>> read_name("Jones & Sons Limited T/A Jones the Bread")
    Name(normal='jones and sons ltd', core='jones and sons', form='ltd', trading='jones the bread')
    """
    normal = normalise(name)
    parts = normal.split()
    core, form = _without_form(parts)
    plain = _plain(name)
    trading = _trading(plain)[1] if any(sign in plain for sign in _TRADING_SIGNS) else ""
    return Name(normal, " ".join(core), form, normalise(trading) if trading else "")


def name_slug(normal: str) -> str:
    """Return the slug of a normal name; a digest is added where the name is not all ASCII, so that none collide.

    >>> name_slug("capita business services ltd")
    'capita-business-services-ltd'
    """
    slug = slugify(normal)
    return slug if normal.isascii() and _WORD.search(normal) else f"{slug}-{short_hash(normal, length=8)}"


def provisional_key(name: str, identifiers: Sequence[str] = ()) -> str:
    """Return the key that a party has before names are compared: by its first identifier, else by its normal name.

    >>> provisional_key("Capita", ["GB-COH-02299747"]), provisional_key("CAPITA PLC.")
    ('organisation/gb-coh-02299747', 'organisation/capita-plc')
    """
    return f"organisation/{slugify(identifiers[0]) if identifiers else name_slug(normalise(name))}"


def written_key(name: str, identifiers: Sequence[str] = ()) -> str:
    """Return the key of a party as one record writes it: its provisional key, and a digest of the spelling.

    Each spelling has a key of its own, so that whatever joins two of them can be seen, and undone.

    >>> written_key("CAPITA PLC."), written_key("Capita plc")
    ('organisation/capita-plc--4bed0b14', 'organisation/capita-plc--3072f30a')
    """
    return f"{provisional_key(name, identifiers)}{_SPELLING}{short_hash(name, *identifiers, length=8)}"


def provisional_of(key: str) -> str:
    """Return the provisional key that the key of a spelling is made of; any other key is its own.

    >>> provisional_of("organisation/capita-plc--b1d7b6a5"), provisional_of("organisation/serco")
    ('organisation/capita-plc', 'organisation/serco')
    """
    return key.partition(_SPELLING)[0]


def key_in_sources(key: str, sources: str) -> str:
    """Return the key of what one name means in some sources alone, given by a pattern of their ids.

    >>> key_in_sources("organisation/st-marys-school--00aa11bb", "bradford*")
    'organisation/st-marys-school-e1e68957--00aa11bb'
    """
    provisional, mark, spelling = key.partition(_SPELLING)
    return f"{provisional}-{short_hash(sources, length=8)}{mark}{spelling}"


@lru_cache(maxsize=1 << 16)
def is_plain(name: str) -> bool:
    """Tell whether nothing of a name is left out of its normal name: no trading name, no note, no account.

    >>> is_plain("Colas Rail Limited"), is_plain("Colas Rail Ltd (RS Alliance Use Only)")
    (True, False)
    """
    text = _plain(name)
    # Most names have no sign of anything that is left out.
    if not any(sign in text for signs, *_ in _steps() for sign in signs):
        return True
    return " ".join(_rewritten(_tokens(text))) == normalise(name)


def plain_part(name: str) -> str:
    """Return the part of a name that is plain and has the same normal name; the name itself where there is none.

    >>> plain_part("Witherslack Group Ltd T/A Lakeside School"), plain_part("DO NOT USE - Alder Digital Ltd")
    ('Witherslack Group Ltd', 'Alder Digital Ltd')
    """
    if is_plain(name):
        return name
    parts, normal = name.split(), normalise(name)
    beginnings = [" ".join(parts[:end]) for end in range(1, len(parts))]
    ends = [" ".join(parts[start:]) for start in range(len(parts) - 1, 0, -1)]
    fitting = (part for part in (*beginnings, *ends) if normalise(part) == normal and is_plain(part))
    return next(fitting, name).strip(" -,;:(") or name


def without_parent(name: str) -> tuple[str, ...]:
    """Return the normal names of a body under its department, whose abbreviation a buyer's list may put about it.

    >>> without_parent("DCMS - NATIONAL PORTRAIT GALLERY"), without_parent("HM Passport Office (HO)")
    (('national portrait gallery',), ('hm passport office',))
    """
    match = _PARENT.match(" ".join(name.split()))
    if match is None or (match["parent"] or match["department"]).lower() in words().not_departments:
        return ()
    return (normalise(match["before"] or match["after"]),)


def languages(name: str) -> tuple[str, ...]:
    """Return the normal names of a body that is written in Welsh and English, set off by a dash or a stroke.

    >>> languages("Cyngor Sir Gar - Carmarthenshire County Council")
    ('cyngor sir gar', 'carmarthenshire county council')
    """
    parts = [normalise(part) for part in _BETWEEN_LANGUAGES.split(name) if _WORD.search(part)]
    welsh = [not words().welsh.isdisjoint(part.split()) for part in parts]
    return tuple(parts) if len(parts) > 1 and any(welsh) and not all(welsh) else ()


def is_acronym(normal: str) -> bool:
    """Tell whether a name is so short that it may be anybody's: it proves nothing by itself.

    >>> is_acronym("csc"), is_acronym("csc ltd"), is_acronym("huddle")
    (True, False, False)
    """
    return len(normal) <= LONGEST_ACRONYM and " " not in normal


def _settled(text: str, step: Callable[[str], str]) -> str:
    for _ in range(_PASSES):
        before, text = text, step(text)
        if text == before:
            break
    return text


# Spellings of one name become the same text at the first pass, and are done.
@lru_cache(maxsize=1 << 16)
def _once(name: str) -> str:
    text = _plain(name)
    for signs, pattern, becomes in _steps():
        # Few names have anything for a step to do, and to look for a sign of it costs a tenth of the pattern.
        for sign in signs:
            if sign in text:
                text = pattern.sub(becomes, text, count=1) or text
                break
    return " ".join(_rewritten(_tokens(text)))


def _plain(name: str) -> str:
    """Return the text repaired, without accents, in lower case, with plain quotes, dashes and single spaces."""
    text = name
    if not text.isascii():
        whole = name.encode("utf-8", "replace").decode("utf-8")
        text = unicodedata.normalize("NFKC", _NOT_ASCII.sub(_decoded, whole)).translate(_PLAIN)
    text = text.casefold()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def _decoded(match: re.Match[str]) -> str:
    """Return a run of letters decoded again where it is UTF-8 that was once read as Windows-1252."""
    try:
        return match[0].encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return match[0]


def _trading(text: str) -> tuple[str, str]:
    legal, *names = _TRADING.split(text)
    names = [name for name in names if _WORD.search(name)]
    return (legal, names[0] if names else "") if _WORD.search(legal) else ("", names[0] if names else "")


def _legal_entity(match: re.Match[str]) -> str:
    legal, trading = _trading(match[0])
    return legal or trading


def _client_of_factor(match: re.Match[str]) -> str:
    return match[0] if words().factors.isdisjoint(match["factor"].split()) else match["client"]


def _without_acronym(match: re.Match[str]) -> str:
    found = _WORD.findall(match["name"].replace("'", ""))
    initials = {"".join(word[0] for word in found), "".join(word[0] for word in found if word not in words().small)}
    return match["name"] if match["acronym"] in initials else match[0]


@cache
def _steps() -> tuple[tuple[Sequence[str], re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    """Return what is done to a name in turn: a pattern and what it becomes, and signs of which its texts have one.

    A name may end in the words of a status, or begin with those of a note: only what is set off is not part of it.
    """
    statuses, notes = ("|".join(map(re.escape, some)) for some in (words().statuses, words().notes))
    steps = (
        (_TRADING_SIGNS, r".+", _legal_entity),
        ((" re", "(re"), r"^(?P<factor>.+?)\s+\(?re\b[:.)]?\s+(?P<client>\S.*)$", _client_of_factor),
        (("formerly", "previously"), r"(?<=\S)\s*[(\[,-]*\s*\b(?:formerly|previously)(?:\s+known\s+as)?\b.*$", ""),
        (words().statuses, rf"^(.*{_FORM}|.*[^\s(\[,-](?=\s*[(\[,-]))[\s(\[,-]*(?:{statuses})[)\]\s]*$", r"\1"),
        (words().notes, rf"^[(\[*]*(?:{notes})\s*[-:)\]*][\s:)\]*-]*(?=.*[^\W_])", ""),
        (("-",), rf"({_FORM})\s*(?:\s-|-\s)\s*\S.*$", r"\1"),
        (("(",), rf"({_FORM})\s*\((?!(?:uk|gb|ni)\))[^()]*\)?$", r"\1"),
        (("ltd", "limited", "plc", "llp"), rf"({_FORM})\s*[(#]*\s*\d{{4,}}\)?$", r"\1"),
        (("(",), r"^(?P<name>.+?)\s*\((?P<acronym>[a-z]{2,10})\)$", _without_acronym),
        ((",",), r"^(.+?),\s*([^,]*\b(?:of|for))$", r"\2 \1"),
        ((" of", " for"), r"^(\S.*)\s((?:city|county|department|ministry|office)\s(?:of|for))$", r"\2 \1"),
    )
    return tuple((signs, re.compile(pattern), becomes) for signs, pattern, becomes in steps)


def _tokens(text: str) -> list[str]:
    text = text.replace("'", "")
    if "." in text:
        text = _DOTTED.sub(lambda match: match[1].replace(".", "") + " ", text)
    found = _WORD.findall(text.replace("&", " and ").replace("+", " and ").replace("@", " at "))
    while len(found) > 1 and found[0] in {"the", "and"}:
        del found[0]
    while len(found) > 1 and found[-1] in {"the", "and"}:
        del found[-1]
    return _joined(found)


def _joined(tokens: Sequence[str]) -> list[str]:
    """Join initials that stand side by side: "f w thorpe" is "fw thorpe", and "p l c" is "plc"."""
    joined: list[str] = []
    letters = False
    for token in tokens:
        letter = len(token) == 1 and token.isalpha()
        if letter and letters:
            joined[-1] += token
        else:
            joined.append(token)
        letters = letter
    return joined


def _rewritten(tokens: list[str]) -> list[str]:
    """Write out abbreviations and phrases and give the legal form its canonical spelling, once."""
    known = words()
    out: list[str] = []
    for token in tokens:
        out.extend(known.abbreviations.get(token, (token,)))
    for phrase, short in known.phrases.items():
        for start in range(len(out) - len(phrase), -1, -1) if phrase[0] in out else ():
            if tuple(out[start : start + len(phrase)]) == phrase:
                out[start : start + len(phrase)] = short
    core, form = _without_form(out)
    while form:
        inner, same = _without_form(core)
        if same != form:
            break
        core = inner
    if core and core[-1] in known.endings:
        core = [*core[:-1], known.endings[core[-1]]]
    return [*core, *form.split("-")] if form else core


def _without_form(tokens: Sequence[str]) -> tuple[list[str], str]:
    for length in range(min(4, len(tokens) - 1), 0, -1):
        form = words().forms.get(tuple(tokens[-length:]))
        if form is not None:
            return list(tokens[:-length]), form
    return list(tokens), ""
