#!/usr/bin/env python3
"""The sweep: 28 pairs x 100 parameter sets x 20,000 hourly bars, by sliders and by numba, each on two cores, alternating in one run.

Values are compared first: equity of every 33rd set to the bit, every figure of every job to 1e-9; a difference ends it with status 1.

    bench/sweep.py BENCH_SWEEP [ROUNDS]
"""
import datetime
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zoneinfo

import numpy as np

import sweep_numba as nb

ROWS, WORKERS, EVERY, HOUR = 20000, 2, 33, 3600 * 10**9
CURRENCIES = ["EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF", "JPY"]  # in the order in which pairs are quoted
FASTS, SLOWS = np.arange(5, 51, 5), np.arange(60, 151, 10)
CAPITAL, SPREAD_PIPS, COMMISSION = 100000.0, 0.2, 0.000001


def make_market():
    """Opens, and per pair its columns: cross rates of eight random walks, with a little noise of their own."""
    random = np.random.default_rng(42)
    start = {"EUR": 1.1, "GBP": 1.3, "AUD": 0.7, "NZD": 0.65, "USD": 1.0, "CAD": 0.75, "CHF": 1.05, "JPY": 0.009}
    value = {c: start[c] * np.exp(np.cumsum(random.normal(0, 0.0008, ROWS))) for c in CURRENCIES}
    value["USD"] = np.ones(ROWS)
    pairs = {}
    for i, base in enumerate(CURRENCIES):
        for quote in CURRENCIES[i + 1:]:
            close = value[base] / value[quote] * np.exp(random.normal(0, 0.00002, ROWS))
            open_ = np.concatenate(([close[0]], close[:-1])) * np.exp(random.normal(0, 0.00002, ROWS))
            high, low = np.maximum(open_, close) * 1.0002, np.minimum(open_, close) * 0.9998
            pairs[base + quote] = (open_, high, low, close)
    opens = np.int64(946857600) * 10**9 + np.arange(ROWS, dtype=np.int64) * HOUR
    return opens, dict(sorted(pairs.items()))


def write_market(path, opens, pairs):
    with open(path, "wb") as file:
        np.array([len(pairs), ROWS], dtype=np.int64).tofile(file)
        opens.tofile(file)
        for name, columns in pairs.items():
            file.write(name.encode().ljust(8, b"\0"))
            for column in columns:
                column.tofile(file)


def sample_rows(closes):
    """Last row of each trading day, which ends at 17:00 in New York from Monday to Friday; the very last row always."""
    zone, rows, end = zoneinfo.ZoneInfo("America/New_York"), [], None
    for i, ns in enumerate(closes):
        if end is not None and ns <= end:
            continue
        if end is not None:
            rows.append(i - 1)
        local = datetime.datetime.fromtimestamp(ns // 10**9, zone)
        day = local.date() + datetime.timedelta(days=1 if (local.hour, local.minute, local.second) > (17, 0, 0) else 0)
        while day.weekday() > 4:
            day += datetime.timedelta(days=1)
        end = int(datetime.datetime.combine(day, datetime.time(17), zone).timestamp()) * 10**9
    return np.array(rows + [len(closes) - 1], dtype=np.int64)


def to_dollars(pairs, quote):
    """Dollars per unit of the quote currency at each close, or None for dollars."""
    if quote == "USD":
        return None
    return pairs[quote + "USD"][3] if quote + "USD" in pairs else 1.0 / pairs["USD" + quote][3]


class Numba:
    """What every process of the pool holds: the market as arguments of sweep_pair, by pair."""

    def __init__(self, opens, pairs):
        closes = opens + HOUR
        samples = sample_rows(closes)
        self.arguments = []
        for name, (open_, _, _, close) in pairs.items():
            mark = to_dollars(pairs, name[3:])
            fill = np.ones(ROWS) if mark is None else np.concatenate(([np.nan], mark[:-1]))
            mark = np.ones(ROWS) if mark is None else mark
            half = 0.5 * (SPREAD_PIPS * (0.01 if name.endswith("JPY") else 0.0001))
            self.arguments.append((open_, close, fill, mark, FASTS, SLOWS, closes, opens, samples, CAPITAL, half, COMMISSION))
        self.equity, self.nets, self.bars = np.empty(ROWS), np.empty(ROWS), np.empty(ROWS, dtype=np.int64)

    def pair(self, shared, i):
        figures = np.empty((FASTS.size * SLOWS.size, len(nb.NAMES)))
        (nb.sweep_pair if shared else nb.sweep_pair_apart)(figures, self.equity, self.nets, self.bars, *self.arguments[i])
        return figures

    def equity_of(self, i, ordinal):
        open_, close, fill, mark, fasts, slows, *_, half, commission = self.arguments[i]
        fast, slow = np.empty(ROWS), np.empty(ROWS)
        nb.mean_of(fast, close, fasts[ordinal // SLOWS.size])
        nb.mean_of(slow, close, slows[ordinal % SLOWS.size])
        first = slows[ordinal % SLOWS.size] - 1
        nb.simulate(self.equity, self.nets, self.bars, open_, close, fill, mark, fast, slow, first, CAPITAL, half, commission)
        return self.equity[first:]


held = None  # of a process of the pool: inherited by fork, so that no data is sent


def pool_task(job):
    start = time.process_time()
    held.pair(*job)
    return time.process_time() - start


class Sliders:
    """The process that runs the engine."""

    def __init__(self, program, path):
        self.process = subprocess.Popen([program, path, str(WORKERS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("bench_sweep has ended")
        return tuple(float(word) for word in answer.split())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(sliders, strategy, market, figures, folder):
    path = os.path.join(folder, "values")
    sliders.ask(f"values {strategy} {path}")
    found = np.fromfile(path)
    at, sets, worst = 0, FASTS.size * SLOWS.size, 0.0
    for i in range(len(market.arguments)):
        for ordinal in range(sets):
            ours, theirs = found[at:at + len(nb.NAMES)], figures[i][ordinal]
            at += len(nb.NAMES)
            gap = np.abs(ours - theirs) / np.maximum(1e-9, np.abs(theirs))
            gap[np.isnan(ours) & np.isnan(theirs)] = 0.0
            if not (gap < 1e-9).all():
                k = int(np.argmax(np.where(np.isnan(gap), np.inf, gap)))
                sys.exit(f"{strategy}: pair {i}, set {ordinal}: {nb.NAMES[k]} is {ours[k]!r}, by numba {theirs[k]!r}")
            worst = max(worst, gap.max())
            if ordinal % EVERY == 0:
                equity = market.equity_of(i, ordinal)
                if found[at:at + equity.size].tobytes() != equity.tobytes():
                    sys.exit(f"{strategy}: pair {i}, set {ordinal}: equity differs")
                at += equity.size
    assert at == found.size
    print(f"{strategy}: equity equal to the bit, figures within {worst:.1e}")


def main():
    global held
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 15
    opens, pairs = make_market()
    market = held = Numba(opens, pairs)
    figures = [market.pair(True, i) for i in range(len(pairs))]  # compiles before the pool forks
    market.pair(False, 0)
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        path = os.path.join(folder, "bars")
        write_market(path, opens, pairs)
        sliders = Sliders(program, path)
        for strategy in ("signal", "bar"):
            compare(sliders, strategy, market, figures, folder)

        def numba(shared):
            start = time.perf_counter()
            cpu = sum(pool.map(pool_task, [(shared, i) for i in range(len(pairs))], chunksize=1))
            return time.perf_counter() - start, cpu

        contenders = {
            "numba, own means": lambda: numba(False),
            "numba, shared means": lambda: numba(True),
            "sliders, signal": lambda: sliders.ask("time signal"),
            "sliders, bar": lambda: sliders.ask("time bar"),
        }
        times = {name: [] for name in contenders}  # (wall clock, processor) in seconds
        for _ in range(rounds):
            for name, run in contenders.items():
                times[name].append(run())
        sliders.close()
    jobs = len(pairs) * FASTS.size * SLOWS.size
    print(f"{len(pairs)} pairs x {FASTS.size * SLOWS.size} sets x {ROWS} bars, {WORKERS} workers each, {rounds} rounds; medians, lowest and highest")
    for clock, what in enumerate(("wall clock", "processor")):
        print(f"by the {what}")
        report([{name: reading[clock] for name, reading in zip(times, round_)} for round_ in zip(*times.values())], jobs)


def report(rounds, jobs):
    for name in rounds[0]:
        list_ = [r[name] for r in rounds]
        median = statistics.median(list_)
        print(f"  {name:20s} {median * 1e3:7.1f} ms  [{min(list_) * 1e3:.1f} .. {max(list_) * 1e3:.1f}]  {jobs * ROWS / median / 1e6:7.1f} Mbars/s")
    for yard in ("numba, own means", "numba, shared means"):
        for name, goal in (("sliders, signal", 1.0), ("sliders, bar", 4.0)):
            ratios = [r[name] / r[yard] for r in rounds]
            middle = statistics.median(ratios)
            print(f"  {name} takes {middle:.2f} of {yard}  [{min(ratios):.2f} .. {max(ratios):.2f}]   wanted at most {goal:.0f}: {'yes' if middle <= goal else 'NO'}")


if __name__ == "__main__":
    main()
