"""From metered intervals to the steps of a run.

Intervals are first cut into equal parts and the parts then put together, both only as far as
needed: 60 to 15 minutes cuts, 5 to 30 puts together, 10 to 15 does both. Energy is conserved.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np

from profiles.arrays import Booleans, Floats
from profiles.recorded.columns import How


@dataclass(frozen=True, slots=True)
class Plan:
    """How intervals become steps."""

    native_minutes: int  # length of an interval
    step_minutes: int
    parts_count: int  # of an interval
    group_count: int  # parts of a step
    first: int  # parts at the start that fill no step
    steps_count: int
    last: int  # parts at the end that fill no step

    @property
    def lead_minutes(self) -> int:
        """Time from the first interval to the first step."""
        return self.first * self.native_minutes // self.parts_count

    @property
    def told(self) -> str:
        """Say it in the words of the manifest."""
        every = "the hour" if self.native_minutes == 60 else f"{self.native_minutes} minutes"
        text = f"metered by {every}" if self.native_minutes == 60 else f"metered every {every}"
        if self.parts_count == 1 and self.group_count == 1:
            text += ", used as metered"
        if self.parts_count > 1:
            one = "hour" if self.native_minutes == 60 else "interval"
            text += f"; every {one} was split into {self.parts_count} equal parts"
        if self.group_count > 1:
            text += f"; {self.group_count} were summed to a step"
        for count, side in ((self.first, "start"), (self.last, "end")):
            if count:
                minutes = count * self.native_minutes // self.parts_count
                text += f"; {minutes} minutes at the {side} that fill no step were left out"
        return text


def plan(native_minutes: int, step_minutes: int, count: int, minute: int) -> Plan | None:
    """Plan how intervals become steps that begin at multiples of their length.

    Parameters
    ----------
    native_minutes, step_minutes : int
        Length of an interval and of a step [min].
    count : int
        Number of intervals.
    minute : int
        Minute of the local day at which the first begins.

    Returns
    -------
    Plan or None
        None if no part begins where a step does.
    """
    unit = gcd(native_minutes, step_minutes)
    first, rest = divmod(-minute % step_minutes, unit)
    parts, group = native_minutes // unit, step_minutes // unit
    steps, last = divmod(max(0, count * parts - first), group)
    return None if rest else Plan(native_minutes, step_minutes, parts, group, first, steps, last)


def brought(values: Floats, how: How, made: Plan) -> Floats:
    """Bring values of intervals, shape (count, ...), to steps, shape (steps_count, ...)."""
    if how == "flow":
        values = values / made.parts_count
    parts = _cut(np.repeat(values, made.parts_count, axis=0), made)
    if how == "flow":
        return np.asarray(parts.sum(axis=1))
    return np.asarray(parts.mean(axis=1) if how == "level" else parts[:, -1])


def marked(marks: Booleans, made: Plan) -> Booleans:
    """Mark the steps into which something marked has gone, shape (steps_count, ...)."""
    return np.asarray(_cut(np.repeat(marks, made.parts_count, axis=0), made).any(axis=1))


def _cut(parts: np.ndarray, made: Plan) -> np.ndarray:
    """Leave out what fills no step, and group the rest: (steps_count, group_count, ...)."""
    end = made.first + made.steps_count * made.group_count
    return parts[made.first : end].reshape(made.steps_count, made.group_count, *parts.shape[1:])
