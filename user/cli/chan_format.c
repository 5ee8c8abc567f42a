// SPDX-License-Identifier: GPL-2.0
/* A channel for people and for programs. */
#include <string.h>

#include "chan_format.h"
#include "cli.h"
#include "words.h"

static const char * const stat_names[IPCCHAN_A_STATS_MAX + 1] = {
	[IPCCHAN_A_STATS_SENT] = "sent",
	[IPCCHAN_A_STATS_SENT_BYTES] = "sent_bytes",
	[IPCCHAN_A_STATS_RECEIVED] = "received",
	[IPCCHAN_A_STATS_RECEIVED_BYTES] = "received_bytes",
	[IPCCHAN_A_STATS_HANDOVERS] = "handovers",
	[IPCCHAN_A_STATS_SEND_WAITS] = "send_waits",
	[IPCCHAN_A_STATS_RECV_WAITS] = "recv_waits",
	[IPCCHAN_A_STATS_WAKEUPS] = "wakeups",
	[IPCCHAN_A_STATS_LOST] = "lost",
};

const char *chan_stat_name(int stat)
{
	return stat_names[stat];
}

void chan_stat_title(int stat, char title[STAT_TITLE_SIZE])
{
	size_t len = strlen(stat_names[stat]);

	for (size_t i = 0; i <= len; i++) {
		char c = stat_names[stat][i];

		title[i] = c == '_' ? '-' : c >= 'a' ? c - 'a' + 'A' : c;
	}
}

void chan_name_text(const struct nl_chan *chan, char text[NAME_TEXT_SIZE])
{
	if (chan->has_name)
		text_safe(chan->name, text, NAME_TEXT_SIZE);
	else
		strcpy(text, "-");
}

void chan_label_text(const struct nl_chan *chan, char text[NAME_TEXT_SIZE])
{
	if (chan->has_name)
		text_safe(chan->name, text, NAME_TEXT_SIZE);
	else
		snprintf(text, NAME_TEXT_SIZE, "id %u", chan->id);
}

void chan_options_text(const struct nl_chan *chan, char text[OPTIONS_TEXT_SIZE])
{
	char *out = text;

	strcpy(text, "-");
	for (size_t i = 0; option_words[i]; i++)
		if (chan->options & 1U << i)
			out += sprintf(out, "%s%s", out == text ? "" : ",",
				       option_words[i]);
}

void chan_owner_text(const struct nl_chan *chan, bool numeric,
		     char text[OWNER_TEXT_SIZE])
{
	char user[USER_TEXT_SIZE], group[USER_TEXT_SIZE];

	user_text(chan->uid, numeric, user);
	group_text(chan->gid, numeric, group);
	snprintf(text, OWNER_TEXT_SIZE, "%s:%s", user, group);
}

json_t *chan_stats_json(const struct nl_chan *chan)
{
	json_t *stats = json_object();

	for (int i = IPCCHAN_A_STATS_SENT; i <= IPCCHAN_A_STATS_MAX; i++)
		if (json_object_set_new(stats, stat_names[i],
					json_integer(chan->stats[i]))) {
			json_decref(stats);
			return NULL;
		}
	return stats;
}

static json_t *options_json(const struct nl_chan *chan)
{
	json_t *array = json_array();

	for (size_t i = 0; option_words[i]; i++)
		if (chan->options & 1U << i &&
		    json_array_append_new(array, json_string(option_words[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

json_t *chan_json(const struct nl_chan *chan, bool stats)
{
	char name[NAME_TEXT_SIZE], mode[8];
	json_t *json;

	chan_name_text(chan, name);
	snprintf(mode, sizeof(mode), "%04o", chan->mode & 07777);
	json = json_pack("{s:I, s:s?, s:b, s:b, s:s, s:s, s:I, s:I, s:I, s:I, s:I,"
			 " s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
			 "id", (json_int_t)chan->id,
			 "name", chan->has_name ? name : NULL,
			 "anonymous", !!(chan->flags & IPCCHAN_CHAN_ANON),
			 "unlinked", !!(chan->flags & IPCCHAN_CHAN_UNLINKED),
			 "kind", word_of(kind_words, chan->kind),
			 "mode", mode,
			 "uid", (json_int_t)chan->uid,
			 "gid", (json_int_t)chan->gid,
			 "max_msgs", (json_int_t)chan->max_msgs,
			 "max_msg_size_bytes", (json_int_t)chan->max_msg_size,
			 "max_queued_bytes", (json_int_t)chan->max_bytes,
			 "buffer_bytes", (json_int_t)chan->buf_size,
			 "buffer_huge_bytes", (json_int_t)chan->buf_huge,
			 "buffer_node", chan->buf_flags & IPCCHAN_BUF_NODE ?
				 json_integer(chan->buf_node) : json_null(),
			 "buffer_used_bytes", (json_int_t)chan->buf_used,
			 "pool_bytes", (json_int_t)chan->pool_size,
			 "pool_used_bytes", (json_int_t)chan->pool_used,
			 "options", options_json(chan),
			 "slow", chan->kind == IPCCHAN_KIND_BROADCAST ?
				 word_of(slow_words, chan->slow) : NULL,
			 "spin_ns", (json_int_t)chan->spin_ns,
			 "endpoints", (json_int_t)chan->endpoints,
			 "queued_msgs", (json_int_t)chan->msgs,
			 "queued_bytes", (json_int_t)chan->bytes,
			 "waiting_senders", (json_int_t)chan->waiting_senders,
			 "waiting_receivers", (json_int_t)chan->waiting_receivers,
			 "times_recorded", !!chan->times);
	if (json && stats && json_object_set_new(json, "stats", chan_stats_json(chan))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

int json_put(const char *verb, json_t *json, bool pretty)
{
	size_t flags = pretty ? JSON_INDENT(2) : JSON_COMPACT;
	int err = json ? json_dumpf(json, stdout, flags) : -1;

	json_decref(json);
	if (!err)
		putchar('\n');
	/* what could not be written is found when it is pushed out */
	if (!err || ferror(stdout))
		return EXIT_OK;
	cli_error(verb, "out of memory");
	return EXIT_SYSTEM;
}

int json_print(const char *verb, json_t *json, bool pretty)
{
	int status = json_put(verb, json, pretty);

	return status ? status : cli_flush_stdout(verb);
}
