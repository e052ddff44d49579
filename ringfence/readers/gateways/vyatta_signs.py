"""Tells a Vyatta configuration from all other exports, and EdgeOS from VyOS, by what stands at its beginning."""

import re

from ringfence.readers.artifacts import decoded

#: A top-level block at the left margin: `firewall {`, `interfaces {`.
_BLOCK = re.compile(
    r"^(?:firewall|interfaces|nat|port-forward|protocols|service|system|zone-policy|policy) \{[ \t]*\r?$",
    re.MULTILINE,
)
#: What stands in such blocks: `    ethernet eth0 {`, `    name WAN_IN {`, `    destination {` …
_INSIDE = re.compile(
    r"^[ \t]+(?:(?:ethernet|bonding|bridge|switch|pppoe|dummy|tunnel|wireguard|openvpn) \S+ \{"
    r"|loopback lo \{|(?:ipv6-)?name \S+ \{|(?:default-action|action) (?:accept|drop|reject)"
    r"|ipv[46] \{|rule \d+ \{|auto-firewall (?:enable|disable))[ \t]*\r?$",
    re.MULTILINE,
)
_VERSION = re.compile(r"^(?:/\* ===|//) (?:vyatta|vyos)-config-version:", re.MULTILINE)
#: `set firewall name WAN_IN rule 10 action 'drop'`
_SET = re.compile(
    r"^set (?:interfaces (?:ethernet|bonding|bridge|switch|pppoe|loopback|dummy|tunnel|wireguard|openvpn) \S+"
    r"|firewall (?:(?:ipv6-)?name \S+|ipv[46] (?:forward|input|output|prerouting|name)|group \S+-group \S+|zone \S+)"
    r"|nat (?:destination|source|static) rule \d+|service nat rule \d+|zone-policy zone \S+"
    r"|port-forward (?:rule \d+|auto-firewall|wan-interface)) ",
    re.MULTILINE,
)
#: JunOS writes blocks much alike, and ends its statements with semicolons.
_SEMICOLON = re.compile(r";[ \t]*\r?$", re.MULTILINE)
_EDGEOS = re.compile(
    r"^port-forward \{|^set port-forward |^set service nat rule |^    nat \{\s+rule \d+ \{|ubnt-"
    r"|^    switch switch\d+ \{|^set interfaces switch |/\* Release version: v\d"
    r"|^    (?:gui|unms|ubnt-discover) \{|^set service (?:gui|unms|ubnt-discover)",
    re.MULTILINE,
)
_VYOS = re.compile(
    r"vyos-config-version|^nat \{\s+(?:destination|source|static) \{|^set nat (?:destination|source|static) "
    r"|^    ipv[46] \{\s+(?:forward|input|output|name) |^set firewall ipv[46] (?:forward|input|output|name) ",
    re.MULTILINE,
)
#: The top level of a USG's configuration as JSON.
_JSON = re.compile(
    r'^\s*\{\s*"(?:firewall|interfaces|port-forward|protocols|service|system|vpn|zone-policy|custom-attribute'
    r'|load-balance|traffic-control|traffic-policy|policy)"\s*:\s*\{'
)
_JSON_INSIDE = re.compile(
    r'"(?:ethernet|switch|pppoe)"\s*:\s*\{\s*"(?:eth|switch|\d)|"port-forward"\s*:\s*\{|"(?:ipv6-)?name"\s*:\s*\{'
    r'|"rule"\s*:\s*\{\s*"\d+"\s*:\s*\{|"(?:address|network|port)-group"\s*:\s*\{|"modify"\s*:\s*\{'
)


def is_text(head: bytes) -> bool:
    """Tell whether this is a Vyatta configuration, in braces or as `set` commands."""
    text = decoded(head)
    if _SET.search(text):
        return True
    if not _BLOCK.search(text) or len(_SEMICOLON.findall(text)) > 3:
        return False
    return _INSIDE.search(text) is not None or _VERSION.search(text) is not None


def is_edgeos(head: bytes) -> bool:
    """Tell whether a Vyatta text is EdgeOS' own; where nothing tells, it is not."""
    text = decoded(head)
    return _EDGEOS.search(text) is not None and _VYOS.search(text) is None


def is_json(head: bytes) -> bool:
    """Tell whether this is the JSON of a USG (`config.gateway.json`, `mca-ctrl -t dump-cfg`)."""
    text = decoded(head)
    return _JSON.match(text) is not None and _JSON_INSIDE.search(text) is not None
