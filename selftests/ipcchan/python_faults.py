# SPDX-License-Identifier: GPL-2.0
"""The Python binding where something fails, or comes at a bad time; a part of python_test.py."""

import contextlib
import copy
import errno
import gc
import itertools
import os
import resource
import sys
import threading
import time

import ipcchan as ic
from python_tap import child, pair, raises, replaced

ANON, SECOND = ic.ATTACH_ANON, 1000000000


def failing(nth):
    """What is called instead of something that fails the NTH time."""
    calls = itertools.count(1)

    def function(was, *args):
        if next(calls) == nth:
            raise MemoryError
        return was(*args)
    return function


def opened():
    """The open descriptors."""
    return os.listdir("/proc/self/fd")


def unbuilt():
    """of messages that cannot be built no descriptor stays open, and no call unanswered"""
    here, there = pair()
    for count, receive in (1, here.recv_msg), (3, lambda max_fds: here.recv_batch(3, 9, max_fds)):
        for _ in range(count):
            there.send_msg(ic.Message(b"both", fds=[0, 1]))
        before = opened()
        with raises(MemoryError), replaced(ic._Room, "message", failing(count)):
            receive(max_fds=2)
        assert opened() == before
    server = ic.open(None, ANON, ic.ROLE_RECV, kind=ic.KIND_RPC)
    client = ic.open(None, ic.ATTACH_FD, ic.ROLE_SEND, fd=server.fileno())
    before, got = opened(), []

    def ask():
        with raises(OSError, errno.EIO):
            client.call_msg(ic.Message(b"both", fds=[0, 1]), timeout_ns=5 * SECOND)
        got.append("an answer")

    caller = threading.Thread(target=ask)
    caller.start()
    with raises(MemoryError), replaced(ic._Room, "message", failing(1)):
        server.serve(max_fds=2, timeout_ns=10 * SECOND)
    caller.join()
    assert got and opened() == before


def cut():
    """wherever a server is interrupted, no call that it has taken is left without a reply"""
    server = ic.open(None, ANON, ic.ROLE_RECV, kind=ic.KIND_RPC)
    client = ic.open(None, ic.ATTACH_FD, ic.ROLE_SEND, fd=server.fileno())
    got = []

    def ask():
        try:
            got.append(client.call(b"x", timeout_ns=5 * SECOND))
        except OSError as err:
            got.append(err.errno)

    def trace(frame, event, _):
        nonlocal left
        code = frame.f_code
        if code.co_filename != ic.__file__ or code.co_name == "release":  # which a __del__ is
            return None
        left -= event in ("line", "return")
        if not left:
            raise KeyboardInterrupt
        return trace

    def loop():
        with contextlib.suppress(TimeoutError):
            server.serve_loop(lambda request: b"y", timeout_ns=SECOND // 100)

    ignored, sys.unraisablehook = sys.unraisablehook, lambda _: None  # of a _Pin half made
    cuts, taken = 0, False
    while not taken or got[-1] != b"y":
        cuts += 1
        left = cuts
        caller = threading.Thread(target=ask)
        caller.start()
        while not server.next_len():
            time.sleep(0.001)
        sys.settrace(trace)
        with contextlib.suppress(KeyboardInterrupt):
            loop()
        sys.settrace(None)
        taken = not server.next_len()
        if not taken:
            loop()
        caller.join()
        assert got[-1] in (b"y", errno.EIO), f"after {cuts} steps: {got[-1]}"
    sys.unraisablehook = ignored
    assert cuts > 50 and errno.EIO in got, cuts


class Looks:
    """In the end it closes a channel, and looks at its buffer."""

    def __init__(self, seen):
        self.seen = seen

    def __del__(self):
        with contextlib.suppress(BufferError):
            self.chan.close()
        self.seen.append(bytes(self.view[:4]))


def garbage():
    """a buffer is there for all finalizers of a cycle, in whatever order these come"""
    def collect():
        seen = []
        first = Looks(seen)
        chan = ic.open(None, ANON, buf_size=4096)
        last = Looks(seen)
        first.chan = last.chan = chan
        first.view, last.view = chan.map(), chan.map()
        chan.looks, first.view[:4], fd = [first, last], b"data", chan.fileno()
        del first, last, chan
        gc.collect()
        assert seen == [b"data", b"data"], seen
        with raises(OSError, errno.EBADF):
            os.fstat(fd)

    with child(collect):
        pass
    with ic.open(None, ANON) as chan, raises(TypeError):
        copy.deepcopy(chan)
    with raises(ValueError):
        chan.fileno()


@contextlib.contextmanager
def cramped(room):
    """There is address space for so many bytes more."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def late_pools():
    """who waits already reads what comes to a pool, or is told that it is not mapped"""
    size, text = 1 << 23, b"x" * 4000

    def waiting(make):
        """What a receiver gets that waits when MAKE makes a pool."""
        got = []

        def wait():
            try:
                got.append(here.recv_msg(flags=ic.XFER_PLACE, timeout_ns=30 * SECOND))
            except OSError as err:
                got.append(err)

        def late(pool, *args):
            ret = pool(*args)
            there.send(text)
            waiter.join(0.3)  # it has it by now, or waits for us
            return ret

        waiter = threading.Thread(target=wait)
        waiter.start()
        with replaced(ic._lib, "ipcchan_pool", late):
            make()
        waiter.join()
        return got.pop()

    def fail():
        with raises(OSError, errno.ENOMEM), cramped(size // 2):
            here.pool(size)

    here, there = pair()
    msg = waiting(lambda: here.pool(size))
    assert msg.block and bytes(msg.payload) == text, msg
    here, there = pair()
    err = waiting(fail)
    assert isinstance(err, OSError) and err.errno == errno.ENOMEM, err
    here.pool(size)
    there.send(text)
    assert bytes(here.recv_msg(flags=ic.XFER_PLACE).payload) == text
