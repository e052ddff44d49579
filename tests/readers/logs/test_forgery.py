"""Messages that do not end on their line."""

import pytest

from ringfence.readers.logs.forgery import Kind, Window, ends_rejection, is_rejection, unterminated
from ringfence.readers.logs.grammar import Line, read_line
from tests.readers.logs.lines import extension_not_found, line, registration_failed, security, step


def first_line(text: str) -> Line:
    found = read_line(text.partition("\n")[0].encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (extension_not_found("9\nx"), Kind.NUMBER),
        (extension_not_found("9"), None),
        (step("9\nx"), Kind.STEP),
        (step("9"), None),
        (security("InvalidAccountID", account="u\nx"), Kind.ACCOUNT),
        (security("InvalidAccountID"), None),
        (line("<--- SIP read from UDP:203.0.113.66:5060 --->"), Kind.DUMP),
        (
            line("<--- Received SIP request (12 bytes) from UDP:1.2.3.4:5060 --->", "res_pjsip_logger.c", "VERBOSE"),
            Kind.DUMP,
        ),
        (registration_failed("<sip:1@x>"), None),
    ],
)
def test_which_messages_need_more_lines(text: str, kind: Kind | None) -> None:
    assert unterminated(first_line(text)) is kind


def window(text: str) -> tuple[Window, list[bool]]:
    lines = text.encode().split(b"\n")[:-1]
    head = first_line(text)
    kind = unterminated(head)
    assert kind is not None
    opened = Window.opened(kind, head, 1, None)
    return opened, [opened.take(number, raw) for number, raw in enumerate(lines[1:], 2)]


@pytest.mark.parametrize(
    "text",
    [
        extension_not_found("9\n[x] NOTICE[1] y.c: z\nw"),
        step("9\nfalse) in new stack\nw"),
        security("InvalidAccountID", account='u\nx\nRemoteAddress="\ny'),
        line("<--- SIP read from UDP:203.0.113.66:5060 --->\nREGISTER sip:x SIP/2.0\n\n<------------->"),
    ],
)
def test_a_window_ends_with_the_tail_of_its_message(text: str) -> None:
    opened, ended = window(text)
    assert ended == [False] * (len(ended) - 1) + [True]
    assert opened.joined().startswith(opened.line.message)


def test_lines_that_look_like_log_lines_are_suspects() -> None:
    opened, _ = window(extension_not_found("9\n" + registration_failed("<sip:1@x>") + "z"))
    assert [number for number, _, _ in opened.suspects()] == [2]


def test_a_message_is_no_longer_than_asterisk_writes() -> None:
    opened, _ = window(step("9\n" + "x" * 9000 + "\ny").replace(" in new stack", ""))
    assert opened.is_over


def test_the_end_of_a_rejection() -> None:
    assert is_rejection(first_line(extension_not_found("9")))
    assert not is_rejection(first_line(registration_failed("<sip:1@x>")))
    assert ends_rejection("z' rejected because extension not found in context 'default'.")
    assert not ends_rejection("it's rejected.")
