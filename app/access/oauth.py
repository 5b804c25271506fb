"""`POST /oauth/token`: the one place that answers errors as RFC 6749 section 5.2 does, for its clients read no other."""

from collections.abc import Mapping
from typing import Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.access.doors import counted_as
from app.access.permissions import Permission
from app.access.token_requests import ASSERTION, LONGEST_SCOPE, OAuthError, take
from app.access.token_schemas import SENTENCES, TokenMade, TokenRefusal
from app.access.visit import Visit
from app.access.work import Runtime
from app.core.problems import InternalError, Problem, TooLargeError, TooManyRequestsError, report, request_id_of, understood
from app.errors import RekindleError

PATH: Final = "/oauth/token"
FORM: Final = "application/x-www-form-urlencoded"
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}

router = APIRouter(tags=["Access"])


async def _answered(request: Request) -> Response:
    request.scope["rekindle.told"] = {"operation": "issue_token", "route": PATH}
    runtime: Runtime = request.app.state.runtime
    try:
        runtime.strangers.take(counted_as("visitor", request.client.host if request.client else ""))
        body = await _form(request)
        visit = Visit(runtime, "issue_token", request_id_of(request), runtime.clock())
        made = await run_sync(take, visit, runtime.settings.address + PATH, body, limiter=runtime.visitors)
    except OAuthError as refusal:
        return _refused(request, refusal)
    except TooLargeError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever happened is answered as this endpoint's clients expect
        return _refused(request, _as_oauth(request, understood(error), error))
    return Response(made.model_dump_json(), 200, NO_STORE, "application/json")


async def _form(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM or request.query_params:
        raise OAuthError("invalid_request")
    return await request.body()


def _as_oauth(request: Request, error: RekindleError, cause: Exception) -> OAuthError:
    if isinstance(error, TooManyRequestsError):
        return OAuthError("temporarily_unavailable", 429)
    if isinstance(error, InternalError):
        report(cause, request_id_of(request))
        return OAuthError("server_error")
    return OAuthError("temporarily_unavailable")


def _refused(request: Request, refusal: OAuthError) -> Response:
    request.scope["rekindle.told"]["code"] = refusal.code
    told = TokenRefusal(error=refusal.code, error_description=SENTENCES[refusal.code])
    headers = NO_STORE | ({"Retry-After": "1"} if refusal.status in {429, 503} else {})
    return Response(told.model_dump_json(), refusal.status, headers, "application/json")


def _responses() -> dict[int | str, dict[str, Any]]:
    told: Mapping[int, str] = {
        400: "`invalid_request`, `unsupported_grant_type`, `invalid_scope`",
        401: "`invalid_client`",
        429: "`temporarily_unavailable`: too many requests",
        500: "`server_error`",
        503: "`temporarily_unavailable`",
    }
    refused: dict[int | str, dict[str, Any]] = {
        status: {"model": TokenRefusal, "description": text} for status, text in told.items()
    }
    return refused | {
        413: {
            "model": Problem,
            "description": f"`{TooLargeError.code}`: {TooLargeError.detail}",
            "x-codes": [TooLargeError.code],
        }
    }


FIELDS: Final = {
    "grant_type": {"type": "string", "const": "client_credentials", "description": "Always `client_credentials`."},
    "client_assertion_type": {"type": "string", "const": ASSERTION, "description": "That the assertion is a signed token."},
    "client_assertion": {
        "type": "string",
        "description": "A token of the client's own: `iss` and `sub` its client id, `aud` this address, `exp` at most five "
        "minutes ahead, `jti` new each time; signed RS384 or ES384 with a key whose `kid` is in its key set.",
        "maxLength": 8_192,
        "examples": ["eyJhbGciOiJSUzM4NCJ9.e30.c2ln"],
    },
    "scope": {
        "type": "string",
        "description": "Scopes of the integration, separated by spaces; all of them unless told otherwise. A SMART scope may "
        "ask for less than is held (`system/Observation.r`) or for more (`system/*.rs`): as much is granted as is held.",
        "maxLength": LONGEST_SCOPE,
        "examples": ["couples:read system/*.rs"],
    },
    "client_id": {
        "type": "string",
        "description": "The client id again, if it is sent; it must be that of the assertion.",
        "maxLength": 64,
        "examples": ["rkc_" + "0" * 43],
    },
}


@router.post(
    PATH,
    operation_id="issue_token",
    status_code=200,
    response_model=TokenMade,
    responses=_responses(),
    summary="Get a token of five minutes for a client that proves itself",
    openapi_extra={
        "x-permission": str(Permission.SIGN_IN),
        "security": [],
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type", "client_assertion_type", "client_assertion"],
                        "properties": FIELDS,
                    }
                }
            },
        },
    },
)
async def issue_token(request: Request) -> Response:
    """Get a token of five minutes for a client that proves itself with its private key (`private_key_jwt`).

    A form, and errors as RFC 6749 section 5.2 has them: the one exception to problem documents.
    """
    return await _answered(request)
