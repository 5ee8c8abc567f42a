// SPDX-License-Identifier: GPL-2.0
/* Endpoints and their blocks for people and for programs. */
#include <errno.h>

#include "chan_format.h"
#include "ep_format.h"
#include "table.h"

const char *ep_role_text(uint32_t role)
{
	switch (role & (IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)) {
	case IPCCHAN_ROLE_SEND:
		return "send";
	case IPCCHAN_ROLE_RECV:
		return "recv";
	case IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV:
		return "send,recv";
	default:
		return "unknown";
	}
}

json_t *ep_json(const struct nl_ep *ep)
{
	char name[NAME_TEXT_SIZE], comm[COMM_TEXT_SIZE];

	text_safe(ep->name, name, sizeof(name));
	comm_text(ep->pid, comm);
	return json_pack("{s:I, s:I, s:s?, s:b, s:b, s:o, s:s?, s:I, s:I, s:o, s:I, s:I, s:I,"
			 " s:I, s:o, s:I, s:I, s:I, s:I}",
			 "id", (json_int_t)ep->id,
			 "channel_id", (json_int_t)ep->chan,
			 "channel", ep->has_name ? name : NULL,
			 "sends", !!(ep->role & IPCCHAN_ROLE_SEND),
			 "receives", !!(ep->role & IPCCHAN_ROLE_RECV),
			 "pid", ep->pid ? json_integer(ep->pid) : json_null(),
			 "command", *comm ? comm : NULL,
			 "uid", (json_int_t)ep->uid,
			 "gid", (json_int_t)ep->gid,
			 "last_sender_pid", ep->last_pid ? json_integer(ep->last_pid) : json_null(),
			 "queued_msgs", (json_int_t)ep->msgs,
			 "queued_bytes", (json_int_t)ep->bytes,
			 "lost_msgs", (json_int_t)ep->lost,
			 "min_prio", (json_int_t)ep->min_prio,
			 "type", ep->has_type ? json_integer(ep->type) : json_null(),
			 "blocks", (json_int_t)ep->loans,
			 "block_bytes", (json_int_t)ep->loan_bytes,
			 "pool_bytes", (json_int_t)ep->pool_size,
			 "pool_used_bytes", (json_int_t)ep->pool_used);
}

json_t *eps_json(const struct nl_ep *eps, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(array, ep_json(&eps[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

json_t *loans_json(const struct nl_loan *loans, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *loan = json_pack("{s:I, s:I, s:I}",
					 "endpoint_id", (json_int_t)loans[i].ep,
					 "offset_bytes", (json_int_t)loans[i].offset,
					 "size_bytes", (json_int_t)loans[i].bytes);

		if (json_array_append_new(array, loan)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static void size_cell(struct table *table, bool any, uint64_t bytes)
{
	char text[SIZE_TEXT_SIZE];

	size_text(bytes, text);
	table_cell(table, "%s", any ? text : "-");
}

static void pid_cell(struct table *table, uint32_t pid)
{
	if (pid)
		table_cell(table, "%u", pid);
	else
		table_cell(table, "-");
}

static void add_ep(struct table *table, const struct nl_ep *ep, bool names, bool numeric)
{
	char name[NAME_TEXT_SIZE], comm[COMM_TEXT_SIZE], user[USER_TEXT_SIZE];

	text_safe(ep->name, name, sizeof(name));
	comm_text(ep->pid, comm);
	user_text(ep->uid, numeric, user);
	if (names)
		table_cell(table, "%s", ep->has_name ? name : "-");
	table_cell(table, "%s", ep_role_text(ep->role));
	table_cell(table, "%s", *comm ? comm : "-");
	table_cell(table, "%s", user);
	table_cell(table, "%u", ep->id);
	pid_cell(table, ep->pid);
	pid_cell(table, ep->last_pid);
	table_cell(table, "%u", ep->msgs);
	size_cell(table, true, ep->bytes);
	table_cell(table, "%llu", (unsigned long long)ep->lost);
	table_cell(table, "%u", ep->min_prio);
	if (ep->has_type)
		table_cell(table, "%u", ep->type);
	else
		table_cell(table, "any");
	table_cell(table, "%u", ep->loans);
	size_cell(table, ep->loans, ep->loan_bytes);
	size_cell(table, ep->pool_size, ep->pool_size);
	size_cell(table, ep->pool_size, ep->pool_used);
}

int eps_print(const struct nl_ep *eps, size_t n, bool names, bool numeric)
{
	static const char * const titles[] = {
		"CHANNEL", "ROLE", "COMMAND", "USER", "ENDPOINT", "PID", "LAST-SENDER",
		"MSGS", "BYTES", "LOST", "MIN-PRIO", "TYPE", "BLOCKS", "BLOCK-BYTES",
		"POOL", "POOL-USED",
	};
	size_t columns = sizeof(titles) / sizeof(titles[0]), first = names ? 0 : 1;
	struct table *table;
	int err;

	if (!n)
		return 0;
	/* the first four, or three, are words */
	table = table_new(columns - first, 0xfUL >> first);
	if (!table)
		return -ENOMEM;
	for (size_t i = first; i < columns; i++)
		table_cell(table, "%s", titles[i]);
	for (size_t i = 0; i < n; i++)
		add_ep(table, &eps[i], names, numeric);
	err = table_print(table);
	table_free(table);
	return err;
}

int loans_print(const struct nl_loan *loans, size_t n)
{
	struct table *table;
	int err;

	if (!n)
		return 0;
	table = table_new(3, 0);
	if (!table)
		return -ENOMEM;
	table_cell(table, "ENDPOINT");
	table_cell(table, "OFFSET");
	table_cell(table, "SIZE");
	for (size_t i = 0; i < n; i++) {
		table_cell(table, "%u", loans[i].ep);
		table_cell(table, "%llu", (unsigned long long)loans[i].offset);
		size_cell(table, true, loans[i].bytes);
	}
	err = table_print(table);
	table_free(table);
	return err;
}
