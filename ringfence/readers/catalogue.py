"""Everything that the readers want from a machine: what ``local`` collects, and what the manual lists."""

from ringfence.readers import clock, served_tree, site_file
from ringfence.readers.asterisk import pbx
from ringfence.readers.asterisk_state import contacts
from ringfence.readers.freepbx import firewall, version
from ringfence.readers.linux import addresses, packetfilters, sockets, tftp_daemon
from ringfence.readers.logs import every

_READERS = (
    *(pbx, version, firewall, contacts, served_tree, every),
    *(sockets, addresses, packetfilters, tftp_daemon, clock, site_file),
)
WANTS = tuple(dict.fromkeys(want for reader in _READERS for want in reader.WANTS))
