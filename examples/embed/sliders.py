"""The C library by ctypes: the functions and leading fields that the examples use. Options begin with their size, so later fields keep defaults."""
import ctypes as c
import os

import numpy as np

lib = c.CDLL(os.environ.get("SLIDERS_LIBRARY", "libsliders.so.0"))
P = c.c_void_p


class Error(c.Structure):
    _fields_ = [("status", c.c_int), ("line", c.c_int64), ("column", c.c_int64), ("file", c.c_char * 512), ("message", c.c_char * 768), ("detail", c.c_char * 2560)]


class Bars(c.Structure):
    _fields_ = [("pair", c.c_char_p), ("count", c.c_size_t), *((name, P) for name in ("time", "open", "high", "low", "close", "volume")), ("period_ns", c.c_int64),
                ("side", c.c_int), ("instrument", P), *((name, P) for name in ("ask_open", "ask_high", "ask_low", "ask_close")), ("ticks", c.c_bool),
                ("release", P), ("release_ud", P)]


class RunOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("pairs", c.POINTER(c.c_char_p)), ("pair_count", c.c_size_t)]


class Event(c.Structure):
    _fields_ = [("job", c.c_size_t), ("pair", c.c_char_p), ("ordinal", c.c_size_t), ("state", c.c_int)]


class Progress(c.Structure):
    _fields_ = [("jobs", c.c_size_t), ("done", c.c_size_t), ("failed", c.c_size_t), ("finished", c.c_bool)]


class Portfolio(c.Structure):
    _fields_ = [("complete", c.c_bool), ("rule", c.c_char_p), ("label", c.c_char_p), ("count", c.c_size_t), ("time", P), ("equity", P)]


for name, result in {"sld_run_result": P, "sld_result_portfolio": c.POINTER(Portfolio), "sld_run_event": c.c_bool}.items():
    getattr(lib, name).restype = result


class SlidersError(Exception):
    pass


def call(name, *args):
    """Calls sld_NAME(args..., &err). ctypes lets go of the global lock meanwhile."""
    err = Error()
    if getattr(lib, "sld_" + name)(*args, c.byref(err)) != 0:
        raise SlidersError(f"{err.file.decode()}: {err.message.decode()}" if err.file else err.message.decode())


def make(name, *args):
    """An object that sld_NAME(&out, args..., &err) makes."""
    out = P()
    call(name, c.byref(out), *args)
    return out


def column(pointer, count, dtype=np.float64):
    """`count` values at `pointer` as an array, without a copy; good as long as what it was asked of."""
    kind = c.c_int64 if dtype == np.int64 else c.c_double
    return np.ctypeslib.as_array(c.cast(pointer, c.POINTER(kind)), shape=(count,))


def bars(pair, time, close):
    """One-price mid bars over two arrays, copied by sld_market_add."""
    return Bars(pair=pair.encode(), count=len(time), time=time.ctypes.data, close=close.ctypes.data, side=1)
