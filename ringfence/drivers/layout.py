"""The bundle layout: which names belong to a bundle, and how names from outside become bundle names."""

from collections.abc import Iterable

#: The first part of every name in a bundle (docs/bundle-layout.md).
TOP_FOLDERS = frozenset(
    {"etc", "var", "tftpboot", "srv", "commands", "edge", "edge2", "db", "home", "opt", "proc", "root", "usr"}
)
SITE_FILE = "ringfence.toml"
#: Folders that only a bundle has; one of them at the top tells a bundle from any other directory.
TELLTALE = frozenset({"etc", "var", "tftpboot", "commands", "edge", "edge2", "db"})

MAX_MEMBERS = 20_000
MAX_NAME_CHARACTERS = 1024


def bundle_name(member: str) -> str:
    """Turn a member's name into a bundle name; empty when it escapes (``..``) or is no usable name."""
    parts = [part for part in member.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or len(member) > MAX_NAME_CHARACTERS or "\0" in member:
        return ""
    return "/".join(parts)


def wrapping_folder(names: Iterable[str]) -> str:
    """Give the folder that wraps the bundle (``school/evidence/``), nearest the top, with a telltale folder in it.

    Empty when the bundle stands at the top, or when there is no bundle or more than one at that depth.
    """
    wrappers: set[tuple[str, ...]] = set()
    for name in names:
        *folders, _ = name.split("/")
        depth = next((i for i, folder in enumerate(folders) if folder in TELLTALE), None)
        if depth is not None:
            wrappers.add(tuple(folders[:depth]))
    nearest = min((len(wrapper) for wrapper in wrappers), default=0)
    candidates = [wrapper for wrapper in wrappers if len(wrapper) == nearest]
    return "/".join((*candidates[0], "")) if len(candidates) == 1 and nearest else ""


def belongs(name: str) -> bool:
    """Tell whether the name is one of the layout."""
    return name == SITE_FILE or name.partition("/")[0] in TOP_FOLDERS
