"""What the columns of users' tables hold, by name: all others are numbers."""

OASIS_TEXTS = (
    "NODE_ID_XML", "NODE_ID", "NODE", "MARKET_RUN_ID", "LMP_TYPE", "XML_DATA_ITEM",
    "PNODE_RESMRID", "GRP_TYPE",
)  # fmt: skip
"""Columns of a download from OASIS of the California ISO that are neither numbers nor times."""

OASIS_TIMES = ("INTERVALSTARTTIME_GMT", "INTERVALENDTIME_GMT", "OPR_DT")

TIMES = ("ts", "ts_utc", "start", "end", *OASIS_TIMES)
"""Columns of times; texts in CSV, texts or times in Parquet."""

TEXTS = (*TIMES, *OASIS_TEXTS, "type", "day_kind", "homes")
"""Columns that are read as texts, each of which is kept once."""

WHOLE = ("home", "month", "hour", "timestep")
"""Columns of whole numbers."""
