/* SPDX-License-Identifier: GPL-2.0 */
/* What the generic netlink family tells of channels, and takes to change them. */
#ifndef IPCCHAN_CLI_NL_H
#define IPCCHAN_CLI_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ipcchan.h>
#include <linux/ipcchan_netlink.h>

#define NL_NO_ID	UINT32_MAX	/* no user, no type, no NUMA node */
#define NL_ITEM_NAME_SIZE	32
#define NL_ITEMS_MAX	16	/* of a user's quota */

/* A dump was made while what it tells has changed: it may lack some, or have some twice. */
#define NL_INCONSISTENT	1

/* One socket of the family; for one thread. */
struct nl;

/* struct nl_chan - one channel; sizes in bytes, counters since its creation */
struct nl_chan {
	bool has_name;
	char name[IPCCHAN_NAME_SIZE];
	uint32_t id;
	uint32_t flags;
	uint32_t kind;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t max_msgs;
	uint32_t max_msg_size;
	uint64_t max_bytes;
	uint64_t buf_size;
	uint32_t options;
	uint32_t slow;
	uint32_t spin_ns;
	uint32_t buf_flags;
	uint32_t buf_node;
	uint64_t buf_huge;
	uint64_t buf_used;
	uint64_t pool_size;
	uint64_t pool_used;
	uint32_t endpoints;
	uint32_t msgs;
	uint64_t bytes;
	uint32_t waiting_senders;	/* at most IPCCHAN_WAITING_MAX */
	uint32_t waiting_receivers;	/* likewise */
	uint32_t times;			/* 1 while time in queue is recorded */
	/* by enum ipcchan_attr_stats */
	uint64_t stats[IPCCHAN_A_STATS_MAX + 1];
};

/* struct nl_times - messages by time in queue, as <linux/ipcchan_netlink.h> divides it */
struct nl_times {
	bool recorded;
	uint64_t buckets[IPCCHAN_TIME_BUCKETS];
};

/* struct nl_filter - which channels a dump is to have: those with all that is given */
struct nl_filter {
	bool by_kind;
	uint32_t kind;
	bool by_uid;
	uint32_t uid;
	uint32_t flags;		/* IPCCHAN_CHAN_*, all these bits */
};

/* struct nl_ep - an endpoint; sizes in bytes */
struct nl_ep {
	bool has_name;
	char name[IPCCHAN_NAME_SIZE];	/* of its channel */
	uint32_t id;
	uint32_t chan;
	uint32_t role;
	uint32_t pid;
	uint32_t uid;
	uint32_t gid;
	uint32_t last_pid;
	uint32_t msgs;
	uint64_t bytes;
	uint64_t lost;
	uint32_t min_prio;
	bool has_type;
	uint32_t type;
	uint32_t loans;
	uint64_t loan_bytes;
	uint64_t pool_size;
	uint64_t pool_used;
};

/* struct nl_loan - a block that an endpoint has, in bytes */
struct nl_loan {
	uint32_t chan;
	uint32_t ep;
	uint64_t offset;
	uint64_t bytes;
};

/* struct nl_quota - what a user has, and may have */
struct nl_quota {
	uint32_t uid;
	size_t n;
	struct {
		char name[NL_ITEM_NAME_SIZE];
		uint64_t used;
		uint64_t limit;
	} items[NL_ITEMS_MAX];
};

/* struct nl_event - something has happened; 0, NULL or NL_NO_ID where it does not say */
struct nl_event {
	uint32_t what;		/* enum ipcchan_event */
	uint64_t time_ns;
	uint32_t chan;
	bool has_name;
	char name[IPCCHAN_NAME_SIZE];
	uint32_t ep;
	uint32_t role;
	uint32_t pid;		/* in the initial namespace */
	uint32_t uid;		/* likewise, or NL_NO_ID */
	bool has_count;
	uint64_t count;
	bool has_offset;
	uint64_t offset;
	char item[NL_ITEM_NAME_SIZE];
};

/**
 * nl_begin() - a socket of the family
 * @nl: out
 *
 * Return: 0; -ENOPKG (no family: the module is not loaded), or another negative errno.
 */
int nl_begin(struct nl **nl);

/** nl_end() - free it; may be NULL */
void nl_end(struct nl *nl);

/** nl_text() - what the kernel said to the request that failed; may be empty */
const char *nl_text(const struct nl *nl);

/**
 * nl_get_channel() - ask for one channel
 * @name: of the channel, NULL to ask for @id
 * @chan: out
 * @times: out, may be NULL
 *
 * Return: 0; -ENOENT, or another negative errno.
 */
int nl_get_channel(struct nl *nl, const char *name, uint32_t id, struct nl_chan *chan,
		   struct nl_times *times);

/**
 * nl_dump_channels() - ask for the channels of the network namespace
 * @filter: NULL for all
 * @chans: out, to be freed by the caller, sorted by id
 * @n: out, channels
 *
 * Return: 0; NL_INCONSISTENT, with what there is, when they changed at each of some
 * tries; a negative errno.
 */
int nl_dump_channels(struct nl *nl, const struct nl_filter *filter, struct nl_chan **chans,
		     size_t *n);

/**
 * nl_set_channel() - change one channel
 * @name: of the channel, NULL for that with @id
 * @values: those to set
 * @given: which they are, bits 1 << IPCCHAN_A_*
 *
 * Return: 0; -ENOENT, -EPERM, or another negative errno.
 */
int nl_set_channel(struct nl *nl, const char *name, uint32_t id,
		   const struct nl_chan *values, uint64_t given);

/**
 * nl_dump_endpoints() - ask for endpoints
 * @chan: id of their channel, 0 for those of all channels
 * @eps: out, to be freed by the caller, sorted by channel and id
 *
 * Return: as nl_dump_channels().
 */
int nl_dump_endpoints(struct nl *nl, uint32_t chan, struct nl_ep **eps, size_t *n);

/** nl_dump_loans() - ask for the blocks that the endpoints of a channel have, likewise */
int nl_dump_loans(struct nl *nl, uint32_t chan, struct nl_loan **loans, size_t *n);

/**
 * nl_dump_quotas() - ask for what users have and may have
 * @uid: of the user, NL_NO_ID for all of them
 * @quotas: out, to be freed by the caller, sorted by user
 *
 * Return: as nl_dump_channels().
 */
int nl_dump_quotas(struct nl *nl, uint32_t uid, struct nl_quota **quotas, size_t *n);

/**
 * nl_events_begin() - a socket to which events come
 * @nl: out
 * @fd: out, readable when there are some; nl_end() closes it
 *
 * Return: 0; -ENOENT (the module tells none), -EACCES (not this user), or as nl_begin().
 */
int nl_events_begin(struct nl **nl, int *fd);

/**
 * nl_events_read() - take the events that are there, without waiting
 * @fn: called with each; what it returns, other than 0, ends it
 *
 * Return: 0; -ENOBUFS when some were lost for want of room; what @fn returned; another
 * negative errno.
 */
int nl_events_read(struct nl *nl, int (*fn)(const struct nl_event *event, void *arg),
		   void *arg);

/**
 * nl_probe() - look for the family
 * @version: out, version of the family
 *
 * Return: 0, or as nl_begin().
 */
int nl_probe(uint32_t *version);

#endif /* IPCCHAN_CLI_NL_H */
