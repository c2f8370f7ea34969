"""The sections of a report: what stands in which table and picture, and how it is meant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from model.baselines import BASELINES
from scenarios import charts
from scenarios.compare import leading
from scenarios.reporting import pictures, pictures_of_runs
from scenarios.reporting.cells import Shown, shown
from scenarios.reporting.folders import Reported
from scenarios.reporting.inline import inlined
from scenarios.reporting.points import differing, points
from scenarios.reporting.sheets import Sheet, Value

DRAWN_MAX = 3
"""Points of a sweep of which pictures are drawn: of the first run of each."""

_KINDS = (
    ("load_duration", "How long the community's exchange with the grid exceeds a power"),
    ("heat", "Prices and charge by day and hour"),
    ("gains", "What each home gains in market over plan_alone"),
)
_MANY = 8  # runs, from which on arms that do not lead are left to the files


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture within the page."""

    svg: str
    caption: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page with a heading."""

    name: str
    title: str
    notes: list[str] = field(default_factory=list)
    tables: list[Shown] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)


def title(runs: Sequence[Reported]) -> str:
    """Name a report by what was run."""
    if len(runs) == 1:
        return charts.title(runs[0].course.figures)
    names = list(dict.fromkeys(run.course.figures.scenario for run in runs))
    return f"{len(runs)} runs of {names[0]}{f' and {len(names) - 1} more' if names[1:] else ''}"


def sections(runs: Sequence[Reported], laid: Mapping[str, Sheet]) -> list[Section]:
    """Lay out the sections that have anything to tell, in their order."""
    every = [
        _runs(runs, laid["runs"]),
        _differences(runs, laid["differences"]),
        _repeated(laid["repeated"], runs),
        _arms(runs, laid),
        _outage(runs, laid["outage"]),
        _added(runs, laid["added"]),
        _over_time(runs),
        _homes(runs, laid["homes"]),
        _carbon(runs, laid["carbon"]),
    ]
    found = [each for each in every if each.tables or each.drawings]
    if differing([run.manifest.scenario for run in runs]):
        found.append(Section("knobs", "What differs"))
    steps = (
        "Runs are pure functions of scenario and seed: the same versions give the same bytes. A "
        "file that a scenario names is taken from where it says; from elsewhere the figures are "
        "the same, but not the hash of the results."
    )
    return [*found, Section("reproduce", "How to reproduce", [steps])]


def _runs(runs: Sequence[Reported], sheet: Sheet) -> Section:
    drawings = [
        Drawing(inlined(svg, f"{name}-"), caption)
        for name, svg, caption in (
            ("runs", pictures_of_runs.costs(runs), "Cost per day by arm and run"),
            ("effects", pictures_of_runs.effects(runs), "Cost per day over the knobs that vary"),
        )
        if svg
    ]
    if len(runs) == 1:
        svg = pictures.picture(runs[0].course, "costs")
        drawings = [Drawing(inlined(svg, "costs-"), "Cost by arm")]
    note = (
        "The market leads where it was run. A cost counts imports, exports, trade, fees, standing "
        "charges and credits, less the worth of energy gained in store."
    )
    empty = [each.name for each in sheet.fields if set(sheet.column(each.name)) == {None}]
    table = shown(sheet, "Runs, each by its leading arm", ("result_sha256", *empty))
    return Section("runs", "Runs", [note], [table], drawings)


def _differences(runs: Sequence[Reported], sheet: Sheet) -> Section:
    note = (
        "Per day, against the first run: above zero the run is cheaper. Runs that share at least "
        "two seeds, which draw other homes, weather or prices, are paired by seed, others by the "
        "days that both live through; the 95 % interval is that of the paired differences. "
        "Without common days there is none."
    )
    leads = {run.course.leading for run in runs}
    table = shown(
        sheet, "Paired differences between runs", (), lambda row: _few(runs) or row["arm"] in leads
    )
    tables = [table] if table.rows else []
    return Section("differences", "Differences between runs", [note], tables)


def _repeated(sheet: Sheet, runs: Sequence[Reported]) -> Section:
    note = (
        "What an arm saves per day, mean over the seeds of a point, and its 95 % interval. There "
        "is none where seeds draw no other homes, weather or prices: it would tell of no doubt."
    )
    tables = [shown(sheet, "Repetitions with other seeds", (), _wanted(runs))] if sheet.rows else []
    return Section("repetitions", "Repetitions", [note], tables)


def _arms(runs: Sequence[Reported], laid: Mapping[str, Sheet]) -> Section:
    note = (
        "Every arm lives through the same days with the same homes. Savings are paired by day; the "
        "95 % interval says how far the saving per day could have differed with other such days."
    )
    wanted, without = _wanted(runs), _without(runs)
    tables = [
        shown(laid["arms"], "What arms cost and did", without, wanted),
        shown(laid["against"], "Paired differences between arms", without, wanted),
    ]
    return Section("arms", "Arms", [note], [each for each in tables if each.rows])


def _outage(runs: Sequence[Reported], sheet: Sheet) -> Section:
    note = (
        "While the main grid is away homes share what they have. Load that goes dark costs "
        "nothing: an arm that serves less may seem cheaper than it is."
    )
    caption = "What was served without the main grid"
    tables = [shown(sheet, caption, _without(runs), _wanted(runs))] if sheet.rows else []
    return Section("outage", "Outage", [note], tables)


def _added(runs: Sequence[Reported], sheet: Sheet) -> Section:
    note = (
        "From a bare meter to the market: solar is gross less grid_only, battery grid_only less "
        "self_use, planning self_use less plan_alone, trading plan_alone less market."
    )
    tables = [shown(sheet, "Saved by each step", _without(runs))] if sheet.rows else []
    return Section(
        "steps",
        "What each step adds",
        [note],
        tables,
        _drawn(runs, "added", "Cost from step to step"),
    )


def _over_time(runs: Sequence[Reported]) -> Section:
    drawings = [each for kind, caption in _KINDS[:2] for each in _drawn(runs, kind, caption)]
    return Section("time", "Over time", [], [], drawings)


def _homes(runs: Sequence[Reported], sheet: Sheet) -> Section:
    kind, caption = _KINDS[2]
    drawings = _drawn(runs, kind, caption)
    label = runs[0].label
    arm = leading(runs[0].course.arms)
    chosen = {"run": label, "arm": arm}
    tables = [
        shown(
            sheet,
            f"Homes in {arm}, {label}",
            tuple(chosen),
            lambda row: chosen.items() <= row.items(),
        )
    ]
    return Section("homes", "Homes", [], tables, drawings)


def _carbon(runs: Sequence[Reported], sheet: Sheet) -> Section:
    rates = list(dict.fromkeys(filter(None, (run.course.figures.carbon_rates for run in runs))))
    note = (
        f"Imports less exports at the marginal rates of {', '.join(rates)}: differences between "
        "arms are emissions caused or avoided, the figure of one arm is no share of the grid's."
    )
    tables = [shown(sheet, "CO2 by arm", _without(runs), _wanted(runs))] if sheet.rows else []
    return Section("carbon", "Carbon dioxide", [note], tables)


def _drawn(runs: Sequence[Reported], kind: str, caption: str) -> list[Drawing]:
    """Draw a picture of the first run of each point, of few of them."""
    firsts = [point[0] for point in points(runs)][:DRAWN_MAX]
    found = [(run.label, pictures.picture(run.course, kind)) for run in firsts]
    return [
        Drawing(inlined(svg, f"{kind}-{place}-"), caption, label if len(runs) > 1 else "")
        for place, (label, svg) in enumerate(found)
        if svg
    ]


def _few(runs: Sequence[Reported]) -> bool:
    """Whether there is room for every arm of every run."""
    return len(runs) < _MANY


def _without(runs: Sequence[Reported]) -> tuple[str, ...]:
    """Leave the name of the run out where there is but one."""
    return ("run",) if len(runs) == 1 else ()


def _wanted(runs: Sequence[Reported]) -> Callable[[Mapping[str, Value]], bool]:
    """Choose rows: no pair of arms twice, and of many runs the arms that lead and baselines."""
    leads = {run.course.leading for run in runs}
    order: list[Value] = ["gross", *BASELINES]

    def wanted(row: Mapping[str, Value]) -> bool:
        arm, baseline = row["arm"], row.get("baseline")
        if baseline in order and arm in order and order.index(arm) < order.index(baseline):
            return False  # the same pair stands there the other way around
        return _few(runs) or arm in leads or arm in BASELINES

    return wanted
