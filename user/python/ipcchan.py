# SPDX-License-Identifier: MIT
"""Channels, shared buffers, doorbells and rings: libipcchan for Python, by ctypes.

What <ipcchan.h>, <ipcchan/ring.h>, <ipcchan/slots.h>, <ipcchan/mring.h> and <ipcchan/bring.h> say
of a function, its parameters and its errors holds here, too.  The names are theirs, without
ipcchan_ and IPCCHAN_: ipcchan_recv() is recv() of a Channel, ipcchan_bell_wait() is wait() of a
Bell, ipcchan_ring_send() is send() of a Ring.  Lengths are bytes, times nanoseconds.

What differs:

- ipcchan_fd() is fileno(), as Python has it.  A Message is a header with its payload.
- An error is an OSError with the library's errno: -EAGAIN is a BlockingIOError, -ETIMEDOUT a
  TimeoutError, and so on.  A reply that could not be given is a ReplyError.
- A signal ends a wait only where its handler raises, and one with WAIT_SPIN not at all.  But call()
  and call_msg() end with InterruptedError: the server may have carried out the request.
- What is received comes as bytes, by recv_into() to where the caller says, or in a block, as a
  memoryview.
- What is in use stays mapped: to close a channel while there are views of its buffer, or rings in
  it, is a BufferError, as with mmap.
- Rings copy messages.  To build and to read them in place the headers have inline functions, of
  atomic operations that Python does not have; only those of the broadcast ring are in the library.

The memory of a ring is what has a writable buffer that begins at a multiple of 64: the map() of a
channel, or an mmap.mmap of a memfd.  At the end of a with statement a Ring and a Slots are closed,
an MRing and a BRing leave by detach().

Several threads may use one Channel or Bell at once, but for close(), and one at a time a ring;
others run while one waits.  The library is libipcchan.so.1, or the file that IPCCHAN_LIBRARY in the
environment names.
"""
from __future__ import annotations

import array
import contextlib
import ctypes
import errno
import os
import threading
import time
import weakref
from ctypes import byref, c_int, c_size_t, c_uint32, c_uint64, c_void_p, pythonapi, sizeof
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Iterable, NamedTuple, Sequence

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer
    from typing_extensions import Self

ABI_VERSION, DEV_PATH, DEFAULT_NAME, NAME_SIZE = 1, "/dev/ipcchan", "default", 64
KIND_QUEUE, KIND_BROADCAST, KIND_RPC = range(3)
SLOW_BLOCK, SLOW_DROP_OLDEST, SLOW_DROP_NEWEST, SLOW_DISCONNECT = range(4)
OPT_HANGUP, OPT_TIMESTAMP, OPT_SYNC_WAKE, OPT_LOANS, OPT_REVOKE = 1, 2, 4, 8, 16
PRIO_MAX, BATCH_MAX, FDS_MAX, BELL_FDS_MAX = 31, 1024, 64, 64
SPIN_MAX_NS, SPIN_NONE, WAIT_FOREVER = 1000000, 0xffffffff, -1
ROLE_SEND, ROLE_RECV = 1, 2
(FEAT_QUEUE, FEAT_BUFFER, FEAT_DOORBELL, FEAT_BUFFER_CHARGED, FEAT_BROADCAST, FEAT_RPC, FEAT_BATCH,
 FEAT_FILTER, FEAT_FDS, FEAT_URING_CMD, FEAT_LOANS, FEAT_POOL) = (1 << bit for bit in range(12))
ATTACH_CREATE, ATTACH_EXCL, ATTACH_ANON, ATTACH_FD = 1, 2, 4, 8
CHAN_ANON, CHAN_UNLINKED = 1, 2
MSG_FDS_LOST, MSG_PLACED = 1, 2
XFER_NONBLOCK, XFER_ABSTIME, XFER_PLACE = 1, 2, 4
SERVE_NONBLOCK, SERVE_ABSTIME, SERVE_REPLY, SERVE_NEXT = 1, 2, 4, 8
FILTER_TYPE, FILTER_MSGS = 1, 16384
BUF_HUGE, BUF_NODE = 1, 2
POOL_COPY, POOL_BLOCK, POOL_FAIL, POOL_OFFSET = 0, 1, 2, 1 << 32

RING_PRODUCER, RING_CONSUMER = range(2)
CLAIM_PRODUCER, CLAIM_CONSUMER = range(2)
RING_SPIN = MRING_SPIN = BRING_SPIN = 1
WAIT_ADAPTIVE, WAIT_SLEEP, WAIT_SPIN = range(3)
(WRITEBACK_OFF, WRITEBACK_CLWB, WRITEBACK_CLFLUSHOPT, WRITEBACK_CLDEMOTE,
 WRITEBACK_PROBE) = range(5)
RING_MIN_CAPACITY, SLOTS_MAX_LEN, SLOTS_MIN_COUNT, SLOTS_MAX_COUNT = 64, 1016, 4, 1 << 22
CLAIM_PEERS, CLAIM_BATCH, CLAIM_NAP_NS = 64, 64, 1000000000

_ROOM = 65536  # bytes of room where the caller does not say

# What structures and prototypes are made of.
_TYPES: Any = {
    "void": None, "int": c_int, "long": ctypes.c_ssize_t, "size": c_size_t, "ptr": c_void_p,
    "str": ctypes.c_char_p, "u8": ctypes.c_uint8, "u32": c_uint32, "u64": c_uint64,
    "s64": ctypes.c_int64, "name": ctypes.c_char * NAME_SIZE,
    "lens": c_uint32 * CLAIM_BATCH, "took": c_uint32 * 5 * 4,
}


class _Struct(ctypes.Structure):
    """Its fields take no other number than was given, as one modulo 2^32 would be."""

    def __setattr__(self, name: str, value: int) -> None:
        super().__setattr__(name, value)
        if getattr(self, name) != value:
            raise OverflowError(f"{name} cannot be {value}")


def _fields(text: str) -> Any:
    """_fields_ of "TYPE NAME...; TYPE NAME..."."""
    return [(name, _TYPES[kind]) for kind, *names in map(str.split, text.split(";"))
            for name in names]


def _struct(name: str, text: str, base: type[_Struct] = _Struct) -> type[_Struct]:
    """A structure that begins as BASE does, which is a type of fields itself from then on."""
    made = type(name, (base,), {"_fields_": _fields(text)})
    _TYPES[name] = made
    return made


_Opts = _struct("opts", "u32 flags role kind mode max_msgs max_msg_size; u64 max_bytes buf_size;"
                "u32 options slow spin_ns; int fd nonblock; u32 buf_flags buf_node; int populate")
_Msghdr = _struct("msghdr", "u64 buf; u32 len flags prio type; u64 cookie fds; u32 nr_fds lost"
                  " pid uid gid opener_pid opener_uid opener_gid; u64 time_ns")
_Call = _struct("call", "u32 flags reserved; s64 timeout_ns; msghdr request reply")
_Serve = _struct("serve", "u32 flags error; u64 call; s64 timeout_ns; u32 room replied;"
                 "msghdr reply request")
_Filter = _struct("filter", "u32 flags type min_prio low_msgs; u64 low_bytes")
_Bell = _struct("bell", "int fd; ptr base")
_Spin = _struct("spin", "u32 wake_ns shorter")
_Peer = _struct("peer", "ptr waiting; u32 no_sleep side; ptr shared; bell bell; int mode;"
                "spin spin; u32 pace rest")
_Writer = _struct("writer", "u64 from next; u32 how probing ways usable;"
                  "u8 step rounds idle before; s64 start_ns; took took_ns; s64 idle_ns")
_Ring = _struct("ring", "u64 own limit pending published hold due seen seen_size waited; ptr data;"
                "u64 mask max_len; ptr own_index peer_index; u64 bias; int err side; peer peer;"
                "writer writer")
_Slots = _struct("slots", "u64 own limit done waited; ptr data; u64 mask;"
                 "u32 shift max_len len hold; u64 close; ptr head; int err side; peer peer")
_Claim = _struct("claim", "ptr cursor own; u64 last limit looked; ptr data; u64 mask pos; ptr slot;"
                 "u32 slot_size shift count owner flags; int err; u32 max_len; int side mode;"
                 "u32 again adopted; u64 adopt_pos adopt_end; ptr shared; bell bell; int fd;"
                 "s64 life_start; int wait; spin spin; s64 look_ns look_gap_ns; u64 look_pos;"
                 "s64 looked_ns")
_MRing = _struct("mring", "lens len", _Claim)
_BRing = _struct("bring", "u64 lost; lens len", _Claim)
_Life = _struct("claim_life", "int fd; s64 start")
_PyBuffer = _struct("Py_buffer", "ptr buf obj; long len itemsize; int readonly ndim;"
                    "ptr format shape strides suboffsets internal")

_PROTOTYPES = """
void ptr: close ring_disarm mring_detach mring_close bring_detach bring_close
int ptr: fd query ring_writeback mring_recover bring_recover bring_commit bring_release
int str: unlink
int ptr str ptr: open
int ptr ptr: get_info set_filter call_msg serve bell_chan
int ptr ptr ptr: map
int ptr size u32 size: pool
int ptr size ptr u32 u32 s64: loan
int ptr u64 int: reply_error
int ptr u64 ptr size: reply
int ptr ptr u32: give_back bell_wake bell_watch bring_reserve_batch
int ptr ptr int int: bell_eventfd
int ptr ptr size: send
int ptr ptr u32 s64: send_msg bell_wait
int ptr ptr u32 u32 s64: send_batch recv_batch
int ptr ptr ptr size: msg_block
long ptr: next_len
long ptr ptr size: recv
long ptr ptr size ptr size s64: call
long ptr ptr u32 s64: recv_msg ring_send_many ring_recv_many
ptr ptr ptr: msg_payload
bell: bell_futex
int ptr int: ring_set_wait slots_set_wait mring_set_wait bring_set_wait ring_set_writeback
int ptr size: ring_arm
int ptr s64: slots_wait mring_wait bring_wait
int ptr size s64: ring_wait
int ptr size u32: ring_format
int ptr size size u32: slots_format
int ptr size size u32 ptr: mring_format bring_format
int ptr size ptr: bring_reserve
int ptr ptr size s64: ring_send slots_send mring_send bring_send
int ptr ptr size int ptr: ring_attach slots_attach
int ptr ptr size int ptr ptr: mring_attach
int ptr ptr size ptr ptr: bring_attach_producer bring_attach_reader
long ptr ptr ptr: bring_peek
long ptr ptr size s64: ring_recv slots_recv mring_recv
long ptr ptr size s64 ptr: bring_recv
long ptr ptr size u32 s64: slots_send_many slots_recv_many
size size: ring_mem_size
size size size: slots_mem_size mring_mem_size bring_mem_size
"""


class _Exact:
    """An argument that is no other number than was given, as the fields of _Struct are."""

    @classmethod
    def from_param(cls, value: Any) -> Any:
        made: Any = cls(value)  # type: ignore[call-arg]
        if made.value != value:
            raise OverflowError(f"there is no room for {value}")
        return made


_EXACT: Any = {kind: type(_TYPES[kind])(kind, (_Exact, _TYPES[kind]), {})
               for kind in ("int", "size", "u32", "u64", "s64")}


def _load(path: str) -> Any:
    lib = ctypes.CDLL(path)
    for line in _PROTOTYPES.strip().splitlines():
        kinds, names = line.split(":")
        result, *args = kinds.split()
        for name in names.split():
            function = getattr(lib, "ipcchan_" + name)
            function.restype = _TYPES[result]
            function.argtypes = [_EXACT.get(arg, _TYPES[arg]) for arg in args]
    return lib


try:
    _lib = _load(os.environ.get("IPCCHAN_LIBRARY") or "libipcchan.so.1")
except (OSError, AttributeError) as error:
    raise ImportError(f"libipcchan is missing, or older than {__file__}: {error}; install that of "
                      "the same version, or let IPCCHAN_LIBRARY name it") from error


class _Numbers(ctypes.Structure):
    if TYPE_CHECKING:
        def __getattr__(self, name: str) -> int: ...


class Query(_Numbers):
    """What query() says, as struct ipcchan_query."""
    _fields_ = _fields("u32 abi_version reserved; u64 features; u32 limit_msgs limit_msg_size;"
                       "u64 limit_bytes limit_buf_size")


class Info(_Numbers):
    """What Channel.get_info() says, as struct ipcchan_info."""
    _fields_ = _fields("u32 flags role id kind mode uid gid endpoints max_msgs max_msg_size;"
                       "u64 max_bytes buf_size bytes; u32 msgs options slow spin_ns; u64 buf_huge;"
                       "u32 buf_flags buf_node buf_align reserved; name name")
    name: bytes


class ReplyError(OSError):
    """The reply could not be given: the call is still to be replied to."""


def _checked(ret: int) -> int:
    if ret < 0:
        raise OSError(-ret, os.strerror(-ret))
    return ret


def _again(timeout_ns: int | None, function: Callable[..., int], *args: Any, flags: int = 0) -> int:
    """A function of what time is left, if any; again after a signal whose handler returned, who
    may have closed what it works on: it has to look."""
    left = () if timeout_ns is None else (timeout_ns,)
    end = time.monotonic_ns() + (timeout_ns or 0)
    while (ret := function(*args, *left)) == -errno.EINTR:
        if timeout_ns and timeout_ns > 0 and not flags & XFER_ABSTIME:
            left = (max(1, end - time.monotonic_ns()),)  # 0 is to try, with another error
    return _checked(ret)


class _Entered:
    """What a with statement gives as it is."""

    def __enter__(self) -> Self:
        return self


class _Pin(_Entered):
    """Where the bytes of an object are, which stay there until release()."""

    def __init__(self, data: ReadableBuffer, writable: bool = False) -> None:
        self._view = _PyBuffer()
        pythonapi.PyObject_GetBuffer(ctypes.py_object(data), byref(self._view), int(writable))
        self.at, self.len = int(self._view.buf or 0), int(self._view.len)

    def release(self, *_: object) -> None:
        pythonapi.PyBuffer_Release(byref(self._view))  # once: its obj is NULL then

    __exit__ = __del__ = release


class Block(NamedTuple):
    """A block of a channel's buffer, or of a pool, by its address."""
    at: int
    data: memoryview


@dataclass
class Message:
    """A payload and what goes with it, as struct ipcchan_msghdr; who receives FDS closes them."""
    payload: bytes | bytearray | memoryview
    prio: int = 0
    type: int = 0
    cookie: int = 0
    fds: Sequence[int] = ()
    block: Block | None = None
    flags: int = 0
    lost: int = 0
    pid: int = 0
    uid: int = 0
    gid: int = 0
    opener_pid: int = 0
    opener_uid: int = 0
    opener_gid: int = 0
    time_ns: int = 0


class Request(NamedTuple):
    """What Channel.serve() takes: the call to reply to, bytes of reply it takes, the request."""
    call: int
    room: int
    message: Message


class _Room:
    """Room for a payload and descriptors, and the header through which they are received."""

    def __init__(self, head: Any, size: int | None, max_fds: int) -> None:
        self._head, self._grows = head, size is None
        self._fds = array.array("i", bytes(4 * max_fds))
        self._resize(_ROOM if size is None else size)

    def _resize(self, size: int) -> None:
        self._bytes = bytearray(size)
        self._pin = _Pin(self._bytes, True)
        self._head.buf, self._head.len, self._head.flags = self._pin.at, size, 0
        self._head.fds, self._head.nr_fds = self._fds.buffer_info()

    def receive(self, function: Callable[..., int], *args: Any) -> int:
        """A function, which _again() calls again when there was too little room, and may be more:
        it has to wait anew if the message that was too long has another receiver then."""
        ret = function(*args)
        if ret != -errno.EMSGSIZE or not self._grows or self._head.len <= len(self._bytes):
            return ret
        self._resize(self._head.len)
        return -errno.EINTR

    def fds(self) -> list[int]:
        return self._fds[:self._head.nr_fds].tolist()

    def message(self, block_of: Callable[[Any], Block]) -> Message:
        head = self._head
        block = block_of(head) if head.flags & MSG_PLACED else None
        return Message(block.data if block else bytes(memoryview(self._bytes)[:head.len]),
                       head.prio, head.type, head.cookie, self.fds(), block, head.flags, head.lost,
                       head.pid, head.uid, head.gid, head.opener_pid, head.opener_uid,
                       head.opener_gid, head.time_ns)


class _Open(int):
    """A handle of the library, which the last to have it closes: a channel, or a view of a mapping.
    The garbage collector does not see it, so that all finalizers of a cycle come before that."""

    def __init__(self, _handle: int) -> None:
        pythonapi.PyObject_GC_UnTrack(ctypes.py_object(self))

    def __reduce__(self) -> Any:
        raise TypeError("a channel cannot be copied")

    def __del__(self) -> None:
        _lib.ipcchan_close(self)


class Channel(_Entered):
    """An endpoint, made by open(), closed at the end of a with statement."""

    def __init__(self, handle: int, role: int) -> None:
        self._value: _Open | None = _Open(handle)
        self._role = role
        self._views: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._pool_size = self._no_place = 0
        self._pooling = threading.RLock()

    @property
    def _handle(self) -> _Open:
        if self._value is None:
            raise ValueError("the channel is closed")
        return self._value

    def close(self) -> None:
        if list(self._views.values()):  # len() counts garbage, too
            raise BufferError("the channel's buffer is in use: release its views, close its rings")
        self._value = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def _once(self, name: str, *args: Any) -> int:
        return int(getattr(_lib, "ipcchan_" + name)(self._handle, *args))

    def _do(self, name: str, *args: Any, timeout_ns: int | None = None, flags: int = 0) -> int:
        """A function of the library that may be called again after a signal."""
        return _again(timeout_ns, self._once, name, *args, flags=flags)

    def fileno(self) -> int:
        """The descriptor, for select, selectors and asyncio: ipcchan_fd()."""
        return self._do("fd")

    def get_info(self) -> Info:
        info = Info()
        self._do("get_info", byref(info))
        return info

    def next_len(self) -> int:
        return self._do("next_len")

    def set_filter(self, flags: int = 0, type: int = 0, min_prio: int = 0, low_msgs: int = 0,
                   low_bytes: int = 0) -> None:
        self._do("set_filter", byref(_Filter(flags, type, min_prio, low_msgs, low_bytes)))

    def send(self, msg: ReadableBuffer) -> None:
        with _Pin(msg) as pin:
            self._do("send", pin.at, pin.len)

    def recv(self, size: int | None = None) -> bytes:
        """One message, b"" at end of file.  Without SIZE there is room for any."""
        room = bytearray(_ROOM if size is None else size)
        while True:
            try:
                return bytes(memoryview(room)[:self.recv_into(room)])
            except OSError as err:
                if err.errno != errno.EMSGSIZE or size is not None:
                    raise
            room = bytearray(max(self.next_len(), _ROOM))

    def recv_into(self, buffer: WriteableBuffer) -> int:
        """One message to BUFFER.  Returns its length, 0 at end of file."""
        with _Pin(buffer, True) as pin:
            return self._do("recv", pin.at, pin.len)

    def _fill(self, head: Any, msg: Message) -> tuple[object, ...]:
        """Let a header say what is to be sent.  Returns what it points to."""
        pin, fds = _Pin(msg.payload), array.array("i", msg.fds)
        if msg.block is None:
            head.buf, head.len = pin.at, pin.len
        else:
            self._do("msg_block", byref(head), msg.block.at, pin.len)
        head.prio, head.type, head.cookie = msg.prio, msg.type, msg.cookie
        head.fds, head.nr_fds = fds.buffer_info()
        return pin, fds

    def _placing(self, flags: int) -> int:
        """FLAGS to receive with: what comes in a block must have been mapped before."""
        if flags & XFER_PLACE and self.get_info().buf_size:
            self._map()
        return flags & ~self._no_place

    def send_msg(self, msg: Message, flags: int = 0, timeout_ns: int = WAIT_FOREVER) -> None:
        head = _Msghdr()
        _kept = self._fill(head, msg)
        self._do("send_msg", byref(head), flags, timeout_ns=timeout_ns, flags=flags)

    def recv_msg(self, size: int | None = None, max_fds: int = 0, flags: int = 0,
                 timeout_ns: int = WAIT_FOREVER) -> Message | None:
        """One message, None at end of file.  Without SIZE there is room for any."""
        head, flags = _Msghdr(), self._placing(flags)
        room = _Room(head, size, max_fds)
        got = _again(timeout_ns, room.receive, self._once, "recv_msg", byref(head), flags,
                     flags=flags)
        return self._messages([room])[0] if got else None

    def send_batch(self, msgs: Sequence[Message], flags: int = 0,
                   timeout_ns: int = WAIT_FOREVER) -> int:
        """Many with one system call.  Returns how many were sent."""
        heads = (_Msghdr * len(msgs))()
        kept = [self._fill(head, msg) for head, msg in zip(heads, msgs)]
        return self._do("send_batch", heads, len(kept), flags, timeout_ns=timeout_ns, flags=flags)

    def recv_batch(self, count: int, size: int = _ROOM, max_fds: int = 0, flags: int = 0,
                   timeout_ns: int = WAIT_FOREVER) -> list[Message]:
        """Up to COUNT of SIZE with one system call, as many as there are; none at end of file."""
        heads, flags = (_Msghdr * count)(), self._placing(flags)
        rooms = [_Room(head, size, max_fds) for head in heads]
        got = self._do("recv_batch", heads, count, flags, timeout_ns=timeout_ns, flags=flags)
        return self._messages(rooms[:got])

    def _messages(self, rooms: Sequence[_Room]) -> list[Message]:
        """What was received.  If it cannot be told, nobody else can be rid of it."""
        try:
            return [room.message(self._block) for room in rooms]
        except BaseException:
            for fd in [fd for room in rooms for fd in room.fds()]:
                os.closerange(fd, fd + 1)  # whatever close() says
            raise

    def call(self, request: ReadableBuffer, size: int = _ROOM,
             timeout_ns: int = WAIT_FOREVER) -> bytes:
        """The reply, of up to SIZE bytes."""
        reply = bytearray(size)
        with _Pin(request) as pin, _Pin(reply, True) as room:
            got = _checked(self._once("call", pin.at, pin.len, room.at, size, timeout_ns))
        return bytes(memoryview(reply)[:got])

    def call_msg(self, request: Message, size: int = _ROOM, max_fds: int = 0, flags: int = 0,
                 timeout_ns: int = WAIT_FOREVER) -> Message:
        call = _Call(flags=flags, timeout_ns=timeout_ns)
        _kept, room = self._fill(call.request, request), _Room(call.reply, size, max_fds)
        _checked(self._once("call_msg", byref(call)))
        return self._messages([room])[0]

    def serve(self, call: int = 0, reply: Message | int | None = None,
              size: int | None = None, max_fds: int = 0, flags: int = SERVE_NEXT,
              timeout_ns: int = WAIT_FOREVER) -> Request | None:
        """Give REPLY, or an errno, to CALL, and take the next request, None at end of file.

        A ReplyError is of the reply, and so is ECANCELED: the client waits no more.  Any other
        error is of the next request.
        """
        return self._serve(_Serve(call=call), flags, reply, timeout_ns, size, max_fds)

    def _serve(self, state: Any, flags: int, reply: Message | int | None, timeout_ns: int,
               size: int | None = None, max_fds: int = 0) -> Request | None:
        """serve(); whatever interrupts it, the call that was taken last is that of STATE."""
        if isinstance(reply, Message):
            _kept = self._fill(state.reply, reply)
        elif reply is not None:
            state.error = reply
        state.flags = flags | (0 if reply is None else SERVE_REPLY)
        before, room = state.call, _Room(state.request, size, max_fds)

        def once(left: int) -> int:
            if state.replied:
                state.flags &= ~SERVE_REPLY
            state.timeout_ns = left
            return self._once("serve", byref(state))

        try:
            got = _again(timeout_ns, room.receive, once, flags=flags)
            return Request(state.call, state.room, self._messages([room])[0]) if got else None
        except BaseException as err:
            if state.call != before:
                self._refuse(state.call)  # it was taken, and nobody will know of it
            elif isinstance(err, OSError) and state.flags & SERVE_REPLY and not state.replied:
                raise ReplyError(err.errno, err.strerror) from None
            raise

    def reply(self, call: int, reply: ReadableBuffer) -> None:
        with _Pin(reply) as pin:
            self._do("reply", call, pin.at, pin.len)

    def reply_error(self, call: int, error: int) -> None:
        self._do("reply_error", call, error)

    def serve_loop(self, handler: Callable[[Request], Message | bytes | None],
                   timeout_ns: int = WAIT_FOREVER) -> None:
        """Serve calls until end of file.

        HANDLER returns the reply, or None when reply() has been or will be called.  The errno of
        an OSError that it raises is what the call fails with.  Any other exception ends the loop,
        and the call fails with EIO.
        """
        state, reply = _Serve(), None  # type: Any, Message | int | None
        try:
            while request := self._next(state, reply, timeout_ns):
                reply = self._answer(request, handler)
                state = _Serve(call=0 if reply is None else state.call)
        except BaseException:
            self._refuse(state.call)
            raise

    def _next(self, state: Any, reply: Message | int | None, timeout_ns: int) -> Request | None:
        try:
            return self._serve(state, SERVE_NEXT, reply, timeout_ns)
        except OSError as err:
            if isinstance(err, ReplyError):
                self._refuse(state.call, err.errno)
            elif err.errno != errno.ECANCELED:
                raise
        return self._serve(state, SERVE_NEXT, None, timeout_ns)

    @staticmethod
    def _answer(request: Request, handler: Callable[[Request], Any]) -> Any:
        try:
            answer = handler(request)
            return Message(answer) if isinstance(answer, bytes) else answer
        except OSError as err:
            return err.errno or errno.EIO

    def _refuse(self, call: int, error: int = errno.EIO) -> None:
        """Let a call fail, if there is one that has no reply yet."""
        with contextlib.suppress(OSError, ValueError):
            self.reply_error(call, error)

    def _map(self) -> tuple[int, int]:
        at, size = c_void_p(), c_size_t()
        self._do("map", byref(at), byref(size))
        return at.value or 0, size.value

    def _view(self, at: int, size: int, writable: bool) -> memoryview:
        """Bytes of a mapping; the channel is not closed as long as there are such."""
        mapped: Any = (ctypes.c_char * size).from_address(at)
        mapped.handle = self._handle
        self._views[id(mapped)] = mapped
        view = memoryview(mapped).cast("B")
        return view if writable else view.toreadonly()

    def map(self) -> memoryview:
        """The whole shared buffer."""
        return self._view(*self._map(), bool(self._role & ROLE_SEND))

    def loan(self, size: int, count: int = 1, flags: int = 0,
             timeout_ns: int = WAIT_FOREVER) -> list[Block]:
        """Blocks to build messages in, up to COUNT, as many as there are."""
        blocks = (c_size_t * count)()
        got = self._do("loan", size, blocks, count, flags, timeout_ns=timeout_ns, flags=flags)
        return [Block(at, self._view(at, size, True)) for at in blocks[:got]]

    def msg_block(self, block: Block, length: int) -> Message:
        """LENGTH bytes of a block, which is the receiver's once they are sent."""
        if length > len(block.data):
            raise ValueError(f"the block has {len(block.data)} bytes, not {length}")
        return Message(block.data[:length], block=block)

    def _block(self, head: Any) -> Block:
        with self._pooling:  # what another thread makes is mapped after that
            at: int = _lib.ipcchan_msg_payload(self._handle, byref(head)) or 0
            whole, size = self._map() if head.buf < POOL_OFFSET else (0, self._pool_size)
        if not size:
            raise OSError(errno.ENOMEM, "the message came to a pool that could not be mapped")
        start = at - head.buf % POOL_OFFSET
        writable = start == whole and bool(self._role & ROLE_SEND)
        return Block(at, self._view(start, size, writable)[at - start:][:head.len])

    def give_back(self, blocks: Sequence[Block]) -> int:
        """Blocks that are not needed any more.  Returns how many were given back."""
        places = (c_void_p * len(blocks))(*[block.at for block in blocks])
        return self._do("give_back", places, len(blocks))

    def pool(self, size: int, full: int = POOL_COPY, min_len: int = 0) -> None:
        """What came to one that cannot be mapped is lost (ENOMEM), and its block until close()."""
        with self._pooling:
            try:
                self._do("pool", size, full, min_len)
            except OSError as err:
                if err.errno in (errno.ENOMEM, errno.EAGAIN):
                    self._no_place = XFER_PLACE  # it may be there, and is not mapped
                raise
            self._pool_size, self._no_place = size + -size % os.sysconf("SC_PAGE_SIZE"), 0


class Bell:
    """What sleeps and wakes on WORD, four bytes of shared memory: see struct ipcchan_bell."""

    def __init__(self, value: Any, chan: Channel | None = None) -> None:
        self._value, self._chan = value, chan

    def _ref(self) -> Any:
        if self._chan:
            self._chan.fileno()  # it is still open
        return byref(self._value)

    def _do(self, name: str, word: ReadableBuffer, *args: int,
            timeout_ns: int | None = None) -> int:
        function = getattr(_lib, "ipcchan_bell_" + name)
        with _Pin(word) as pin:
            if pin.len < 4:
                raise ValueError("a word has four bytes")
            return _again(timeout_ns, function, self._ref(), pin.at, *args)

    def wait(self, word: ReadableBuffer, expected: int, timeout_ns: int = WAIT_FOREVER) -> None:
        self._do("wait", word, expected, timeout_ns=timeout_ns)

    def wake(self, word: ReadableBuffer, count: int) -> int:
        return self._do("wake", word, count)

    def eventfd(self, word: ReadableBuffer, efd: int, on: bool = True) -> None:
        self._do("eventfd", word, efd, on)

    def watch(self, word: ReadableBuffer | None, expected: int = 0) -> None:
        if word is None:
            _checked(_lib.ipcchan_bell_watch(self._ref(), None, 0))
        else:
            self._do("watch", word, expected)


def bell_futex() -> Bell:
    return Bell(_lib.ipcchan_bell_futex())


def bell_chan(chan: Channel) -> Bell:
    value = _Bell()
    _checked(_lib.ipcchan_bell_chan(byref(value), chan._handle))
    return Bell(value, chan)


def _named(name: str | None, function: Callable[[bytes | None], int]) -> None:
    """FUNCTION of a channel's name, or of none, with an error that says what there is not."""
    if name and "\0" in name:
        raise ValueError("a name has no NUL")
    try:
        _again(None, function, None if name is None else os.fsencode(name))
    except OSError as err:
        err.filename = name if name and os.path.exists(DEV_PATH) else DEV_PATH
        raise


def open(name: str | None = None, flags: int = 0, role: int = 0, *, kind: int = 0, mode: int = 0,
         max_msgs: int = 0, max_msg_size: int = 0, max_bytes: int = 0, buf_size: int = 0,
         options: int = 0, slow: int = 0, spin_ns: int = 0, fd: int = 0, nonblock: bool = False,
         buf_flags: int = 0, buf_node: int = 0, populate: bool = False) -> Channel:
    """Attach to a channel: see struct ipcchan_opts."""
    opts = _Opts(flags, role, kind, mode, max_msgs, max_msg_size, max_bytes, buf_size, options,
                 slow, spin_ns, fd, nonblock, buf_flags, buf_node, populate)
    handle = c_void_p()
    _named(name, lambda text: int(_lib.ipcchan_open(byref(handle), text, byref(opts))))
    return Channel(handle.value or 0, role or ROLE_SEND | ROLE_RECV)


def query() -> Query:
    answer = Query()
    _named(None, lambda _: int(_lib.ipcchan_query(byref(answer))))
    return answer


def unlink(name: str) -> None:
    _named(name, _lib.ipcchan_unlink)


class ClaimLife(NamedTuple):
    """By what file's, or channel's, locks it is known who is alive: struct ipcchan_claim_life."""
    fd: int
    start: int = 0

    @property
    def _as_parameter_(self) -> Any:
        return byref(_Life(*self))


def _vec(parts: Iterable[tuple[int, int]]) -> Any:
    """An array of struct iovec: addresses and lengths."""
    words = [_EXACT["size"].from_param(word) for part in parts for word in part]
    return (c_size_t * len(words))(*words)


class _Handle(_Entered):
    """What all rings have in common."""

    _name = ""
    _type: type[_Struct]
    _value: Any = None

    def __init__(self, memory: WriteableBuffer, attach: str, *args: Any) -> None:
        self._memory = memoryview(memory).cast("B")
        self._pin = _Pin(self._memory, True)
        self._room: Any = None
        self._value = self._type()
        try:
            _checked(getattr(_lib, f"ipcchan_{self._name}_{attach}")(
                byref(self._value), self._pin.at, self._pin.len, *args))
        except BaseException:
            _Handle.close(self)
            raise

    @classmethod
    def _format(cls, memory: WriteableBuffer, *args: Any) -> None:
        with _Pin(memory, True) as pin:
            _checked(getattr(_lib, f"ipcchan_{cls._name}_format")(pin.at, pin.len, *args))

    def _state(self) -> Any:
        if not self._value:
            raise ValueError("the ring is closed")
        return self._value

    def _do(self, name: str, *args: Any, timeout_ns: int | None = None) -> int:
        function = getattr(_lib, f"ipcchan_{self._name}_{name}")
        return _again(timeout_ns, lambda *rest: function(byref(self._state()), *rest), *args)

    def close(self) -> None:
        """Drop the handle, and nothing else."""
        if self._value:
            self._value = None
            self._pin.release()
            self._memory.release()

    def __del__(self) -> None:
        self.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def max_len(self) -> int:
        return int(self._state().max_len)

    def set_wait(self, mode: int) -> None:
        self._do("set_wait", mode)

    def send(self, msg: ReadableBuffer, timeout_ns: int = WAIT_FOREVER) -> None:
        with _Pin(msg) as pin:
            self._do("send", pin.at, pin.len, timeout_ns=timeout_ns)

    def _received(self, recv: Callable[[_Pin], int]) -> bytes:
        """What RECV has received to where there is room for any message."""
        if not self._room:
            room = bytearray(self.max_len())
            self._room = memoryview(room), _Pin(room, True)
        data, pin = self._room
        return bytes(data[:recv(pin)])


class _Queue(_Handle):
    """A ring each of whose messages is received once."""

    def recv(self, timeout_ns: int = WAIT_FOREVER) -> bytes:
        return self._received(lambda pin: self._recv(pin, timeout_ns))

    def recv_into(self, buffer: WriteableBuffer, timeout_ns: int = WAIT_FOREVER) -> int:
        """A message to BUFFER.  Returns its length."""
        with _Pin(buffer, True) as pin:
            return self._recv(pin, timeout_ns)

    def _recv(self, pin: _Pin, timeout_ns: int) -> int:
        return self._do("recv", pin.at, pin.len, timeout_ns=timeout_ns)


class _Pair(_Queue):
    """A ring of one producer and one consumer."""

    @classmethod
    def attach(cls, memory: WriteableBuffer, side: int, bell: Bell | None) -> Self:
        return cls(memory, "attach", side, bell and bell._ref())


class Ring(_Pair):
    """One side of a ring of messages of any size, of <ipcchan/ring.h>."""

    _name, _type = "ring", _Ring

    @staticmethod
    def mem_size(capacity: int) -> int:
        return int(_lib.ipcchan_ring_mem_size(capacity))

    @classmethod
    def format(cls, memory: WriteableBuffer, flags: int = 0) -> None:
        cls._format(memory, flags)

    def set_writeback(self, how: int) -> None:
        self._do("set_writeback", how)

    def writeback(self) -> int:
        return self._do("writeback")

    def wait(self, length: int = 0, timeout_ns: int = WAIT_FOREVER) -> None:
        self._do("wait", length, timeout_ns=timeout_ns)

    def arm(self, length: int = 0) -> bool:
        return self._do("arm", length) == 1

    def disarm(self) -> None:
        _lib.ipcchan_ring_disarm(byref(self._state()))

    def bell_word(self) -> memoryview:
        """The four bytes that the peer rings, for Bell.watch() and Bell.eventfd()."""
        peer = self._state().peer
        start = peer.shared + sizeof(c_uint32) * peer.side - self._pin.at
        return self._memory[start:start + sizeof(c_uint32)]

    def send_many(self, msgs: Sequence[ReadableBuffer], timeout_ns: int = WAIT_FOREVER) -> int:
        """Messages that are published together.  Returns how many were sent."""
        pins = [_Pin(msg) for msg in msgs]
        return self._do("send_many", _vec((pin.at, pin.len) for pin in pins), len(pins),
                        timeout_ns=timeout_ns)

    def recv_many(self, count: int, size: int, timeout_ns: int = WAIT_FOREVER) -> list[bytes]:
        """Up to COUNT of SIZE bytes, as many as there are."""
        room = bytearray(count * size)
        with _Pin(room, True) as pin:
            vec = _vec((pin.at + i * size, size) for i in range(count))
            got = self._do("recv_many", vec, count, timeout_ns=timeout_ns)
        data = memoryview(room)
        return [bytes(data[i * size:][:vec[2 * i + 1]]) for i in range(got)]


class _Slotted(_Handle):
    """A ring of slots that are of one size."""

    @classmethod
    def mem_size(cls, count: int, length: int) -> int:
        return int(getattr(_lib, f"ipcchan_{cls._name}_mem_size")(count, length))

    def wait(self, timeout_ns: int = WAIT_FOREVER) -> None:
        self._do("wait", timeout_ns=timeout_ns)


class Slots(_Pair, _Slotted):
    """One side of a ring of slots of one size, of <ipcchan/slots.h>."""

    _name, _type = "slots", _Slots

    @classmethod
    def format(cls, memory: WriteableBuffer, length: int, flags: int = 0) -> None:
        cls._format(memory, length, flags)

    def send_many(self, msgs: ReadableBuffer, length: int, timeout_ns: int = WAIT_FOREVER) -> int:
        """Messages of LENGTH that lie one behind the other.  Returns how many were sent."""
        with _Pin(msgs) as pin:
            if length < 1 or pin.len % length:
                raise ValueError(f"{pin.len} bytes are no messages of {length}")
            return self._do("send_many", pin.at, length, pin.len // length, timeout_ns=timeout_ns)

    def recv_many(self, count: int, length: int, timeout_ns: int = WAIT_FOREVER) -> bytes:
        """Up to COUNT of LENGTH bytes, one behind the other, as many as there are."""
        room = bytearray(count * length)
        with _Pin(room, True) as pin:
            got = self._do("recv_many", pin.at, length, count, timeout_ns=timeout_ns)
        return bytes(memoryview(room)[:got * length])


class _Participant(_Slotted):
    """A ring whose participants may be killed."""

    @classmethod
    def format(cls, memory: WriteableBuffer, msg_size: int, flags: int, life: ClaimLife) -> None:
        cls._format(memory, msg_size, flags, life)

    def __exit__(self, *_: object) -> None:
        self.detach()

    def detach(self) -> None:
        """Leave; what is not done with is settled."""
        self._end("detach")

    def close(self) -> None:
        """Drop the handle without a word in the shared memory, as a child of fork() does."""
        self._end("close")

    def _end(self, name: str) -> None:
        if self._value:
            getattr(_lib, f"ipcchan_{self._name}_{name}")(byref(self._value))
            _Handle.close(self)

    def recover(self) -> int:
        """Look for the dead.  Returns how many were found."""
        return self._do("recover")


class MRing(_Participant, _Queue):
    """A producer or a consumer, of <ipcchan/mring.h>."""

    _name, _type = "mring", _MRing

    @classmethod
    def attach(cls, memory: WriteableBuffer, side: int, bell: Bell | None, life: ClaimLife) -> Self:
        return cls(memory, "attach", side, bell and bell._ref(), life)

    def again(self) -> bool:
        """Had another consumer, that has died or left, what was received last?"""
        return bool(self._state().again)


class BRing(_Participant):
    """A producer or a reader, of <ipcchan/bring.h>."""

    _name, _type = "bring", _BRing

    @classmethod
    def attach_producer(cls, memory: WriteableBuffer, bell: Bell | None, life: ClaimLife) -> BRing:
        return cls(memory, "attach_producer", bell and bell._ref(), life)

    @classmethod
    def attach_reader(cls, memory: WriteableBuffer, bell: Bell | None,
                      life: ClaimLife | None) -> BRing:
        return cls(memory, "attach_reader", bell and bell._ref(), life)

    def recv(self, timeout_ns: int = WAIT_FOREVER) -> tuple[bytes, int]:
        """A message, and how many were lost since it was last told."""
        lost = c_uint64()
        return self._received(lambda pin: self._recv(pin, timeout_ns, lost)), lost.value

    def recv_into(self, buffer: WriteableBuffer, timeout_ns: int = WAIT_FOREVER) -> tuple[int, int]:
        """A message to BUFFER.  Returns its length, and how many were lost."""
        lost = c_uint64()
        with _Pin(buffer, True) as pin:
            return self._recv(pin, timeout_ns, lost), lost.value

    def _recv(self, pin: _Pin, timeout_ns: int, lost: c_uint64) -> int:
        return _again(timeout_ns, lambda left: int(_lib.ipcchan_bring_recv(
            byref(self._state()), pin.at, pin.len, left, byref(lost))))

    def _place(self, at: int, length: int) -> memoryview:
        return self._memory[at - self._pin.at:][:length]

    def reserve(self, length: int) -> memoryview:
        """Room to build a message in place."""
        msg = c_void_p()
        self._do("reserve", length, byref(msg))
        return self._place(msg.value or 0, length)

    def reserve_batch(self, lengths: Sequence[int]) -> list[memoryview]:
        """Room for the first ones of several messages."""
        vec = _vec((0, length) for length in lengths)
        got = self._do("reserve_batch", vec, len(lengths))
        return [self._place(vec[2 * i], lengths[i]) for i in range(got)]

    def commit(self) -> None:
        self._do("commit")

    def peek(self) -> tuple[memoryview, int]:
        """The next message in place, true if release() is no error, and how many were lost."""
        msg, lost = c_void_p(), c_uint64()
        length = self._do("peek", byref(msg), byref(lost))
        return self._place(msg.value or 0, length).toreadonly(), lost.value

    def release(self) -> None:
        self._do("release")
