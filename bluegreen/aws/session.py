"""The only file that makes AWS clients. AWS's errors become ours here, and nowhere else.

botocore's retries are off: the engine's loop is the retry, and it looks again before it asks again.
"""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ProfileNotFound
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from bluegreen.errors import Busy, Denied, Missing, OperatingError, Refused, Throttled, Unreachable, UserError
from bluegreen.plan import Guard

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=20,
    user_agent_extra="bluegreen",
)

_CODES: dict[type[OperatingError], frozenset[str]] = {
    Throttled: frozenset(
        {
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        }
    ),
    Busy: frozenset(
        {
            "CapacityReservationPending",
            "DependencyViolation",
            # It exists by now, though a look before did not show it yet: the next look will.
            "AlreadyExists",
            "BucketAlreadyOwnedByYou",
            "DuplicateListener",
            "DuplicateLoadBalancerName",
            "DuplicateTargetGroupName",
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "PriorityInUse",
            "OperationAborted",
            "OperationInProgressException",
            "PriorRequestNotComplete",
            "ResourceContention",
            "ResourceContentionFault",
            "ResourceInUse",
            "ResourceInUseFault",
            "ScalingActivityInProgress",
            "ScalingActivityInProgressFault",
            "TransactionConflictException",
            "TransactionInProgressException",
        }
    ),
    Denied: frozenset(
        {
            "AccessDenied",
            "AccessDeniedException",
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "MissingAuthenticationToken",
            "NotAuthorized",
            "OptInRequired",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "UnauthorizedOperation",
            "UnrecognizedClientException",
        }
    ),
    Unreachable: frozenset(
        {
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "RequestTimeout",
            "RequestTimeoutException",
            "ServiceUnavailable",
            "Unavailable",
        }
    ),
}
_CLASS_OF = {code: kind for kind, codes in _CODES.items() for code in codes}
_CREDENTIALS = ("Credential", "Token", "SSO", "ProfileNotFound")
"""botocore has many classes for missing or stale credentials; these are in the names of all of them."""


def open_session(region: str = "") -> boto3.Session:
    """A session by boto3's own credential chain, region (unless given) and endpoint settings. Raises UserError when
    those name a profile that does not exist, or a file that is no settings."""
    try:
        return boto3.Session(region_name=region or None)
    except ProfileNotFound as error:
        raise UserError(f"AWS_PROFILE: {error}") from error
    except BotoCoreError as error:
        raise UserError(f"boto3's own settings (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE): {error}") from error


class Api:
    """All AWS calls of the engine. `endpoint`: where to send them, when it is not where AWS has the service;
    `region`: when it is not the session's."""

    def __init__(self, session: boto3.Session, endpoint: str = "", region: str | None = None) -> None:
        self._session, self._endpoint, self._region = session, endpoint or None, region
        self._clients: dict[str, Any] = {}

    @property
    def region(self) -> str:
        """The region of the session, or an empty text when none is set."""
        return self._region or self._session.region_name or ""

    def elsewhere(self, region: str | None) -> Api:
        """The same session's calls in that region; None: in this one."""
        return self if region is None else Api(self._session, region=region)

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """One request, one answer: `call("route53", "get_change", Id=...)`. Raises OperatingError."""
        try:
            answer: dict[str, Any] = getattr(self._client(service), operation)(**params)
        except ClientError as error:
            raise _from_answer(f"{service} {operation}", error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise _from_botocore(f"{service} {operation}", error) from error
        return answer

    def collect(self, service: str, operation: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """All elements under `key` of all pages. Raises OperatingError."""
        try:
            pages = self._client(service).get_paginator(operation).paginate(**params)
            return [element for page in pages for element in page[key]]
        except ClientError as error:
            raise _from_answer(f"{service} {operation}", error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise _from_botocore(f"{service} {operation}", error) from error

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._made(service)
        return self._clients[service]

    def _made(self, service: str) -> Any:
        """boto3 says with a ValueError that an address is none. Settings are all that a client is made of."""
        try:
            return self._session.client(  # type: ignore[call-overload]
                service, config=CONFIG, endpoint_url=self._endpoint, region_name=self._region
            )
        except ValueError as error:
            raise Refused(f"{service}: boto3's own settings (AWS_ENDPOINT_URL, ...): {error}") from error


def guard(api: Api, allowed: Guard, region: str) -> str:
    """The account's number. Raises UserError when the rollout file does not list this account or region: nothing
    may be touched there."""
    if not region:
        raise UserError(f"guard.regions: no region is set (AWS_REGION); the file lists {', '.join(allowed.regions)}")
    account = str(api.call("sts", "get_caller_identity")["Account"])
    problems = []
    if account not in allowed.accounts:
        problems.append(f"guard.accounts: this is account {account}; the file lists {', '.join(allowed.accounts)}")
    if region not in allowed.regions:
        problems.append(f"guard.regions: this is region {region}; the file lists {', '.join(allowed.regions)}")
    if problems:
        raise UserError("\n".join(problems))
    return account


def _from_answer(call: str, error: ClientError) -> OperatingError:
    """AWS answered with an error: `route53 get_change: NoSuchChange: its words`."""
    code = str(error.response["Error"].get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _class_of(code, status)(f"{call}: {code}: {error.response['Error'].get('Message', '')}")


def _class_of(code: str, status: int) -> type[OperatingError]:
    if code in _CLASS_OF:
        return _CLASS_OF[code]
    if "NotFound" in code or code.startswith("NoSuch"):
        return Missing
    if status >= 500 or (code.isdigit() and int(code) >= 500):
        return Unreachable
    return {403: Denied, 429: Throttled}.get(status, Refused)


def _from_botocore(call: str, error: BotoCoreError | ResponseParserError) -> OperatingError:
    """botocore got no answer, or did not even ask."""
    name = type(error).__name__
    text = f"{call}: {name}: {error}"
    if isinstance(error, HTTPClientError | BotoConnectionError | ResponseParserError):
        return Unreachable(text)
    return Denied(text) if any(part in name for part in _CREDENTIALS) else Refused(text)
