"""What is kept of a training that goes on, so that it ends the same when it is interrupted.

After every epoch the tensors of a learner are written under the name of the epoch, and then one
file of JSON that names them: until it is renamed into place, what counts is the epoch before.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from forecasting.learned import durable
from profiles import whole_files
from profiles.errors import InputError

STATE = "state.json"
"""The file that says which epoch counts; without it nothing is kept."""

_TEXT_BYTES_MAX = 1 << 26


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch came to."""

    training_loss: float | None  # mean of its batches, while the weights changed; None: not told
    validation_loss: float  # after it
    rate: float  # of learning, at its end
    held: Mapping[str, Any] | None = None  # the record of a federated round, where it is one


def best_of(epochs: tuple[Epoch, ...]) -> int:
    """Return the place of the epoch with the lowest validation loss, the first if several have."""
    return min(range(len(epochs)), key=lambda place: epochs[place].validation_loss)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the last finished epoch in a folder of its own below that of the checkpoint."""

    folder: Path
    identity: Mapping[str, Any]  # all that decides the outcome, in JSON's terms

    def keep(self, epochs: tuple[Epoch, ...], tensors: Mapping[str, Tensor]) -> None:
        """Keep what there is after the last of ``epochs``; nothing older is needed then.

        Raises
        ------
        OSError
            If it cannot be written; what was kept before is kept.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        content = durable.packed(tensors)
        name = f"epoch_{len(epochs)}.safetensors"
        whole_files.write(self.folder / name, content)
        told = {
            "identity": self.identity,
            "epochs": [asdict(epoch) for epoch in epochs],
            "tensors": name,
            "tensors_sha256": durable.sha256_of(content),
        }
        whole_files.write(self.folder / STATE, json.dumps(told, indent=1).encode())
        self._remove_all_but(name, STATE)

    def kept(self, expected: Mapping[str, Tensor]) -> tuple[tuple[Epoch, ...], dict[str, Tensor]]:
        """Read what was kept: epochs and tensors, both empty if nothing was.

        Parameters
        ----------
        expected : mapping of tensors
            Names, shapes and types of what a learner has to keep.

        Raises
        ------
        InputError
            If another training stands there, or the files are damaged.
        """
        if not (self.folder / STATE).exists():
            return (), {}
        place = self.folder / STATE
        try:
            told = json.loads(durable.content_of(place, _TEXT_BYTES_MAX))
            identity, name = dict(told["identity"]), Path(str(told["tensors"])).name
            epochs = tuple(Epoch(**each) for each in told["epochs"])
            digest = told["tensors_sha256"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(f"{place}: is damaged; remove its folder to begin anew") from None
        self._check(identity)
        path = self.folder / name
        if durable.digest_of(path) != digest:
            raise InputError(f"{path}: is not what was written; remove its folder to begin anew")
        return epochs, durable.unpacked(path, expected)

    def clear(self) -> None:
        """Remove what was kept, the JSON first; a training that is over needs it no longer."""
        with suppress(OSError):
            (self.folder / STATE).unlink(missing_ok=True)
            self._remove_all_but()
            self.folder.rmdir()

    def _check(self, identity: Mapping[str, Any]) -> None:
        """Refuse what was begun with another config or other data."""
        asked = json.loads(json.dumps(self.identity))
        for name in [*asked, *identity]:
            was, now = identity.get(name), asked.get(name)
            if was == now:
                continue
            told = "other data" if name.endswith("sha256") else f"{name} {was!r} (now {now!r})"
            raise InputError(
                f"{self.folder.parent}: holds a training that was begun with {told}; "
                f"take another folder, or remove {self.folder.name} in it"
            )

    def _remove_all_but(self, *names: str) -> None:
        """Remove older epochs and what was being written when a training was killed."""
        for path in self.folder.iterdir():
            ours = path.suffix in (".safetensors", ".part")
            if path.name not in names and ours:
                with suppress(OSError):
                    path.unlink()
