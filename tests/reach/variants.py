"""The seven states of a real FreePBX 14 firewall behind one edge, each as a site."""

from ringfence.model.site import ServiceName, Site
from tests.reach.school import edge, listener, pbx, save, site
from tests.shared_data import shared

VARIANTS = range(1, 8)
#: An address that no variant knows, and the provider whom each lists as a smart host.
STRANGER, SMART_HOST = "192.0.2.66", "198.51.100.23"


def variant(number: int) -> Site:
    """Give the site of one variant; the phone system is 10.30.0.10."""
    folder = shared("data/freepbx14/firewall-variants")
    (path,) = folder.glob(f"{number}-*/iptables-save.txt")
    forwards = save((folder / "edge-router-iptables-save.txt").read_text(), name="edge/iptables-save.txt")
    listeners = (
        listener(),
        listener(ServiceName.CHAN_SIP, 5160, process="asterisk"),
        listener(ServiceName.PJSIP, 5060, process="asterisk"),
        listener(ServiceName.HTTP, 80, transport="tcp", process="apache2"),
        listener(ServiceName.AMI, 5038, transport="tcp", process="asterisk"),
    )
    phone_system = pbx(save(path.read_text()), *listeners, addresses=("10.30.0.10/24",))
    return site(phone_system, edge(forwards, attached=False), external="203.0.113.1")
