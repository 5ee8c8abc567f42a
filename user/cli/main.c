// SPDX-License-Identifier: GPL-2.0
/* The command ipcchan: finds the verb and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} subcommands[] = {
	{ "create", cmd_create, "make a named channel" },
	{ "list", cmd_list, "list the channels" },
	{ "show", cmd_show, "show all there is to know about one channel" },
	{ "delete", cmd_delete, "remove channels" },
	{ "send", cmd_send, "send text, lines or a file" },
	{ "recv", cmd_recv, "receive messages" },
	{ "call", cmd_call, "send a request and wait for its reply" },
	{ "serve", cmd_serve, "reply to requests with the output of a command" },
	{ "trace", cmd_trace, "tell the life of each message of a channel" },
	{ "bench", cmd_bench, "measure the channel against other mechanisms" },
	{ "ladder", cmd_ladder, "measure the rungs of the channel, from copy to spin" },
	{ "doctor", cmd_doctor, "find out why something does not work" },
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
	fprintf(out, "\n\"ipcchan help VERB\" tells the options of a verb, "
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

static int run_subcommand(const struct subcommand *sub, int argc, char **argv)
{
	char title[64];

	snprintf(title, sizeof(title), "ipcchan %s", sub->name);
	argv[0] = title;
	return sub->run(argc, argv);
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
	return sub ? run_subcommand(sub, 2, argv) : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct subcommand *sub;

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
	sub = find_subcommand(argv[1]);
	return sub ? run_subcommand(sub, argc - 1, argv + 1) : EXIT_USAGE;
}
