"""Paths of our own beside Solara's: the player's files, packs, and what visitors bring."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from solara.server import settings
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from dashboard import place
from profiles.errors import InputError

_HERE = Path(__file__).parent
_PART_BYTES = 64 * 1024  # of a download, in memory at once
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}")


def ours() -> list[BaseRoute]:
    """List them; what none of them answers is Solara's."""
    return [
        Mount("/player", StaticFiles(directory=_HERE / "player")),
        Route("/packs/{token:path}", _pack),
        Route("/uploads", _upload, methods=["POST"]),
        Route("/uploads/{token}", _download),
        # Solara would ask an outside host for what was not installed with it.
        Mount("/_solara/cdn", StaticFiles(directory=settings.assets.proxy_cache_dir)),
    ]


async def _pack(request: Request) -> Response:
    found = place.here().packs.get(request.path_params["token"])
    if found is None:
        return PlainTextResponse("no such pack", 404)
    headers = {
        "content-encoding": "gzip",
        "cache-control": "private, max-age=31536000, immutable",
    }
    return Response(found, media_type="application/json", headers=headers)


async def _upload(request: Request) -> Response:
    """Store a file that comes as the body of a request, its name as a parameter."""
    name = request.query_params.get("name", "")
    try:
        token = await place.here().uploads.receive(name, request.stream())
    except InputError as error:
        return JSONResponse({"error": str(error)}, 413)
    except ClientDisconnect:
        return PlainTextResponse("gone", 400)
    except OSError as error:
        return JSONResponse({"error": f"file: cannot be stored ({error.strerror})"}, 507)
    return JSONResponse({"token": token})


def _download(request: Request) -> Response:
    """Send a file back, to be saved under the name that the page gives it."""
    name = request.query_params.get("name", "")
    try:
        file = place.here().uploads.open(request.path_params["token"])
    except InputError as error:
        return PlainTextResponse(str(error), 404)
    if not _FILE_NAME.fullmatch(name):
        file.close()
        return PlainTextResponse("no name of a file", 400)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_parts(file), media_type="application/octet-stream", headers=headers)


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART_BYTES):
            yield part
