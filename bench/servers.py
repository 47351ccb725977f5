"""All servers by name, in the order of the tables' columns."""

from bench import peers, wsgi_servers
from bench.starting import Role, Server

SERVERS = {
    server.name: server
    for server in (
        Server("penstock", "Penstock", peers.penstock, Role.OURS),
        Server("penstock-logged", "Penstock, access log on", peers.penstock_logged, Role.VARIANT),
        Server("penstock-http1", "Penstock, HTTP/1.1", peers.penstock, Role.VARIANT),
        Server("penstock-asgi2", "Penstock, ASGI 2", peers.penstock_asgi2, Role.VARIANT),
        Server("granian", "Granian", peers.granian),
        Server("uvicorn", "Uvicorn", peers.uvicorn),
        Server("uvicorn-zttp", "Uvicorn, zttp", peers.uvicorn_zttp),
        Server("gunicorn", "gunicorn", peers.gunicorn),
        Server("hypercorn", "Hypercorn", peers.hypercorn),
        Server("daphne", "Daphne", peers.daphne),
        Server("floor", "floor", peers.floor, Role.FLOOR),
        Server("gthread", "gunicorn, threads", wsgi_servers.gthread),
        Server("gevent", "gunicorn, gevent", wsgi_servers.gevent),
        Server("uvicorn-adapter", "Uvicorn, WsgiToAsgi", wsgi_servers.uvicorn_adapter, Role.OURS),
        Server("uvicorn-a2wsgi", "Uvicorn, a2wsgi", wsgi_servers.uvicorn_a2wsgi),
        Server("gthread-adapter", "gunicorn, AsgiToWsgi", wsgi_servers.gthread_adapter, Role.OURS),
        Server("gthread-a2wsgi", "gunicorn, a2wsgi", wsgi_servers.gthread_a2wsgi),
    )
}
PEERS = tuple(name for name, server in SERVERS.items() if server.role is Role.PEER)
