"""Print the part of requirements.lock that running needs: what the project depends on, what builds it, and theirs.

`make run` installs no more than that; the lock itself holds what the tests need too.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILDING = "build"
"""The extra that builds the package and its pages."""


def normal(name: str) -> str:
    """Return a package's name as the lock spells it.

    >>> normal("types_PyYAML[all]>=6; sys_platform != 'win32'")
    'types-pyyaml'
    """
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", name, maxsplit=1)[0]).lower()


def needed(lock: str, wanted: set[str]) -> str:
    """Return the entries of a lock for some packages and for whatever they depend on, as its remarks (`via`) say."""
    entries = re.findall(r"^\S+==.*(?:\n .*)*", lock, re.MULTILINE)
    required_by = {entry: set(re.findall(r"^ +# +(?:via )?(\S+)$", entry, re.MULTILINE)) for entry in entries}
    found = set(wanted)
    while more := {normal(entry) for entry in entries if required_by[entry] & found} - found:
        found |= more
    return "\n".join(entry for entry in entries if normal(entry) in found)


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = [*project["dependencies"], *project["optional-dependencies"][BUILDING]]
    print(needed((ROOT / "requirements.lock").read_text(encoding="utf-8"), {normal(one) for one in direct}))
