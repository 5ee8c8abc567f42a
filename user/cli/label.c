// SPDX-License-Identifier: GPL-2.0
/* What a message says beside its bytes: options of send and call. */
#include <errno.h>
#include <fcntl.h>

#include "label.h"

enum {
	OPT_PRIO = 0x100,
	OPT_TYPE,
	OPT_COOKIE,
	OPT_FD,
};

static const struct argp_option options[] = {
	{ "prio", OPT_PRIO, "N", 0,
	  "priority, 0 (the default) to 31; the highest is received first", 0 },
	{ "type", OPT_TYPE, "N", 0, "type, which \"recv --type\" may go by", 0 },
	{ "cookie", OPT_COOKIE, "N", 0, "a number of 64 bits that goes along", 0 },
	{ "fd", OPT_FD, "N", 0,
	  "pass this open descriptor along with each message; may be repeated", 0 },
	{ 0 }
};

/* Before anything is opened, which might get the number of one that is not open. */
static void add_fd(struct label *label, const char *arg, struct argp_state *state)
{
	int fd = arg_count(state, "--fd", arg, 0, INT32_MAX);

	if (fcntl(fd, F_GETFD) < 0)
		argp_error(state, "--fd: descriptor %d is not open", fd);
	if (label->nr_fds == IPCCHAN_FDS_MAX)
		argp_error(state, "--fd: a message carries at most %u descriptors",
			   IPCCHAN_FDS_MAX);
	label->fds[label->nr_fds++] = fd;
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct label *label = state->input;

	switch (key) {
	case OPT_PRIO:
		label->given = "--prio";
		label->prio = arg_count(state, "--prio", arg, 0, IPCCHAN_PRIO_MAX);
		return 0;
	case OPT_TYPE:
		label->given = "--type";
		label->type = arg_number(state, "--type", arg, UINT32_MAX);
		return 0;
	case OPT_COOKIE:
		label->given = "--cookie";
		label->cookie = arg_number(state, "--cookie", arg, UINT64_MAX);
		return 0;
	case OPT_FD:
		label->given = "--fd";
		add_fd(label, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp label_argp = { .options = options, .parser = parse_opt };

void label_init(const struct label *label, struct ipcchan_msghdr *msg,
		const void *buf, size_t len)
{
	ipcchan_msg_init(msg, buf, len);
	msg->prio = label->prio;
	msg->type = label->type;
	msg->cookie = label->cookie;
	ipcchan_msg_fds(msg, label->fds, label->nr_fds);
}

bool label_refused(const struct label *label, const char *verb, int err)
{
	if (!label->nr_fds || (err != -EINVAL && err != -EDQUOT))
		return false;
	if (err == -EDQUOT)
		cli_error(verb, "--fd: too many descriptors of this user are on their "
			  "way; receive some messages first");
	else
		cli_error(verb, "--fd: a descriptor of a UNIX socket, an io_uring or "
			  "an ipcchan cannot be passed");
	return true;
}
