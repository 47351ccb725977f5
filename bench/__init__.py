"""What a request, a message and a connection cost, for Penstock and its peers in one run.

The figure is CPU time: user and system time of all processes of a server, divided by the requests they
answered. A server is pinned to one core and the load generator to another, and the servers take turns,
round by round. Ratios of such figures hold on a noisy machine, which requests per second do not. Channel
layers are the exception: what they do in a second, and how long a message is on its way, is what they are
for. Run `python -m bench --help`; every figure in the README comes from here.
"""
