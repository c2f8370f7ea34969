"""Where profiles come from, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from profiles import events, fontana
from profiles.config import ProfilesConfig
from profiles.profiles import Profiles
from profiles.recorded import reader
from profiles.synthetic import generator

Told = Callable[[int, int], None]
"""Told how many homes are done and how many there are, now and then."""
Reader = Callable[[ProfilesConfig, int, int, Told | None], Profiles]
"""Given the section, the length of a step [min], the scenario's seed, and whom to tell."""

SOURCES: Mapping[str, Reader] = MappingProxyType(
    {
        "fontana": lambda _, step_minutes, *__: fontana.read(step_minutes),
        "synthetic": lambda config, step_minutes, seed, told: generator.generate(
            config.synthetic, step_minutes, seed, by_appliance=False, told=told
        ),
        "file": lambda config, step_minutes, *_: reader.read(config, step_minutes),
    }
)


def read(
    config: ProfilesConfig, step_minutes: int, seed: int, told: Told | None = None
) -> Profiles:
    """Read all homes of a source.

    Parameters
    ----------
    config : ProfilesConfig
        Names the source and says what it needs to know.
    step_minutes : int
        Length of a step, 15, 30 or 60 [min].
    seed : int
        Of the scenario, for sources that draw at random.
    told : callable, optional
        Of sources that take their time.

    Raises
    ------
    InputError
        If the source refuses what it finds, or the file of events is wrong, in one line.
    """
    profiles = SOURCES[config.source](config, step_minutes, seed, told)
    return events.applied(profiles, config.events_path) if config.events_path else profiles
