"""The preset `patch`: what a window shows, worked out plainly, and what it must never show."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.learned import patch, record
from forecasting.learned.habits import habits
from forecasting.learned.network import PatchInputs, parameters_count
from forecasting.learned.patch import PatchTargets, PatchTask, patch_task
from forecasting.learned.record import Record
from forecasting.learned.statistics import NAMES, slot_statistics
from forecasting.learned.task import every_window
from forecasting.quantiles import LEVELS
from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from profiles.profiles import Profiles

Community = Callable[..., Profiles]

DAY, WEEK, DAYS = 24, 7 * 24, 35
QUANTILES_COUNT = len(LEVELS)


@pytest.fixture(scope="module")
def homes(random_community: Community) -> Profiles:
    """Five weeks of hours of three homes, by a clock that changes on the 12th day."""
    return replace(random_community(seed=5, days=DAYS), zone="America/Los_Angeles")


def record_of(profiles: Profiles, days_ahead: int = 8) -> Record:
    steps = profiles.steps_count
    return record.record(profiles, np.zeros(steps), days_ahead * profiles.steps_per_day)


def windows_of(task: PatchTask, profiles: Profiles) -> patch.PatchWindows:
    seen = record_of(profiles, task.horizon_steps // profiles.steps_per_day)
    return task.windows(seen, task.scalers(seen, 0, profiles.steps_count))


def as_bytes(shown: PatchInputs) -> list[bytes]:
    return [each.numpy().tobytes() for each in shown]


def pair(home: int, origin: int) -> tuple[Integers, Integers]:
    return np.array([home]), np.array([origin])


def _with_random_weights(task: PatchTask) -> torch.nn.Module:
    torch.manual_seed(1)
    network = task.network()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return network.eval()


@settings(max_examples=10)
@given(home=st.integers(0, 2), origin=st.integers(WEEK - 1, DAYS * DAY - 1))
def test_a_window_shows_what_a_plain_reading_of_the_record_says(
    homes: Profiles, home: int, origin: int
) -> None:
    windows = windows_of(patch_task("consumption", 60, 1), homes)
    shown = windows.inputs(*pair(home, origin))
    clock, kwh = windows.record.clock, homes.load_kwh.astype(np.float32)
    ahead = np.arange(origin + 1, origin + 1 + DAY)
    free = clock.weekday >= 5
    told = slot_statistics(kwh, clock, free, DAY, ahead)[:, home]
    week = homes.load_kwh[origin - WEEK + 1 : origin + 1, home]
    usual = told[:, NAMES.index("mean_28_days")].mean() + 0.01 * homes.load_kwh[:, home].mean()
    level = week.mean() + 0.05 * usual
    size = [week.mean() / usual, week.std() / level, np.log(week.mean() / usual + 0.05)]
    assert shown.history[0].numpy() * level == pytest.approx(week, rel=1e-4)
    assert shown.level[0].tolist() == pytest.approx(size, rel=1e-4, abs=1e-5)
    assert shown.statistics[0, :, :12].numpy() * level == pytest.approx(told[:, :12], rel=1e-4)
    alike = np.where(free[ahead], told[:, NAMES.index("mean_free_days")], told[:, 12])
    assert shown.statistics[0, :, 12].numpy() * level == pytest.approx(alike, rel=1e-4)
    before = np.arange(origin - DAY + 1, origin + 1)
    recent = kwh[before, home] - slot_statistics(kwh, clock, free, DAY, before)[:, home, 0]
    assert shown.recent[0].numpy() * level == pytest.approx(recent, rel=1e-3, abs=1e-5)
    noon = np.cos(2 * np.pi * clock.minute[ahead] / 1440)
    assert shown.calendar[0, :, 1].numpy() == pytest.approx(noon, abs=1e-6)
    assert shown.calendar[0, :, 6].tolist() == free[ahead].tolist()
    same_hour = shown.history_calendar[0, :, :2]  # of days that end with the origin, or an hour off
    assert same_hour[-1].tolist() == windows.calendar[origin, :2].tolist()
    assert shown.history_calendar[0, 0].tolist() == windows.calendar[origin - 6 * DAY].tolist()


def test_the_same_day_of_the_week_is_told_of_even_a_week_ahead(homes: Profiles) -> None:
    windows = windows_of(patch_task("consumption", 60, 7), replace(homes, zone="UTC"))
    origin = 29 * DAY + 5
    level = windows._level(*pair(1, origin))[0]
    told = windows.inputs(*pair(1, origin)).statistics[0].numpy() * level
    before = [homes.load_kwh[origin + 1 - weeks * WEEK :, 1][:WEEK] for weeks in (1, 2, 3, 4)]
    assert told[:, 13] == pytest.approx(before[0], rel=1e-5)
    assert told[:, 14] == pytest.approx(np.mean(before, axis=0), rel=1e-5)
    usual = np.tile(told[:DAY, NAMES.index("mean_28_days")], 7)
    assert (told[:, 15] != usual).tolist() == [True] * DAY + [False] * 6 * DAY


@settings(max_examples=12)
@given(
    seed=st.integers(0, 1000),
    origin=st.integers(WEEK - 1, (DAYS - 1) * DAY),
    horizon_days=st.sampled_from([1, 7]),
)
def test_shuffling_or_cutting_what_comes_after_an_origin_changes_no_byte(
    homes: Profiles, seed: int, origin: int, horizon_days: int
) -> None:
    task = patch_task("consumption", 60, horizon_days)
    load_kwh = homes.load_kwh.copy()
    np.random.default_rng(seed).shuffle(load_kwh[origin + 1 :])
    scalers = task.scalers(record_of(homes), 0, homes.steps_count)
    at = every_window(homes.homes_count, np.array([origin]))
    known, shuffled, cut = (
        as_bytes(task.windows(record_of(each, horizon_days), scalers).inputs(*at))
        for each in (homes, replace(homes, load_kwh=load_kwh), homes.until(origin))
    )
    assert known == shuffled == cut


def test_a_window_is_the_same_whatever_was_asked_for_before_it_and_with_it(
    homes: Profiles,
) -> None:
    task = patch_task("consumption", 60, 1)
    one, many = windows_of(task, homes), windows_of(task, homes)
    alone = one.inputs(*pair(2, 400))
    many.inputs(*pair(1, 395))
    together = many.inputs(np.array([0, 2, 1]), np.array([500, 400, 401]))
    for first, others in zip(alone, together, strict=True):
        assert first[0].numpy().tobytes() == others[1].numpy().tobytes()


def test_an_origin_without_a_week_behind_it_is_an_error(homes: Profiles) -> None:
    windows = windows_of(patch_task("consumption", 60, 1), homes)
    with pytest.raises(IndexError, match="origin 166 has too few steps"):
        windows.inputs(np.array([0, 1]), np.array([500, WEEK - 2]))


def test_homes_of_twice_the_size_look_the_same(homes: Profiles) -> None:
    task = patch_task("consumption", 60, 1)
    at = every_window(3, np.array([300, 500]))
    once = windows_of(task, homes).inputs(*at)
    twice = windows_of(task, replace(homes, load_kwh=2.0 * homes.load_kwh)).inputs(*at)
    for one, other in zip(once, twice, strict=True):
        assert one.numpy() == pytest.approx(other.numpy(), rel=1e-4, abs=1e-5)


def test_targets_are_what_was_metered_one_step_later_and_on(homes: Profiles) -> None:
    task = patch_task("generation", 60, 1)
    filled = np.zeros(homes.load_kwh.shape, np.bool_)
    filled[303, 1] = True
    windows = windows_of(task, replace(homes, filled=filled))
    at = np.array([1, 0]), np.array([300, 301])
    wanted = windows.targets(*at).energy.numpy()
    assert np.argwhere(np.isnan(wanted)).tolist() == [[0, 2]]
    level = windows._level(*at)
    weight = level / homes.pv_kwh[:, [1, 0]].mean(axis=0)
    assert windows.targets(*at).weight.numpy() == pytest.approx(weight, rel=1e-3)
    kwh = wanted * level[:, None]
    wanted_kwh = homes.pv_kwh[301:325, 1].copy()
    wanted_kwh[2] = np.nan
    assert kwh[0] == pytest.approx(wanted_kwh, rel=1e-5, nan_ok=True)
    assert kwh[1] == pytest.approx(homes.pv_kwh[302:326, 0], rel=1e-5)


def test_who_forecasts_the_targets_expects_what_the_meters_will_read(homes: Profiles) -> None:
    windows = windows_of(patch_task("consumption", 60, 1), homes)
    at = every_window(3, np.array([200, 600]))
    outputs = windows.targets(*at).energy[..., None].repeat(1, 1, 1 + QUANTILES_COUNT)
    found = windows.outlook(outputs, *at)
    for row, (home, origin) in enumerate(zip(*at, strict=True)):
        metered_kwh = homes.load_kwh[origin + 1 : origin + 1 + DAY, home]
        assert found.mean_kwh[row] == pytest.approx(metered_kwh, rel=1e-5)
        assert found.quantiles_kwh[row, :, 3] == pytest.approx(metered_kwh, rel=1e-5)
    assert found.quantile_levels.tolist() == list(LEVELS)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_quantiles_never_fall_and_nothing_is_below_zero(homes: Profiles, seed: int) -> None:
    windows = windows_of(patch_task("consumption", 60, 1), homes)
    outputs = torch.from_numpy(np.random.default_rng(seed).normal(size=(2, DAY, 6)))
    found = windows.outlook(outputs, np.array([0, 1]), np.array([300, 310]))
    assert (np.diff(found.quantiles_kwh, axis=-1) >= 0).all()
    assert found.quantiles_kwh.min() >= 0
    assert found.mean_kwh.min() >= 0


def test_the_loss_is_that_of_the_definition() -> None:
    task = patch_task("consumption", 60, 1)
    targets = PatchTargets(torch.tensor([[1.0, torch.nan]]), torch.tensor([0.5]))
    outputs = torch.tensor([[[3.0, 0.0, 1.0, 2.0, 1.0, 3.0], [9.0] * 6]])
    # Levels .1, .25, .5, .75, .9: 1 too low, right, 1 too high, right, 2 too high.
    pinball = (0.1 * 1 + 0 + 0.5 * 1 + 0 + 0.1 * 2) / 5
    assert task.loss(outputs, targets).item() == pytest.approx(0.5 * (2 * pinball + 0.25 * 2**2))


def test_a_batch_in_which_nothing_was_metered_teaches_nothing() -> None:
    task = patch_task("consumption", 60, 1)
    outputs = torch.ones((2, DAY, 6), requires_grad=True)
    loss = task.loss(outputs, PatchTargets(torch.full((2, DAY), torch.nan), torch.ones(2)))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert outputs.grad is not None
    assert not outputs.grad.any()


@pytest.mark.parametrize("horizon_days", [1, 7])
def test_every_weight_learns(homes: Profiles, horizon_days: int) -> None:
    task = patch_task("consumption", 60, horizon_days)
    windows = windows_of(task, homes)
    at = every_window(3, np.array([300, 400, 500]))
    network = _with_random_weights(task)
    task.loss(network(windows.inputs(*at)), windows.targets(*at)).backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def test_a_network_that_has_learned_nothing_says_what_four_statistics_say(
    homes: Profiles,
) -> None:
    task = patch_task("consumption", 60, 1)
    shown = windows_of(task, homes).inputs(*every_window(3, np.array([300, 500])))
    said = task.network().eval()(shown)
    means = [NAMES.index(name) for name in ("mean_7_days", "mean_28_days", "median_28_days")]
    usual = shown.statistics[..., [*means, 12]].mean(dim=-1)
    for output in range(1 + QUANTILES_COUNT):
        torch.testing.assert_close(said[..., output], usual)


@pytest.mark.parametrize("horizon_days", [1, 7, 30])
@pytest.mark.parametrize("step_minutes", [15, 30, 60])
def test_steps_of_any_length_and_every_horizon_are_forecast(
    random_community: Community, step_minutes: int, horizon_days: int
) -> None:
    profiles = random_community(3, days=8, homes_count=2, step_minutes=step_minutes)
    task = patch_task("generation", step_minutes, horizon_days)
    assert task.history_steps == 7 * profiles.steps_per_day
    seen = record_of(profiles, horizon_days)
    windows = task.windows(seen, task.scalers(seen, 0, task.history_steps))
    at = every_window(2, np.array([task.history_steps - 1, profiles.steps_count - 1]))
    with torch.inference_mode():
        found = windows.outlook(_with_random_weights(task)(windows.inputs(*at)), *at)
    shape = (4, horizon_days * profiles.steps_per_day)
    assert found.mean_kwh.shape == shape
    assert found.quantiles_kwh.shape == (*shape, QUANTILES_COUNT)
    assert np.isfinite(found.quantiles_kwh).all()


def test_a_home_without_generation_is_expected_to_stay_without(homes: Profiles) -> None:
    task = patch_task("generation", 60, 1)
    without = replace(homes, pv_kwh=np.zeros_like(homes.pv_kwh))
    windows = windows_of(task, without)
    at = every_window(3, np.array([300]))
    with torch.inference_mode():
        found = windows.outlook(_with_random_weights(task)(windows.inputs(*at)), *at)
    assert found.mean_kwh.max() < 1e-6
    assert found.quantiles_kwh.max() < 1e-6


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("calendar_count", 6, "must be 7"),
        ("statistics_count", 9, "must be 16"),
        ("quantiles_count", 3, "must be 5"),
        ("skip_steps", 145, "must be at most 144"),
        ("horizon_steps", 23, "must be at least 24"),
    ],
)
def test_a_shape_of_another_preset_is_refused_in_one_line(
    field: str, value: int, limit: str
) -> None:
    shape = patch_task("consumption", 60, 1).shape
    with pytest.raises(InputError, match=rf"^shape\.{field}: {limit} \(got {value}\)$"):
        PatchTask("consumption", replace(shape, **{field: value}))


def test_scalers_are_means_of_what_was_metered_in_the_span(homes: Profiles) -> None:
    task = patch_task("consumption", 60, 1)
    load_kwh, filled = homes.load_kwh.copy(), np.zeros(homes.load_kwh.shape, np.bool_)
    filled[100:400, 1] = True
    load_kwh[filled] = 50.0  # whatever closed the gaps
    scalers = task.scalers(record_of(replace(homes, load_kwh=load_kwh, filled=filled)), 48, 480)
    expected: Floats = homes.load_kwh[48:480].sum(axis=0) / 432
    expected[1] = homes.load_kwh[np.r_[48:100, 400:480], 1].sum() / 132
    assert scalers["mean_kwh"] == pytest.approx(expected)
    free, part = record_of(homes).clock.weekday[48:480] >= 5, slice(48, 480)
    assert np.array_equal(scalers["habits"], habits(load_kwh[part], ~filled[part], free, DAY))


def test_the_day_ahead_has_as_many_weights_as_its_parts() -> None:
    assert parameters_count(patch_task("consumption", 30, 1).network()) == 170_508
