"""Tariffs by name: the shipped ones, and those that read prices from a file or draw them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from profiles import own_files, strict_yaml
from profiles.errors import InputError, shown, shown_path
from profiles.profiles import Input
from profiles.strict_yaml import Document
from profiles.tables.table import SUFFIXES, File, opened, typed_path
from profiles.tariffs import export_prices, tariff_file
from profiles.tariffs.config import TariffConfig
from profiles.tariffs.export_prices import ExportSeries, FlatExport
from profiles.tariffs.market_series import series_at
from profiles.tariffs.price_series import series_of
from profiles.tariffs.price_sources import Band, Retail, Wholesale, limits_of, within_band
from profiles.tariffs.tariff import Charges, ExportSource, ImportSource, Tariff
from profiles.tariffs.tariff_file import TariffFile

_FILE = re.compile(r"tariff_(\w+)\.yaml")
_DOCUMENTS = (".yaml", ".yml", ".json")


def shipped() -> tuple[str, ...]:
    """Name the shipped tariffs, in alphabetical order."""
    found = (_FILE.fullmatch(file.name) for file in files("profiles").joinpath("data").iterdir())
    return tuple(sorted(match[1] for match in found if match))


def names() -> tuple[str, ...]:
    """Name all tariffs: the shipped ones, and those that read or draw prices."""
    return (*shipped(), *_MAKERS)


def load(config: TariffConfig, seed: int = 0) -> Tariff:
    """Load a tariff.

    Parameters
    ----------
    config : TariffConfig
        What was typed.
    seed : int
        Of the scenario, for prices that are drawn.

    Raises
    ------
    InputError
        If there is none of this name, a file is missing or not expected ("tariff.path: ..."), or
        a file is wrong, with its place.
    """
    if config.name not in names():
        raise InputError(f"tariff.name: must be one of {', '.join(names())} (got {config.name!r})")
    if config.node is not None and config.name != "lmp":
        raise InputError(f"tariff.node: must be null for {config.name} (got {shown(config.node)})")
    tariff = _MAKERS.get(config.name, _shipped)(config, seed)
    if config.export_path is None:
        return tariff
    if _sets_exports(tariff.source):
        raise InputError(
            f"tariff.export_path: must be null, {tariff.name} brings its own export prices "
            f"(got {shown_path(own_files.found(config.export_path))!r})"
        )
    file = opened(_path("export_path", config.export_path, SUFFIXES), ())
    exports: ExportSource
    if "month" in file.columns:
        exports = export_prices.table_of(file, tariff.holidays)
    else:
        series = series_of(file, ("export_cents_per_kwh", "lmp_usd_per_mwh"))
        exports = ExportSeries(series, config.repeat_year)
    inputs = (*tariff.inputs, _named("export_path", file.input))
    return replace(tariff, exports=exports, inputs=inputs)


def from_document(document: Document, config: TariffConfig | None = None) -> Tariff:
    """Build a tariff from what its file says.

    Parameters
    ----------
    document : Document
        What was read.
    config : TariffConfig, optional
        Territory, standing charge and export price, where they differ from the defaults.

    Raises
    ------
    InputError
        If the file is wrong, with the line, or has no such territory.
    """
    config = config or TariffConfig()
    file, source = tariff_file.read(document)
    return Tariff(
        file.name,
        file.description,
        source,
        FlatExport(config.export_cents_per_kwh),
        _charges(config, file),
        file.holiday_rule(),
    )


def _shipped(config: TariffConfig, _: int) -> Tariff:
    if config.path is not None:
        got = shown_path(own_files.found(config.path))
        raise InputError(f"tariff.path: must be null for {config.name} (got {got!r})")
    file = files("profiles").joinpath("data", f"tariff_{config.name}.yaml")
    content = file.read_bytes()
    document = strict_yaml.parse(content.decode("utf-8"), file.name)
    source = Input.of(f"profiles/data/{file.name}", content)
    return replace(from_document(document, config), inputs=(source,))


def _of_file(config: TariffConfig, _: int) -> Tariff:
    """Read prices, or a tariff in the form of the shipped ones."""
    path = _path("path", config.path, (*SUFFIXES, *_DOCUMENTS))
    if path.suffix.lower() in _DOCUMENTS:
        tariff = from_document(strict_yaml.read(path), config)
        source = Input.of(path.name, path.read_bytes())
        return replace(tariff, inputs=(_named("path", source),))
    file = opened(path, ())
    series = series_of(file, *_RETAIL)
    description = f"Prices of {path.name}{_PAIRED[config.repeat_year]}."
    return _of_series(config, description, Retail(series, config.repeat_year), file)


def _lmp(config: TariffConfig, _: int) -> Tariff:
    """Read wholesale prices."""
    file = opened(_path("path", config.path, SUFFIXES), ())
    series = series_at(file, config.node)
    description = (
        f"Wholesale prices of {file.input.name} plus an adder{_PAIRED[config.repeat_year]}."
    )
    return _of_series(config, description, Wholesale(series, config), file)


def _band(config: TariffConfig, seed: int) -> Tariff:
    """Draw prices, or read those of a file."""
    low, high = config.buy_min_cents_per_kwh, config.buy_max_cents_per_kwh
    if config.path is None:
        drawn = f"Prices drawn at random from {low:g} to {high:g} cents/kWh, by the seed."
        return _of_series(config, drawn, Band(config, seed))
    file = opened(_path("path", config.path, SUFFIXES), ())
    limits = limits_of(config) if config.outside_band == "refuse" else None
    series = series_of(file, *_RETAIL, limits)
    read = f"Prices of {file.input.name} from {low:g} to {high:g} cents/kWh"
    source = Band(config, seed, within_band(series, config))
    return _of_series(config, f"{read}{_PAIRED[config.repeat_year]}.", source, file)


_MAKERS: Mapping[str, Callable[[TariffConfig, int], Tariff]] = MappingProxyType(
    {"band": _band, "file": _of_file, "lmp": _lmp}
)

_RETAIL = ("import_cents_per_kwh",), "export_cents_per_kwh"
"""Columns of what a home pays and, where a file has it, earns."""

_PAIRED: Mapping[str, str] = MappingProxyType(
    {
        "none": "",
        "date": ", those of another year taken from the same date",
        "weekday": ", those of another year taken from the nearest same weekday",
    }
)


def _of_series(
    config: TariffConfig, description: str, source: ImportSource, file: File | None = None
) -> Tariff:
    exports, charges = FlatExport(config.export_cents_per_kwh), _charges(config)
    inputs = (_named("path", file.input),) if file else ()
    return Tariff(config.name, description, source, exports, charges, inputs=inputs)


def _sets_exports(source: ImportSource) -> bool:
    """Whether export prices come with the import prices."""
    if isinstance(source, Retail):
        return source.series.export_cents_per_kwh is not None
    return isinstance(source, Band)


def _charges(config: TariffConfig, file: TariffFile | None = None) -> Charges:
    """Say what is charged besides energy; a knob counts more than the file."""
    fixed = config.fixed_cents_per_day
    if fixed is None:
        fixed = file.fixed_cents_per_day if file else 0.0
    baseline, territory = file.baseline if file else None, config.baseline_territory
    if file is None or baseline is None:
        if territory is not None:
            raise InputError(
                f"tariff.baseline_territory: must be null, the tariff has no baseline "
                f"(got {territory!r})"
            )
        return Charges(fixed)
    if territory is not None and territory not in baseline.kwh_per_day:
        known = ", ".join(baseline.kwh_per_day)
        raise InputError(f"tariff.baseline_territory: must be one of {known} (got {territory!r})")
    by_season = baseline.kwh_per_day[territory or baseline.territory]
    allowance = tuple(by_season[season] for season in file.season_of_month())
    return Charges(fixed, baseline.credit_cents_per_kwh, allowance)


def _path(knob: str, path: str | None, ends: tuple[str, ...]) -> Path:
    """Find a user's file."""
    if path is None:
        raise InputError(
            f"tariff.{knob}: must be a file with prices, see docs/tariffs.md (got null)"
        )
    return typed_path(f"tariff.{knob}", path, ends)


def _named(knob: str, source: Input) -> Input:
    """Say in a manifest which knob a file belongs to, for two may bear the same name."""
    return replace(source, name=f"tariff.{knob}: {source.name}")
