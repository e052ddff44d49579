"""What the tests of these readers share: real evidence from beside the repository, and hostile file contents."""

from hypothesis import strategies as st

from tests.memory import MemoryArtifacts
from tests.shared_data import shared

REAL = "data/freepbx14/evidence"
INCIDENT = "data/incidents/tftp-leak-114/evidence"


def evidence(relative: str, *folders: str) -> MemoryArtifacts:
    """Load the given folders of a shared evidence bundle."""
    root = shared(relative)
    paths = (path for folder in folders for path in sorted((root / folder).rglob("*")) if path.is_file())
    return MemoryArtifacts({str(path.relative_to(root)): path.read_bytes() for path in paths})


def etc(**files: bytes | str) -> MemoryArtifacts:
    """Hold files of /etc/asterisk, named without their ``.conf``."""
    return MemoryArtifacts({f"etc/asterisk/{name}.conf": content for name, content in files.items()})


#: Pieces that a parser of these files may stumble over, put together at random.
_PIECES = st.sampled_from(
    [
        *("[a]", "[general]", "[a](!)", "[b](a)", "[a](+)", "[a](+type=peer)", "[", "]", "(", ")", "[]()", "[1001]"),
        *(
            "\n",
            "\r\n",
            "\0",
            " ",
            "\t",
            ";",
            ";--",
            "--;",
            "\\;",
            "=",
            "=>",
            "+=",
            "#include ",
            "#tryinclude ",
            "#exec ",
        ),
        *(
            "a.conf",
            "*",
            '"',
            "<",
            ">",
            "../..",
            "/etc/asterisk/*.conf",
            "type",
            "peer",
            "endpoint",
            "auth",
            "aor",
            "acl",
        ),
        *(
            "secret=FAKE-1",
            "host=dynamic",
            "permit=",
            "deny=",
            "0.0.0.0/0.0.0.0",
            "!10.0.0.0/8",
            "::/0",
            "/33",
            ",",
            "bind",
        ),
        *(
            "exten => ",
            "same => ",
            "include => ",
            "_X.",
            "s,1,",
            "n(x),",
            "x+9(y),",
            "Goto(",
            "GotoIf($[",
            "Dial(SIP/a/b)",
        ),
        *(
            "${EXTEN}",
            "${X",
            "}",
            "?",
            ":",
            "Macro(x)",
            "Set(X=",
            "Local/1@a",
            "register=a:b@c",
            "contact=sip:",
            "match=",
        ),
        *("user_agent=FPBX-14.0(16.1)", "bindaddr=[::]:1", "ü", "\u2028", "%"),
    ]
)
HOSTILE = st.binary(max_size=400) | st.lists(_PIECES, max_size=60).map("".join).map(str.encode)
