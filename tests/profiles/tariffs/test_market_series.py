"""Wholesale prices as markets publish them, of one node among several."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from profiles.errors import InputError
from profiles.tables.table import opened
from profiles.tariffs.market_series import series_at
from profiles.tariffs.price_series import RateSeries

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

HEAD = (
    "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE,"
    "MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP"
)
ITEMS = {"LMP": "LMP_PRC", "MCC": "LMP_CONG_PRC", "MCE": "LMP_ENE_PRC", "MCL": "LMP_LOSS_PRC"}
NP15, SP15 = "TH_NP15_GEN-APND", "TH_SP15_GEN-APND"


def row(hour: int, usd: object, kind: str = "LMP", node: str = SP15) -> str:
    start, end = (f"2019-07-01T{each:02}:00:00-00:00" for each in (hour, hour + 1))
    named = f"{start},{end},2019-06-30,{hour + 17},0,{node},{node},{node}"
    return f"{named},DAM,{kind},{ITEMS[kind]},{node},ALL_APNODES,0,{usd},1"


def read(lines: Sequence[str], node: str | None = None) -> RateSeries:
    Path("x.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return series_at(opened(Path("x.csv"), ()), node)


def refused(lines: Sequence[str], node: str | None = None) -> str:
    with pytest.raises(InputError) as refusal:
        read(lines, node)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_download_is_sorted_by_time_and_its_parts_are_left_alone() -> None:
    parts = [row(hour, 900 + hour, kind) for kind in ("MCE", "MCC", "MCL") for hour in range(3)]
    found = read([HEAD, *parts, row(2, 30.5), row(0, -10), row(1, 20)])
    assert found.rate_per_kwh == pytest.approx([-1.0, 2.0, 3.05])
    assert (found.step_minutes, found.zoned, found.export_cents_per_kwh) == (60, True, None)
    assert np.datetime64(found.start_minutes, "m") == np.datetime64("2019-07-01T00:00")


def test_of_several_nodes_one_is_read_and_none_is_guessed() -> None:
    rows = [row(hour, usd, node=node) for node, usd in ((SP15, 30), (NP15, 40)) for hour in (0, 1)]
    assert read([HEAD, *rows], NP15).rate_per_kwh.tolist() == [4.0, 4.0]
    assert read([HEAD, *rows], SP15).rate_per_kwh.tolist() == [3.0, 3.0]
    limit = f"tariff.node: must be one of {NP15}, {SP15}, as in x.csv"
    assert refused([HEAD, *rows]) == f"{limit} (got null)"
    assert refused([HEAD, *rows], "sp15") == f"{limit} (got 'sp15')"
    assert refused([HEAD, *rows[:2]], NP15) == (
        f"tariff.node: must be one of {SP15}, as in x.csv (got '{NP15}')"
    )


def test_of_many_nodes_a_refusal_lists_a_few() -> None:
    rows = [row(0, 1, node=f"N{number:02}") for number in range(20)]
    assert refused([HEAD, *rows]).endswith("N06, N07 and 12 others, as in x.csv (got null)")


def test_a_download_kept_as_parquet_may_hold_its_times_as_times() -> None:
    hours = pa.array([0, 3600], pa.timestamp("s", "UTC"))
    times = {"INTERVALSTARTTIME_GMT": hours, "INTERVALENDTIME_GMT": hours, "OPR_DT": hours}
    named = {"NODE": [SP15, SP15], "LMP_TYPE": ["LMP", "LMP"], "MW": [10.0, 20.0]}
    parquet.write_table(pa.table({**times, **named}), "x.parquet")
    assert series_at(opened(Path("x.parquet"), ()), None).rate_per_kwh.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("column", ["MW", "PRC", "VALUE"])
def test_the_price_may_be_called_as_in_the_markets_of_real_time(column: str) -> None:
    times = [f"2019-07-01T00:{15 * n:02}:00-00:00,{5 * n},LMP,{SP15}" for n in range(3)]
    found = read([f"INTERVALSTARTTIME_GMT,{column},LMP_TYPE,NODE", *times])
    assert found.step_minutes == 15
    assert found.rate_per_kwh.tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            [row(0, 1), row(3, 2), row(1, 3)],
            "x.csv:3: INTERVALSTARTTIME_GMT: must be 60 minutes after the row before (got 120)",
        ),
        (
            [row(0, 1), row(1, 2), row(0, 3)],
            "x.csv:4: INTERVALSTARTTIME_GMT: must be given once, and the row before has it too (",
        ),
        ([row(0, 1), row(1, "")], "x.csv:3: MW: must be given (got nothing)"),
        ([row(0, 1), row(1, "n/a")], "x.csv:3: MW: must be a number (got 'n/a')"),
        ([row(0, 1), row(1, 20001)], "x.csv:3: MW: must be from -5000 to 20000 (got 20001.0)"),
        ([row(0, 1)], "x.csv: must have 2 rows or more (got 1)"),
        ([row(0, 1, "MCE")], "x.csv:2: LMP_TYPE: must be LMP in some row (got 'MCE')"),
        (
            [row(0, 1), row(1, 2).replace("2019-07-01T01:00:00-", "1 July-")],
            "x.csv:3: INTERVALSTARTTIME_GMT: must be a time like",
        ),
    ],
)
def test_a_download_with_a_fault_is_refused_with_its_line(lines: list[str], message: str) -> None:
    assert refused([HEAD, *lines]).startswith(message)


def test_a_download_without_its_columns_is_refused() -> None:
    assert refused(["INTERVALSTARTTIME_GMT,NODE,MW"]).startswith("x.csv:1: LMP_TYPE: is missing")
    bare = "INTERVALSTARTTIME_GMT,NODE,LMP_TYPE"
    assert refused([bare]).startswith("x.csv:1: MW: is missing (columns: INTERVALSTARTTIME_GMT, ")


@pytest.mark.parametrize("ending", ["_lmp_usd_mwh", "_lmp_usd_per_mwh"])
def test_a_column_of_several_is_chosen_by_what_its_name_begins_with(ending: str) -> None:
    ts = pa.array([0, 3600], pa.timestamp("s", "UTC"))
    columns = {f"np15{ending}": [1.0, 2.0], f"sp15{ending}": [30.0, 40.0]}
    beside = {"np15_loss_usd_mwh": [-0.2, -0.1]}
    parquet.write_table(pa.table({"ts_utc": ts, **columns, **beside}), "x.parquet")
    file = opened(Path("x.parquet"), ())
    assert series_at(file, "sp15").rate_per_kwh == pytest.approx([3.0, 4.0])
    with pytest.raises(InputError) as refusal:
        series_at(file, None)
    assert str(refusal.value) == (
        "tariff.node: must be one of np15, sp15, as in x.parquet (got null)"
    )


def test_a_node_of_a_column_may_be_called_as_in_oasis_and_has_one() -> None:
    rows = ["2019-07-01T00:00,10,20", "2019-07-01T01:00,30,40"]
    head = f"ts_utc,{NP15}_lmp_usd_per_mwh,{SP15}_lmp_usd_per_mwh"
    assert read([head, *rows], SP15).rate_per_kwh.tolist() == [2.0, 4.0]
    assert refused(["ts_utc,a_lmp_usd_mwh,a_lmp_usd_per_mwh", *rows]).startswith(
        "x.csv:1: must have the column a_lmp_usd_mwh or a_lmp_usd_per_mwh, one of them"
    )


def test_a_table_of_nodes_has_no_other_columns_than_prices() -> None:
    lines = ["ts_utc,sp15_lmp_usd_per_mwh,load_kwh", "2019-07-01T00:00,1,2"]
    assert refused(lines).startswith("x.csv:1: load_kwh: is not a known column (known: ts_utc, sp")


def test_a_series_of_one_price_has_no_node() -> None:
    lines = ["ts_utc,lmp_usd_per_mwh", "2019-07-01T00:00,10", "2019-07-01T01:00,20"]
    assert read(lines).rate_per_kwh.tolist() == [1.0, 2.0]
    assert refused(lines, "sp15") == "tariff.node: must be null, x.csv names no node (got 'sp15')"


HEADS = st.sampled_from([f"{HEAD}\n", f"{HEAD}\n{row(0, 1)}\n", "ts,a_lmp_usd_mwh\n"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(HEADS, st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_content_makes_the_reader_fail_otherwise(head: str, content: bytes) -> None:
    Path("x.csv").write_bytes(head.encode() + content)
    try:
        message = series_at(opened(Path("x.csv"), ()), None).name
    except InputError as error:
        message = str(error)
    assert message.startswith(("x.csv", "tariff.node: "))
    assert "\n" not in message
