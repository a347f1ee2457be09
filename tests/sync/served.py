"""A process of its own: moto over HTTP on loopback, one request at a time, since moto is not safe for threads. Prints
its port."""

import os

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

import logging

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app))
print(server.server_port, flush=True)
server.serve_forever()
