"""What edge firewalls export, one file per product, each compiled into the vendor-free packet filter."""
