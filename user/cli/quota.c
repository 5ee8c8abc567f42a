// SPDX-License-Identifier: GPL-2.0
/* ipcchan quota: what users have, and may have. */
#include <errno.h>
#include <stdlib.h>

#include "chan_format.h"
#include "cli.h"
#include "quota.h"
#include "table.h"
#include "view.h"

struct quota_args {
	struct view view;
	uint32_t uid;
};

enum {
	OPT_USER = 0x100,
};

static const struct argp_option options[] = {
	{ "user", OPT_USER, "USER", 0, "only of this user, a name or a number", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct quota_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->view;
		return 0;
	case OPT_USER:
		args->uid = arg_user(state, "--user", arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument; --user USER shows one user");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp quota_argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Show for each user what it has, and what it may have at most."
	       "\vITEM is the parameter of the module that sets the limit.  Who is not root "
	       "sees what is its own.",
	.children = view_numeric,
};

/* What a user may have at most can be more than there is to count: no limit. */
static json_t *limit_json(uint64_t limit)
{
	return limit > INT64_MAX ? json_null() : json_integer(limit);
}

static json_t *item_json(const struct nl_quota *quota, size_t i)
{
	char name[4 * NL_ITEM_NAME_SIZE];

	text_safe(quota->items[i].name, name, sizeof(name));
	return json_pack("{s:s, s:I, s:o}", "name", name,
			 "used", (json_int_t)quota->items[i].used,
			 "limit", limit_json(quota->items[i].limit));
}

json_t *quotas_json(const struct nl_quota *quotas, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *items = json_array();

		for (size_t k = 0; k < quotas[i].n; k++)
			json_array_append_new(items, item_json(&quotas[i], k));
		if (json_array_size(items) != quotas[i].n ||
		    json_array_append_new(array, json_pack("{s:I, s:O}", "uid",
							   (json_int_t)quotas[i].uid,
							   "items", items))) {
			json_decref(items);
			json_decref(array);
			return NULL;
		}
		json_decref(items);
	}
	return array;
}

static void add_rows(struct table *table, const struct nl_quota *quota, bool numeric)
{
	char user[USER_TEXT_SIZE], name[4 * NL_ITEM_NAME_SIZE];

	user_text(quota->uid, numeric, user);
	for (size_t i = 0; i < quota->n; i++) {
		uint64_t used = quota->items[i].used, limit = quota->items[i].limit;

		text_safe(quota->items[i].name, name, sizeof(name));
		table_cell(table, "%s", user);
		table_cell(table, "%s", name);
		table_cell(table, "%llu", (unsigned long long)used);
		table_cell(table, "%llu", (unsigned long long)limit);
		if (limit)
			table_cell(table, "%.1f%%", 100.0 * used / limit);
		else
			table_cell(table, "-");
	}
}

int quotas_print(const struct nl_quota *quotas, size_t n, bool numeric)
{
	/* USER and ITEM are words */
	struct table *table = table_new(5, 0x3);
	int err;

	if (!table)
		return -ENOMEM;
	table_cell(table, "USER");
	table_cell(table, "ITEM");
	table_cell(table, "USED");
	table_cell(table, "LIMIT");
	table_cell(table, "%s", "USE%");
	for (size_t i = 0; i < n; i++)
		add_rows(table, &quotas[i], numeric);
	err = table_print(table);
	table_free(table);
	return err;
}

static int print(const char *verb, const struct nl_quota *quotas, size_t n,
		 const struct view *view)
{
	if (view->json)
		return json_print(verb, quotas_json(quotas, n), view->pretty);
	if (quotas_print(quotas, n, view->numeric)) {
		cli_error(verb, "out of memory");
		return EXIT_SYSTEM;
	}
	return cli_flush_stdout(verb);
}

int cmd_quota(int argc, char **argv)
{
	struct quota_args args = { .uid = NL_NO_ID };
	struct nl_quota *quotas = NULL;
	struct nl *nl;
	size_t n = 0;
	int ret, status;

	argp_parse(&quota_argp, argc, argv, 0, NULL, &args);
	ret = nl_begin(&nl);
	if (!ret)
		ret = nl_dump_quotas(nl, args.uid, &quotas, &n);
	status = view_dumped(argv[0], nl, ret);
	nl_end(nl);
	if (!status)
		status = print(argv[0], quotas, n, &args.view);
	free(quotas);
	return status;
}
