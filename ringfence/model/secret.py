"""How a password travels through the program without ever being shown."""

from collections.abc import Iterator


class Secret:
    """A password that prints as ``***`` wherever it ends up.

    Equal secrets compare and hash equal, so that reuse can be found without revealing any of them.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Wrap the clear text."""
        self._text = text

    def reveal(self) -> str:
        """Give the clear text; for comparing only, never for output."""
        return self._text

    def __bool__(self) -> bool:
        """Tell whether there is any secret at all."""
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        """Compare by value."""
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        """Hash by value."""
        return hash(("Secret", self._text))

    def __repr__(self) -> str:
        """Show nothing of the secret."""
        return "Secret(***)"

    def __str__(self) -> str:
        """Show nothing of the secret."""
        return "***"

    def __format__(self, format_spec: str) -> str:
        """Show nothing of the secret."""
        return "***"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled: a pickle is a file with the clear text in it."""
        message = "a Secret is not written to files"
        raise TypeError(message)

    def __iter__(self) -> Iterator[str]:
        """Refuse to be taken apart by accident (``"".join(secret)``)."""
        message = "a Secret is not a sequence"
        raise TypeError(message)
