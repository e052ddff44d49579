"""What the PBX's own packet filter is told in the settings, beside FreePBX's firewall."""

from tests.lab.campus import PBX6

PBX_THAT_REDIRECTS = """
table ip nat {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		udp dport 5062 redirect to :5060
		iifname "eth0" ip saddr 10.20.30.0/25 tcp dport 81 redirect to :80
	}
}
table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		ip saddr 10.20.30.0/24 udp dport 5060 ct original proto-dst != 5062 drop
	}
}
"""

PBX6_FILTER = f"""*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 2001:db8:8::/64 -p udp -m multiport --dports 69,5060,5160 -j ACCEPT
-A INPUT ! -s 2001:db8:20::100/120 -d {PBX6}/128 -p udp -m udp --dport 4569 -j ACCEPT
COMMIT
"""

PBX_WITH_MAPS = """
table inet filter {
	set staff {
		type ipv4_addr
		flags interval
		elements = { 10.20.30.64/26, 10.20.0.101 }
	}
	set doors {
		type ipv4_addr . inet_service
		flags interval
		elements = { 198.51.100.0/25 . 5060, 203.0.113.66 . 5160-5161, 192.0.2.0/24 . 1-1024 }
	}
	map zones {
		type ipv4_addr : verdict
		flags interval
		elements = { 10.20.8.0/24 : jump phones, 10.20.30.0/24 : jump office, 203.0.113.0/24 : goto strangers,
			10.20.0.0-10.20.0.127 : accept }
	}
	map marks {
		type inet_service : mark
		elements = { 69 : 0x1, 5060 : 0x2, 5160 : 0x3 }
	}
	chain phones {
		meta mark set udp dport map @marks
		meta mark & 0x2 == 0x2 accept
		udp dport 69 return
		tcp dport 22 drop
	}
	chain office {
		ip saddr @staff tcp dport { 80, 443 } accept
		udp dport vmap { 5060 : accept, 5061 : drop, 12000-13000 : accept }
	}
	chain strangers {
		ip saddr . udp dport @doors accept
	}
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state established,related accept
		ip saddr vmap @zones
		ip saddr . udp dport @doors accept
		ip saddr . tcp dport @doors accept
		meta mark 0x1 accept
	}
}
"""

#: nft's own rules under the names that iptables has: `iptables-save` shows the second rule as `-p udp -j DROP`.
NFT_NAMED_AS_IPTABLES = """
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		udp dport 69 drop
		udp dport { 5060, 5160 } ip saddr != 10.20.0.0/16 drop
		ip saddr vmap { 10.20.30.0/25 : drop, 192.0.2.0/24 : drop }
	}
}
"""

#: And under other names: `iptables-save` shows an empty table.
NFT_WITH_OTHER_NAMES = """
table ip nat {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		udp dport 5062 redirect to :5060
	}
}
table ip filter {
	chain incoming {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname "eth0" udp dport 5060 ct original proto-dst 5062 accept
		tcp dport { 80, 443 } accept
	}
}
"""

FAIL2BAN = """*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:f2b-asterisk - [0:0]
-A INPUT -p udp -m multiport --dports 5060,5061,5160 -j f2b-asterisk
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-upto 10/min --hashlimit-burst 5 \
--hashlimit-mode srcip --hashlimit-name ssh -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j DROP
-A f2b-asterisk -s 198.51.100.77/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-asterisk -s 203.0.113.66/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-asterisk -j RETURN
COMMIT
"""

#: fail2ban's action for nftables, in a table of its own before everything else.
FAIL2BAN_NFT = """
table inet f2b-table {
	set addr-set-asterisk {
		type ipv4_addr
		flags interval
		elements = { 8.8.8.0/24, 198.51.100.144 }
	}
	chain f2b-chain {
		type filter hook input priority filter - 1; policy accept;
		udp dport { 5060, 5160 } ip saddr @addr-set-asterisk reject with icmp type port-unreachable
	}
}
"""
