"""Makes the runs of a batch on the workers of a Dask cluster, through joblib.

They see the folders of the batch and of who asks at the same paths, and have the same program
installed.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import chdir, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from profiles.errors import InputError
from scenarios import drafts, kept, manifest
from scenarios.batch_folder import Planned
from scenarios.engines import Engine, Made, Making, Outcomes
from scenarios.failures import told
from scenarios.workers import WorkerError

if TYPE_CHECKING:
    from distributed import Client

_PATIENCE_S = 10  # for a scheduler to answer, and for its workers to come

_ALONE = threading.Lock()  # a process makes one run at a time, however many threads a worker has
_SHELF = kept.Shelf()  # of this process, whichever batches it makes runs of


def check_installed() -> None:
    """Refuse in a line to go on without the libraries (`InputError`)."""
    for name in ("joblib", "distributed"):
        if find_spec(name) is None:
            needed = f"needs the library {name}: pip install 'commonwatt[cluster]'"
            raise InputError(f"--engine dask: {needed}")


@contextmanager
def dask(address: str) -> Iterator[Engine]:
    """Let the workers of a cluster make runs.

    Parameters
    ----------
    address : str
        Of its scheduler, such as "tcp://10.0.0.1:8786".

    Raises
    ------
    InputError
        If the libraries are not there, or nobody answers.
    """
    with _connected(address) as client:
        yield _engine(client)


def processes_count(address: str) -> int:
    """Count the workers of a cluster, each of which makes a run at a time; errors as of `dask`."""
    with _connected(address) as client:
        return len(client.nthreads())


@contextmanager
def _connected(address: str) -> Iterator["Client"]:
    check_installed()
    from distributed import Client  # noqa: PLC0415, an extra

    try:
        client = Client(address, timeout=_PATIENCE_S, set_as_default=False)
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except (OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise InputError(
            f"--address {address}: must be a scheduler with workers ({reason})"
        ) from None
    try:
        yield client
    finally:
        client.close()


def _engine(client: "Client") -> Engine:
    def make(
        making: Making, runs: Sequence[Planned], _: Callable[[Planned, int], None]
    ) -> Outcomes:
        # A call of joblib fails as a whole when a worker is lost: each run has one of its own,
        # and a thread here that waits for it.
        threads_count = sum(client.nthreads().values())
        pool = ThreadPoolExecutor(max(1, threads_count))
        try:
            asked = {pool.submit(_made_there, client, making, run): run for run in runs}
            for done in as_completed(asked):
                error = done.exception()
                if error is not None:
                    why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
                    yield asked[done], WorkerError(f"a worker of the cluster was lost ({why})")
                else:
                    yield asked[done], done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            client.close()  # so that threads that still wait are told

    return make


def _made_there(client: "Client", making: Making, run: Planned) -> Made:
    """Have a worker make a run, and wait for it."""
    from joblib import Parallel, delayed, parallel_config  # noqa: PLC0415, an extra

    task = delayed(_made_here)(making, run, Path.cwd(), _program())
    with parallel_config(backend="dask", client=client) as config:
        # Of a cluster with a single thread joblib thinks that nothing would be gained by it, and
        # makes the run itself.
        config["backend"].effective_n_jobs = lambda _: 2
        (made,) = Parallel(n_jobs=-1, batch_size=1)([task])
    assert isinstance(made, Made)  # noqa: S101, that is what it gives
    return made


def _program() -> dict[str, str]:
    """Name the versions that a number may hang on, and what the program's own modules say."""
    return {**manifest.versions(), "program": drafts.program_sha256()[:12]}


def _made_here(making: Making, run: Planned, folder: Path, asking: dict[str, str]) -> Made:
    """Make a run, in a process of the cluster; relative paths start at the folder of who asks."""
    here = _program()
    for name, version in asking.items():
        if here.get(name) != version:
            needed = f"must have {name} {version} (got {here.get(name)})"
            return Made(f"a worker of the cluster {needed}")
    try:
        with _ALONE, chdir(folder):
            return replace(making, shelf=_SHELF)(run, lambda _: None)
    except OSError as error:  # there is no such folder
        return Made(told(error)[1])
