"""Which AWS call an HTTP request is, from what signers and protocols put into it (AWS SDK protocols: query, JSON,
REST-XML, Smithy RPC v2 CBOR)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import botocore.session

SIGNED = {"monitoring": "cloudwatch", "elasticloadbalancing": "elb"}
"""Signing name -> boto3's name, where they differ."""
ELBV2 = "2015-12-01"
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]*/([^/]+)/aws4_request")
_RPC = re.compile(r"/service/[^/]+/operation/(\w+)")


def name_of(environ: Mapping[str, Any], body: bytes) -> str:
    """`route53:ChangeResourceRecordSets`; the operation is `?` when it cannot be told."""
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = found[1] if found else "?"
    service = SIGNED.get(service, service)
    if rpc := _RPC.match(environ.get("PATH_INFO", "")):
        return f"{service}:{rpc[1]}"
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return f"{service}:{target.rpartition('.')[2]}"
    if service == "route53":
        return f"{service}:{_rest(environ['REQUEST_METHOD'], environ['PATH_INFO'])}"
    form = parse_qs(body.decode("latin-1"))
    if service == "elb" and form.get("Version") == [ELBV2]:
        service = "elbv2"
    return f"{service}:{form.get('Action', ['?'])[0]}"


def _rest(method: str, path: str) -> str:
    return next((name for verb, pattern, name in _routes() if verb == method and pattern.fullmatch(path)), "?")


@cache
def _routes() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Of Route 53, the longest path first."""
    model = botocore.session.get_session().get_service_model("route53")
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = http["requestUri"].partition("?")[0].rstrip("/")
        found.append((http["method"], re.compile(re.sub(r"\\\{\w+\\?\+?\\\}", "[^/]+", re.escape(path)) + "/?"), name))
    return tuple(sorted(found, key=lambda route: -len(route[1].pattern)))
