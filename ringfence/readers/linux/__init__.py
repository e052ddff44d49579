"""What a Linux machine says about its network: sockets, addresses, routes, packet filters."""
