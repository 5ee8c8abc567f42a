# SPDX-License-Identifier: MIT
"""Channels, shared buffers and doorbells: libipcchan for Python, by ctypes.

What <ipcchan.h> says of a function, its parameters and its errors holds here, too.  The names are
its own, without ipcchan_ and IPCCHAN_; what is done with a channel is a method of Channel.  Lengths
are bytes, times nanoseconds.  The rings are in ipcchan_ring.

What differs:

- An error is an OSError with the library's errno: -EAGAIN is a BlockingIOError, -ETIMEDOUT a
  TimeoutError, and so on.  A reply that could not be given is a ReplyError.
- A signal ends a wait only where its handler raises.  But call() and call_msg() end with
  InterruptedError: the server may have carried out the request.
- What is received comes as bytes, by recv_into() to where the caller says, or in a block, as a
  memoryview.
- What is in use stays mapped: to close a channel while there are views of its buffer, or rings in
  it, is a BufferError, as with mmap.

Several threads may use one Channel or Bell at once, but for close(); others run while one waits.
The library is libipcchan.so.1, or the file that IPCCHAN_LIBRARY in the environment names.
"""
from __future__ import annotations

import array
import ctypes
import errno
import os
import time
import weakref
from ctypes import byref, c_int, c_size_t, c_uint32, c_uint64, c_void_p, pythonapi
from dataclasses import dataclass
from typing import (TYPE_CHECKING, Any, Callable, Iterable, List, NamedTuple, Optional, Sequence,
                    Tuple, Type, Union)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


def _bits(count: int) -> Iterable[int]:
    return (1 << bit for bit in range(count))


ABI_VERSION, DEV_PATH, DEFAULT_NAME, NAME_SIZE = 1, "/dev/ipcchan", "default", 64
KIND_QUEUE, KIND_BROADCAST, KIND_RPC = range(3)
SLOW_BLOCK, SLOW_DROP_OLDEST, SLOW_DROP_NEWEST, SLOW_DISCONNECT = range(4)
OPT_HANGUP, OPT_TIMESTAMP, OPT_SYNC_WAKE, OPT_LOANS, OPT_REVOKE = _bits(5)
PRIO_MAX, BATCH_MAX, FDS_MAX, BELL_FDS_MAX = 31, 1024, 64, 64
SPIN_MAX_NS, SPIN_NONE, WAIT_FOREVER = 1000000, 0xffffffff, -1
ROLE_SEND, ROLE_RECV = _bits(2)
(FEAT_QUEUE, FEAT_BUFFER, FEAT_DOORBELL, FEAT_BUFFER_CHARGED, FEAT_BROADCAST, FEAT_RPC, FEAT_BATCH,
 FEAT_FILTER, FEAT_FDS, FEAT_URING_CMD, FEAT_LOANS, FEAT_POOL) = _bits(12)
ATTACH_CREATE, ATTACH_EXCL, ATTACH_ANON, ATTACH_FD = _bits(4)
CHAN_ANON, CHAN_UNLINKED = _bits(2)
MSG_FDS_LOST, MSG_PLACED = _bits(2)
XFER_NONBLOCK, XFER_ABSTIME, XFER_PLACE = _bits(3)
SERVE_NONBLOCK, SERVE_ABSTIME, SERVE_REPLY, SERVE_NEXT = _bits(4)
FILTER_TYPE, FILTER_MSGS = 1, 16384
BUF_HUGE, BUF_NODE = _bits(2)
POOL_COPY, POOL_BLOCK, POOL_FAIL, POOL_OFFSET = 0, 1, 2, 1 << 32

_ROOM = 65536  # bytes of room where the caller does not say

# What structures and prototypes are made of.
_TYPES: Any = {
    "void": None, "int": c_int, "long": ctypes.c_ssize_t, "size": c_size_t, "ptr": c_void_p,
    "str": ctypes.c_char_p, "u8": ctypes.c_uint8, "u32": c_uint32, "u64": c_uint64,
    "s64": ctypes.c_int64, "name": ctypes.c_char * NAME_SIZE,
}


def _fields(text: str) -> Any:
    """_fields_ of "TYPE NAME...; TYPE NAME..."."""
    return [(name, _TYPES[kind]) for kind, *names in map(str.split, text.split(";"))
            for name in names]


def _struct(name: str, text: str) -> Type[ctypes.Structure]:
    """A structure, which is a type of fields itself from then on."""
    made = type(name, (ctypes.Structure,), {"_fields_": _fields(text)})
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
_PyBuffer = _struct("Py_buffer", "ptr buf obj; long len itemsize; int readonly ndim;"
                    "ptr format shape strides suboffsets internal")

_PROTOTYPES = """
void ptr: close
int ptr: fd query
int str: unlink
int ptr str ptr: open
int ptr ptr: get_info set_filter call_msg serve bell_chan
int ptr ptr ptr: map
int ptr size u32 size: pool
int ptr size ptr u32 u32 s64: loan
int ptr u64 int: reply_error
int ptr u64 ptr size: reply
int ptr ptr u32: give_back bell_wake bell_watch
int ptr ptr int int: bell_eventfd
int ptr ptr size: send
int ptr ptr u32 s64: send_msg bell_wait
int ptr ptr u32 u32 s64: send_batch recv_batch
int ptr ptr ptr size: msg_block
long ptr: next_len
long ptr ptr size: recv
long ptr ptr size ptr size s64: call
long ptr ptr u32 s64: recv_msg
ptr ptr ptr: msg_payload
bell: bell_futex
"""


def _declare(prototypes: str) -> None:
    for line in prototypes.strip().splitlines():
        kinds, names = line.split(":")
        for name in names.split():
            function = getattr(_lib, "ipcchan_" + name)
            function.restype, *function.argtypes = (_TYPES[kind] for kind in kinds.split())


try:
    _lib = ctypes.CDLL(os.environ.get("IPCCHAN_LIBRARY") or "libipcchan.so.1")
except OSError as error:
    raise ImportError(f"{error}; install libipcchan, or let IPCCHAN_LIBRARY name it") from error
_declare(_PROTOTYPES)


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


def _again(timeout_ns: Optional[int], function: Callable[..., int], *args: Any,
           flags: int = 0) -> int:
    """A function of what time is left, if any; again after a signal whose handler returned."""
    left = () if timeout_ns is None else (timeout_ns,)
    end = time.monotonic_ns() + (timeout_ns or 0)
    while (ret := function(*args, *left)) == -errno.EINTR:
        if timeout_ns and timeout_ns > 0 and not flags & XFER_ABSTIME:
            left = (max(0, end - time.monotonic_ns()),)
    return _checked(ret)


def _set(struct: ctypes.Structure, **values: int) -> None:
    """Fields of a structure, which alone would take what is too large for one modulo 2^32."""
    for name, value in values.items():
        setattr(struct, name, value)
        if getattr(struct, name) != value:
            raise OverflowError(f"{name} cannot be {value}")


class _Pin:
    """Where the bytes of an object are, which stay there until release()."""

    def __init__(self, data: ReadableBuffer, writable: bool = False) -> None:
        self._held, self._view = False, _PyBuffer()
        pythonapi.PyObject_GetBuffer(ctypes.py_object(data), byref(self._view), int(writable))
        self._held, self.at, self.len = True, int(self._view.buf or 0), int(self._view.len)

    def release(self, *_: object) -> None:
        if self._held:
            self._held = False
            pythonapi.PyBuffer_Release(byref(self._view))

    def __enter__(self) -> _Pin:
        return self

    __exit__ = __del__ = release


class Block(NamedTuple):
    """A block of a channel's buffer, or of a pool, by its address."""
    at: int
    data: memoryview


@dataclass
class Message:
    """A payload and what goes with it, as struct ipcchan_msghdr; who receives FDS closes them."""
    payload: Union[bytes, bytearray, memoryview]
    prio: int = 0
    type: int = 0
    cookie: int = 0
    fds: Sequence[int] = ()
    block: Optional[Block] = None
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

    def __init__(self, head: Any, size: Optional[int], max_fds: int) -> None:
        self._head, self._grows = head, size is None
        self._fds = array.array("i", bytes(4 * max_fds))
        self._resize(_ROOM if size is None else size)

    def _resize(self, size: int) -> None:
        self._bytes = bytearray(size)
        self._pin = _Pin(self._bytes, True)
        _set(self._head, buf=self._pin.at, len=size, flags=0, fds=self._fds.buffer_info()[0],
             nr_fds=len(self._fds))

    def receive(self, function: Callable[..., int], *args: Any) -> int:
        """A function, again with enough room where the caller has not said how much there is."""
        while ((ret := function(*args)) == -errno.EMSGSIZE and self._grows and
               self._head.len > len(self._bytes)):
            self._resize(self._head.len)
        return ret

    def message(self, block_of: Callable[[Any], Block]) -> Message:
        head = self._head
        block = block_of(head) if head.flags & MSG_PLACED else None
        return Message(block.data if block else bytes(memoryview(self._bytes)[:head.len]),
                       head.prio, head.type, head.cookie, self._fds[:head.nr_fds].tolist(), block,
                       head.flags, head.lost, head.pid, head.uid, head.gid, head.opener_pid,
                       head.opener_uid, head.opener_gid, head.time_ns)


class Channel:
    """An endpoint, made by open(), closed at the end of a with statement."""

    def __init__(self, handle: int, role: int) -> None:
        self._value: Optional[int] = handle
        self._role = role
        self._views: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._pool_size = self._no_place = 0

    @property
    def _handle(self) -> int:
        if self._value is None:
            raise ValueError("the channel is closed")
        return self._value

    def close(self) -> None:
        if len(self._views):
            raise BufferError("the channel's buffer is in use: release its views, close its rings")
        handle, self._value = self._value, None
        _lib.ipcchan_close(handle)

    __del__ = close

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _do(self, name: str, *args: Any, timeout_ns: Optional[int] = None, flags: int = 0) -> int:
        """A function of the library that may be called again after a signal."""
        return _again(timeout_ns, getattr(_lib, "ipcchan_" + name), self._handle, *args,
                      flags=flags)

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
        wanted = _Filter()
        _set(wanted, flags=flags, type=type, min_prio=min_prio, low_msgs=low_msgs,
             low_bytes=low_bytes)
        self._do("set_filter", byref(wanted))

    def send(self, msg: ReadableBuffer) -> None:
        with _Pin(msg) as pin:
            self._do("send", pin.at, pin.len)

    def recv(self, size: Optional[int] = None) -> bytes:
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

    def _fill(self, head: Any, msg: Message) -> Tuple[object, ...]:
        """Let a header say what is to be sent.  Returns what it points to."""
        pin, fds = _Pin(msg.payload), array.array("i", msg.fds)
        if msg.block is None:
            _set(head, buf=pin.at, len=pin.len)
        else:
            self._do("msg_block", byref(head), msg.block.at, pin.len)
        _set(head, prio=msg.prio, type=msg.type, cookie=msg.cookie, fds=fds.buffer_info()[0],
             nr_fds=len(fds))
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

    def recv_msg(self, size: Optional[int] = None, max_fds: int = 0, flags: int = 0,
                 timeout_ns: int = WAIT_FOREVER) -> Optional[Message]:
        """One message, None at end of file.  Without SIZE there is room for any."""
        head, flags = _Msghdr(), self._placing(flags)
        room = _Room(head, size, max_fds)
        got = _again(timeout_ns, room.receive, _lib.ipcchan_recv_msg, self._handle, byref(head),
                     flags, flags=flags)
        return room.message(self._block) if got else None

    def send_batch(self, msgs: Sequence[Message], flags: int = 0,
                   timeout_ns: int = WAIT_FOREVER) -> int:
        """Many with one system call.  Returns how many were sent."""
        heads = (_Msghdr * len(msgs))()
        kept = [self._fill(head, msg) for head, msg in zip(heads, msgs)]
        return self._do("send_batch", heads, len(kept), flags, timeout_ns=timeout_ns, flags=flags)

    def recv_batch(self, count: int, size: int = _ROOM, max_fds: int = 0, flags: int = 0,
                   timeout_ns: int = WAIT_FOREVER) -> List[Message]:
        """Up to COUNT of SIZE with one system call, as many as there are; none at end of file."""
        heads, flags = (_Msghdr * count)(), self._placing(flags)
        rooms = [_Room(head, size, max_fds) for head in heads]
        got = self._do("recv_batch", heads, count, flags, timeout_ns=timeout_ns, flags=flags)
        return [room.message(self._block) for room in rooms[:got]]

    def call(self, request: ReadableBuffer, size: int = _ROOM,
             timeout_ns: int = WAIT_FOREVER) -> bytes:
        """The reply, of up to SIZE bytes."""
        reply = bytearray(size)
        with _Pin(request) as pin, _Pin(reply, True) as room:
            got = _checked(_lib.ipcchan_call(self._handle, pin.at, pin.len, room.at, size,
                                             timeout_ns))
        return bytes(memoryview(reply)[:got])

    def call_msg(self, request: Message, size: int = _ROOM, max_fds: int = 0, flags: int = 0,
                 timeout_ns: int = WAIT_FOREVER) -> Message:
        call = _Call()
        _set(call, flags=flags, timeout_ns=timeout_ns)
        _kept, room = self._fill(call.request, request), _Room(call.reply, size, max_fds)
        _checked(_lib.ipcchan_call_msg(self._handle, byref(call)))
        return room.message(self._block)

    def serve(self, call: int = 0, reply: Union[Message, int, None] = None,
              size: Optional[int] = None, max_fds: int = 0, flags: int = SERVE_NEXT,
              timeout_ns: int = WAIT_FOREVER) -> Optional[Request]:
        """Give REPLY, or an errno, to CALL, and take the next request, None at end of file.

        An error is of the next request, but a ReplyError of the reply.
        """
        state = _Serve()
        _set(state, flags=flags | (0 if reply is None else SERVE_REPLY), call=call)
        if isinstance(reply, Message):
            _kept = self._fill(state.reply, reply)
        elif reply is not None:
            _set(state, error=reply)
        room = _Room(state.request, size, max_fds)

        def once(left: int) -> int:
            state.timeout_ns = left
            ret: int = _lib.ipcchan_serve(self._handle, byref(state))
            if state.replied:
                state.flags &= ~SERVE_REPLY
            return ret

        try:
            got = _again(timeout_ns, room.receive, once, flags=flags)
        except OSError as err:
            if state.flags & SERVE_REPLY:
                raise ReplyError(err.errno, err.strerror) from None
            raise
        return Request(state.call, state.room, room.message(self._block)) if got else None

    def reply(self, call: int, reply: ReadableBuffer) -> None:
        with _Pin(reply) as pin:
            self._do("reply", call, pin.at, pin.len)

    def reply_error(self, call: int, error: int) -> None:
        self._do("reply_error", call, error)

    def serve_loop(self, handler: Callable[[Request], Union[Message, bytes, None]],
                   timeout_ns: int = WAIT_FOREVER) -> None:
        """Serve calls until end of file.

        HANDLER returns the reply, or None when reply() has been or will be called.  The errno of
        an OSError that it raises is what the call fails with.  Any other exception ends the loop.
        """
        call, reply = 0, None  # type: int, Union[Message, int, None]
        while True:
            try:
                request = self.serve(call, reply, timeout_ns=timeout_ns)
            except OSError as err:
                if not isinstance(err, ReplyError) and err.errno != errno.ECANCELED:
                    raise
                reply = err.errno if isinstance(err, ReplyError) else None
                continue
            if request is None:
                return
            call = request.call
            try:
                answer = handler(request)
                reply = Message(answer) if isinstance(answer, bytes) else answer
            except OSError as err:
                reply = err.errno or errno.EIO
            except BaseException:
                self.reply_error(call, errno.EIO)
                raise

    def _map(self) -> Tuple[int, int]:
        at, size = c_void_p(), c_size_t()
        self._do("map", byref(at), byref(size))
        return at.value or 0, size.value

    def _view(self, at: int, size: int, writable: bool) -> memoryview:
        """Bytes of a mapping; the channel is not closed as long as there are such."""
        mapped: Any = (ctypes.c_char * size).from_address(at)
        mapped.channel = self
        self._views[id(mapped)] = mapped
        view = memoryview(mapped).cast("B")
        return view if writable else view.toreadonly()

    def map(self) -> memoryview:
        """The whole shared buffer."""
        return self._view(*self._map(), bool(self._role & ROLE_SEND))

    def loan(self, size: int, count: int = 1, flags: int = 0,
             timeout_ns: int = WAIT_FOREVER) -> List[Block]:
        """Blocks to build messages in, up to COUNT, as many as there are."""
        blocks = (c_void_p * count)()
        got = self._do("loan", size, blocks, count, flags, timeout_ns=timeout_ns, flags=flags)
        whole, start = self.map(), self._map()[0]
        return [Block(at or 0, whole[(at or 0) - start:][:size]) for at in blocks[:got]]

    def msg_block(self, block: Block, length: int) -> Message:
        """LENGTH bytes of a block, which is the receiver's once they are sent."""
        return Message(block.data[:length], block=block)

    def _block(self, head: Any) -> Block:
        at: int = _lib.ipcchan_msg_payload(self._handle, byref(head))
        whole, size = self._map() if head.buf < POOL_OFFSET else (0, self._pool_size)
        start = at - head.buf % POOL_OFFSET
        writable = start == whole and bool(self._role & ROLE_SEND)
        return Block(at, self._view(start, size, writable)[at - start:][:head.len])

    def give_back(self, blocks: Sequence[Block]) -> int:
        """Blocks that are not needed any more.  Returns how many were given back."""
        places = (c_void_p * len(blocks))(*[block.at for block in blocks])
        return self._do("give_back", places, len(blocks))

    def pool(self, size: int, full: int = POOL_COPY, min_len: int = 0) -> None:
        try:
            self._do("pool", size, full, min_len)
        except OSError as err:
            if err.errno in (errno.ENOMEM, errno.EAGAIN):
                self._no_place = XFER_PLACE  # it may be there, and is not mapped
            raise
        page = os.sysconf("SC_PAGE_SIZE")
        self._pool_size, self._no_place = -(-size // page) * page, 0


class Bell:
    """What sleeps and wakes on WORD, four bytes of shared memory: see struct ipcchan_bell."""

    def __init__(self, value: Any, chan: Optional[Channel] = None) -> None:
        self._value, self._chan = value, chan

    def _ref(self) -> Any:
        if self._chan:
            self._chan.fileno()  # it is still open
        return byref(self._value)

    def _do(self, name: str, word: ReadableBuffer, *args: int,
            timeout_ns: Optional[int] = None) -> int:
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

    def watch(self, word: Optional[ReadableBuffer], expected: int = 0) -> None:
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


def _named(name: Optional[str], function: Callable[[Optional[bytes]], int]) -> None:
    """FUNCTION of a channel's name, or of none, with an error that says what there is not."""
    if name and "\0" in name:
        raise ValueError("a name has no NUL")
    try:
        _again(None, function, None if name is None else os.fsencode(name))
    except OSError as err:
        err.filename = name if name and os.path.exists(DEV_PATH) else DEV_PATH
        raise


def open(name: Optional[str] = None, flags: int = 0, role: int = 0, *, kind: int = 0,
         mode: int = 0, max_msgs: int = 0, max_msg_size: int = 0, max_bytes: int = 0,
         buf_size: int = 0, options: int = 0, slow: int = 0, spin_ns: int = 0, fd: int = 0,
         nonblock: bool = False, buf_flags: int = 0, buf_node: int = 0,
         populate: bool = False) -> Channel:
    """Attach to a channel: see struct ipcchan_opts."""
    opts, handle = _Opts(), c_void_p()
    _set(opts, flags=flags, role=role, kind=kind, mode=mode, max_msgs=max_msgs,
         max_msg_size=max_msg_size, max_bytes=max_bytes, buf_size=buf_size, options=options,
         slow=slow, spin_ns=spin_ns, fd=fd, nonblock=nonblock, buf_flags=buf_flags,
         buf_node=buf_node, populate=populate)
    _named(name, lambda text: int(_lib.ipcchan_open(byref(handle), text, byref(opts))))
    return Channel(handle.value or 0, role or ROLE_SEND | ROLE_RECV)


def query() -> Query:
    answer = Query()
    _named(None, lambda _: int(_lib.ipcchan_query(byref(answer))))
    return answer


def unlink(name: str) -> None:
    _named(name, _lib.ipcchan_unlink)
