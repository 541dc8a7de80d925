"""A backtest inside an asyncio program: python3 asyncio_run.py DATA STRATEGY. Nothing blocks, and no lock is held while it runs."""
import asyncio
import ctypes as c
import sys

from sliders import Event, Progress, call, column, lib, make


async def backtest(host, market, strategy):
    run = make("run_start", host, market, strategy, None)
    loop, ready, progress, ended = asyncio.get_running_loop(), asyncio.Event(), Progress(), []
    descriptor = lib.sld_run_descriptor(run)
    loop.add_reader(descriptor, ready.set)
    try:
        while not progress.finished:
            await ready.wait()
            ready.clear()
            event = Event()
            while lib.sld_run_event(run, c.byref(event)):
                ended.append(event.pair.decode())
            call("run_wait", run, 0, c.byref(progress))
        portfolio = lib.sld_result_portfolio(c.c_void_p(lib.sld_run_result(run))).contents
        return sorted(ended), float(column(portfolio.equity, portfolio.count)[-1])
    finally:
        loop.remove_reader(descriptor)
        lib.sld_run_free(run)


async def count(turns):
    """Whatever else the program does."""
    while True:
        turns.append(None)
        await asyncio.sleep(0)


async def main(data, path):
    host = make("host_open", None)
    market = make("market_new", host)
    call("market_load", market, data.encode())
    strategy = make("strategy_open", host, path.encode(), None)
    turns = []
    other = asyncio.create_task(count(turns))
    (pairs, first), (_, second) = await asyncio.gather(backtest(host, market, strategy), backtest(host, market, strategy))
    other.cancel()
    print(" ".join(pairs))
    print(f"portfolio {first:.2f}, twice the same: {first == second}, the loop went on: {len(turns) > 1}")
    lib.sld_strategy_free(strategy)
    lib.sld_market_free(market)
    call("host_close", host)


asyncio.run(main(*sys.argv[1:3]))
