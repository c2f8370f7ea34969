"""All who learn in a run: the homes, the shared network, and the forecaster that takes it over."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from forecasting.federated.config import FederatedConfig
from forecasting.federated.federation import Federation
from forecasting.federated.home import Home, training_of
from forecasting.federated.pace import in_a_run
from forecasting.federated.resident import Resident
from forecasting.federated.rounds import Round
from forecasting.learned import presets
from forecasting.transformer import KEPT_BYTES_MAX, Transformer
from profiles.arrays import Floats

_AFTER = "own."  # begins names of weights that homes keep


class Learners:
    """The homes of one run, whose forecaster is theirs alone.

    Parameters
    ----------
    forecaster : Transformer
        Of these homes. It stays as it is; a copy of it learns.
    knobs : FederatedConfig
        How.
    home_ids : sequence of int
        In the order of the forecaster's rows.
    seed : int
        Of the scenario.
    first_step : int
        Of the run, in the profiles.
    """

    def __init__(
        self,
        forecaster: Transformer,
        knobs: FederatedConfig,
        home_ids: Sequence[int],
        seed: int,
        first_step: int,
    ) -> None:
        self.forecaster = forecaster.apart()
        issuer = self.forecaster.load
        task, network = issuer.trained.task, issuer.trained.network
        pace, recipe = in_a_run(knobs, len(home_ids)), presets.PRESETS[issuer.trained.preset].recipe
        training = training_of(knobs, pace, recipe, seed)
        kept = heads(task.heads if knobs.personal_heads else (), network.state_dict())
        self.federation = Federation(
            {name: each for name, each in network.state_dict().items() if name not in kept},
            knobs,
            pace,
            seed,
        )
        room = task.network()
        self.residents = {
            home_id: Resident(
                Home(home_id, task, room, training, {name: kept[name].clone() for name in kept}),
                issuer,
                pace.windows_count,
                knobs.recent_days,
            )
            for home_id in home_ids
        }
        self._place = f"{seed} {first_step} {knobs.model_dump_json()}"

    def known(self, step: int) -> Round | None:
        """Take over what another arm of the same scenario has learned by a step, if one has.

        What homes learn follows from their meters, whatever they do with their batteries.
        """
        found = self.forecaster.learned.get((self._place, step))
        if found is None:
            return None
        told, tensors = found
        self._restore(tensors, told.round + 1)
        return told

    def adopt(self, step: int, told: Round) -> None:
        """Forecast with what was learned from now on, and keep it for the next arm."""
        learned, tensors = self.forecaster.learned, self._tensors()
        size = sum(each.numel() * each.element_size() for each in tensors.values())
        if (len(learned) + 1) * size <= KEPT_BYTES_MAX:
            learned[self._place, step] = told, {n: each.clone() for n, each in tensors.items()}
        self._adopt()

    @property
    def state(self) -> tuple[int, dict[str, Floats]]:
        """How many rounds there were, and all that they changed, by name; it can be set."""
        return self.federation.number, {name: t.numpy() for name, t in self._tensors().items()}

    @state.setter
    def state(self, found: tuple[int, dict[str, Floats]]) -> None:
        number, arrays = found
        if number:
            tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
            self._restore(tensors, number)

    def _restore(self, tensors: Mapping[str, Tensor], number: int) -> None:
        """Go on from what `_tensors` returned after so many rounds, one at least."""
        self.federation.restore(tensors, number)
        for home_id, resident in self.residents.items():
            for name, each in resident.home.own.items():
                each.copy_(tensors[f"{_AFTER}{home_id}.{name}"])
        self._adopt()

    def _adopt(self) -> None:
        own = [resident.home.own for resident in self.residents.values()]
        self.forecaster.load.relearn(self.federation.shared, own if own[0] else ())

    def _tensors(self) -> dict[str, Tensor]:
        out = self.federation.tensors()
        for home_id, resident in self.residents.items():
            own = resident.home.own
            out |= {f"{_AFTER}{home_id}.{name}": each for name, each in own.items()}
        return out


def heads(begins: tuple[str, ...], weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Pick the weights of the layers that homes keep for themselves."""
    return {name: each for name, each in weights.items() if name.partition(".")[0] in begins}
