"""All servers by name, in the order of the tables' columns."""

from bench import peers, wsgi_servers
from bench.starting import Role, Server

SERVERS = {
    server.name: server
    for server in (
        Server("penstock", "Penstock", Role.OURS, peers.penstock),
        Server("penstock-logged", "Penstock, access log on", Role.VARIANT, peers.penstock_logged),
        Server("penstock-http1", "Penstock, HTTP/1.1", Role.VARIANT, peers.penstock),
        Server("penstock-asgi2", "Penstock, ASGI 2", Role.VARIANT, peers.penstock_asgi2),
        Server("granian", "Granian", Role.PEER, peers.granian),
        Server("uvicorn", "Uvicorn", Role.PEER, peers.uvicorn),
        Server("uvicorn-zttp", "Uvicorn, zttp", Role.PEER, peers.uvicorn_zttp),
        Server("gunicorn", "gunicorn", Role.PEER, peers.gunicorn),
        Server("hypercorn", "Hypercorn", Role.PEER, peers.hypercorn),
        Server("daphne", "Daphne", Role.PEER, peers.daphne),
        Server("floor", "floor", Role.FLOOR, peers.floor),
        Server("gthread", "gunicorn, threads", Role.PEER, wsgi_servers.gthread),
        Server("gevent", "gunicorn, gevent", Role.PEER, wsgi_servers.gevent),
        Server("uvicorn-adapter", "Uvicorn, WsgiToAsgi", Role.OURS, wsgi_servers.uvicorn_adapter),
        Server("uvicorn-a2wsgi", "Uvicorn, a2wsgi", Role.PEER, wsgi_servers.uvicorn_a2wsgi),
        Server("gthread-adapter", "gunicorn, AsgiToWsgi", Role.OURS, wsgi_servers.gthread_adapter),
        Server("gthread-a2wsgi", "gunicorn, a2wsgi", Role.PEER, wsgi_servers.gthread_a2wsgi),
    )
}
