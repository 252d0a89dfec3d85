"""The calls of `modal.client.ModalClient` that we honour, and who may make them."""

import base64
import json
import time
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from modal_proto import api_pb2

from .asset_calls import AssetCalls
from .ids import new_id
from .sandbox_calls import SandboxCalls
from .service import Calls, Metadata
from .world import TOKEN_ID, World

AUTH_TOKEN_LIFE_S = 20 * 60


class ControlPlane:
    """Knows one account."""

    def __init__(self, world: World) -> None:
        self._assets = AssetCalls(world)
        self._sandboxes = SandboxCalls(world)
        self._token_secret = world.token_secret
        self._auth_token = ""

    def calls(self) -> Calls:
        """The calls by name."""
        return Calls(
            unary={
                "ClientHello": self._hello,
                "AuthTokenGet": self._auth_token_get,
                **self._assets.unary(),
                **self._sandboxes.unary(),
            },
            streaming=self._sandboxes.streaming(),
            from_stream={},
        )

    def authorize(self, rpc: str, _request: Any, metadata: Metadata) -> None:
        """Checks the tokens that every call carries, and the one that V2 calls add."""
        sent = (metadata.get("x-modal-token-id"), metadata.get("x-modal-token-secret"))
        if sent != (TOKEN_ID, self._token_secret):
            raise GRPCError(Status.UNAUTHENTICATED, "token id or secret is wrong")
        v2 = rpc.endswith("V2") or rpc == "SandboxGetCommandRouterAccess"
        if v2 and metadata.get("x-modal-auth-token") != self._auth_token:
            raise GRPCError(Status.UNAUTHENTICATED, "x-modal-auth-token is missing or old")

    async def _hello(self, _request: Empty, _metadata: Metadata) -> api_pb2.ClientHelloResponse:
        return api_pb2.ClientHelloResponse()

    async def _auth_token_get(self, _request: object, _metadata: Metadata) -> api_pb2.AuthTokenGetResponse:
        claims = json.dumps({"exp": time.time() + AUTH_TOKEN_LIFE_S}).encode()
        self._auth_token = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{new_id('x')}"
        return api_pb2.AuthTokenGetResponse(token=self._auth_token)
