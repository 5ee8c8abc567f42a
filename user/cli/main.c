// SPDX-License-Identifier: GPL-2.0
/* The command ipcchan: finds the verb and runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
	const char *views;	/* of the options -j -p -s -n, those that it takes */
} subcommands[] = {
	{ "create", cmd_create, "make a named channel", "" },
	{ "list", cmd_list, "list the channels", "jpsn" },
	{ "show", cmd_show, "show all there is to know about one channel", "jpsn" },
	{ "set", cmd_set, "change limits, owner and mode of a channel", "" },
	{ "delete", cmd_delete, "remove channels", "" },
	{ "stats", cmd_stats, "show counters, or their rates", "jpn" },
	{ "monitor", cmd_monitor, "tell what happens, as it happens", "jpn" },
	{ "top", cmd_top, "show the busiest channels, again and again", "jpn" },
	{ "tree", cmd_tree, "show who talks to whom", "jpsn" },
	{ "quota", cmd_quota, "show what users have, and may have", "jpn" },
	{ "send", cmd_send, "send text, lines or a file", "" },
	{ "recv", cmd_recv, "receive messages", "" },
	{ "call", cmd_call, "send a request and wait for its reply", "" },
	{ "serve", cmd_serve, "reply to requests with the output of a command", "" },
	{ "trace", cmd_trace, "tell the life of each message of a channel", "j" },
	{ "bench", cmd_bench, "measure the channel against other mechanisms", "" },
	{ "ladder", cmd_ladder, "measure the rungs of the channel, from copy to spin", "" },
	{ "claims", cmd_claims, "try what lecture notes say of IPC, and tell what holds", "jp" },
	{ "doctor", cmd_doctor, "find out why something does not work", "jp" },
	{ "report", cmd_report, "collect what a report of a fault needs", "" },
};

#define N_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

const char *argp_program_version = "ipcchan " IPCCHAN_VERSION;

static void print_usage(FILE *out)
{
	fprintf(out, "Usage: ipcchan VERB [OPTION...] [ARGUMENT...]\n\n"
		"Message channels and shared buffers between processes.\n\n"
		"Verbs:\n");
	for (size_t i = 0; i < N_SUBCOMMANDS; i++)
		fprintf(out, "  %-8s %s\n", subcommands[i].name,
			subcommands[i].summary);
	fprintf(out, "\n-j, -p, -s and -n of the verbs that show something may stand before the "
		"verb, too.\n\"ipcchan help VERB\" tells the options of a verb, "
		"\"ipcchan --version\" the version.\n"
		"Exit status: 0 done, 1 wrong usage, 2 the kernel or the system "
		"refused.\n");
}

static const struct subcommand *find_subcommand(const char *name)
{
	for (size_t i = 0; i < N_SUBCOMMANDS; i++)
		if (!strcmp(name, subcommands[i].name))
			return &subcommands[i];
	fprintf(stderr, "ipcchan: there is no verb '%s'; \"ipcchan help\" lists "
		"them\n", name);
	return NULL;
}

/* -j and the like, as the verb has them: there -n alone may have a meaning of its own. */
static const struct view_option {
	char letter;
	char name[10];
} view_options[] = {
	{ 'j', "--json" }, { 'p', "--pretty" }, { 's', "--stats" }, { 'n', "--numeric" },
};

#define N_VIEW_OPTIONS (sizeof(view_options) / sizeof(view_options[0]))

/*
 * One bit of @given for each option of view_options that @arg has.
 *
 * Return: whether it has no other.
 */
static bool parse_view(const char *arg, unsigned int *given)
{
	for (size_t i = 0; i < N_VIEW_OPTIONS; i++)
		if (!strcmp(arg, view_options[i].name)) {
			*given |= 1U << i;
			return true;
		}
	for (arg++; *arg; arg++) {
		size_t i = 0;

		while (i < N_VIEW_OPTIONS && view_options[i].letter != *arg)
			i++;
		if (i == N_VIEW_OPTIONS)
			return false;
		*given |= 1U << i;
	}
	return true;
}

/* @argv: from the verb on. */
static int run_subcommand(const struct subcommand *sub, int argc, char **argv,
			  unsigned int views)
{
	static struct view_option options[N_VIEW_OPTIONS];
	char title[64], **args;
	int status, n = 1;

	args = calloc(argc + N_VIEW_OPTIONS + 1, sizeof(*args));
	if (!args) {
		cli_error("ipcchan", "out of memory");
		return EXIT_SYSTEM;
	}
	snprintf(title, sizeof(title), "ipcchan %s", sub->name);
	args[0] = title;
	memcpy(options, view_options, sizeof(options));
	for (size_t i = 0; i < N_VIEW_OPTIONS; i++) {
		if (!(views & 1U << i))
			continue;
		if (!strchr(sub->views, options[i].letter)) {
			fprintf(stderr, "%s: does not take %s; \"ipcchan help %s\" tells "
				"what it takes\n", title, options[i].name, sub->name);
			free(args);
			return EXIT_USAGE;
		}
		args[n++] = options[i].name;
	}
	memcpy(args + n, argv + 1, (argc - 1) * sizeof(*args));
	status = sub->run(n + argc - 1, args);
	free(args);
	return status;
}

static int help(const char *name)
{
	char option[] = "--help";
	char *argv[] = { NULL, option, NULL };
	const struct subcommand *sub;

	if (!name) {
		print_usage(stdout);
		return cli_flush_stdout("ipcchan");
	}
	sub = find_subcommand(name);
	return sub ? run_subcommand(sub, 2, argv, 0) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct subcommand *sub;
	unsigned int views = 0;
	int at = 1;

	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h")) {
		if (argc > 3) {
			fprintf(stderr, "ipcchan: help takes one verb\n");
			return EXIT_USAGE;
		}
		return help(argv[2]);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts(argp_program_version);
		return cli_flush_stdout("ipcchan");
	}
	while (at < argc && argv[at][0] == '-' && argv[at][1]) {
		if (!parse_view(argv[at], &views)) {
			fprintf(stderr, "ipcchan: '%s' is no option that may stand before a "
				"verb; those are -j, -p, -s and -n\n", argv[at]);
			return EXIT_USAGE;
		}
		at++;
	}
	if (at == argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	sub = find_subcommand(argv[at]);
	return sub ? run_subcommand(sub, argc - at, argv + at, views) : EXIT_USAGE;
}
