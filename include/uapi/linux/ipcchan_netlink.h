/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ipcchan: generic netlink family IPCCHAN_GENL_NAME, version IPCCHAN_GENL_VERSION.
 *
 * Documentation/netlink/specs/ipcchan.yaml says for each command what it takes and what it
 * replies, for each attribute its type and its unit.  All is about the channels of the
 * network namespace of the socket.
 *
 * Who sees what: all of it who has CAP_IPC_OWNER over the network namespace, of quotas those
 * of users that its user namespace has.  Others see the channels that they own or may attach
 * to, of these the endpoints, pools and loans that they have opened, or all of a channel that
 * they own, their own quota, and the events of what they see.  Both who opened the socket and
 * who sends a request through it must have the right.  What is not seen is not there: ENOENT.
 * Only SET and DEL tell it apart, by EPERM, as attaching to its name does by EACCES.
 *
 * Linux 5.18 to 6.5 cannot tell listeners apart: there the group of events takes
 * CAP_NET_ADMIN over the network namespace, and who joins it hears all of that namespace.
 *
 * Replies have the numbers of processes and users that the reader's namespaces have for them.
 * An event is the same for all who listen, whatever their namespaces are: it has those of the
 * initial ones, which tell nothing elsewhere.  Its process is the one that did it; where that was
 * given a descriptor and attaches by using it, its user is who opened that.
 *
 * Order of events: of a channel CREATED comes first, and of one without a name DELETED last;
 * FULL and DRAINED take turns, and what changes there and back before it could be told is left
 * out.  Of an endpoint ATTACHED comes first and DETACHED last, after PEER_DIED.  All else that
 * happens at the same time comes in any order, and IPCCHAN_A_EVENT_TIME_NS does not sort it: it
 * is when somebody set about telling it.  Who joins the group, and then dumps, knows of each
 * channel and endpoint; when the socket says ENOBUFS events were lost, and it takes another
 * dump.
 *
 * Dumps: what was there from their beginning to their end is in them once.  Channels and
 * endpoints that came later are not, blocks and users may be.  NLM_F_DUMP_INTR tells that of
 * channels, endpoints or, for quotas, users some came or went, or that channels were changed.
 */
#ifndef _UAPI_LINUX_IPCCHAN_NETLINK_H
#define _UAPI_LINUX_IPCCHAN_NETLINK_H

#define IPCCHAN_GENL_NAME	"ipcchan"
#define IPCCHAN_GENL_VERSION	1

/* Multicast group: IPCCHAN_CMD_EVENT */
#define IPCCHAN_GENL_EVENTS	"events"

/*
 * Commands
 *
 * @IPCCHAN_CMD_GET: one channel by IPCCHAN_A_ID or _NAME; or a dump of those that have each
 *	of IPCCHAN_A_KIND, _UID, _FLAGS (all these bits) that is given
 * @IPCCHAN_CMD_NEW: create a named channel; with NLM_F_ECHO the reply is that of GET.  Needs
 *	CAP_NET_ADMIN in the initial user namespace
 * @IPCCHAN_CMD_DEL: remove a channel's name; by its owner, or with CAP_IPC_OWNER over the
 *	network namespace
 * @IPCCHAN_CMD_SET: change IPCCHAN_A_MAX_MSGS, _MAX_MSG_SIZE, _MAX_BYTES, _SPIN_NS, _MODE,
 *	_UID, _GID, _TIMES of one channel, all that are given or none; by whom DEL is allowed,
 *	but another owner, or a group that one is not in, takes the capability.  What is queued
 *	stays, who is attached too.  The owner pays, and of a broadcast channel each subscriber:
 *	EDQUOT.  So that nobody uses up what others may have, _MAX_MSGS and _MAX_BYTES are not
 *	raised while another user than who asks subscribes: EPERM, unless who asks has
 *	CAP_IPC_OWNER over the network namespace, whose user namespace has that user.  With
 *	NLM_F_ECHO as NEW.  EOPNOTSUPP: more messages than IPCCHAN_FILTER_MSGS where a receiver
 *	takes them by type
 * @IPCCHAN_CMD_EP_GET: dump of endpoints, IPCCHAN_A_EP_*; of one channel with
 *	IPCCHAN_A_EP_CHAN, of one process with _PID, of one user with _UID
 * @IPCCHAN_CMD_BUF_GET: dump of the channels that have a shared buffer, and of the pools of
 *	receivers, IPCCHAN_A_BUF_*
 * @IPCCHAN_CMD_LOAN_GET: dump of the blocks that endpoints have, IPCCHAN_A_LOAN_*; of one
 *	channel with _CHAN
 * @IPCCHAN_CMD_QUOTA_GET: what a user has and may have, IPCCHAN_A_QUOTA_*; a dump of all
 *	users, or of the one with _UID
 * @IPCCHAN_CMD_EVENT: to the multicast group, IPCCHAN_A_EVENT_*
 */
enum ipcchan_cmd {
	IPCCHAN_CMD_UNSPEC,
	IPCCHAN_CMD_GET,
	IPCCHAN_CMD_NEW,
	IPCCHAN_CMD_DEL,
	IPCCHAN_CMD_SET,
	IPCCHAN_CMD_EP_GET,
	IPCCHAN_CMD_BUF_GET,
	IPCCHAN_CMD_LOAN_GET,
	IPCCHAN_CMD_QUOTA_GET,
	IPCCHAN_CMD_EVENT,
	__IPCCHAN_CMD_MAX
};

#define IPCCHAN_CMD_MAX		(__IPCCHAN_CMD_MAX - 1)

/* Of a channel */
enum ipcchan_attr {
	IPCCHAN_A_UNSPEC,
	IPCCHAN_A_PAD,
	IPCCHAN_A_ID,			/* u32, unique in the network namespace */
	IPCCHAN_A_NAME,			/* NUL-terminated, absent when it has none */
	IPCCHAN_A_FLAGS,		/* u32, IPCCHAN_CHAN_* */
	IPCCHAN_A_KIND,			/* u32, enum ipcchan_kind */
	IPCCHAN_A_MODE,			/* u32, permission bits */
	IPCCHAN_A_UID,			/* u32, in the reader's user namespace */
	IPCCHAN_A_GID,			/* likewise */
	IPCCHAN_A_MAX_MSGS,		/* u32, messages */
	IPCCHAN_A_MAX_MSG_SIZE,		/* u32, bytes */
	IPCCHAN_A_MAX_BYTES,		/* u64, bytes */
	IPCCHAN_A_BUF_SIZE,		/* u64, bytes, 0 for none */
	IPCCHAN_A_ENDPOINTS,		/* u32, attached descriptors */
	IPCCHAN_A_MSGS,			/* u32, queued now, for all subscribers */
	IPCCHAN_A_BYTES,		/* u64, likewise */
	IPCCHAN_A_STATS,		/* nest of IPCCHAN_A_STATS_* */
	IPCCHAN_A_OPTIONS,		/* u32, IPCCHAN_OPT_* */
	IPCCHAN_A_SLOW,			/* u32, enum ipcchan_slow */
	IPCCHAN_A_SPIN_NS,		/* u32, nanoseconds */
	IPCCHAN_A_BUF_FLAGS,		/* u32, IPCCHAN_BUF_* */
	IPCCHAN_A_BUF_NODE,		/* u32, NUMA node with IPCCHAN_BUF_NODE */
	IPCCHAN_A_BUF_HUGE,		/* u64, bytes of the buffer that are in huge pages */
	IPCCHAN_A_BUF_USED,		/* u64, bytes of it in blocks that are given out */
	IPCCHAN_A_POOL_SIZE,		/* u64, bytes of the receivers' pools */
	IPCCHAN_A_POOL_USED,		/* u64, bytes of them in blocks */
	IPCCHAN_A_WAITING_SENDERS,	/* u32, at most IPCCHAN_WAITING_MAX are counted */
	IPCCHAN_A_WAITING_RECEIVERS,	/* likewise */
	IPCCHAN_A_GENERATION,		/* u32, of the namespace's channels, when it was told */
	IPCCHAN_A_TIMES,		/* u32, 1 while time in queue is recorded */
	/* IPCCHAN_TIME_BUCKETS u64, messages by time in queue: of GET of one that records it */
	IPCCHAN_A_TIME_BUCKETS,
	__IPCCHAN_A_MAX
};

#define IPCCHAN_A_MAX		(__IPCCHAN_A_MAX - 1)

#define IPCCHAN_WAITING_MAX	1024U

/*
 * Time in queue, nanoseconds: bucket i < 4 has those of i * 64 up to below (i + 1) * 64; above,
 * each power of two is divided into four: bucket i has those from (4 + i % 4) << (i / 4 + 5) on.
 * The last one has all that is longer.
 */
#define IPCCHAN_TIME_BUCKETS	128U

/* All u64, since the channel's creation */
enum ipcchan_attr_stats {
	IPCCHAN_A_STATS_UNSPEC,
	IPCCHAN_A_STATS_PAD,
	IPCCHAN_A_STATS_SENT,
	IPCCHAN_A_STATS_SENT_BYTES,
	IPCCHAN_A_STATS_RECEIVED,	/* by all of them */
	IPCCHAN_A_STATS_RECEIVED_BYTES,
	IPCCHAN_A_STATS_HANDOVERS,	/* handed to a waiting receiver */
	IPCCHAN_A_STATS_SEND_WAITS,	/* senders that had to wait for room */
	IPCCHAN_A_STATS_RECV_WAITS,	/* receivers that had to wait */
	IPCCHAN_A_STATS_WAKEUPS,	/* wake-ups given to waiters */
	IPCCHAN_A_STATS_LOST,		/* dropped for slow subscribers */
	__IPCCHAN_A_STATS_MAX
};

#define IPCCHAN_A_STATS_MAX	(__IPCCHAN_A_STATS_MAX - 1)

/* Of an endpoint */
enum ipcchan_attr_ep {
	IPCCHAN_A_EP_UNSPEC,
	IPCCHAN_A_EP_PAD,
	IPCCHAN_A_EP_ID,		/* u32, unique in the network namespace */
	IPCCHAN_A_EP_CHAN,		/* u32, id of its channel */
	IPCCHAN_A_EP_NAME,		/* of the channel, absent when it has none */
	IPCCHAN_A_EP_ROLE,		/* u32, IPCCHAN_ROLE_* */
	IPCCHAN_A_EP_PID,		/* u32, who opened it, in the reader's namespace, or 0 */
	IPCCHAN_A_EP_UID,		/* u32, likewise */
	IPCCHAN_A_EP_GID,		/* u32, likewise */
	IPCCHAN_A_EP_LAST_PID,		/* u32, who sent through it last, or 0 */
	IPCCHAN_A_EP_MSGS,		/* u32, queued for it alone: of a subscriber */
	IPCCHAN_A_EP_BYTES,		/* u64, likewise */
	IPCCHAN_A_EP_LOST,		/* u64, likewise */
	IPCCHAN_A_EP_MIN_PRIO,		/* u32, its filter */
	IPCCHAN_A_EP_TYPE,		/* u32, likewise, absent when it takes any */
	IPCCHAN_A_EP_LOANS,		/* u32, blocks that it has */
	IPCCHAN_A_EP_LOAN_BYTES,	/* u64 */
	IPCCHAN_A_EP_POOL_SIZE,		/* u64, bytes of its pool, 0 for none */
	IPCCHAN_A_EP_POOL_USED,		/* u64 */
	__IPCCHAN_A_EP_MAX
};

#define IPCCHAN_A_EP_MAX	(__IPCCHAN_A_EP_MAX - 1)

/* Of a shared buffer, or of a receiver's pool */
enum ipcchan_attr_buf {
	IPCCHAN_A_BUF_UNSPEC,
	IPCCHAN_A_BUF_PAD,
	IPCCHAN_A_BUF_CHAN,		/* u32, id of the channel */
	IPCCHAN_A_BUF_EP,		/* u32, of a pool: id of its endpoint */
	IPCCHAN_A_BUF_BYTES,		/* u64, size */
	IPCCHAN_A_BUF_BYTES_USED,	/* u64, in blocks that are given out */
	IPCCHAN_A_BUF_BYTES_HUGE,	/* u64, in huge pages */
	IPCCHAN_A_BUF_OPTIONS,		/* u32, IPCCHAN_BUF_* */
	IPCCHAN_A_BUF_NUMA_NODE,	/* u32, absent without IPCCHAN_BUF_NODE */
	__IPCCHAN_A_BUF_MAX
};

#define IPCCHAN_A_BUF_MAX	(__IPCCHAN_A_BUF_MAX - 1)

/* Of a block */
enum ipcchan_attr_loan {
	IPCCHAN_A_LOAN_UNSPEC,
	IPCCHAN_A_LOAN_PAD,
	IPCCHAN_A_LOAN_CHAN,		/* u32, id of the channel */
	IPCCHAN_A_LOAN_EP,		/* u32, id of the endpoint that has it */
	IPCCHAN_A_LOAN_OFFSET,		/* u64, bytes, in that endpoint's file */
	IPCCHAN_A_LOAN_BYTES,		/* u64, size */
	__IPCCHAN_A_LOAN_MAX
};

#define IPCCHAN_A_LOAN_MAX	(__IPCCHAN_A_LOAN_MAX - 1)

/* Of a user: a message for each */
enum ipcchan_attr_quota {
	IPCCHAN_A_QUOTA_UNSPEC,
	IPCCHAN_A_QUOTA_PAD,
	IPCCHAN_A_QUOTA_UID,		/* u32, in the reader's user namespace */
	IPCCHAN_A_QUOTA_ITEM,		/* nest, repeated: IPCCHAN_A_ITEM_*, by ipcchan_item */
	__IPCCHAN_A_QUOTA_MAX
};

#define IPCCHAN_A_QUOTA_MAX	(__IPCCHAN_A_QUOTA_MAX - 1)

enum ipcchan_attr_item {
	IPCCHAN_A_ITEM_UNSPEC,
	IPCCHAN_A_ITEM_PAD,
	IPCCHAN_A_ITEM_NAME,		/* string, of the module parameter that limits it */
	IPCCHAN_A_ITEM_USED,		/* u64 */
	IPCCHAN_A_ITEM_LIMIT,		/* u64 */
	__IPCCHAN_A_ITEM_MAX
};

#define IPCCHAN_A_ITEM_MAX	(__IPCCHAN_A_ITEM_MAX - 1)

/**
 * enum ipcchan_event - what has happened
 * @IPCCHAN_EVENT_CREATED: a channel, by _PID
 * @IPCCHAN_EVENT_DELETED: it has lost its name, or ended, if it had none
 * @IPCCHAN_EVENT_CHANGED: its limits or permissions
 * @IPCCHAN_EVENT_ATTACHED: an endpoint
 * @IPCCHAN_EVENT_DETACHED: likewise
 * @IPCCHAN_EVENT_FULL: a sender has found no room; told once until
 * @IPCCHAN_EVENT_DRAINED: the queue is empty again
 * @IPCCHAN_EVENT_LAGGING: a subscriber has lost messages, or was disconnected; told once
 *	until it has received what it has
 * @IPCCHAN_EVENT_PEER_DIED: an endpoint was closed by the death of its last process, by a
 *	signal; before DETACHED
 * @IPCCHAN_EVENT_QUOTA: _UID was refused more than it may have; at most one a second and user,
 *	in the network namespace of who asked
 * @IPCCHAN_EVENT_CORRUPT: an endpoint reports that shared memory makes no sense
 *	(IPCCHAN_IOC_REPORT)
 */
enum ipcchan_event {
	IPCCHAN_EVENT_CREATED = 1,
	IPCCHAN_EVENT_DELETED,
	IPCCHAN_EVENT_CHANGED,
	IPCCHAN_EVENT_ATTACHED,
	IPCCHAN_EVENT_DETACHED,
	IPCCHAN_EVENT_FULL,
	IPCCHAN_EVENT_DRAINED,
	IPCCHAN_EVENT_LAGGING,
	IPCCHAN_EVENT_PEER_DIED,
	IPCCHAN_EVENT_QUOTA,
	IPCCHAN_EVENT_CORRUPT,
};

/* Of an event; what it does not have is absent */
enum ipcchan_attr_event {
	IPCCHAN_A_EVENT_UNSPEC,
	IPCCHAN_A_EVENT_PAD,
	IPCCHAN_A_EVENT_WHAT,		/* u32, enum ipcchan_event */
	IPCCHAN_A_EVENT_TIME_NS,	/* u64, CLOCK_MONOTONIC */
	IPCCHAN_A_EVENT_CHAN,		/* u32, id of the channel */
	IPCCHAN_A_EVENT_NAME,		/* of the channel */
	IPCCHAN_A_EVENT_EP,		/* u32, id of the endpoint */
	IPCCHAN_A_EVENT_ROLE,		/* u32, of the endpoint */
	IPCCHAN_A_EVENT_PID,		/* u32, in the initial pid namespace: who did it */
	IPCCHAN_A_EVENT_UID,		/* u32, likewise, in the initial user namespace */
	IPCCHAN_A_EVENT_COUNT,		/* u64: LAGGING, messages lost; FULL, messages queued */
	IPCCHAN_A_EVENT_OFFSET,		/* u64, bytes: CORRUPT */
	IPCCHAN_A_EVENT_ITEM,		/* string: QUOTA, as IPCCHAN_A_ITEM_NAME */
	__IPCCHAN_A_EVENT_MAX
};

#define IPCCHAN_A_EVENT_MAX	(__IPCCHAN_A_EVENT_MAX - 1)

#endif /* _UAPI_LINUX_IPCCHAN_NETLINK_H */
