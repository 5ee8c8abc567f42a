/* SPDX-License-Identifier: GPL-2.0 */
/* The sections of `ipcchan report`, each printed to the standard output. */
#ifndef IPCCHAN_CLI_REPORT_H
#define IPCCHAN_CLI_REPORT_H

#define REPORT_MISSING_MAX	32

struct report {
	const char *missing[REPORT_MISSING_MAX];	/* names of sections */
	unsigned int n_missing;
};

/** report_section() - print the title of a section */
void report_section(const char *title);

/**
 * report_missing() - say in a section that something could not be had
 * @what: literal, told at the end once more
 * @why: how that came
 */
void report_missing(struct report *report, const char *what, const char *why);

/** report_system() - the machine, its kernel, the module and its parameters */
void report_system(struct report *report);

/** report_debugfs() - what the module tells there */
void report_debugfs(struct report *report);

/** report_log() - the kernel's messages about ipcchan */
void report_log(struct report *report);

#endif /* IPCCHAN_CLI_REPORT_H */
