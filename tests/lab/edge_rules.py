"""What the edge is told in the settings: rules as text, and what each is an example of."""

from tests.lab.campus import PBX6, PROVIDER6, SECOND_PUBLIC, Rules, iptables
from tests.lab.topology import PBX, PROVIDER

#: All that FreePBX's firewall is asked about is forwarded, so that its own answer shows.
WIDE_EDGE = f"""
table ip nat {{
	chain pre {{
		type nat hook prerouting priority dstnat; policy accept;
		iifname "wan" udp dport {{ 69, 1194, 4569, 5060, 5061, 5160, 12000 }} dnat to {PBX}
		iifname "wan" tcp dport {{ 22, 80, 84, 443, 5038 }} dnat to {PBX}
	}}
	chain post {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" masquerade
	}}
}}
"""

MASQUERADING_EDGE = WIDE_EDGE.replace(
    'oifname "wan" masquerade', 'oifname "wan" masquerade\n\t\toifname "lan" ct status dnat masquerade'
)

#: The sources of one range only are rewritten.
TRANSLATING_EDGE = WIDE_EDGE.replace(
    'oifname "wan" masquerade',
    'oifname "wan" masquerade\n\t\tip saddr 198.51.100.0/25 oifname "lan" udp dport 5060 snat to 10.20.0.1',
)

EDGE_WITH_SETS = f"""
table ip nat {{
	set providers {{
		type ipv4_addr
		flags interval
		elements = {{ {PROVIDER}, 198.51.100.64/26, 203.0.113.64-203.0.113.67 }}
	}}
	set banned {{
		type ipv4_addr
		flags interval
		elements = {{ 198.51.100.72-198.51.100.79, 192.0.2.0/24 }}
	}}
	map ports {{
		type inet_service : ipv4_addr
		elements = {{ 69 : {PBX}, 5160 : {PBX} }}
	}}
	chain pre {{
		type nat hook prerouting priority dstnat; policy accept;
		iifname "wan" ip saddr @banned return
		iifname "wan" ip saddr @providers udp dport 5060-5061 dnat to {PBX}
		iifname "wan" ip saddr != 8.0.0.0/6 dnat to udp dport map @ports
		iifname "wan" ip saddr . tcp dport {{ 198.51.100.77 . 22, 203.0.113.66 . 80 }} dnat to {PBX}
	}}
	chain post {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" masquerade
	}}
}}
table ip filter {{
	chain forward {{
		type filter hook forward priority filter; policy drop;
		ct state vmap {{ established : accept, related : accept, invalid : drop }}
		ct status dnat accept
		iifname {{ "lan", "voice", "staff" }} accept
	}}
}}
"""

#: Everybody is forwarded, and the forward chain takes some: by range, and by what the packet was first sent to.
EDGE_BY_FORWARD_CHAIN = f"""*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i wan -p udp -m multiport --dports 69,5060,5160 -j DNAT --to-destination {PBX}
-A PREROUTING -i wan -p tcp -m tcp --dport 8022 -j DNAT --to-destination {PBX}:22
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:phones - [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i wan -m iprange --src-range 198.51.100.100-198.51.100.199 -m conntrack --ctstate DNAT -j ACCEPT
-A FORWARD -i wan -d {PBX}/32 -p udp -m udp --dport 5060 -m conntrack --ctorigdst 203.0.113.5 -j ACCEPT
-A FORWARD -i wan ! -s 192.0.2.128/25 -p tcp -m conntrack --ctorigdstport 8022 -j ACCEPT
-A FORWARD ! -i wan -g phones
-A phones -i voice -o lan -p udp -m multiport --dports 69,5060,5160 -j ACCEPT
-A phones -i staff -o lan -p tcp -m tcp --dport 80 -j ACCEPT
-A phones -o wan -j ACCEPT
COMMIT
"""

EDGE_WITH_IPSET = (
    Rules(
        tool="ipset",
        text=f"create providers hash:net family inet\nadd providers {PROVIDER}\nadd providers 198.51.100.128/27\n"
        "add providers 198.51.100.136/29 nomatch\n",
    ),
    iptables(f"""*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i wan -p udp -m set --match-set providers src -m udp --dport 5060 -j DNAT --to-destination {PBX}
-A PREROUTING -i wan -p udp -m set ! --match-set providers src -m udp --dport 5160 -j DNAT --to-destination {PBX}
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
"""),
)

EDGE_WITH_OTHER_PORTS = f"""
table ip nat {{
	chain pre {{
		type nat hook prerouting priority dstnat; policy accept;
		iifname "wan" udp dport 15060 dnat to {PBX}:5060
		iifname "wan" udp dport 6969 ip saddr 198.51.100.0/24 dnat to {PBX}:69
		iifname "wan" udp dport 5062 dnat to {PBX}
		iifname "wan" dnat ip to tcp dport map {{ 8080 : {PBX} . 80, 8022 : {PBX} . 22 }}
	}}
	chain post {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" masquerade
	}}
}}
"""

EDGE_ONE_TO_ONE = f"""
table ip nat {{
	chain pre {{
		type nat hook prerouting priority dstnat; policy accept;
		iifname "wan" ip daddr {SECOND_PUBLIC} dnat to {PBX}
		iifname "wan" ip saddr {PROVIDER} udp dport 5060 dnat to {PBX}
	}}
	chain post {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" ip saddr {PBX} snat to {SECOND_PUBLIC}
		oifname "wan" masquerade
	}}
}}
table inet filter {{
	chain forward {{
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "wan" ip daddr {PBX} tcp dport {{ 80, 443 }} accept
		iifname "wan" ip daddr {PBX} udp dport 5060 accept
		iifname {{ "lan", "voice", "staff" }} accept
	}}
}}
"""

EDGE_THAT_ISOLATES = f"""
table ip nat {{
	chain post {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" masquerade
	}}
}}
table inet filter {{
	chain to_pbx {{
		udp dport {{ 69, 5060, 5160, 10000-20000 }} accept
	}}
	chain from_office {{
		ip saddr 10.20.30.66 ip daddr {PBX} tcp dport {{ 22, 80 }} accept
		meta l4proto tcp reject with tcp reset
	}}
	chain forward {{
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname . oifname vmap {{ "voice" . "lan" : jump to_pbx, "staff" . "lan" : goto from_office }}
		oifname "wan" accept
	}}
}}
"""

#: Beside the rules for IPv4, which say nothing about IPv6.
EDGE6_FILTER = """
table ip6 filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
		iifname { "lan", "voice", "staff" } accept
	}
}
"""

EDGE6_FILTER_WITH_A_HOLE = EDGE6_FILTER.replace(
    "\t\ticmpv6",
    f'\t\tiifname "wan" ip6 saddr {PROVIDER6} ip6 daddr {PBX6} udp dport 5060 accept\n'
    f'\t\tiifname "wan" ip6 saddr 2001:db8:bad::/64 tcp dport {{ 80, 443 }} accept\n\t\ticmpv6',
)
