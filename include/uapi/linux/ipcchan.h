/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ipcchan: message channels and shared buffers over one object.
 *
 * An open descriptor of /dev/ipcchan is an endpoint.  It is attached once, to
 * one channel, with IPCCHAN_IOC_ATTACH; one that is read, written or polled
 * without ever being attached uses the channel IPCCHAN_DEFAULT_NAME, which it
 * creates when it must, for who opened it; he and the caller both need the right to
 * it.  From then on
 *
 *	write(), writev()	send one message, all or nothing
 *	read(), readv()		receive one message, all or nothing
 *	poll(), epoll		EPOLLIN: a message waits, EPOLLOUT: there is room,
 *				EPOLLPRI: as IPCCHAN_IOC_WATCH says; EPOLLERR also: it
 *				could not be attached, and is to be added to epoll anew,
 *				to all of them; who polls next, and waits, ends it
 *	ioctl(FIONREAD)		length of the next message in bytes, 0 if none
 *	mmap()			the channel's shared buffer, from offset 0: see
 *				<linux/ipcchan_buf.h>, also for its doorbells; this
 *				receiver's pool, read-only, from IPCCHAN_POOL_OFFSET
 *
 *	splice() into a pipe, SIGIO, io_uring	as for a socket
 *	fcntl(F_SETLK, ...)	locks bytes of the channel: see <linux/ipcchan_buf.h>
 *
 * A message has 1 to max_msg_size bytes.  A read into less room than the next
 * message needs fails with EMSGSIZE and leaves the message where it is;
 * FIONREAD tells the room needed.  A failed call has no effect.
 *
 * What read() and write() cannot say, these can:
 *
 *	IPCCHAN_IOC_SEND, _RECV	many messages a call, with priority, type, cookie,
 *				descriptors, the sender's identity, a time limit
 *	IPCCHAN_IOC_CALL	send a request and wait for its reply
 *	IPCCHAN_IOC_SERVE	reply, wait for the next request, or both at once
 *	IPCCHAN_IOC_FILTER	what this endpoint receives and when it is readable
 *
 * Payloads that are copied once, or not at all, lie in blocks: see <linux/ipcchan_buf.h>.
 *
 * /proc/PID/fdinfo/FD of an endpoint has lines of a key, a colon, a tab and a value;
 * those that do not apply to it are absent:
 *
 *	ipcchan-id, -name	of the channel; in the name blanks, backslashes and all that
 *				is not of ASCII are a backslash and three octal digits
 *	ipcchan-netns		inode number of its network namespace, which its id is of
 *	ipcchan-kind, -role	enum ipcchan_kind; IPCCHAN_ROLE_*
 *	ipcchan-opener		"pid P uid U": who opened it
 *	ipcchan-last-sender	likewise: who sent through it last
 *	ipcchan-msgs, -bytes	queued; of a subscriber, in its own queue
 *	ipcchan-waiting		"senders N receivers N": tasks that wait, up to 1024 of each
 *	ipcchan-lost		messages that this subscriber has lost
 *	ipcchan-filter		"type T min-prio P", or "type 0 (any) min-prio P"
 *	ipcchan-watermark	"msgs N bytes N": when poll() says readable
 *	ipcchan-calls		calls that it has taken and not replied to, up to 1024
 *	ipcchan-eventfds	how many it has on doorbells
 *	ipcchan-watch		"offset N": the word that poll() looks at
 *	ipcchan-loans		"N bytes N": blocks that it has
 *
 * Every structure is the same for 32 and 64-bit processes.  Unknown flags and
 * non-zero reserved fields are refused with EINVAL, what cannot be read or written with
 * EFAULT, other ioctls with ENOTTY, and with ENOTCONN what takes an attached descriptor.
 *
 * Generic netlink, to create, list and watch channels: see <linux/ipcchan_netlink.h>.
 */
#ifndef _UAPI_LINUX_IPCCHAN_H
#define _UAPI_LINUX_IPCCHAN_H

#include <linux/ioctl.h>
#include <linux/ipcchan_buf.h>
#include <linux/types.h>

#define IPCCHAN_ABI_VERSION	1
#define IPCCHAN_DEV_PATH	"/dev/ipcchan"
#define IPCCHAN_DEFAULT_NAME	"default"

/*
 * Bytes of a name with its terminating NUL.  A name has at least one byte, no
 * '/' and no control character.
 */
#define IPCCHAN_NAME_SIZE	64

/**
 * enum ipcchan_kind - what happens to a message
 * @IPCCHAN_KIND_QUEUE: each message goes to exactly one receiver, in order
 * @IPCCHAN_KIND_BROADCAST: each message goes to every endpoint with
 *	IPCCHAN_ROLE_RECV, its subscribers, all in the same order; each has the
 *	channel's limits for itself
 * @IPCCHAN_KIND_RPC: each request goes to exactly one server (IPCCHAN_ROLE_RECV),
 *	and its reply to the client (IPCCHAN_ROLE_SEND) that waits for it; only with
 *	IPCCHAN_IOC_CALL and _SERVE
 */
enum ipcchan_kind {
	IPCCHAN_KIND_QUEUE = 0,
	IPCCHAN_KIND_BROADCAST = 1,
	IPCCHAN_KIND_RPC = 2,
};

/**
 * enum ipcchan_slow - what happens when a subscriber has no room for a message
 * @IPCCHAN_SLOW_BLOCK: the sender waits
 * @IPCCHAN_SLOW_DROP_OLDEST: the subscriber loses what it has of lowest priority,
 *	the oldest first, but nothing of a higher priority than this one's: it loses
 *	this one if that is not enough
 * @IPCCHAN_SLOW_DROP_NEWEST: the subscriber does not get this one
 * @IPCCHAN_SLOW_DISCONNECT: the subscriber gets what it has, and then ECONNRESET
 *
 * A sender who does not own the channel, and whose share of the room is used up while
 * there is room for others, takes nothing from them: of DROP_OLDEST it is its own oldest
 * that is lost, if that is among the 64 oldest, or else, as with DISCONNECT, this one.
 *
 * How many messages a subscriber has lost is told in the next one it receives.
 */
enum ipcchan_slow {
	IPCCHAN_SLOW_BLOCK = 0,
	IPCCHAN_SLOW_DROP_OLDEST = 1,
	IPCCHAN_SLOW_DROP_NEWEST = 2,
	IPCCHAN_SLOW_DISCONNECT = 3,
};

/*
 * Options of a channel.
 *
 * HANGUP: as a pipe.  When the last sender has left, receivers get what is queued
 * and then end of file (0 bytes, POLLHUP), until another sender attaches; when
 * the last receiver has left, sending fails with EPIPE, and write() raises SIGPIPE.
 * Who never came has not left; a channel that is empty and that nobody has open is as
 * new.  Without it messages wait for receivers to come, and receivers for senders.
 *
 * TIMESTAMP: messages carry the time at which they were sent.
 *
 * LOANS: the kernel gives out the shared buffer in blocks, to be sent without a copy; of
 * a queue or a broadcast channel with a buffer.  Else it is free for any use.
 *
 * REVOKE: with LOANS, a block can be written by the endpoint that has it, and only so long;
 * what came by broadcast, by nobody.  A writable mapping shows no other blocks (SIGBUS) and
 * is not for get_user_pages(); one without PROT_WRITE shows all, and stays without it.  A
 * receiver need not copy before it checks; for the price see <linux/ipcchan_buf.h>.  With
 * writable mappings made through one node of the device, mmap() through others has EXDEV.
 *
 * SYNC_WAKE: waiters are woken with the hint that their waker is about to sleep, which
 * may keep both on one CPU, as pipes do.
 */
#define IPCCHAN_OPT_HANGUP	(1U << 0)
#define IPCCHAN_OPT_TIMESTAMP	(1U << 1)
#define IPCCHAN_OPT_SYNC_WAKE	(1U << 2)
#define IPCCHAN_OPT_LOANS	(1U << 3)
#define IPCCHAN_OPT_REVOKE	(1U << 4)

#define IPCCHAN_PRIO_MAX	31U	/* highest priority; 0 is the lowest */
#define IPCCHAN_BATCH_MAX	1024U	/* messages of one IPCCHAN_IOC_SEND or _RECV */
#define IPCCHAN_FDS_MAX		64U	/* descriptors of one message */
#define IPCCHAN_SPIN_MAX_NS	1000000U	/* longest polling before sleeping */
#define IPCCHAN_SPIN_NONE	0xffffffffU	/* none, whatever the module parameter says */

/*
 * Roles of an endpoint.  SEND needs write permission on the channel and a
 * descriptor open for writing, RECV read permission and one open for reading.
 * An endpoint without SEND maps the shared buffer read-only, for good.
 */
#define IPCCHAN_ROLE_SEND	(1U << 0)
#define IPCCHAN_ROLE_RECV	(1U << 1)

/* Features, as reported by IPCCHAN_IOC_QUERY */
#define IPCCHAN_FEAT_QUEUE	(1ULL << 0)	/* IPCCHAN_KIND_QUEUE */
#define IPCCHAN_FEAT_BUFFER	(1ULL << 1)	/* shared buffers, mmap() */
#define IPCCHAN_FEAT_DOORBELL	(1ULL << 2)	/* IPCCHAN_IOC_WAIT, _WAKE, _BELL_FD, _WATCH */
#define IPCCHAN_FEAT_BUFFER_CHARGED (1ULL << 3)	/* buffers count in memory cgroups */
#define IPCCHAN_FEAT_BROADCAST	(1ULL << 4)	/* IPCCHAN_KIND_BROADCAST */
#define IPCCHAN_FEAT_RPC	(1ULL << 5)	/* IPCCHAN_KIND_RPC */
#define IPCCHAN_FEAT_BATCH	(1ULL << 6)	/* IPCCHAN_IOC_SEND and _RECV */
#define IPCCHAN_FEAT_FILTER	(1ULL << 7)	/* IPCCHAN_IOC_FILTER */
#define IPCCHAN_FEAT_FDS	(1ULL << 8)	/* messages carry descriptors */
#define IPCCHAN_FEAT_URING_CMD	(1ULL << 9)	/* SEND and RECV as IORING_OP_URING_CMD */
#define IPCCHAN_FEAT_LOANS	(1ULL << 10)	/* IPCCHAN_OPT_LOANS */
#define IPCCHAN_FEAT_POOL	(1ULL << 11)	/* IPCCHAN_IOC_POOL */

/**
 * struct ipcchan_query - IPCCHAN_IOC_QUERY, works on any descriptor
 * @abi_version: out, IPCCHAN_ABI_VERSION of the module
 * @reserved: zero
 * @features: out, IPCCHAN_FEAT_*
 * @limit_msgs: out, largest max_msgs a channel may have, messages
 * @limit_msg_size: out, largest max_msg_size, bytes
 * @limit_bytes: out, largest max_bytes, bytes
 * @limit_buf_size: out, largest buf_size, bytes
 */
struct ipcchan_query {
	__u32 abi_version;
	__u32 reserved;
	__u64 features;
	__u32 limit_msgs;
	__u32 limit_msg_size;
	__u64 limit_bytes;
	__u64 limit_buf_size;
};

#define IPCCHAN_ATTACH_CREATE	(1U << 0)	/* create it if it is not there */
#define IPCCHAN_ATTACH_EXCL	(1U << 1)	/* with CREATE: EEXIST if it is */
#define IPCCHAN_ATTACH_ANON	(1U << 2)	/* a new channel without a name */
#define IPCCHAN_ATTACH_FD	(1U << 3)	/* the channel that @fd is attached to */

/**
 * struct ipcchan_attach - IPCCHAN_IOC_ATTACH, once for each descriptor
 * @flags: IPCCHAN_ATTACH_*; ANON and FD each stand alone
 * @role: IPCCHAN_ROLE_*, at least one
 * @kind: enum ipcchan_kind of a channel to create
 * @mode: permission bits of a channel to create, as of a file (read: receive,
 *	write: send); 0 means 0600, the umask is not applied
 * @max_msgs: limit of a channel to create, messages; 0 means 1024
 * @max_msg_size: likewise, bytes of one message; 0 means 64 KiB, or @max_bytes
 *	where that is less
 * @max_bytes: likewise, bytes of all queued messages; 0 means 1 MiB, or
 *	@max_msg_size where that is more
 * @buf_size: bytes of shared buffer of a channel to create, rounded up to
 *	pages; 0 means none
 * @fd: with IPCCHAN_ATTACH_FD an attached descriptor, else zero
 * @id: out, the channel's id
 * @options: IPCCHAN_OPT_* of a channel to create
 * @slow: enum ipcchan_slow of a broadcast channel to create, else zero
 * @spin_ns: nanoseconds that a waiter of a channel to create polls before it
 *	sleeps, while the other side is on another CPU: up to IPCCHAN_SPIN_MAX_NS, 0 for
 *	what the module parameter spin_ns says, or IPCCHAN_SPIN_NONE
 * @buf_flags: IPCCHAN_BUF_* of a channel to create
 * @buf_node: with IPCCHAN_BUF_NODE the NUMA node, one that the caller's cpuset allows
 *	memory of, else zero
 * @reserved: zero
 * @name: NUL-terminated; all zero with ANON and FD
 *
 * @kind to @buf_size and @options to @buf_node must be zero where the call cannot
 * create.  With CREATE and a channel that exists they are checked, then ignored.
 *
 * Errors: EINVAL; ENAMETOOLONG (@name has no end); EISCONN (already attached);
 * EBADF (the descriptor is not open for that role, or @fd is not attached);
 * ENOENT, EEXIST, EACCES; EDQUOT (the user has as much as is allowed); ENOMEM;
 * ENOSPC (too many channels with buffers, or with IPCCHAN_OPT_REVOKE); EINTR.
 */
struct ipcchan_attach {
	__u32 flags;
	__u32 role;
	__u32 kind;
	__u32 mode;
	__u32 max_msgs;
	__u32 max_msg_size;
	__u64 max_bytes;
	__u64 buf_size;
	__s32 fd;
	__u32 id;
	__u32 options;
	__u32 slow;
	__u32 spin_ns;
	__u32 buf_flags;
	__u32 buf_node;
	__u32 reserved;
	char name[IPCCHAN_NAME_SIZE];
};

/**
 * struct ipcchan_unlink - IPCCHAN_IOC_UNLINK, works on any descriptor
 * @flags: zero
 * @reserved: zero
 * @name: NUL-terminated
 *
 * The name is free at once.  Attached endpoints go on using the channel; its
 * queued messages are dropped with the last of them.
 *
 * Errors: EINVAL; ENAMETOOLONG; ENOENT; EPERM (neither owner nor CAP_IPC_OWNER).
 */
struct ipcchan_unlink {
	__u32 flags;
	__u32 reserved;
	char name[IPCCHAN_NAME_SIZE];
};

#define IPCCHAN_CHAN_ANON	(1U << 0)	/* never had a name */
#define IPCCHAN_CHAN_UNLINKED	(1U << 1)	/* its name has been removed */

/**
 * struct ipcchan_info - IPCCHAN_IOC_INFO, ENOTCONN before the descriptor is attached
 * @flags: in zero, out IPCCHAN_CHAN_*
 * @role: out, of this endpoint
 * @id: out
 * @kind: out
 * @mode: out, permission bits
 * @uid: out, owner in the caller's user namespace
 * @gid: out
 * @endpoints: out, attached descriptors
 * @max_msgs: out, messages
 * @max_msg_size: out, bytes
 * @max_bytes: out, bytes
 * @buf_size: out, bytes, whole pages
 * @bytes: out, queued now; for a subscriber, in its own queue
 * @msgs: out, likewise
 * @options: out, IPCCHAN_OPT_*
 * @slow: out, enum ipcchan_slow
 * @spin_ns: out, nanoseconds
 * @buf_huge: out, bytes of the buffer that are in huge pages
 * @buf_flags: out, IPCCHAN_BUF_*
 * @buf_node: out, NUMA node with IPCCHAN_BUF_NODE
 * @buf_align: out, bytes: what an address to map the buffer at is best a multiple of;
 *	0 when there is none
 * @reserved: out, zero
 * @name: out, empty for an anonymous channel
 */
struct ipcchan_info {
	__u32 flags;
	__u32 role;
	__u32 id;
	__u32 kind;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	__u32 endpoints;
	__u32 max_msgs;
	__u32 max_msg_size;
	__u64 max_bytes;
	__u64 buf_size;
	__u64 bytes;
	__u32 msgs;
	__u32 options;
	__u32 slow;
	__u32 spin_ns;
	__u64 buf_huge;
	__u32 buf_flags;
	__u32 buf_node;
	__u32 buf_align;
	__u32 reserved;
	char name[IPCCHAN_NAME_SIZE];
};

#define IPCCHAN_MSG_FDS_LOST	(1U << 0)	/* its descriptors were closed on the way */
#define IPCCHAN_MSG_PLACED	(1U << 1)	/* buf is the offset of a block */

/**
 * struct ipcchan_msghdr - one message, to be sent or received
 * @buf: address of the payload, or of the room for it; with IPCCHAN_MSG_PLACED, where
 *	the payload is: out, if it was received with IPCCHAN_XFER_PLACE
 * @len: bytes, at least 1; receiving: in room, out length of the message, also of
 *	the one that there was not enough room for (EMSGSIZE)
 * @flags: zero, or to be sent IPCCHAN_MSG_PLACED: @buf is the offset of a block of the
 *	channel's buffer that this endpoint has, and of which the first @len bytes are sent;
 *	received: out, IPCCHAN_MSG_*
 * @prio: 0 to IPCCHAN_PRIO_MAX; those of higher priority are received first, those
 *	of one priority in the order in which they were sent
 * @type: free to use, and what a filter may go by
 * @cookie: free to use
 * @fds: address of __s32 descriptors, or of the room for them
 * @nr_fds: how many, at most IPCCHAN_FDS_MAX; receiving: in room, out how many came
 * @lost: received: out, messages that this subscriber lost before this one
 * @pid: received: out, sender's process when it sent, in the receiver's PID
 *	namespace, 0 where it is not in there
 * @uid: received: out, its effective user id, in the receiver's user namespace
 * @gid: received: out, its effective group id
 * @opener_pid: received: out, the process that opened the sender's descriptor
 * @opener_uid: likewise
 * @opener_gid: likewise
 * @time_ns: received: out, CLOCK_MONOTONIC when it was sent, with
 *	IPCCHAN_OPT_TIMESTAMP, else 0
 *
 * What is only out is not looked at.  Received descriptors are close-on-exec.
 * Those of files that can carry descriptors themselves (/dev/ipcchan, UNIX sockets,
 * io_uring) are refused with EINVAL.  Those of queued messages are closed when the
 * last endpoint of the channel is.
 */
struct ipcchan_msghdr {
	__u64 buf;
	__u32 len;
	__u32 flags;
	__u32 prio;
	__u32 type;
	__u64 cookie;
	__u64 fds;
	__u32 nr_fds;
	__u32 lost;
	__u32 pid;
	__u32 uid;
	__u32 gid;
	__u32 opener_pid;
	__u32 opener_uid;
	__u32 opener_gid;
	__u64 time_ns;
};

#define IPCCHAN_XFER_NONBLOCK	(1U << 0)	/* do not wait */
#define IPCCHAN_XFER_ABSTIME	(1U << 1)	/* timeout_ns is a time, not a duration */
#define IPCCHAN_XFER_PLACE	(1U << 2)	/* RECV: a payload in a block is not copied */

/**
 * struct ipcchan_xfer - IPCCHAN_IOC_SEND and IPCCHAN_IOC_RECV
 * @msgs: address of struct ipcchan_msghdr, @count of them
 * @count: 1 to IPCCHAN_BATCH_MAX
 * @flags: IPCCHAN_XFER_*
 * @timeout_ns: nanoseconds of CLOCK_MONOTONIC from now, or with
 *	IPCCHAN_XFER_ABSTIME since its beginning; IPCCHAN_WAIT_FOREVER.  What
 *	waits no longer than 0 is a try.
 * @reserved: zero
 *
 * SEND waits until all are sent, RECV until there is one, and takes as many as there
 * are.  The ioctl returns the number of messages; where that is at least 1, the
 * error that ended it is met by the next call.  RECV returns 0 at end of file.  As
 * IORING_OP_URING_CMD, which no other ioctl is (ENOTTY), SEND ends with those that there
 * is room for, if there is any; blocks and PLACE are as here.
 *
 * What was received with PLACE has IPCCHAN_MSG_PLACED where it is a block, which this
 * endpoint has until it gives it back, or sends it; room for it is not needed.  All else
 * is copied, as without PLACE.
 *
 * Errors: EINVAL, EFAULT, EBADF (role; no such descriptor), EMSGSIZE, EAGAIN, ETIMEDOUT,
 * EINTR, ENOMEM, EMFILE, EPIPE (no receiver is left), ECONNRESET (this subscriber was too
 * slow), EDQUOT (descriptors on their way; or not waiting, and this user has its share of
 * the room in another's queue or pool; or with PLACE, has its share of another's blocks),
 * ENOENT (no such block), EBUSY (it came by broadcast, to others as well), ENOBUFS (see
 * IPCCHAN_POOL_FAIL), EOPNOTSUPP (rpc).
 */
struct ipcchan_xfer {
	__u64 msgs;
	__u32 count;
	__u32 flags;
	__s64 timeout_ns;
	__u64 reserved;
};

/**
 * struct ipcchan_call - IPCCHAN_IOC_CALL, send a request and wait for its reply
 * @flags: IPCCHAN_XFER_ABSTIME
 * @reserved: zero
 * @timeout_ns: as for struct ipcchan_xfer, until the reply is there
 * @request: as to be sent
 * @reply: as to be received
 *
 * A call that ends with an error after a server has taken the request may have been
 * carried out.  O_NONBLOCK does not matter: what ends a wait for a reply is @timeout_ns.
 *
 * Errors: those of IPCCHAN_IOC_SEND and _RECV; EOWNERDEAD (the server has closed its
 * endpoint, or died, without replying); any that the server gives; EINTR, ETIMEDOUT
 * (the call is cancelled); EOPNOTSUPP (not an rpc channel).
 */
struct ipcchan_call {
	__u32 flags;
	__u32 reserved;
	__s64 timeout_ns;
	struct ipcchan_msghdr request;
	struct ipcchan_msghdr reply;
};

#define IPCCHAN_SERVE_NONBLOCK	IPCCHAN_XFER_NONBLOCK
#define IPCCHAN_SERVE_ABSTIME	IPCCHAN_XFER_ABSTIME
#define IPCCHAN_SERVE_REPLY	(1U << 2)	/* reply to @call */
#define IPCCHAN_SERVE_NEXT	(1U << 3)	/* wait for the next request */

/**
 * struct ipcchan_serve - IPCCHAN_IOC_SERVE, reply, wait for the next request, or both
 * @flags: IPCCHAN_SERVE_*, at least one of REPLY and NEXT
 * @error: with REPLY, an errno from 1 to 4095 that the call fails with, and no reply;
 *	none of 512 to 516, which the kernel has for itself
 * @call: with REPLY: in, the call to reply to, which any thread that has the
 *	endpoint may do, in any order; with NEXT: out, the call to reply to
 * @timeout_ns: as for struct ipcchan_xfer, for NEXT
 * @room: with NEXT: out, bytes of reply that the client takes
 * @replied: with REPLY: out, 1 once the reply is given, else 0 (nothing with ENOTCONN):
 *	with 1 what is to be done again after an error is NEXT alone
 * @reply: with REPLY, as to be sent; prio is ignored
 * @request: with NEXT, as to be received
 *
 * Errors: those of IPCCHAN_IOC_SEND and _RECV.  For a reply: ENOENT (no such call was
 * ever taken here), ECANCELED (its client waits no more: it was replied to, has given
 * up, or died; then, too, @replied is 1), EMSGSIZE (longer than the client takes: the
 * call stays open).
 */
struct ipcchan_serve {
	__u32 flags;
	__u32 error;
	__u64 call;
	__s64 timeout_ns;
	__u32 room;
	__u32 replied;
	struct ipcchan_msghdr reply;
	struct ipcchan_msghdr request;
};

#define IPCCHAN_FILTER_TYPE	(1U << 0)	/* of type @type only */

/**
 * struct ipcchan_filter - IPCCHAN_IOC_FILTER, what an endpoint receives
 * @flags: IPCCHAN_FILTER_*
 * @type: with IPCCHAN_FILTER_TYPE, else zero
 * @min_prio: messages of at least this priority
 * @low_msgs: poll() says readable at so many messages queued, or
 * @low_bytes: at so many bytes; 0 and 0: at any message
 *
 * Holds for receives that begin later.  A subscriber is not sent what it filters out;
 * in a queue it waits for another receiver.
 *
 * Errors: EINVAL, EFAULT, EBADF (role), ENOTCONN; EOPNOTSUPP (by type, and the queue
 * may hold more than IPCCHAN_FILTER_MSGS).
 */
struct ipcchan_filter {
	__u32 flags;
	__u32 type;
	__u32 min_prio;
	__u32 low_msgs;
	__u64 low_bytes;
};

#define IPCCHAN_FILTER_MSGS	16384U

/**
 * struct ipcchan_report - IPCCHAN_IOC_REPORT, what is in shared memory makes no sense
 * @offset: of what was found corrupt, bytes in the channel's shared buffer
 * @reserved: zero
 *
 * Told to those who listen for IPCCHAN_EVENT_CORRUPT; nothing else happens.  Of one
 * endpoint one report a second is told.
 *
 * Errors: EINVAL (reserved; no such offset), EFAULT, ENOTCONN, ENXIO (no buffer).
 */
struct ipcchan_report {
	__u64 offset;
	__u64 reserved;
};

#define IPCCHAN_IOC_MAGIC	0xBC
#define IPCCHAN_IOC_QUERY	_IOWR(IPCCHAN_IOC_MAGIC, 0x10, struct ipcchan_query)
#define IPCCHAN_IOC_ATTACH	_IOWR(IPCCHAN_IOC_MAGIC, 0x11, struct ipcchan_attach)
#define IPCCHAN_IOC_UNLINK	_IOWR(IPCCHAN_IOC_MAGIC, 0x12, struct ipcchan_unlink)
#define IPCCHAN_IOC_INFO	_IOWR(IPCCHAN_IOC_MAGIC, 0x13, struct ipcchan_info)
#define IPCCHAN_IOC_SEND	_IOWR(IPCCHAN_IOC_MAGIC, 0x14, struct ipcchan_xfer)
#define IPCCHAN_IOC_RECV	_IOWR(IPCCHAN_IOC_MAGIC, 0x15, struct ipcchan_xfer)
#define IPCCHAN_IOC_CALL	_IOWR(IPCCHAN_IOC_MAGIC, 0x16, struct ipcchan_call)
#define IPCCHAN_IOC_SERVE	_IOWR(IPCCHAN_IOC_MAGIC, 0x17, struct ipcchan_serve)
#define IPCCHAN_IOC_FILTER	_IOWR(IPCCHAN_IOC_MAGIC, 0x18, struct ipcchan_filter)
#define IPCCHAN_IOC_LOAN	_IOWR(IPCCHAN_IOC_MAGIC, 0x19, struct ipcchan_loan)
#define IPCCHAN_IOC_GIVE_BACK	_IOWR(IPCCHAN_IOC_MAGIC, 0x1a, struct ipcchan_give_back)
#define IPCCHAN_IOC_POOL	_IOWR(IPCCHAN_IOC_MAGIC, 0x1b, struct ipcchan_pool)
#define IPCCHAN_IOC_WAIT	_IOWR(IPCCHAN_IOC_MAGIC, 0x20, struct ipcchan_wait)
#define IPCCHAN_IOC_WAKE	_IOWR(IPCCHAN_IOC_MAGIC, 0x21, struct ipcchan_wake)
#define IPCCHAN_IOC_BELL_FD	_IOWR(IPCCHAN_IOC_MAGIC, 0x22, struct ipcchan_bell_fd)
#define IPCCHAN_IOC_WATCH	_IOWR(IPCCHAN_IOC_MAGIC, 0x23, struct ipcchan_watch)
#define IPCCHAN_IOC_REPORT	_IOWR(IPCCHAN_IOC_MAGIC, 0x24, struct ipcchan_report)

#endif /* _UAPI_LINUX_IPCCHAN_H */
