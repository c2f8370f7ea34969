"""Timelines of runs that were never stored."""

from scenarios import timeline
from scenarios.compare import Comparison
from scenarios.frames import Json
from scenarios.stage import Window
from scenarios.summary import summary


def of_comparison(comparison: Comparison, chosen: Window | None = None) -> Json:
    """Make the timeline of a run whose tables are in memory."""
    return timeline.timeline(summary(comparison), comparison.arms, chosen)
