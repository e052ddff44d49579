from ipaddress import ip_address, ip_interface, ip_network

from ringfence.model.evidence import Citation
from ringfence.model.site import Driver, Host, Interface, LiveContact, NamedNetwork
from ringfence.readers.networks import infer_networks

HERE = Citation(file="edge/ip-addr.txt", line=1)


def host(name: str, **interfaces: str) -> Host:
    return Host(
        name=name,
        interfaces=tuple(
            Interface(name=interface, addresses=(ip_interface(address),), citation=HERE)
            for interface, address in interfaces.items()
        ),
    )


def contact(address: str) -> LiveContact:
    return LiveContact(account="2001", driver=Driver.PJSIP, address=ip_address(address), port=5060, citation=HERE)


def names(networks: tuple[NamedNetwork, ...]) -> dict[str, str]:
    return {network.name: str(network.prefixes[0]) for network in networks}


def test_interfaces_give_their_networks_and_the_edge_names_them() -> None:
    pbx = host("pbx", lo="127.0.0.1/8", eth0="10.20.0.10/24")
    edge = host("edge", wan="203.0.113.1/24", lan="10.20.0.1/24", voice="10.20.8.1/24", tun="fe80::1/64")
    assert names(infer_networks((), (pbx, edge), ())) == {"lan": "10.20.0.0/24", "voice": "10.20.8.0/24"}
    assert names(infer_networks((), (pbx,), ())) == {"pbx": "10.20.0.0/24"}


def test_the_public_side_is_never_inferred() -> None:
    assert infer_networks((), (host("edge", wan="198.51.100.7/24"),), ()) == ()


def test_what_is_declared_is_not_inferred_again() -> None:
    declared = NamedNetwork(name="school", prefixes=(ip_network("10.0.0.0/8"),), declared=True)
    assert infer_networks((declared,), (host("edge", voice="10.20.8.1/24"),), ()) == (declared,)


def test_two_phones_make_a_network_and_one_does_not() -> None:
    contacts = (contact("10.30.0.11"), contact("10.30.0.12"), contact("192.168.77.5"), contact("203.0.113.9"))
    assert names(infer_networks((), (), contacts)) == {"phones": "10.30.0.0/24"}


def test_names_stay_unique() -> None:
    pbx = host("pbx", eth0="10.20.0.10/24", eth1="10.21.0.10/24")
    assert list(names(infer_networks((), (pbx,), ()))) == ["pbx", "pbx-2"]
