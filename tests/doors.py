"""Where a third party may be imported, and what is declared without being imported."""

_AGENTS = ("household", "coordinator", "scheduler")
_KERNELS = ("planning", "nonconvex", "envelopes", "worth", "curves", "bidding")
_READ = ("schema", "stored", "timeline_schema", "sweep", "sweep_source", "plan", "batch_folder")
DOORS = {
    "cryptography": ("forecasting/federated/ciphers.py",),
    **dict.fromkeys(("distributed", "joblib"), ("scenarios/clusters.py",)),
    "dp_accounting": ("forecasting/federated/privacy.py",),
    "flwr": ("scenarios/flower/*",),
    "highspy": ("agents/linear_program.py",),
    "holidays": ("profiles/public_holidays.py",),
    "jinja2": ("scenarios/reporting/page.py",),
    "lightgbm": ("forecasting/evaluation/boosting.py",),
    "matplotlib": (
        "scenarios/charts.py",
        "scenarios/evaluation_chart.py",
        "scenarios/reporting/pictures*.py",
    ),
    "mesa": ("model/community.py", *(f"agents/{name}.py" for name in _AGENTS)),
    "numba": ("market/*", *(f"agents/{name}.py" for name in _KERNELS)),
    "numpy": ("*",),
    "pandas": (
        "profiles/synthetic/clear_sky.py",
        "scenarios/notebook.py",
        "scenarios/reporting/showing.py",
    ),
    "pvlib": ("profiles/synthetic/clear_sky.py",),
    "pyarrow": (
        "profiles/*",
        "scenarios/tables.py",
        "scenarios/stored_tables.py",
        "scenarios/batch_table.py",
        "scenarios/reporting/files.py",
    ),
    "pydantic": (
        *("*/config.py", "profiles/carbon.py", "profiles/tariffs/tariff_file.py"),
        *(f"scenarios/{name}.py" for name in _READ),
    ),
    "pydantic_core": ("profiles/config.py",),
    "rich": ("scenarios/progress.py",),
    "safetensors": ("forecasting/learned/durable.py",),
    "scipy": (
        "forecasting/evaluation/paired.py",
        "model/intervals.py",
        "scenarios/sweep_points.py",
    ),
    **dict.fromkeys(("reacton", "solara", "starlette"), ("dashboard/*",)),
    "torch": ("forecasting/*",),
    "typer": ("run.py", "scenarios/commands/*"),
    "uvicorn": ("dashboard/server.py",),
    "yaml": ("profiles/strict_yaml.py",),
}
DISTRIBUTIONS = {"yaml": "pyyaml", "pydantic_core": "pydantic"}  # others are named as imported
DATA_ONLY = {"tzdata", "solara-assets"}  # read by zoneinfo and by Solara, never imported
BOUNDED_FOR_OTHERS = {"ipyvue", "ipyvuetify"}  # those of Solara, which does not bound them itself
PLUGINS = {"pytest-xdist", "ipykernel"}  # of pytest and nbclient, which find them by name
