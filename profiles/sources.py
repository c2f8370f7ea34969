"""Where profiles come from, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from profiles import fontana
from profiles.config import ProfilesConfig
from profiles.profiles import Profiles
from profiles.recorded import reader
from profiles.synthetic import generator

Reader = Callable[[ProfilesConfig, int, int], Profiles]
"""Given the section, the length of a step [min] and the scenario's seed."""

SOURCES: Mapping[str, Reader] = MappingProxyType(
    {
        "fontana": lambda _, step_minutes, __: fontana.read(step_minutes),
        "synthetic": lambda config, step_minutes, seed: generator.generate(
            config.synthetic, step_minutes, seed
        ),
        "file": lambda config, step_minutes, _: reader.read(config, step_minutes),
    }
)


def read(config: ProfilesConfig, step_minutes: int, seed: int) -> Profiles:
    """Read all homes of a source.

    Parameters
    ----------
    config : ProfilesConfig
        Names the source and says what it needs to know.
    step_minutes : int
        Length of a step, 15, 30 or 60 [min].
    seed : int
        Of the scenario, for sources that draw at random.

    Raises
    ------
    InputError
        If the source refuses what it finds, in one line.
    """
    return SOURCES[config.source](config, step_minutes, seed)
