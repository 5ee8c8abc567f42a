# SPDX-License-Identifier: GPL-2.0
"""The Python binding where something fails, or comes at a bad time; a part of python_test.py."""

import contextlib
import copy
import errno
import gc
import os

import ipcchan as ic
from python_tap import child, raises

ANON = ic.ATTACH_ANON


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
