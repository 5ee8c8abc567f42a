/* SPDX-License-Identifier: GPL-2.0 */
/* The checks of `ipcchan doctor`. */
#ifndef IPCCHAN_CLI_DOCTOR_H
#define IPCCHAN_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum check_status {
	CHECK_OK,
	CHECK_WARN,	/* works, but there is something to know */
	CHECK_FAIL,	/* keeps ipcchan from working */
	CHECK_SKIP,	/* cannot be told, because of another check */
};

struct doctor {
	json_t *checks;		/* array to collect in; NULL to print at once */
	bool failed;
	bool short_of_memory;
	char release[65];	/* of the kernel */
	const char *container;	/* why it looks like one, or NULL */
	bool modules;		/* the kernel can load modules */
	bool loaded;
	bool device;		/* can be opened */
	bool abi;		/* the module speaks this command's ABI */
};

/** doctor_run() - make all checks; @doc: all zero but for where to collect them */
void doctor_run(struct doctor *doc);

/**
 * doctor_report() - tell the result of one check
 * @name: one word
 * @advice: what to do, NULL when there is nothing
 * @fmt: what was found
 */
void doctor_report(struct doctor *doc, const char *name, enum check_status status,
		   const char *advice, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/**
 * doctor_skip_unless() - report a check as skipped when it cannot be made
 * @what: why not
 *
 * Return: whether it was skipped.
 */
bool doctor_skip_unless(struct doctor *doc, const char *name, bool condition,
			const char *what);

/*
 * Checks, in the order in which they must run: each sets its fields of struct
 * doctor for the later ones and reports once.
 */
void doctor_check_kernel(struct doctor *doc);
void doctor_check_container(struct doctor *doc);
void doctor_check_modules(struct doctor *doc);
void doctor_check_signing(struct doctor *doc);
void doctor_check_module(struct doctor *doc);
void doctor_check_device(struct doctor *doc);
void doctor_check_abi(struct doctor *doc);
void doctor_check_netlink(struct doctor *doc);
void doctor_check_roundtrip(struct doctor *doc);
void doctor_check_buffer(struct doctor *doc);
void doctor_check_cpus(struct doctor *doc);
void doctor_check_machine(struct doctor *doc);

#endif /* IPCCHAN_CLI_DOCTOR_H */
