"""What a run's ledger starts from: a hash of everything that decides the run.

Data counts by what it says, not by the file in which it stands: the same meters and prices, however
they were read, give the same ledger.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from profiles.grid_capacity import GridCapacity
from profiles.profiles import Input, Profiles
from profiles.tariffs.grid_prices import GridPrices
from scenarios import family

# What is told about a run without deciding it, and where data comes from.
_LEFT_OUT = ("name", "purpose", "profiles", "carbon", "bound", "training")
_PATHS = {"tariff": ("path", "node", "export_path"), "grid": ("capacity_path",)}


def fingerprint(
    profiles: Profiles,
    prices: GridPrices,
    capacity: GridCapacity | None = None,
    weights: Sequence[Input] = (),
) -> str:
    """Hash what meters, tariff, grid and trained networks say, in hexadecimal.

    Parameters
    ----------
    profiles : Profiles
        Of the homes that take part, with all of their history.
    prices : GridPrices
        Of every step that is lived or looked ahead to.
    capacity : GridCapacity, optional
        Of the same steps; without one nothing is added.
    weights : sequence of Input
        Files of networks, which may be shown all that profiles hold; without one nothing is added.
    """
    frame = (int(profiles.start_utc.astype(np.int64)), profiles.step_minutes, profiles.zone)
    digest = sha256(json.dumps([*frame, *profiles.load_kwh.shape]).encode())
    parts = (
        profiles.home_ids, profiles.load_kwh, profiles.pv_kwh, prices.import_cents_per_kwh,
        prices.export_cents_per_kwh, prices.peak, prices.cheap, prices.fixed_cents,
        prices.baseline_cents_per_kwh, prices.baseline_kwh, prices.billing_period,
    )  # fmt: skip
    limits = (capacity.import_capacity_kw, capacity.export_capacity_kw) if capacity else ()
    for part in (*parts, *limits):
        digest.update(np.ascontiguousarray(part).data)
    if weights:
        digest.update(" ".join(each.sha256 for each in weights).encode())
        for columns in (profiles.appliances_kwh, profiles.weather, profiles.sensors):
            for name, column in sorted(columns.items()):
                digest.update(name.encode())
                digest.update(np.ascontiguousarray(column).data)
    return digest.hexdigest()


def genesis(described: Mapping[str, Any], data_sha256: str, arm_name: str) -> bytes:
    """Hash what is run, 32 bytes.

    Parameters
    ----------
    described : mapping
        A scenario with every default, as in JSON.
    data_sha256 : str
        From `fingerprint`.
    arm_name : str
        Name of the arm.
    """
    described = _without_outage(described)
    decides = {key: value for key, value in described.items() if key not in _LEFT_OUT}
    if not decides.get("federated", {}).get("enabled"):  # as in runs of before there were rounds
        decides.pop("federated", None)
    for name, paths in _PATHS.items():
        section = described[name].items()
        decides[name] = {key: value for key, value in section if key not in paths}
    forecast = described["forecast"]
    network = {k: v for k, v in forecast["transformer"].items() if k not in family.NETWORKS}
    decides["forecast"] = forecast | {"transformer": network}
    text = json.dumps(decides, sort_keys=True)
    return sha256(f"{text}\n{data_sha256}\n{arm_name}".encode()).digest()


def _without_outage(described: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: runs without outage or reserve are those of before."""
    battery, grid = dict(described["battery"]), dict(described["grid"])
    if not battery.get("reserve_fraction"):
        battery.pop("reserve_fraction", None)
    if grid.get("outage_start") is None:
        for name in ("outage_start", "outage_hours"):
            grid.pop(name, None)
    return {**described, "battery": battery, "grid": grid}
