"""Signs in an OCDS notice that it sets up a framework: what a guard weighs, never what it decides by alone."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from civicgraph.seeds_loader.ocds.fields import Object, mapping
from civicgraph.seeds_loader.yaml_lines import own_yaml

_WORDS: Final = "ocds/framework_hints.yaml"
_CALL_OFF: Final = "call-off"
_FIELDS: Final = (("title", "title"), ("procurementMethodDetails", "method"), ("description", "description"))
_TECHNIQUES: Final = (
    ("framework", "hasFrameworkAgreement", "frameworkAgreement"),
    ("dynamic-purchasing-system", "hasDynamicPurchasingSystem", "dynamicPurchasingSystem"),
)


def framework_hints(tender: Object, award: Object) -> tuple[str, ...]:
    """Return the signs of a framework, each as the field that has it and what it says.

    Where a field speaks of a call-off, the framework that it names is another contract.

    >>> framework_hints({"title": "IT framework", "procurementMethodDetails": "Call-off from a framework"}, {})
    ('title:framework', 'method:call-off')
    """
    techniques = mapping(tender.get("techniques"))
    used = [slug for slug, has, told in _TECHNIQUES if techniques.get(has) is True or mapping(techniques.get(told))]
    texts = ((field, holder.get(name)) for holder in (tender, award) for name, field in _FIELDS)
    said = [f"{field}:{word}" for field, text in texts if text and isinstance(text, str) for word in _words(text)]
    return tuple(dict.fromkeys([*(f"technique:{slug}" for slug in used), *said]))


def sets_up_framework(hints: Iterable[str]) -> bool:
    """Return whether a process says of itself, beside its description, that it sets up a framework.

    >>> sets_up_framework(["technique:framework"]), sets_up_framework(["title:framework", "method:call-off"])
    (True, False)
    """
    told = [hint for hint in hints if not hint.startswith("description:")]
    is_told = any(hint.startswith("technique:") for hint in told)
    return is_told or (bool(told) and not any(hint.endswith(_CALL_OFF) for hint in told))


# A notice says much twice, of its tender and of its award; methods are few.
@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    lower = text.lower()
    # Searching for the stem of each word is all that nearly every text costs.
    if not any(stem in lower for stem in _stems()):
        return ()
    found = tuple(slug for slug, pattern in _patterns() if pattern.search(lower) is not None)
    return (_CALL_OFF,) if _CALL_OFF in found else found


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (slug, re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")) for slug, words in own_yaml(_WORDS).items()
    )


@cache
def _stems() -> tuple[str, ...]:
    words = {word for listed in own_yaml(_WORDS).values() for word in listed}
    return tuple(sorted(word for word in words if not any(other != word and other in word for other in words)))
