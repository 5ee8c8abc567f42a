/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ipcchan: message channels and shared buffers over one object.
 *
 * An open descriptor of /dev/ipcchan is an endpoint.  It is attached once, to
 * one channel, with IPCCHAN_IOC_ATTACH; one that is read, written or polled
 * without ever being attached uses the channel IPCCHAN_DEFAULT_NAME, which it
 * creates when it must.  From then on
 *
 *	write(), writev()	send one message, all or nothing
 *	read(), readv()		receive one message, all or nothing
 *	poll(), epoll		EPOLLIN: a message waits, EPOLLOUT: there is room
 *	ioctl(FIONREAD)		length of the next message in bytes, 0 if none
 *	mmap()			the channel's shared buffer, from offset 0
 *
 * A message has 1 to max_msg_size bytes.  A read into less room than the next
 * message needs fails with EMSGSIZE and leaves the message where it is;
 * FIONREAD tells the room needed.  A failed call has no effect.
 *
 * Every structure is the same for 32 and 64-bit processes.  Unknown flags and
 * non-zero reserved fields are refused with EINVAL.
 *
 * Generic netlink family IPCCHAN_GENL_NAME, version IPCCHAN_GENL_VERSION; the
 * attributes of one channel are those of a flat message:
 *
 *	IPCCHAN_CMD_GET		request: IPCCHAN_A_NAME or IPCCHAN_A_ID, or NLM_F_DUMP
 *				reply: IPCCHAN_CMD_GET with
 *	    IPCCHAN_A_ID		u32, unique in the network namespace
 *	    IPCCHAN_A_NAME		NUL-terminated, absent when the channel has none
 *	    IPCCHAN_A_FLAGS		u32, IPCCHAN_CHAN_*
 *	    IPCCHAN_A_KIND		u32, enum ipcchan_kind
 *	    IPCCHAN_A_MODE		u32, permission bits
 *	    IPCCHAN_A_UID, _GID		u32, owner in the reader's user namespace
 *	    IPCCHAN_A_MAX_MSGS, _MAX_MSG_SIZE	u32, messages, bytes
 *	    IPCCHAN_A_MAX_BYTES, _BUF_SIZE	u64, bytes
 *	    IPCCHAN_A_ENDPOINTS		u32, attached descriptors
 *	    IPCCHAN_A_MSGS, _BYTES	u32, u64, queued now
 *	    IPCCHAN_A_STATS		nest of u64, since creation
 *		IPCCHAN_A_STATS_SENT, _SENT_BYTES
 *		IPCCHAN_A_STATS_RECEIVED, _RECEIVED_BYTES
 *		IPCCHAN_A_STATS_HANDOVERS	handed to a waiting receiver
 *		IPCCHAN_A_STATS_SEND_WAITS	senders that had to wait for room
 *		IPCCHAN_A_STATS_RECV_WAITS	receivers that had to wait
 *		IPCCHAN_A_STATS_WAKEUPS		wake-ups given to waiters
 *	IPCCHAN_CMD_NEW		request: IPCCHAN_A_NAME, and optionally _KIND, _MODE,
 *				_MAX_MSGS, _MAX_MSG_SIZE, _MAX_BYTES, _BUF_SIZE
 *				reply with NLM_F_ECHO: as IPCCHAN_CMD_GET
 *	IPCCHAN_CMD_DEL		request: IPCCHAN_A_NAME or IPCCHAN_A_ID
 *
 * NEW needs CAP_NET_ADMIN in the initial user namespace, DEL that the caller owns
 * the channel or has CAP_IPC_OWNER over the network namespace.
 */
#ifndef _UAPI_LINUX_IPCCHAN_H
#define _UAPI_LINUX_IPCCHAN_H

#include <linux/ioctl.h>
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
 */
enum ipcchan_kind {
	IPCCHAN_KIND_QUEUE = 0,
};

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
#define IPCCHAN_FEAT_DOORBELL	(1ULL << 2)	/* IPCCHAN_IOC_WAIT and _WAKE */
#define IPCCHAN_FEAT_BUFFER_CHARGED (1ULL << 3)	/* buffers count in memory cgroups */

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
 * @reserved: zero
 * @name: NUL-terminated; all zero with ANON and FD
 *
 * @kind to @buf_size must be zero where the call cannot create.  With CREATE
 * and a channel that exists they are checked, then ignored.
 *
 * Errors: EINVAL; ENAMETOOLONG (@name has no end); EISCONN (already attached);
 * EBADF (the descriptor is not open for that role, or @fd is not attached);
 * ENOENT, EEXIST, EACCES; ENOMEM; EINTR.
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
	__u64 reserved;
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
 * @bytes: out, queued now
 * @msgs: out, queued now
 * @reserved: zero
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
	__u32 reserved;
	char name[IPCCHAN_NAME_SIZE];
};

#define IPCCHAN_WAIT_FOREVER	(-1LL)

/**
 * struct ipcchan_wait - IPCCHAN_IOC_WAIT, sleep on a word of the shared buffer
 * @offset: of the 32-bit word in the buffer, bytes, a multiple of 4
 * @expected: sleep only while the word holds this value
 * @flags: zero
 * @timeout_ns: nanoseconds from now, CLOCK_MONOTONIC; IPCCHAN_WAIT_FOREVER
 *
 * The word is compared after the caller has been queued: a peer that changes
 * the word and then calls IPCCHAN_IOC_WAKE is never missed.  Returns 0 when
 * woken; the word must be looked at again.
 *
 * Errors: EAGAIN (the word differs), ETIMEDOUT, EINTR, EINVAL, ENOTCONN,
 * ENODEV (the channel has no buffer).
 */
struct ipcchan_wait {
	__u64 offset;
	__u32 expected;
	__u32 flags;
	__s64 timeout_ns;
};

/**
 * struct ipcchan_wake - IPCCHAN_IOC_WAKE, wake sleepers of a word
 * @offset: of the word, as for struct ipcchan_wait
 * @count: wake at most so many, at least 1
 * @flags: zero
 *
 * Needs IPCCHAN_ROLE_SEND (EBADF).  The ioctl returns the number woken.
 *
 * Errors: EINVAL, EBADF, ENOTCONN, ENODEV.
 */
struct ipcchan_wake {
	__u64 offset;
	__u32 count;
	__u32 flags;
};

#define IPCCHAN_IOC_MAGIC	0xBC
#define IPCCHAN_IOC_QUERY	_IOWR(IPCCHAN_IOC_MAGIC, 0x10, struct ipcchan_query)
#define IPCCHAN_IOC_ATTACH	_IOWR(IPCCHAN_IOC_MAGIC, 0x11, struct ipcchan_attach)
#define IPCCHAN_IOC_UNLINK	_IOWR(IPCCHAN_IOC_MAGIC, 0x12, struct ipcchan_unlink)
#define IPCCHAN_IOC_INFO	_IOWR(IPCCHAN_IOC_MAGIC, 0x13, struct ipcchan_info)
#define IPCCHAN_IOC_WAIT	_IOWR(IPCCHAN_IOC_MAGIC, 0x20, struct ipcchan_wait)
#define IPCCHAN_IOC_WAKE	_IOWR(IPCCHAN_IOC_MAGIC, 0x21, struct ipcchan_wake)

#define IPCCHAN_GENL_NAME	"ipcchan"
#define IPCCHAN_GENL_VERSION	1

enum ipcchan_cmd {
	IPCCHAN_CMD_UNSPEC,
	IPCCHAN_CMD_GET,
	IPCCHAN_CMD_NEW,
	IPCCHAN_CMD_DEL,
	__IPCCHAN_CMD_MAX
};

#define IPCCHAN_CMD_MAX		(__IPCCHAN_CMD_MAX - 1)

enum ipcchan_attr {
	IPCCHAN_A_UNSPEC,
	IPCCHAN_A_PAD,
	IPCCHAN_A_ID,
	IPCCHAN_A_NAME,
	IPCCHAN_A_FLAGS,
	IPCCHAN_A_KIND,
	IPCCHAN_A_MODE,
	IPCCHAN_A_UID,
	IPCCHAN_A_GID,
	IPCCHAN_A_MAX_MSGS,
	IPCCHAN_A_MAX_MSG_SIZE,
	IPCCHAN_A_MAX_BYTES,
	IPCCHAN_A_BUF_SIZE,
	IPCCHAN_A_ENDPOINTS,
	IPCCHAN_A_MSGS,
	IPCCHAN_A_BYTES,
	IPCCHAN_A_STATS,
	__IPCCHAN_A_MAX
};

#define IPCCHAN_A_MAX		(__IPCCHAN_A_MAX - 1)

enum ipcchan_attr_stats {
	IPCCHAN_A_STATS_UNSPEC,
	IPCCHAN_A_STATS_PAD,
	IPCCHAN_A_STATS_SENT,
	IPCCHAN_A_STATS_SENT_BYTES,
	IPCCHAN_A_STATS_RECEIVED,
	IPCCHAN_A_STATS_RECEIVED_BYTES,
	IPCCHAN_A_STATS_HANDOVERS,
	IPCCHAN_A_STATS_SEND_WAITS,
	IPCCHAN_A_STATS_RECV_WAITS,
	IPCCHAN_A_STATS_WAKEUPS,
	__IPCCHAN_A_STATS_MAX
};

#define IPCCHAN_A_STATS_MAX	(__IPCCHAN_A_STATS_MAX - 1)

#endif /* _UAPI_LINUX_IPCCHAN_H */
