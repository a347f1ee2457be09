"""Connections that follow DNS: a new one goes to an address of the user's own answer, and one that is open is given up
when the user would rather have another. Host header and TLS name stay the service's.

Both of locust's clients ask whether a kept connection is still good before they use it: that is where we answer too.
"""

from __future__ import annotations

import socket
from time import monotonic
from typing import Any

from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.url import URL
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError

from loadtests.habits import Lookups
from loadtests.tally import TALLY


class _Opened:
    """One open connection."""

    __slots__ = ("_address", "_born", "_until")

    def __init__(self, address: str) -> None:
        TALLY[f"connections to {address}"] += 1
        self._address, self._born, self._until = address, monotonic(), 0.0

    def wanted(self, lookups: Lookups, name: str) -> bool:
        """Asked before each request, so it must be quick: an answer does not change before it is over."""
        if monotonic() >= self._until:
            self._until = lookups.wanted_until(name, self._address, self._born)
        return self._until > 0


# -- FastHttpUser: geventhttpclient ------------------------------------------------------------------------------------


class _Following(ConnectionPool):
    """Connections to one service."""

    def follow(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._opened: dict[int, _Opened] = {}  # by file descriptor: a new connection takes the place of a closed one

    def _resolve(self) -> list[Any]:
        addresses = self._lookups.addresses(self._connection_host)
        port = self._lookups.port or self._connection_port
        found = [socket.getaddrinfo(each, port, type=socket.SOCK_STREAM)[0] for each in addresses]
        return list(found)

    def _create_socket(self) -> Any:
        sock = super()._create_socket()
        self._opened[sock.fileno()] = _Opened(str(sock.getpeername()[0]))
        return sock

    def _is_socket_alive(self, sock: Any) -> bool:
        opened = self._opened.get(sock.fileno())  # a closed one has none
        alive = opened is not None and opened.wanted(self._lookups, self._connection_host)
        return alive and super()._is_socket_alive(sock)


class _FollowingTls(_Following, SSLConnectionPool):
    """The same with TLS."""


class FollowingClients(HTTPClientPool):
    """A FastHttpUser's clients, one for each host."""

    def __init__(self, lookups: Lookups, arguments: dict[str, Any]) -> None:
        super().__init__(**arguments)
        self._lookups = lookups

    def get_client(self, url: str | URL) -> HTTPClient:
        client = super().get_client(url)
        pool = client._connection_pool
        if not isinstance(pool, _Following):
            # The client makes its pool itself, with a dozen settings; only its behaviour is changed.
            pool.__class__ = _FollowingTls if isinstance(pool, SSLConnectionPool) else _Following
            pool.follow(self._lookups)  # type: ignore[attr-defined]
        return client


# -- HttpUser: requests, urllib3 ---------------------------------------------------------------------------------------


class _Connection(HTTPConnection):
    lookups: Lookups
    _opened: _Opened

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            addresses = self.lookups.addresses(self.host)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        try:
            return self._first_of(addresses)
        finally:
            self._dns_host = name

    def _first_of(self, addresses: tuple[str, ...]) -> socket.socket:
        for address in addresses[:-1]:
            try:
                return self._connected_to(address)
            except HTTPError:
                continue
        return self._connected_to(addresses[-1])

    def _connected_to(self, address: str) -> socket.socket:
        self._dns_host, named = address, self.port
        self.port = self.lookups.port or named
        try:
            sock = super()._new_conn()
        finally:
            self.port = named
        self._opened = _Opened(address)
        return sock

    @property
    def is_connected(self) -> bool:
        return super().is_connected and self._opened.wanted(self.lookups, self.host)


class _TlsConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class FollowingAdapter(HTTPAdapter):
    """For a requests Session."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **more)
        mine = {"lookups": self._lookups}
        plain = type("Plain", (HTTPConnectionPool,), {"ConnectionCls": type("Connection", (_Connection,), mine)})
        tls = type("Tls", (HTTPSConnectionPool,), {"ConnectionCls": type("TlsConnection", (_TlsConnection,), mine)})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": tls}
