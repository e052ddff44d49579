"""Everything that the readers want from a machine: what ``local`` collects, and what the manual lists."""

from ringfence.readers import clock, served_tree, site_file
from ringfence.readers.asterisk import pbx
from ringfence.readers.asterisk_state import contacts
from ringfence.readers.freepbx import version
from ringfence.readers.linux import addresses, packetfilters, sockets
from ringfence.readers.logs import every

WANTS = tuple(
    dict.fromkeys(
        want
        for reader in (pbx, version, contacts, served_tree, every, sockets, addresses, packetfilters, clock, site_file)
        for want in reader.WANTS
    )
)
