"""Files of tensors, and what is read of a folder; nothing of a file is ever executed.

The format of tensors is safetensors: a header in JSON that names each tensor with its shape, type
and place, and then their bytes.
"""

from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from profiles.errors import InputError


def packed(tensors: Mapping[str, Tensor]) -> bytes:
    """Turn tensors into the bytes of a file."""
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})


def tensors_in(content: bytes) -> dict[str, Tensor]:
    """Read what `packed` made, or somebody else: whoever asks checks names, shapes and numbers.

    Raises
    ------
    InputError
        If it is something else.
    """
    try:
        return load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:80]
        raise InputError(f"must be safetensors ({reason})") from None


def unpacked(path: Path, expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Open the tensors of a file, which have to be as others are; memory is taken as they are read.

    Parameters
    ----------
    path : Path
        A file.
    expected : mapping of tensors
        Names, shapes and types that there have to be; they may be without content ("meta").

    Raises
    ------
    InputError
        If it is no such file, or a tensor is missing, unknown, of another shape or type, or holds
        a number that is not finite.
    """
    place = str(path)
    try:
        with safe_open(path, framework="pt") as file:
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, no mapping
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:80]
        raise InputError(f"{place}: must be a file of safetensors ({reason})") from None
    for name in sorted(set(found) ^ set(expected)):
        told = "is missing" if name in expected else "is not one of this network"
        raise InputError(f"{place}: {name[:80]!a}: {told}")
    for name, like in expected.items():
        tensor = found[name]
        if tensor.shape != like.shape or tensor.dtype != like.dtype:
            raise InputError(
                f"{place}: {name}: must have shape {tuple(like.shape)}, {_kind(like)} "
                f"(got {tuple(tensor.shape)}, {_kind(tensor)})"
            )
        if not bool(torch.isfinite(tensor).all()):
            raise InputError(f"{place}: {name}: must hold finite numbers only")
    return found


def content_of(path: Path, bytes_max: int) -> bytes:
    """Read a file that is not too long.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path}: must be a file (there is none)")
        size = path.stat().st_size
        if size > bytes_max:
            raise InputError(f"{path}: must have at most {bytes_max} bytes (got {size})")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None


def digest_of(path: Path) -> str:
    """Hash a file piece by piece, in hexadecimal; `InputError` if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None


def sha256_of(content: bytes) -> str:
    """Hash the bytes of a file, in hexadecimal."""
    return sha256(content).hexdigest()


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
