"""Processing many images at once, with results in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sr_models.cpus import usable_cpus

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Iterator[Result]:
    """Map in threads (by default as many as there are CPUs), because Pillow releases the GIL.

    Only two items per thread are started ahead: results wait in memory, and an early end must not
    wait for many of them.

    Args:
        work: the function.
        items: its arguments.
        threads: number of threads.
    """
    threads = min(threads or usable_cpus(), usable_cpus())
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
