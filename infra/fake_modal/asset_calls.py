"""Apps, environments, images, secrets and volumes: what sandboxes are made from."""

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from modal_proto import api_pb2

from .ids import new_id
from .service import Metadata, Unary
from .world import World


class AssetCalls:
    """Finds or makes them in the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def unary(self) -> dict[str, Unary]:
        """The calls by name."""
        return {
            "AppGetOrCreate": self._app,
            "EnvironmentGetOrCreate": self._environment,
            "ImageGetOrCreate": self._image,
            "ImageFromId": self._image_from_id,
            "ImageGetByTag": self._image_by_tag,
            "ImagePublish": self._image_publish,
            "SecretGetOrCreate": self._secret,
            "VolumeGetOrCreate": self._volume,
        }

    async def _app(
        self, request: api_pb2.AppGetOrCreateRequest, _metadata: Metadata
    ) -> api_pb2.AppGetOrCreateResponse:
        if request.app_name not in self._world.apps:
            if request.object_creation_type != api_pb2.OBJECT_CREATION_TYPE_CREATE_IF_MISSING:
                raise GRPCError(Status.NOT_FOUND, f"no app {request.app_name}")
            self._world.apps[request.app_name] = new_id("ap")
        return api_pb2.AppGetOrCreateResponse(app_id=self._world.apps[request.app_name])

    async def _environment(
        self, _request: object, _metadata: Metadata
    ) -> api_pb2.EnvironmentGetOrCreateResponse:
        settings = api_pb2.EnvironmentSettings(image_builder_version="2025.06")
        metadata = api_pb2.EnvironmentMetadata(name="main", settings=settings)
        return api_pb2.EnvironmentGetOrCreateResponse(environment_id="en-fake", metadata=metadata)

    async def _image(
        self, request: api_pb2.ImageGetOrCreateRequest, _metadata: Metadata
    ) -> api_pb2.ImageGetOrCreateResponse:
        image_id = self._world.image_for(request.image.SerializeToString(deterministic=True))
        result = api_pb2.GenericResult(status=api_pb2.GenericResult.GENERIC_STATUS_SUCCESS)
        return api_pb2.ImageGetOrCreateResponse(image_id=image_id, result=result)

    async def _image_from_id(
        self, request: api_pb2.ImageFromIdRequest, _metadata: Metadata
    ) -> api_pb2.ImageFromIdResponse:
        if request.image_id not in self._world.images.values():
            raise GRPCError(Status.NOT_FOUND, f"no image {request.image_id}")
        return api_pb2.ImageFromIdResponse(image_id=request.image_id)

    async def _image_by_tag(
        self, request: api_pb2.ImageGetByTagRequest, _metadata: Metadata
    ) -> api_pb2.ImageGetByTagResponse:
        if request.tag not in self._world.image_tags:
            raise GRPCError(Status.NOT_FOUND, f"no image {request.tag}")
        return api_pb2.ImageGetByTagResponse(image_id=self._world.image_tags[request.tag])

    async def _image_publish(
        self, request: api_pb2.ImagePublishRequest, _metadata: Metadata
    ) -> api_pb2.ImagePublishResponse:
        self._world.image_tags[request.tag] = request.image_id
        return api_pb2.ImagePublishResponse(image_id=request.image_id)

    async def _secret(
        self, request: api_pb2.SecretGetOrCreateRequest, _metadata: Metadata
    ) -> api_pb2.SecretGetOrCreateResponse:
        if request.object_creation_type == api_pb2.OBJECT_CREATION_TYPE_UNSPECIFIED:
            if request.deployment_name not in self._world.secret_names:
                raise GRPCError(Status.NOT_FOUND, f"no secret {request.deployment_name}")
            secret_id = self._world.secret_names[request.deployment_name]
        else:
            secret_id = self._world.new_secret(request.env_dict, request.deployment_name)
        metadata = api_pb2.SecretMetadata(name=request.deployment_name)
        return api_pb2.SecretGetOrCreateResponse(secret_id=secret_id, metadata=metadata)

    async def _volume(
        self, request: api_pb2.VolumeGetOrCreateRequest, _metadata: Metadata
    ) -> api_pb2.VolumeGetOrCreateResponse:
        if request.deployment_name not in self._world.volumes:
            if request.object_creation_type != api_pb2.OBJECT_CREATION_TYPE_CREATE_IF_MISSING:
                raise GRPCError(Status.NOT_FOUND, f"no volume {request.deployment_name}")
            self._world.volumes[request.deployment_name] = new_id("vo")
        metadata = api_pb2.VolumeMetadata(version=request.version, name=request.deployment_name)
        return api_pb2.VolumeGetOrCreateResponse(
            volume_id=self._world.volumes[request.deployment_name],
            version=request.version,
            metadata=metadata,
        )
