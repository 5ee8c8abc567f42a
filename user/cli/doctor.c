// SPDX-License-Identifier: GPL-2.0
/* ipcchan doctor: why something does not work, and what to do. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chan_format.h"
#include "cli.h"
#include "doctor.h"
#include "view.h"

static void (* const checks[])(struct doctor *doc) = {
	doctor_check_kernel,
	doctor_check_container,
	doctor_check_modules,
	doctor_check_signing,
	doctor_check_module,
	doctor_check_device,
	doctor_check_abi,
	doctor_check_netlink,
	doctor_check_roundtrip,
	doctor_check_buffer,
	doctor_check_cpus,
	doctor_check_machine,
};

static const char * const status_words[] = {
	[CHECK_OK] = "ok",
	[CHECK_WARN] = "WARN",
	[CHECK_FAIL] = "FAIL",
	[CHECK_SKIP] = "skip",
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp doctor_argp = {
	.parser = parse_opt,
	.children = view_json,
	.doc = "Check this machine, one check a line, and say what to do."
	       "\vok: as it should be.  WARN: works, with something to know.  FAIL: "
	       "keeps ipcchan from working.  skip: cannot be told before another check "
	       "passes.  The exit status is 2 when a check failed.",
};

static void collect(struct doctor *doc, const char *name, enum check_status status,
		    const char *advice, const char *found)
{
	json_t *check = json_pack("{s:s, s:s, s:s, s:s?}", "name", name,
				  "status", status_words[status],
				  "found", found, "advice", advice);

	if (json_array_append_new(doc->checks, check))
		doc->short_of_memory = true;
}

void doctor_report(struct doctor *doc, const char *name, enum check_status status,
		   const char *advice, const char *fmt, ...)
{
	char found[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(found, sizeof(found), fmt, ap);
	va_end(ap);
	if (status == CHECK_FAIL)
		doc->failed = true;
	if (doc->checks)
		collect(doc, name, status, advice, found);
	else
		printf("%-4s  %-9s  %s%s%s\n", status_words[status], name, found,
		       advice ? "; to do: " : "", advice ? advice : "");
}

bool doctor_skip_unless(struct doctor *doc, const char *name, bool condition,
			const char *what)
{
	if (!condition)
		doctor_report(doc, name, CHECK_SKIP, NULL, "not tried: %s", what);
	return !condition;
}

void doctor_run(struct doctor *doc)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](doc);
}

static int print_json(const char *verb, struct doctor *doc, bool pretty)
{
	json_t *json = NULL;

	if (!doc->short_of_memory)
		json = json_pack("{s:s, s:b, s:O}", "schema", "ipcchan-doctor/1",
				 "ok", !doc->failed, "checks", doc->checks);
	json_decref(doc->checks);
	return json_print(verb, json, pretty);
}

int cmd_doctor(int argc, char **argv)
{
	struct view view = { 0 };
	struct doctor doc = { 0 };
	int status;

	argp_parse(&doctor_argp, argc, argv, 0, NULL, &view);
	if (view.json) {
		doc.checks = json_array();
		if (!doc.checks) {
			cli_error(argv[0], "out of memory");
			return EXIT_SYSTEM;
		}
	}
	doctor_run(&doc);
	if (view.json)
		status = print_json(argv[0], &doc, view.pretty);
	else
		status = cli_flush_stdout(argv[0]);
	return doc.failed ? EXIT_SYSTEM : status;
}
