# SPDX-License-Identifier: GPL-2.0
"""The Python binding where something fails, or comes at a bad time; a part of python_test.py."""

import contextlib
import copy
import errno
import gc
import os
import sys
import threading
import time

import ipcchan as ic
from python_tap import child, raises

ANON, SECOND = ic.ATTACH_ANON, 1000000000


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
