"""What the columns of users' tables hold, by name: all others are numbers."""

TIMES = ("ts", "ts_utc", "start", "end")
"""Columns of times; texts in CSV, texts or times in Parquet."""

TEXTS = (*TIMES, "type", "day_kind", "homes")
"""Columns that are read as texts, each of which is kept once."""

WHOLE = ("home", "month", "hour", "timestep")
"""Columns of whole numbers."""
