"""Nine metered homes of Fontana, California: the year that ships with the project.

The homes were metered by the hour. Half and quarter hours are equal parts of their hour: the
energy is right, the movement within an hour is not known. No weather is shipped, because the
source's weather is that of another year and place (`data/README.md` has the rest of the caveats).
"""

from importlib.resources import files

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from profiles.arrays import Floats
from profiles.checking import checked
from profiles.errors import InputError
from profiles.profiles import STEP_MINUTES, Input, Origin, Profiles
from profiles.recorded import resample

# The stamps are clock time without a zone: they get one fixed offset, and the tariff's clock is
# the same offset, so that 16:00 in the file is 16:00 in the tariff.
ZONE = "-08:00"
START_UTC = np.datetime64("2016-08-01T08:00:00", "s")
HOURS_COUNT = 8760
FILE = "profiles/data/fontana.parquet"

_DECIMALS = 6  # beyond them stands only the noise of 32-bit floats


def read(step_minutes: int = 30) -> Profiles:
    """Read the year from 2016-08-01 00:00 to 2017-07-31 24:00, local clock.

    Parameters
    ----------
    step_minutes : int
        Length of a step, 15, 30 or 60 [min].

    Returns
    -------
    Profiles
        Homes 1 2 3 4 5 6 8 9 10; load and solar generation, no appliances, no weather.

    Raises
    ------
    InputError
        If `step_minutes` is another number.
    """
    if step_minutes not in STEP_MINUTES:
        limit = " or ".join(map(str, STEP_MINUTES))
        raise InputError(f"fontana: step_minutes: must be {limit} (got {step_minutes})")
    packed = files("profiles").joinpath("data", "fontana.parquet").read_bytes()
    table = parquet.read_table(pa.BufferReader(packed))
    made = resample.plan(60, step_minutes, HOURS_COUNT, 0)
    assert made is not None  # noqa: S101, hours begin where steps do
    homes = table["home"].to_numpy().reshape(-1, HOURS_COUNT)  # (n, hours), a home's rows in order
    profiles = Profiles(
        home_ids=homes[:, 0].astype(np.int64),
        start_utc=START_UTC,
        step_minutes=step_minutes,
        zone=ZONE,
        load_kwh=resample.brought(_hourly(table["load_kwh"].to_numpy()), "flow", made),
        pv_kwh=resample.brought(_hourly(table["pv_kwh"].to_numpy()), "flow", made),
        appliances_kwh={},
        weather={},
        origin=Origin((Input.of(FILE, packed),), made.told),
    )
    return checked(profiles, "fontana")


def _hourly(kwh: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Floats:
    """Turn (n * hours,) into (hours, n) without the noise of 32 bits."""
    return np.ascontiguousarray(kwh.astype(np.float64).round(_DECIMALS).reshape(-1, HOURS_COUNT).T)
