"""Where users go: HTTP servers on loopback addresses, a DNS server that says which, and locust in its own process."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dnslib import CNAME, QTYPE, RR, A
from dnslib.server import BaseResolver, DNSServer

from tests.checks.waiting import until

ROOT = Path(__file__).resolve().parents[2]
LOADTESTS = ROOT / "loadtests"
NAME = "shop.example.com"


class Shop(ThreadingHTTPServer):
    """Answers on one address, and remembers what it was asked: host, `X-Who`, and the TLS name."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address="127.0.0.1", port=0, context=None):
        self.asked, self.tls_names = [], []
        self.status, self.wait, self.closing = 200, 0.0, False
        super().__init__((address, port), _Answer)
        if context is not None:
            context.sni_callback = lambda _, name, __: self.tls_names.append(name)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self):
        return self.server_port

    def __exit__(self, *_):
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, *_):
        """Clients go when they please."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        shop = self.server
        shop.asked.append((self.headers["Host"], self.headers.get("X-Who", ""), self.path))
        if shop.wait:
            threading.Event().wait(shop.wait)
        self.send_response(shop.status)
        self.send_header("Content-Length", "2")
        if shop.closing:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        """Quiet."""


class Names(BaseResolver):
    """A DNS server whose answer can be changed. `shop.example.com` leads over a CNAME that the server follows, and
    `alias.example.com` over one that it leaves to whoever asks."""

    def __init__(self, *addresses, ttl=1):
        self.addresses, self.ttl, self.asked = addresses, ttl, 0

    def resolve(self, request, handler):
        self.asked += 1
        reply, name = request.reply(), str(request.q.qname)
        if name.startswith("alias"):
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME("balancer.example.com"), ttl=300))
            return reply
        if not name.startswith("balancer"):
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME("balancer.example.com"), ttl=300))
        if request.q.qtype == QTYPE.A:
            for address in self.addresses:
                reply.add_answer(RR("balancer.example.com", QTYPE.A, rdata=A(address), ttl=self.ttl))
        return reply


@contextmanager
def told_by(names):
    """The address of a server that answers as `names` says."""
    server = DNSServer(names, port=0, address="127.0.0.1", logger=_Quiet())
    server.start_thread()
    try:
        yield f"127.0.0.1:{server.server.server_address[1]}"
    finally:
        server.stop()
        server.thread.join()
        server.server.server_close()


class _Quiet:
    def __getattr__(self, _):
        return lambda *_: None


@contextmanager
def two_shops(context=None):
    """On two addresses, at one port."""
    with ExitStack() as stack:
        first = stack.enter_context(Shop("127.0.0.2", context=context))
        yield first, stack.enter_context(Shop("127.0.0.3", first.port, context))


class Locust:
    """One locust, in a process group of its own."""

    def __init__(self, files, folder, *arguments):
        self.name = folder / "results"
        self.out = (folder / f"locust-{len(list(folder.iterdir()))}.log").open("w+")
        line = [sys.executable, "-m", "locust", "--headless", "--only-summary", "-f", ",".join(map(str, files))]
        self.process = subprocess.Popen(
            [*line, *map(str, arguments)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=self.out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def tell(self, line):
        """On its standard input; nothing: that it ends."""
        if line:
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()
        else:
            self.process.stdin.close()

    def ended(self):
        """The exit code, once it is over."""
        until(lambda: self.process.poll() is not None, 60)
        return self.process.returncode

    def said(self):
        self.out.flush()
        return Path(self.out.name).read_text()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def close(self):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with suppress(OSError):
            self.process.stdin.close()
        self.out.close()


def verdict(folder):
    return json.loads((folder / "results.verdict.json").read_text())


def certificate(folder):
    """A context with a certificate that nobody trusts, for NAME."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "shop.pem").write_bytes(plain + signed.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "shop.pem")
    return context
