// SPDX-License-Identifier: GPL-2.0
/* A channel for people and for programs. */
#include <grp.h>
#include <pwd.h>
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

/* Bytes of the UTF-8 character at @s; 0 for what is none (jansson decides). */
static size_t utf8_len(const char *s)
{
	size_t max = strnlen(s, 4);

	for (size_t len = 1; len <= max; len++) {
		json_t *json = json_stringn(s, len);

		json_decref(json);
		if (json)
			return len;
	}
	return 0;
}

/* U+0080 to U+009F, which a terminal may take for the start of a command. */
static bool is_c1(const char *s)
{
	return (unsigned char)s[0] == 0xc2 && ((unsigned char)s[1] & 0xe0) == 0x80;
}

void safe_text(const char *in, char *out)
{
	while (*in) {
		size_t len = (unsigned char)*in < ' ' || *in == 0x7f || is_c1(in) ? 0 :
			     utf8_len(in);

		if (len) {
			memcpy(out, in, len);
			out += len;
			in += len;
		} else {
			out += sprintf(out, "\\x%02x", (unsigned char)*in++);
		}
	}
	*out = '\0';
}

void chan_name_text(const struct nl_chan *chan, char text[NAME_TEXT_SIZE])
{
	if (chan->has_name)
		safe_text(chan->name, text);
	else
		strcpy(text, "-");
}

void size_text(uint64_t bytes, char text[SIZE_TEXT_SIZE])
{
	static const char * const names[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	uint64_t unit = 1;
	size_t i = 0;

	while (i < 4 && bytes / unit >= 1024) {
		unit *= 1024;
		i++;
	}
	if (bytes % unit)
		snprintf(text, SIZE_TEXT_SIZE, "%.1f %s", (double)bytes / unit, names[i]);
	else
		snprintf(text, SIZE_TEXT_SIZE, "%llu %s",
			 (unsigned long long)(bytes / unit), names[i]);
}

void time_text(uint64_t ns, char text[SIZE_TEXT_SIZE])
{
	static const char * const names[] = { "ns", "us", "ms" };
	double value = ns;
	size_t i = 0;

	while (i < 2 && value >= 1000) {
		value /= 1000;
		i++;
	}
	snprintf(text, SIZE_TEXT_SIZE, "%.4g %s", value, names[i]);
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

void chan_owner_text(const struct nl_chan *chan, char *text, size_t size)
{
	const struct passwd *pw = getpwuid(chan->uid);
	const struct group *gr = getgrgid(chan->gid);
	char uid[16], gid[16];

	snprintf(uid, sizeof(uid), "%u", chan->uid);
	snprintf(gid, sizeof(gid), "%u", chan->gid);
	snprintf(text, size, "%s:%s", pw ? pw->pw_name : uid,
		 gr ? gr->gr_name : gid);
}

static json_t *stats_json(const struct nl_chan *chan)
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
			 " s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:s?, s:I, s:I, s:I, s:I}",
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
			 "queued_bytes", (json_int_t)chan->bytes);
	if (json && stats && json_object_set_new(json, "stats", stats_json(chan))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

int json_print(const char *verb, json_t *json, bool pretty)
{
	size_t flags = pretty ? JSON_INDENT(2) : JSON_COMPACT;

	if (!json) {
		cli_error(verb, "out of memory");
		return EXIT_SYSTEM;
	}
	if (!json_dumpf(json, stdout, flags))
		putchar('\n');
	json_decref(json);
	return cli_flush_stdout(verb);
}
