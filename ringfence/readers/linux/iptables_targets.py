"""What an iptables rule does (`-j DNAT --to-destination 10.20.0.10:5060`), read into actions of the model."""

from collections.abc import Sequence
from ipaddress import ip_network

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    CopyMark,
    Drop,
    Effect,
    Jump,
    Return,
    SetMark,
    StopTracking,
    TranslateDestination,
    TranslateSource,
    UnsupportedAction,
)
from ringfence.readers.linux import notation
from ringfence.readers.linux.iptables_modules import Given

Result = tuple[Action, tuple[Effect, ...]]

#: Targets after which the packet goes on unchanged, as far as reachability is concerned.
GOES_ON = frozenset(
    {
        "AUDIT",
        "CHECKSUM",
        "CLASSIFY",
        "CONNSECMARK",
        "DSCP",
        "HL",
        "HMARK",
        "IDLETIMER",
        "LED",
        "LOG",
        "NFLOG",
        "RATEEST",
        "SECMARK",
        "SET",
        "TCPMSS",
        "TCPOPTSTRIP",
        "TEE",
        "TOS",
        "TRACE",
        "TTL",
        "ULOG",
    }
)
FULL = 0xFFFFFFFF


def read(  # noqa: C901, PLR0911, PLR0912 - one arm per target
    target: str, given: Sequence[Given], *, goto: bool, chains: frozenset[str], chain: str = ""
) -> Result:
    """Read the target and its options; an unknown target is an UnsupportedAction that quotes it.

    ``chain`` is the one that the rule stands in: NETMAP rewrites what that chain is for.
    """
    written = notation.shortened(" ".join(["-g" if goto else "-j", target, *map(str, given)]))
    if target in chains:
        return Jump(chain=target, returns=not goto), ()
    if target == "" or target in GOES_ON:
        return Continue(), ()
    try:
        match target:
            case "ACCEPT":
                return Accept(), ()
            case "DROP":
                return Drop(), ()
            case "REJECT":
                return Drop(reject=True), ()
            case "RETURN":
                return Return(), ()
            case "MARK" | "CONNMARK":
                return Continue(), (_mark(given, connection=target == "CONNMARK"),)
            case "DNAT" | "REDIRECT" | "SNAT" | "MASQUERADE":
                return _translate(target, given), ()
            case "NETMAP":
                return _network(given, chain), ()
            case "NOTRACK":
                return Continue(), (StopTracking(),)
            case "CT" if any(option.name == "--notrack" for option in given):
                return Continue(), (StopTracking(),)
            case "CT":
                return Continue(), ()  # -j CT --helper tftp
            case _:
                pass
    except (ValueError, LookupError):
        pass
    return UnsupportedAction(text=written), ()


def _mark(given: Sequence[Given], *, connection: bool) -> Effect:
    (option, *rest) = given
    if option.name in {"--save-mark", "--restore-mark"}:
        if any(_masks(other) for other in rest):
            return SetMark(value=None, connection=option.name == "--save-mark")
        return CopyMark(to_connection=option.name == "--save-mark")
    text = option.values[0]
    match option.name:
        case "--set-xmark":
            value, mask = notation.masked(text)
            return SetMark(value=value, mask=mask, connection=connection)
        case "--set-mark":
            value, mask = notation.masked(text)
            return SetMark(value=value, mask=mask | value, connection=connection)
        case "--and-mark":
            return SetMark(value=0, mask=FULL & ~notation.number(text), connection=connection)
        case "--or-mark":
            return SetMark(value=notation.number(text), mask=notation.number(text), connection=connection)
        case "--xor-mark":
            return SetMark(value=notation.number(text), mask=0, connection=connection)
        case _:
            raise ValueError(option.name)


def _masks(option: Given) -> bool:
    """Tell whether ``--nfmask`` or ``--ctmask`` copies a part of the bits only."""
    return option.name in {"--mask", "--nfmask", "--ctmask"} and notation.number(option.values[0]) != FULL


def _translate(target: str, given: Sequence[Given]) -> Action:
    named = {option.name: option.values for option in given}
    if target == "MASQUERADE":
        return TranslateSource(addresses=None)
    if target == "REDIRECT":
        text = named["--to-ports"][0] if "--to-ports" in named else ""
        return TranslateDestination(addresses=None, ports=notation.ports(text, "-") if text else None, redirect=True)
    if target == "SNAT":
        addresses, _ = _target(named["--to-source"][0])
        return TranslateSource(addresses=addresses)
    addresses, ports = _target(named["--to-destination"][0])
    return TranslateDestination(addresses=addresses, ports=ports)


def _network(given: Sequence[Given], chain: str) -> Action:
    """Read ``-j NETMAP --to 10.20.0.0/24``; raises ValueError in a chain that may be called from either side."""
    (option,) = (option for option in given if option.name == "--to")
    network = ip_network(option.values[0], strict=False)
    addresses = AddressSet.of(network)
    if chain in {"PREROUTING", "OUTPUT"}:
        return TranslateDestination(addresses=addresses, host_bits=network.max_prefixlen - network.prefixlen)
    if chain in {"POSTROUTING", "INPUT"}:
        return TranslateSource(addresses=addresses)
    raise ValueError(chain)


def _target(text: str) -> tuple[AddressSet | None, PortSet | None]:
    """Read ``10.20.0.10``, ``10.20.0.10-10.20.0.12:5060-5070``, ``:5060``, ``[2001:db8::5]:69``."""
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif text.count(":") > 1:
        address, port = text, ""
    else:
        address, _, port = text.partition(":")
    if "/" in port:
        raise ValueError("a shifted port range")  # 10.20.0.10:5060-5070/6060
    return notation.addresses(address) if address else None, notation.ports(port, "-") if port else None
