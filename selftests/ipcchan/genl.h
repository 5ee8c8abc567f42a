/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family ipcchan as the selftests see it, through libnl.
 * Functions return 0, a count, or -errno as the kernel gave it.  A struct genl
 * belongs to one thread and to the network namespace that it was opened in.
 */
#ifndef IPCCHAN_SELFTEST_GENL_H
#define IPCCHAN_SELFTEST_GENL_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/ipcchan.h>
#include <linux/ipcchan_netlink.h>

struct genl;
struct nl_msg;
struct nlmsghdr;

/**
 * struct genl_chan - one channel as a reply described it
 * @present: bit n is set when attribute n was there
 * @stats_present: likewise of the nest IPCCHAN_A_STATS
 * @stats: by IPCCHAN_A_STATS_*
 */
struct genl_chan {
	uint32_t present;
	uint32_t stats_present;
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
	uint32_t endpoints;
	uint32_t msgs;
	uint64_t bytes;
	uint32_t options;
	uint32_t slow;
	uint32_t spin_ns;
	uint32_t buf_flags;
	uint32_t buf_node;
	uint64_t buf_huge;
	uint64_t buf_used;
	uint64_t pool_size;
	uint64_t pool_used;
	uint32_t waiting_senders;
	uint32_t waiting_receivers;
	uint32_t generation;
	uint64_t stats[IPCCHAN_A_STATS_MAX + 1];
	uint32_t times;
	uint64_t time_buckets[IPCCHAN_TIME_BUCKETS];
	char name[IPCCHAN_NAME_SIZE];
};

/** genl_open() - NULL when there is no such family */
struct genl *genl_open(void);

/** genl_close() - @g may be NULL */
void genl_close(struct genl *g);

/** genl_msg() - an empty request; @flags are NLM_F_*; genl_talk() frees it */
struct nl_msg *genl_msg(struct genl *g, uint8_t cmd, int flags);

/**
 * genl_talk() - send a request and take all that is answered
 * @out: filled with at most @max channels, may be NULL when @max is 0
 *
 * Return: number of channels in the answer, -ENOSPC when more than @max.
 */
int genl_talk(struct genl *g, struct nl_msg *msg, struct genl_chan *out, int max);

typedef void genl_each_fn(struct nlmsghdr *nlh, void *arg);

/**
 * genl_each() - send a request, call @each for each message of the answer
 *
 * Return: how many these were.
 */
int genl_each(struct genl *g, struct nl_msg *msg, genl_each_fn *each, void *arg);

/** genl_interrupted() - whether the last dump says that something changed meanwhile */
bool genl_interrupted(const struct genl *g);

/** genl_fd() - the socket */
int genl_fd(const struct genl *g);

/**
 * genl_write() - send a request with write(2), which names no address; @msg is
 * freed
 */
int genl_write(struct genl *g, struct nl_msg *msg);

/** genl_extack() - text that came with the last error, "" when none */
const char *genl_extack(const struct genl *g);

/** genl_get() - by @name, or by @id when @name is NULL */
int genl_get(struct genl *g, const char *name, uint32_t id, struct genl_chan *out);

/** genl_dump() - all channels of the namespace; the number of them */
int genl_dump(struct genl *g, struct genl_chan *out, int max);

/** genl_new() - create a channel with the default limits */
int genl_new(struct genl *g, const char *name);

/** genl_set_times() - whether time in queue is recorded */
int genl_set_times(struct genl *g, uint32_t id, bool on);

/** genl_del() - by @name, or by @id when @name is NULL */
int genl_del(struct genl *g, const char *name, uint32_t id);

/** chan_count() - how many channels the caller's namespace has, or -errno */
int chan_count(void);

/** chan_exists() - whether a channel of the caller's namespace has this id */
bool chan_exists(uint32_t id);

#endif /* IPCCHAN_SELFTEST_GENL_H */
