"""All products whose exports are read, in the order in which they are tried."""

from ringfence.readers.gateways.recognise import Dialect

DIALECTS: tuple[Dialect, ...] = ()
