/* SPDX-License-Identifier: GPL-2.0 */
/* Channels as the generic netlink family tells them. */
#ifndef IPCCHAN_CLI_NL_H
#define IPCCHAN_CLI_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ipcchan.h>

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
	/* by enum ipcchan_attr_stats */
	uint64_t stats[IPCCHAN_A_STATS_MAX + 1];
};

/* Why a request failed. */
struct nl_error {
	char text[128];		/* what the kernel said to it, or empty */
};

/**
 * nl_get_channel() - ask for one channel
 * @name: of the channel, NULL to ask for @id
 * @chan: out
 * @error: out, filled on failure
 *
 * Return: 0; -ENOPKG (no family: the module is not loaded), -ENOENT, or
 * another negative errno.
 */
int nl_get_channel(const char *name, uint32_t id, struct nl_chan *chan,
		   struct nl_error *error);

/**
 * nl_find_channel() - nl_get_channel() of what the user gave
 * @text: a name or, where there is no such channel, an id
 */
int nl_find_channel(const char *text, struct nl_chan *chan, struct nl_error *error);

/**
 * nl_dump_channels() - ask for all channels of the network namespace
 * @chans: out, to be freed by the caller, sorted by id
 * @n: out, channels
 *
 * Return: 0, or as nl_get_channel(); -EINTR when channels came and went too
 * fast to see a consistent list.
 */
int nl_dump_channels(struct nl_chan **chans, size_t *n, struct nl_error *error);

/**
 * nl_probe() - look for the family
 * @version: out, version of the family
 *
 * Return: 0, or as nl_get_channel().
 */
int nl_probe(uint32_t *version);

#endif /* IPCCHAN_CLI_NL_H */
