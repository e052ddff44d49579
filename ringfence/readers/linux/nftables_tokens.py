"""The words of an nftables rule set, and a place among them."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word of the text; ``quoted`` for one in double quotes."""

    text: str
    line: int
    quoted: bool = False


END = Token(text="", line=0)


@dataclass(slots=True, kw_only=True)
class Cursor:
    """A place in a list of tokens."""

    tokens: Sequence[Token]
    position: int = field(default=0)

    @property
    def ended(self) -> bool:
        """Whether all tokens are taken."""
        return self.position >= len(self.tokens)

    @property
    def line(self) -> int:
        """The line of the next token."""
        return self.tokens[self.position].line if not self.ended else 0

    def peek(self, ahead: int = 0) -> str:
        """Give the text of a coming token; empty at the end and for quoted strings."""
        position = self.position + ahead
        if position >= len(self.tokens) or self.tokens[position].quoted:
            return ""
        return self.tokens[position].text

    def take(self) -> Token:
        """Give the next token and step over it; an empty one at the end."""
        if self.ended:
            return END
        self.position += 1
        return self.tokens[self.position - 1]

    def back(self) -> None:
        """Step back over the last token."""
        self.position -= 1

    def accept(self, *words: str) -> bool:
        """Step over the next token if it is one of these words."""
        if self.peek() in words:
            self.position += 1
            return True
        return False

    def take_words(self) -> list[str]:
        """Give the words up to the end of the line, a semicolon or a closing brace, which stays."""
        found: list[str] = []
        while not self.ended and self.peek() not in {";", "\n", "}"}:
            found.append(self.take().text)
        return found

    def skip_line(self) -> None:
        """Step behind the next newline, over braces that open before it."""
        depth = 0
        while not self.ended:
            text = self.peek()
            self.position += 1
            depth += (text == "{") - (text == "}")
            if text == "\n" and depth <= 0:
                return

    def skip_block(self) -> None:
        """Step over the next `{ … }`, or to the end of the line when none opens."""
        while not self.ended and self.peek() not in {"{", "\n"}:
            self.position += 1
        if self.peek() == "{":
            self.skip_braces()

    def skip_braces(self) -> None:
        """Step over braces that open here, and all that is inside."""
        depth = 0
        while not self.ended:
            text = self.peek()
            self.position += 1
            depth += (text == "{") - (text == "}")
            if depth == 0:
                return

    def take_rule(self) -> list[Token]:
        """Give the tokens up to the end of the rule: a newline or semicolon outside of braces, or the chain's end."""
        depth = 0
        found: list[Token] = []
        while not self.ended:
            text = self.peek()
            if depth == 0 and text in {"\n", ";", "}"}:
                break
            depth += (text == "{") - (text == "}")
            found.append(self.take())
        return [token for token in found if token.text != "\n" or token.quoted]
