"""What a pool costs, in Python's process pools and in sliders, in one run; bench/pool calls it with an interpreter that has pathos and multiprocess.

  python bench/pool.py LUA...    each LUA an interpreter with sliders on its path

Each contender: from opening a pool of two workers to its first two answers and its end; a tiny function at chunk 1; the same in the
library's own chunks; a table of 10 MB (625,000 numbers) as an argument. Best of the rounds, for neighbours only add.
"""
import concurrent.futures
import multiprocessing
import subprocess
import sys
import time

TASKS, ROUNDS = 20000, 5


def tiny(x):
    return x + 1


def length(t):
    return len(t)


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def best(call, rounds=ROUNDS):
    return min(timed(call) for _ in range(rounds))


def measure(name, open_pool, each, chunked, one):
    def start():
        with open_pool() as pool:
            each(pool, tiny, [1, 2])

    big = [i + 0.5 for i in range(625000)]
    started = best(start)
    with open_pool() as pool:
        each(pool, tiny, [1, 2])
        items = list(range(TASKS))
        row = (started * 1e3, best(lambda: each(pool, tiny, items)) * 1e6 / TASKS, best(lambda: chunked(pool, tiny, items)) * 1e6 / TASKS, best(lambda: one(pool, length, big)) * 1e3)
    show(name, *row)


def show(name, start, each, chunked, table, column=None):
    print(f"{name:34} {start:9.2f} {each:9.2f} {chunked:9.2f} {table:9.1f} {column if column is None else format(column, '9.3f')}", flush=True)


def python_pools():
    import multiprocess
    import pathos.pools

    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        measure(f"multiprocessing, {method}", lambda: context.Pool(2), lambda p, f, xs: p.map(f, xs, 1), lambda p, f, xs: p.map(f, xs), lambda p, f, x: p.apply(f, (x,)))
    measure("concurrent.futures, fork", lambda: concurrent.futures.ProcessPoolExecutor(2), lambda p, f, xs: list(p.map(f, xs, chunksize=1)),
            lambda p, f, xs: list(p.map(f, xs, chunksize=max(1, len(xs) // 8))), lambda p, f, x: p.submit(f, x).result())
    measure("multiprocess (dill), fork", lambda: multiprocess.Pool(2), lambda p, f, xs: p.map(f, xs, 1), lambda p, f, xs: p.map(f, xs), lambda p, f, x: p.apply(f, (x,)))

    class Pathos:
        """pathos keeps its pools; a fresh one each time, as the others."""

        def __enter__(self):
            self.pool = pathos.pools.ProcessPool(2)
            self.pool.restart(force=True)
            return self.pool

        def __exit__(self, *rest):
            self.pool.close()
            self.pool.join()
            self.pool.clear()

    measure("pathos", Pathos, lambda p, f, xs: p.map(f, xs, chunksize=1), lambda p, f, xs: p.map(f, xs), lambda p, f, x: p.pipe(f, x))


def lua_pools(interpreters):
    for lua in interpreters:
        out = subprocess.run([lua, "bench/pool.lua", str(TASKS), str(ROUNDS)], capture_output=True, text=True, check=True).stdout
        values = dict(line.split("\t") for line in out.splitlines())
        show(f"sliders, {lua}", *(float(values[k]) for k in ("start_ms", "tiny_us", "tiny_chunked_us", "table_ms", "column_ms")))
        luv = subprocess.run([lua, "bench/pool_luv.lua", str(TASKS), str(ROUNDS)], capture_output=True, text=True)
        if luv.returncode == 0:
            print(f"luv new_work, {lua:20} {'':9} {float(luv.stdout):9.2f}")
        else:
            print(f"luv new_work, {lua}: {luv.stderr.strip().splitlines()[0]}")


if __name__ == "__main__":
    print(f"{'two workers':34} {'start ms':>9} {'task us':>9} {'chunked':>9} {'10 MB ms':>9} column")
    python_pools()
    lua_pools(sys.argv[1:])
