/* SPDX-License-Identifier: GPL-2.0 */
/* The multicast group of the netlink family.  A socket belongs to one thread. */
#ifndef IPCCHAN_SELFTEST_EVENT_H
#define IPCCHAN_SELFTEST_EVENT_H

#include <stdint.h>

#include <linux/ipcchan.h>
#include <linux/ipcchan_netlink.h>

struct events;

/**
 * struct event - one event
 * @present: bit n is set when attribute n was there
 */
struct event {
	uint32_t present;
	uint32_t what;
	uint64_t time_ns;
	uint32_t chan;
	uint32_t ep;
	uint32_t role;
	uint32_t pid;
	uint32_t uid;
	uint64_t count;
	uint64_t offset;
	char name[IPCCHAN_NAME_SIZE];
	char item[32];
};

/** events_open() - join the group; NULL and errno where that is not allowed */
struct events *events_open(void);

/** events_room() - for so many bytes of them, of which each may take 2 KiB; root only */
int events_room(struct events *e, int bytes);

/** events_close() - @e may be NULL */
void events_close(struct events *e);

/**
 * events_next() - the next one
 * @timeout_ms: how long to wait for it
 *
 * Return: 0; -ETIMEDOUT; -ENOBUFS when some were lost.
 */
int events_next(struct events *e, struct event *out, int timeout_ms);

/** events_find() - the next one that is @what, those before it are dropped; likewise */
int events_find(struct events *e, uint32_t what, struct event *out);

#endif /* IPCCHAN_SELFTEST_EVENT_H */
