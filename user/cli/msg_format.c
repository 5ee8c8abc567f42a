// SPDX-License-Identifier: GPL-2.0
/* A received message for people and for programs. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "msg_format.h"

/* What a descriptor is open on, as /proc says: "/etc/passwd", "pipe:[17]". */
static void fd_text(int fd, char *text, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
}

/* A name of a file may have any byte. */
static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '\\' ||
		    *text == ']')
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, out);
}

static void put_header(FILE *out, const struct source_msg *msg)
{
	const struct ipcchan_msghdr *h = msg->hdr;
	unsigned long long cookie = h->cookie, ns = h->time_ns;
	char path[PATH_MAX];

	fprintf(out, "[prio=%u type=%u cookie=0x%llx pid=%u uid=%u gid=%u lost=%u ",
		h->prio, h->type, cookie, h->pid, h->uid, h->gid, h->lost);
	if (ns)
		fprintf(out, "time=%llu.%09llu ", ns / 1000000000, ns % 1000000000);
	for (uint32_t i = 0; i < h->nr_fds; i++) {
		fd_text(msg->fds[i], path, sizeof(path));
		fputs("fd=", out);
		put_escaped(out, path);
		fputc(' ', out);
	}
	if (h->flags & IPCCHAN_MSG_FDS_LOST)
		fputs("fds-lost ", out);
	fprintf(out, "len=%u]\n", h->len);
}

char *msg_header_text(const struct source_msg *msg)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_header(out, msg);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static char *base64(const unsigned char *in, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc(len / 3 * 4 + 5), *out = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = in[i] << 16 | (i + 1 < len ? in[i + 1] << 8 : 0) |
				(i + 2 < len ? in[i + 2] : 0);

		*out++ = digits[bits >> 18];
		*out++ = digits[bits >> 12 & 63];
		*out++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[bits & 63] : '=';
	}
	*out = '\0';
	return text;
}

static int add_payload(json_t *json, const struct source_msg *msg)
{
	json_t *text = json_stringn(msg->data, msg->len);
	char *coded;
	int ret;

	if (text)
		return json_object_set_new(json, "text", text);
	coded = base64(msg->data, msg->len);
	ret = json_object_set_new(json, "base64", json_string(coded));
	free(coded);
	return ret;
}

static json_t *fds_json(const struct source_msg *msg)
{
	json_t *array = json_array();
	char path[PATH_MAX];

	for (uint32_t i = 0; i < msg->hdr->nr_fds; i++) {
		fd_text(msg->fds[i], path, sizeof(path));
		/* null: a name that is not UTF-8 */
		if (json_array_append_new(array, json_string(path)))
			json_array_append_new(array, json_null());
	}
	return array;
}

static json_t *msg_json(const struct source_msg *msg)
{
	const struct ipcchan_msghdr *h = msg->hdr;
	char cookie[32];
	json_t *json;

	/* as a string: JSON's numbers are not sure to have 64 bits */
	snprintf(cookie, sizeof(cookie), "0x%llx", (unsigned long long)h->cookie);
	json = json_pack("{s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o,"
			 " s:o, s:b, s:I}",
			 "prio", (json_int_t)h->prio,
			 "type", (json_int_t)h->type,
			 "cookie", cookie,
			 "pid", (json_int_t)h->pid,
			 "uid", (json_int_t)h->uid,
			 "gid", (json_int_t)h->gid,
			 "opener_pid", (json_int_t)h->opener_pid,
			 "opener_uid", (json_int_t)h->opener_uid,
			 "opener_gid", (json_int_t)h->opener_gid,
			 "lost", (json_int_t)h->lost,
			 "time_ns", h->time_ns ? json_integer(h->time_ns) : json_null(),
			 "fds", fds_json(msg),
			 "fds_lost", !!(h->flags & IPCCHAN_MSG_FDS_LOST),
			 "bytes", (json_int_t)h->len);
	if (json && add_payload(json, msg)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

char *msg_json_text(const struct source_msg *msg)
{
	json_t *json = msg_json(msg);
	char *text;

	if (!json)
		return NULL;
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}
