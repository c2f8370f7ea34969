"""What a run is set up with."""

from dataclasses import dataclass, field

from agents.config import StrategyConfig
from agents.fleet import Fleet, FleetState
from forecasting.config import ForecastConfig
from forecasting.federated.config import FederatedConfig
from forecasting.forecast import Predictor
from market.config import MarketConfig
from profiles.arrays import Floats
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles
from profiles.tariffs.tariff import Tariff


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """All that a run depends on: the same setup gives the same bytes."""

    profiles: Profiles  # the whole record, the history before the run included
    first_step: int  # in the profiles
    steps_count: int
    fleet: Fleet
    state: FleetState  # of the batteries when the run starts
    strategy: StrategyConfig
    forecast: ForecastConfig
    rules: MarketConfig
    tariff: Tariff
    seed: int
    genesis: bytes  # 32 bytes that say what is run; the ledger starts from them
    carbon_kg_per_kwh: Floats | None = None  # (T,) marginal, of the grid; it decides nothing
    predictor: Predictor | None = None  # of these profiles, where one is there already
    capacity: GridCapacity | None = None  # of all homes together; its steps are those of the run
    outage: range = range(0)  # steps of the run in which the main grid is away
    federated: FederatedConfig = field(
        default_factory=FederatedConfig
    )  # how homes train the forecaster's network
