import pytest

from ringfence.readers.gateways import vyatta_signs
from tests.readers.gateways.vyatta_school import EDGEOS_NAT, FORWARD, INTERFACES, PORT_FORWARD, on_interface, rule_set

OTHERS = {
    "junos": "interfaces {\n    ge-0/0/0 {\n        unit 0 {\n            family inet;\n            mtu 1;\n        }\n"
    "        description a;\n        disable;\n    }\n}\n",
    "junos set": "set interfaces ge-0/0/0 unit 0 family inet\nset security nat destination pool x\n",
    "fortigate": 'config system interface\n    edit "wan1"\n        set ip 192.0.2.1 255.255.255.0\n    next\nend\n',
    "nft": "table ip filter {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n",
    "uci": "config redirect\n\toption name 'x'\n",
    "mikrotik": "/ip firewall nat\nadd action=dst-nat chain=dstnat\n",
    "iptables": "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
    "xml": '<?xml version="1.0"?>\n<pfsense><system/></pfsense>\n',
    "prose": "set firewall rules carefully\ninterfaces are many\n",
    "nginx": "service {\n    listen 80;\n    a b;\n    c d;\n    e f;\n}\n",
    "empty": "",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_exports_are_not_taken(name: str) -> None:
    assert not vyatta_signs.is_text(OTHERS[name].encode())
    assert not vyatta_signs.is_json(OTHERS[name].encode())


@pytest.mark.parametrize(
    "text",
    [
        INTERFACES,
        FORWARD,
        PORT_FORWARD,
        INTERFACES.replace("\n", "\r\n"),
        on_interface(rule_set("WAN_IN")),
        "set nat destination rule 10 translation address 10.20.0.10\n",
        "set firewall group address-group PROVIDER address 198.51.100.20\n",
    ],
)
def test_vyatta_texts_are_taken(text: str) -> None:
    assert vyatta_signs.is_text(text.encode())


def test_edgeos_has_its_own_words() -> None:
    assert vyatta_signs.is_edgeos((INTERFACES + EDGEOS_NAT).encode())
    assert vyatta_signs.is_edgeos((INTERFACES + PORT_FORWARD).encode())
    assert vyatta_signs.is_edgeos(b"set service nat rule 1 type destination\n")
    assert not vyatta_signs.is_edgeos((INTERFACES + FORWARD).encode())
    assert not vyatta_signs.is_edgeos(b'// vyos-config-version: "nat@7"\nset interfaces switch switch0 x\n')


def test_the_json_of_a_usg_is_known_by_its_sections_and_what_stands_in_them() -> None:
    assert vyatta_signs.is_json(b'{"port-forward": {"rule": {}}}'.replace(b'"rule": {}', b'"rule": {"1": {}}'))
    assert vyatta_signs.is_json(b'{\n "interfaces": {\n  "ethernet": {\n   "eth0": {}}}}')
    assert not vyatta_signs.is_json(b'{"interfaces": {"lan": {"proto": "static"}}}')
    assert not vyatta_signs.is_json(b'[{"firewall": {"name": {}}}]')
