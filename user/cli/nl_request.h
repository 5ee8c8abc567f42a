/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the family, and what comes back for them: of nl_*.c alone. */
#ifndef IPCCHAN_CLI_NL_REQUEST_H
#define IPCCHAN_CLI_NL_REQUEST_H

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "nl.h"

struct nl {
	struct nl_sock *sock;
	int family;
	char text[128];
};

/* One number of a reply: where it goes in the structure that it is parsed into. */
struct nl_field {
	uint16_t attr;
	uint16_t offset;
	bool wide;		/* u64, else u32 */
};

#define NL_FIELD(type, attr, member) \
	{ attr, offsetof(type, member), sizeof(((type *)0)->member) == sizeof(uint64_t) }

/* What a request has got: an array that grows. */
struct nl_array {
	size_t size;		/* of an item, bytes */
	/* Parses a message into an item, which is all zero; 0, negative errno. */
	int (*parse)(struct nlmsghdr *nlh, void *item);
	void *items;
	size_t n, room;
};

/** nl_fields_get() - take those numbers that are there; leaves the others alone */
void nl_fields_get(struct nlattr **tb, const struct nl_field *fields, size_t n, void *to);

/**
 * nl_text_get() - take a string, cut off at the size
 *
 * Return: whether it was there.
 */
bool nl_text_get(struct nlattr *attr, char *text, size_t size);

/**
 * nl_request() - begin a request
 * @cmd: IPCCHAN_CMD_*
 * @flags: NLM_F_DUMP or 0
 *
 * Return: the message, to be freed by nl_run(); NULL when memory is short.
 */
struct nl_msg *nl_request(struct nl *nl, int cmd, int flags);

/**
 * nl_run() - send a request and collect what comes back
 * @msg: freed in any case; NULL is reported as memory shortage
 * @err: negative errno of what failed when @msg was made, or 0
 * @array: out, to be freed by the caller where it did not fail; NULL: no reply is expected
 *
 * A dump that is inconsistent is made again, a few times.
 *
 * Return: 0, NL_INCONSISTENT, negative errno.
 */
int nl_run(struct nl *nl, struct nl_msg *msg, int err, struct nl_array *array);

#endif /* IPCCHAN_CLI_NL_REQUEST_H */
