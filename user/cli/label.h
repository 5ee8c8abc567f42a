/* SPDX-License-Identifier: GPL-2.0 */
/* What a message says beside its bytes: options of send and call. */
#ifndef IPCCHAN_CLI_LABEL_H
#define IPCCHAN_CLI_LABEL_H

#include "cli.h"

/* All zero before the options are parsed. */
struct label {
	const char *given;	/* one of its options, NULL for none */
	uint32_t prio;
	uint32_t type;
	uint64_t cookie;
	uint32_t nr_fds;
	int fds[IPCCHAN_FDS_MAX];
};

/* Has a struct label for input. */
extern const struct argp label_argp;

/** label_init() - the header of a message with this label; both must stay */
void label_init(const struct label *label, struct ipcchan_msghdr *msg,
		const void *buf, size_t len);

/**
 * label_refused() - say why a message with this label was refused, if that is why
 * @verb: argv[0] of the verb
 * @err: negative errno
 *
 * Return: whether it was said.
 */
bool label_refused(const struct label *label, const char *verb, int err);

#endif /* IPCCHAN_CLI_LABEL_H */
