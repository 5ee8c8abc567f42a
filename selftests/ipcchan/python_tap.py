# SPDX-License-Identifier: GPL-2.0
"""What the tests of the Python binding share."""

import contextlib
import faulthandler
import os
import signal
import sys
import time
import traceback

import ipcchan as ic

PATIENCE = 120  # seconds; a test that takes more hangs, and tells where


def pair(**opts):
    """A receiver and a sender of a new channel."""
    here = ic.open(None, ic.ATTACH_ANON, ic.ROLE_RECV, **opts)
    return here, ic.open(None, ic.ATTACH_FD, ic.ROLE_SEND, fd=here.fileno())


class Skip(Exception):
    """What a test is for is not here."""


class raises:  # pylint: disable=invalid-name
    """What is done in here ends with this error, and errno, and words at its end.

    No contextmanager: one keeps what the error's traceback knows, such as views, with Python 3.13.
    """

    def __init__(self, error, number=None, words=""):
        self.error, self.number, self.words = error, number, words

    def __enter__(self):
        pass

    def __exit__(self, kind, err, _):
        assert kind, f"no {self.error.__name__}"
        if not isinstance(err, self.error):
            return False
        assert self.number is None or err.errno == self.number, f"instead of {self.number}: {err}"
        assert str(err).endswith(self.words), err
        return True


@contextlib.contextmanager
def child(function, *args):
    """FUNCTION runs in a child meanwhile, and comes to a good end."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            function(*args)
            status = 0
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()
        finally:
            os._exit(status)
    try:
        yield pid
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the child ended with {status}"


@contextlib.contextmanager
def replaced(where, name, function):
    """What has this name calls FUNCTION meanwhile, with what it was and the arguments."""
    was = getattr(where, name)
    setattr(where, name, lambda *args: function(was, *args))
    try:
        yield
    finally:
        setattr(where, name, was)


@contextlib.contextmanager
def interrupted(seconds, handler):
    """HANDLER is called by a signal each so many seconds."""
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def main(tests):
    """Run all, print TAP."""
    failed = 0
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        start, skipped = time.monotonic(), ""
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        try:
            test()
            verdict = "ok"
        except Skip as reason:
            verdict, skipped = "ok", f" # SKIP {reason}"
        except BaseException:  # pylint: disable=broad-except
            verdict = "not ok"
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
        print(f"{verdict} {number} - {test.__name__}: {test.__doc__} "
              f"({time.monotonic() - start:.1f} s){skipped}", flush=True)
    faulthandler.cancel_dump_traceback_later()
    sys.exit(failed > 0)
