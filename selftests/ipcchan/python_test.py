# SPDX-License-Identifier: GPL-2.0
"""The Python binding on a machine with the module; run by python_test.sh."""

import errno
import gc
import os
import runpy
import select
import signal
import sys
import threading
import time

import ipcchan as ic
import python_tap
from python_faults import cut, garbage, late_pools, unbuilt
from python_tap import child, interrupted, pair, raises

ANON, SECOND = ic.ATTACH_ANON, 1000000000


def names():
    """channels have names, limits and errors"""
    with raises(FileNotFoundError):
        ic.open("python")
    with ic.open("python", ic.ATTACH_CREATE, max_msgs=7, max_msg_size=100, mode=0o640) as chan:
        info = chan.get_info()
        assert (info.name, info.max_msgs, info.max_msg_size) == (b"python", 7, 100), info.name
        assert info.mode == 0o640 and info.kind == ic.KIND_QUEUE and info.endpoints == 1
        with raises(FileExistsError):
            ic.open("python", ic.ATTACH_CREATE | ic.ATTACH_EXCL)
    with raises(ValueError):
        chan.recv()
    ic.unlink("python")
    with raises(FileNotFoundError, errno.ENOENT, "] No such file or directory: 'python'"):
        ic.unlink("python")
    answer = ic.query()
    assert answer.abi_version == ic.ABI_VERSION and answer.features & ic.FEAT_QUEUE
    assert answer.limit_msgs >= 1024


def messages():
    """bytes go through as they are, of any length"""
    with ic.open(None, ANON, max_msg_size=200000, max_bytes=400000, nonblock=True) as chan:
        for msg in b"one", bytearray(b"two"), memoryview(b"not three")[4:], b"x" * 200000:
            chan.send(msg)
            assert chan.next_len() == len(msg)
            assert chan.recv() == msg
        chan.send(bytes(100000))
        assert len(chan.recv_msg().payload) == 100000
        chan.send(b"longer")
        with raises(OSError, errno.EMSGSIZE):
            chan.recv(3)
        room = bytearray(10)
        assert chan.recv_into(memoryview(room)[2:]) == 6 and room[2:8] == b"longer"
        with raises(BlockingIOError):
            chan.recv()
        with raises(OSError, errno.EMSGSIZE):
            chan.send(bytes(200001))
        with raises(OSError, errno.EINVAL):
            chan.send(b"")
        with raises(BufferError):
            chan.send(memoryview(b"every other")[::2])
        with raises(TypeError):
            chan.send("text")


def headers():
    """priority, type, cookie, sender and time come along"""
    here, there = pair(options=ic.OPT_HANGUP | ic.OPT_TIMESTAMP)
    before = time.monotonic_ns()
    there.send_msg(ic.Message(b"low"))
    there.send_msg(ic.Message(b"high", prio=3, type=4, cookie=1 << 40), timeout_ns=0)
    msg = here.recv_msg()
    assert (msg.payload, msg.prio, msg.type, msg.cookie) == (b"high", 3, 4, 1 << 40), msg
    assert (msg.pid, msg.uid, msg.opener_pid) == (os.getpid(), os.getuid(), os.getpid()), msg
    assert before <= msg.time_ns <= time.monotonic_ns(), msg
    assert here.recv() == b"low"
    with raises(TimeoutError):
        here.recv_msg(timeout_ns=1000000)
    with raises(TimeoutError):
        here.recv_msg(flags=ic.XFER_ABSTIME, timeout_ns=time.monotonic_ns() + 1000000)
    with raises(BlockingIOError):
        here.recv_msg(flags=ic.XFER_NONBLOCK)
    with raises(OverflowError):
        there.send_msg(ic.Message(b"x", type=1 << 32))
    here.set_filter(min_prio=2)
    there.send_batch([ic.Message(b"%d" % i, prio=i) for i in range(4)])
    assert [m.payload for m in here.recv_batch(10)] == [b"3", b"2"]
    here.set_filter()
    assert [m.payload for m in here.recv_batch(10, size=1)] == [b"1", b"0"]
    there.send_msg(ic.Message(bytes(65000)))
    there.send_msg(ic.Message(bytes(65536)))
    assert len(here.recv_msg().payload) == 65000
    with raises(OSError, errno.EMSGSIZE):
        here.recv_msg(size=65535)
    there.close()
    assert len(here.recv()) == 65536
    assert here.recv() == b"" and here.recv_msg() is None and here.recv_batch(3) == []
    here.close()


def descriptors():
    """open files go through"""
    here, there = pair()
    out, into = os.pipe()
    there.send_msg(ic.Message(b"pipe", fds=[out, into]))
    there.send_msg(ic.Message(b"lost", fds=[out]))
    os.close(out)
    os.close(into)
    msg = here.recv_msg(max_fds=5)
    assert len(msg.fds) == 2, msg
    os.write(msg.fds[1], b"through")
    assert os.read(msg.fds[0], 10) == b"through"
    for fd in msg.fds:
        os.close(fd)
    msg = here.recv_msg()
    assert list(msg.fds) == [] and msg.flags == ic.MSG_FDS_LOST, msg
    with raises(OSError, errno.EINVAL):
        there.send_msg(ic.Message(b"x", fds=[here.fileno()]))


def serve(chan):
    """A server that meets faults of its own."""
    def shout(request):
        text = bytes(request.message.payload)
        if text == b"refuse":
            raise PermissionError(errno.EACCES, "no")
        if text == b"fail":
            raise ValueError(text)
        if text == b"much":
            return ic.Message(text, prio=1 << 32)
        if text == b"twice":
            chan.reply(request.call, b"early")
        return text.upper() if text != b"long" else bytes(request.room + 1)

    for error in ValueError, OverflowError:
        with raises(error):
            chan.serve_loop(shout)
    chan.serve_loop(shout)


def calls():
    """requests get their replies, or errors"""
    server = ic.open(None, ANON, ic.ROLE_RECV, kind=ic.KIND_RPC, options=ic.OPT_HANGUP)
    with child(serve, server):
        with ic.open(None, ic.ATTACH_FD, ic.ROLE_SEND, fd=server.fileno()) as client:
            server.close()
            assert client.call(b"hello") == b"HELLO"
            with raises(PermissionError):
                client.call(b"refuse")
            with raises(OSError, errno.EIO):
                client.call(b"fail")
            with raises(OSError, errno.EIO):
                client.call(b"much")
            assert client.call(b"twice") == b"early"
            with raises(OSError, errno.EMSGSIZE):
                client.call(b"long", size=10)
            reply = client.call_msg(ic.Message(b"again", cookie=5))
            assert reply.payload == b"AGAIN" and reply.pid, reply


def replies():
    """a server replies later, and again where it could not"""
    server = ic.open(None, ANON, ic.ROLE_RECV, kind=ic.KIND_RPC, options=ic.OPT_HANGUP)
    client = ic.open(None, ic.ATTACH_FD, ic.ROLE_SEND, fd=server.fileno())
    got = []
    for text in b"first", b"second":
        caller = threading.Thread(target=lambda: got.append(client.call(text, size=9)))
        caller.start()
        request = server.serve(timeout_ns=10 * SECOND)
        assert bytes(request.message.payload) == text and request.room == 9
        with raises(ic.ReplyError, errno.EMSGSIZE):
            server.serve(request.call, ic.Message(bytes(10)))
        with raises(TimeoutError):
            server.serve(request.call, ic.Message(text), timeout_ns=1000000)
        caller.join()
        assert got.pop() == text
        with raises(OSError, errno.ECANCELED):
            server.reply(request.call, text)
    with raises(OSError, errno.ENOENT):
        server.reply_error(12345, errno.EIO)
    with raises(BlockingIOError):
        server.serve(flags=ic.SERVE_NEXT | ic.SERVE_NONBLOCK)
    server.close()
    with raises(BrokenPipeError):
        client.call(b"nobody is there")


def blocks():
    """payloads in blocks are not copied"""
    opts = {"buf_size": 65536, "options": ic.OPT_LOANS}
    chan = ic.open(None, ANON, **opts)
    first, second = chan.loan(100, 2)
    first.data[:5] = b"built"
    chan.send_msg(chan.msg_block(first, 5))
    msg = chan.recv_msg(flags=ic.XFER_PLACE)
    assert msg.flags == ic.MSG_PLACED and bytes(msg.payload) == b"built", msg
    assert msg.block.at == first.at
    msg.payload[0:1] = b"g"
    chan.send_msg(chan.msg_block(msg.block, 4), flags=ic.XFER_NONBLOCK)
    assert chan.recv() == b"guil"
    assert chan.give_back([second]) == 1
    with raises(FileNotFoundError):
        chan.give_back([second])
    with raises(ValueError):
        chan.msg_block(first, 101)
    with raises(BufferError):
        chan.close()
    fd = chan.fileno()
    chan.kept = first.data
    chan = second = msg = None
    os.fstat(fd)
    first = None
    gc.collect()
    with raises(OSError, errno.EBADF):
        os.fstat(fd)


def revoked():
    """a block that came by broadcast can be read only, where blocks are revoked"""
    here = ic.open(None, ANON, kind=ic.KIND_BROADCAST, buf_size=65536,
                   options=ic.OPT_LOANS | ic.OPT_REVOKE)
    there = ic.open(None, ic.ATTACH_FD, ic.ROLE_SEND, fd=here.fileno())
    (block,) = there.loan(10)
    block.data[:] = b"read only!"
    there.send_msg(there.msg_block(block, 10))
    msg = here.recv_msg(flags=ic.XFER_PLACE)
    assert bytes(msg.payload) == b"read only!" and msg.payload.readonly, msg
    assert here.give_back([msg.block]) == 1


def pools():
    """messages are copied once, to where they are read"""
    here, there = pair()
    here.pool(5000, min_len=100)
    for end in b"one", b"two":
        there.send(b"x" * 4000 + end)
    there.send(b"short")
    msgs = here.recv_batch(3, flags=ic.XFER_PLACE)
    assert [msg.flags for msg in msgs] == [ic.MSG_PLACED, ic.MSG_PLACED, 0], msgs
    assert [bytes(msg.payload[-3:]) for msg in msgs] == [b"one", b"two", b"ort"], msgs
    with raises(TypeError):
        msgs[0].payload[0] = 1
    assert here.give_back([msg.block for msg in msgs[:2]]) == 2
    with raises(OSError, errno.EBUSY):
        here.pool(4096)


def broadcasts():
    """each receiver gets each message, or is told of what it has lost"""
    here, there = pair(kind=ic.KIND_BROADCAST, max_msgs=2, slow=ic.SLOW_DROP_OLDEST)
    for i in range(5):
        there.send(b"%d" % i)
    msg = here.recv_msg()
    assert (msg.payload, msg.lost) == (b"3", 3), msg


def bells():
    """a doorbell wakes, signals an eventfd and poll()"""
    with ic.open(None, ANON, buf_size=4096) as chan, chan.map() as mem:
        bell, word = ic.bell_chan(chan), mem[8:12]
        with raises(BlockingIOError):
            bell.wait(word, 1)
        with raises(TimeoutError):
            bell.wait(word, 0, 1000000)
        with raises(ValueError):
            bell.wait(mem[8:11], 0)
        efd = os.eventfd(0) if hasattr(os, "eventfd") else None
        if efd is not None:
            bell.eventfd(word, efd)
        bell.watch(word, 0)
        poll = select.poll()
        poll.register(chan, select.POLLPRI)
        assert poll.poll(0) == []
        thread = threading.Thread(target=bell.wait, args=(word, 0))
        thread.start()
        while not bell.wake(word, 1):
            time.sleep(0.01)
        thread.join()
        word[0] = 7
        bell.wake(word, 1)
        assert poll.poll(10000) == [(chan.fileno(), select.POLLPRI)]
        bell.watch(None)
        assert poll.poll(0) == []
        assert efd is None or os.eventfd_read(efd) >= 2
        word.release()


def fill(mem, bell, life):
    """The producer of rings()."""
    half = len(mem) // 2
    with ic.Ring.attach(mem[:half], ic.RING_PRODUCER, bell) as out:
        for i in range(500):
            out.send(b"%d" % i)
    with ic.MRing.attach(mem[half:], ic.CLAIM_PRODUCER, bell, life) as out:
        for i in range(500):
            out.send(b"%d" % i)


def rings():
    """rings lie in the buffer of a channel, and sleep on it"""
    with ic.open(None, ANON, buf_size=65536) as chan, chan.map() as mem:
        bell, life = ic.bell_chan(chan), ic.ClaimLife(chan.fileno(), 32768)
        ic.Ring.format(mem[:32768])
        ic.MRing.format(mem[32768:], 56, 0, life)
        with child(fill, mem, bell, life), \
                ic.Ring.attach(mem[:32768], ic.RING_CONSUMER, bell) as one, \
                ic.MRing.attach(mem[32768:], ic.CLAIM_CONSUMER, bell, life) as many:
            for got in one, many:
                got.set_wait(ic.WAIT_SLEEP)
                assert sum(int(got.recv(30 * SECOND)) for _ in range(500)) == 124750
        with ic.Ring.attach(mem[:32768], ic.RING_CONSUMER, bell) as one:
            with raises(BufferError):
                chan.close()
            word = one.bell_word()
            bell.watch(word, 1)
            assert one.arm() and not select.select([], [], [chan], 0)[2]
            one.disarm()
            assert select.select([], [], [chan], 0)[2]
            word.release()


def stop(*_):
    """A handler that ends what it interrupts."""
    raise KeyboardInterrupt


def signals():
    """a signal ends a wait only when its handler says so, but a call always"""
    here, _there = pair()
    seen = []

    def see(*_):
        seen.append(1)
        assert len(seen) < 100, "it never ends"

    with interrupted(0.05, see):
        start = time.monotonic()
        with raises(TimeoutError):
            here.recv_msg(timeout_ns=SECOND // 2)
        assert seen and 0.5 <= time.monotonic() - start < 10, (seen, start)
    def late(*_):
        signal.setitimer(signal.ITIMER_REAL, 0)
        time.sleep(0.2)

    with raises(TimeoutError), interrupted(0.05, late):
        here.recv_msg(timeout_ns=SECOND // 10)
    with raises(KeyboardInterrupt), interrupted(0.3, stop):
        here.recv()
    server = ic.open(None, ANON, kind=ic.KIND_RPC)
    with raises(InterruptedError), interrupted(0.05, lambda *_: None):
        server.call(b"nobody serves")
    with raises(ValueError), interrupted(0.05, lambda *_: here.close()):
        here.recv(64)
    other, _there = pair()
    with raises(ValueError), interrupted(0.05, lambda *_: other.close()):
        other.recv_msg(timeout_ns=2 * SECOND)


def example():
    """the example prints what it says"""
    with open("/echo.py", encoding="utf-8") as file:
        said = file.read().split('"""')[1].split("Prints:\n")[1]
    out, into = os.pipe()

    def run():
        os.dup2(into, 1)
        runpy.run_path("/echo.py")
        sys.stdout.flush()

    with child(run), open(out, encoding="utf-8") as printed:
        os.close(into)
        text = printed.read()
    assert text.split("\n") == [line.strip() for line in said.split("\n")], text


python_tap.main([names, messages, headers, descriptors, calls, replies, blocks, revoked, pools,
                 broadcasts, bells, rings, signals, unbuilt, cut, garbage, late_pools, example])
