"""What Hypercorn has no option for: it closes a connection after 1000 requests, whatever is under way."""

keep_alive_max_requests = 1_000_000_000
