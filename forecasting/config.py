"""The knobs of forecasting."""

from pydantic import Field

from forecasting.predictors import PredictorName
from profiles.config import Section


class ForecastConfig(Section):
    """How homes look ahead."""

    name: PredictorName = "slot_mean"
    """Forecaster of consumption and generation. `slot_mean`, the mean of the same time of day
    over 7 days, is the steadiest that needs no training; `perfect` knows the future."""

    samples_count: int = Field(default=7, ge=0, le=28)
    """Futures that a plan weighs, each from the forecast errors of one past day; 0 plans on
    the forecast alone. A week holds every kind of day once. Each sample needs a day of history
    on top of the forecaster's own: `slot_mean` and `seasonal_week` read 7 days, so 7 samples
    need 14 of the 15 days that a run has before its start."""

    horizon_hours: int = Field(default=24, ge=1, le=720)
    """How far a plan looks ahead, the current step included [h]. A day covers one cycle of sun
    and prices; 720 hours are 30 days."""

    def horizon_steps(self, step_minutes: int) -> int:
        """Return the horizon in steps of `step_minutes` (15, 30 or 60) minutes."""
        return self.horizon_hours * 60 // step_minutes
