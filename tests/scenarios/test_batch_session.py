"""What the commands of batches check, plan and tell."""

import pytest

from profiles.errors import InputError
from scenarios.batch_session import Means

REFUSED = [
    (Means("ray"), "--engine: must be processes or dask (got 'ray')"),
    (Means("dask"), "--engine dask: needs --address, as in --address tcp://10.0.0.1:8786"),
    (Means(address="tcp://a:1"), "--address: goes with --engine dask (it is processes)"),
    (Means("dask", "tcp://a:1", 2), "--workers: goes with --engine processes, a cluster has its"),
]


@pytest.mark.parametrize(("means", "message"), REFUSED)
def test_means_that_do_not_go_together_are_refused(means: Means, message: str) -> None:
    with pytest.raises(InputError) as refused:
        means.check()
    assert str(refused.value).startswith(message)


def test_there_is_a_process_for_each_core_unless_somebody_says_how_many() -> None:
    assert Means(workers=3).processes_count == 3
    assert Means().processes_count >= 1
    Means().check()
    Means("dask", "tcp://a:1").check()
