// SPDX-License-Identifier: GPL-2.0
/* ipcchan report: what a report of a fault needs, in one text. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chan_table.h"
#include "cli.h"
#include "doctor.h"
#include "ep_format.h"
#include "nl.h"
#include "quota.h"
#include "report.h"
#include "sysroot.h"

struct report_args {
	const char *file;	/* NULL: standard output */
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "write it to this file, which must not be there", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct report_args *args = state->input;

	switch (key) {
	case 'o':
		args->file = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp report_argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Collect what a report of a fault needs into one text: the machine, its kernel, "
	       "the module and its parameters, what the doctor says, channels, endpoints, "
	       "blocks, quotas, what the module tells in debugfs, and the kernel's messages "
	       "about it."
	       "\vIt has names of channels, of users and of commands, but nothing of what "
	       "messages say.  What could not be had is told; root has the most.",
};

void report_section(const char *title)
{
	printf("\n== %s ==\n", title);
}

void report_missing(struct report *report, const char *what, const char *why)
{
	printf("not to be had: %s\n", why);
	if (report->n_missing < REPORT_MISSING_MAX)
		report->missing[report->n_missing++] = what;
}

static void report_doctor(void)
{
	struct doctor doc = { 0 };

	report_section("doctor");
	doctor_run(&doc);
}

/* What a dump has brought: tells why not, or that it may be wrong. */
static bool is_dumped(struct report *report, const struct nl *nl, const char *what, int ret)
{
	char why[256];

	report_section(what);
	if (ret < 0) {
		snprintf(why, sizeof(why), "%s%s%s",
			 ret == -ENOPKG ? "the module is not loaded" : strerror(-ret),
			 *nl_text(nl) ? ": " : "", nl_text(nl));
		report_missing(report, what, why);
	} else if (ret == NL_INCONSISTENT) {
		printf("it changed while it was read\n");
	}
	return ret >= 0;
}

static void report_channels(struct report *report, struct nl *nl, int err)
{
	struct nl_chan *chans = NULL;
	size_t n = 0;
	int ret = err ? err : nl_dump_channels(nl, NULL, &chans, &n);

	if (is_dumped(report, nl, "channels", ret) && chans_print(chans, n, true, true))
		report_missing(report, "channels", strerror(ENOMEM));
	free(chans);
}

static void report_endpoints(struct report *report, struct nl *nl, int err)
{
	struct nl_ep *eps = NULL;
	size_t n = 0;
	int ret = err ? err : nl_dump_endpoints(nl, 0, &eps, &n);

	if (is_dumped(report, nl, "endpoints", ret) && eps_print(eps, n, true, true))
		report_missing(report, "endpoints", strerror(ENOMEM));
	free(eps);
}

static void report_blocks(struct report *report, struct nl *nl, int err)
{
	struct nl_loan *loans = NULL;
	size_t n = 0;
	int ret = err ? err : nl_dump_loans(nl, 0, &loans, &n);

	if (is_dumped(report, nl, "blocks", ret) && loans_print(loans, n))
		report_missing(report, "blocks", strerror(ENOMEM));
	free(loans);
}

static void report_quotas(struct report *report, struct nl *nl, int err)
{
	struct nl_quota *quotas = NULL;
	size_t n = 0;
	int ret = err ? err : nl_dump_quotas(nl, NL_NO_ID, &quotas, &n);

	if (is_dumped(report, nl, "quotas", ret) && quotas_print(quotas, n, true))
		report_missing(report, "quotas", strerror(ENOMEM));
	free(quotas);
}

static void report_netlink(struct report *report)
{
	struct nl *nl = NULL;
	int err = -EREMOTE;

	/* a tree that stands for another machine has no netlink */
	if (sysroot_is_live())
		err = nl_begin(&nl);
	report_channels(report, nl, err);
	report_endpoints(report, nl, err);
	report_blocks(report, nl, err);
	report_quotas(report, nl, err);
	nl_end(nl);
}

static void report_end(const struct report *report)
{
	report_section("end");
	if (!report->n_missing)
		printf("nothing is missing\n");
	for (unsigned int i = 0; i < report->n_missing; i++)
		printf("missing: %s\n", report->missing[i]);
}

/* The standard output becomes the file.  Return: exit status. */
static int redirect(const char *verb, const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST) {
		cli_error(verb, "%s is there already; give the name of a file that is not",
			  file);
		return EXIT_SYSTEM;
	}
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0) {
		cli_error(verb, "cannot write to %s: %s", file, strerror(errno));
		return EXIT_SYSTEM;
	}
	close(fd);
	return EXIT_OK;
}

int cmd_report(int argc, char **argv)
{
	struct report_args args = { 0 };
	struct report report = { 0 };
	int status = EXIT_OK;

	argp_parse(&report_argp, argc, argv, 0, NULL, &args);
	if (args.file)
		status = redirect(argv[0], args.file);
	if (status)
		return status;
	printf("ipcchan %s: a report. It has names of channels, users and commands, but nothing\n"
	       "of what messages say. Look it through before you give it away.\n",
	       IPCCHAN_VERSION);
	report_system(&report);
	report_doctor();
	report_netlink(&report);
	report_debugfs(&report);
	report_log(&report);
	report_end(&report);
	return cli_flush_stdout(argv[0]);
}
