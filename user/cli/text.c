// SPDX-License-Identifier: GPL-2.0
/* Names and numbers for people: nothing in them can move a terminal's cursor. */
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "text.h"

/* Bytes of the UTF-8 character at @s; 0 for what is none (jansson decides). */
static size_t utf8_len(const char *s)
{
	size_t max = strnlen(s, 4);

	if ((unsigned char)*s < 0x80)
		return 1;
	for (size_t len = 2; len <= max; len++) {
		json_t *json = json_stringn(s, len);

		json_decref(json);
		if (json)
			return len;
	}
	return 0;
}

/* C0, DEL, and U+0080 to U+009F: a terminal may take them for the start of a command. */
static bool is_control(const char *s)
{
	unsigned char c = s[0];

	return c < 0x20 || c == 0x7f || (c == 0xc2 && ((unsigned char)s[1] & 0xe0) == 0x80);
}

void text_safe(const char *in, char *out, size_t size)
{
	char *end = out + size - 1;

	while (*in) {
		size_t len = is_control(in) ? 0 : utf8_len(in);

		if (end - out < (ptrdiff_t)(len ? len : 4))
			break;
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

/* UTF-8 continuation bytes take none. */
size_t text_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

void text_fit(const char *text, size_t columns, char *out, size_t size)
{
	char *end = out + size - 1;

	while (*text && out < end) {
		if ((*text & 0xc0) != 0x80) {
			if (!columns)
				break;
			columns--;
		}
		*out++ = *text++;
	}
	while (columns-- > 0 && out < end)
		*out++ = ' ';
	*out = '\0';
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
	static const char * const names[] = { "ns", "us", "ms", "s" };
	double value = ns;
	size_t i = 0;

	while (i < 3 && value >= 1000) {
		value /= 1000;
		i++;
	}
	snprintf(text, SIZE_TEXT_SIZE, "%.4g %s", value, names[i]);
}

void rate_text(double value, char text[SIZE_TEXT_SIZE])
{
	static const char * const names[] = { "", "k", "M", "G" };
	size_t i = 0;

	/* what would be rounded up to 1000 is of the next unit */
	while (i < 3 && value >= 999.5) {
		value /= 1000;
		i++;
	}
	snprintf(text, SIZE_TEXT_SIZE, "%.3g%s", value, names[i]);
}

void comm_text(uint32_t pid, char text[COMM_TEXT_SIZE])
{
	char path[32], comm[32];
	ssize_t n;
	int fd;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	fd = pid ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	n = read(fd, comm, sizeof(comm) - 1);
	close(fd);
	if (n <= 0)
		return;
	/* the last newline is not of the name; others may be */
	comm[comm[n - 1] == '\n' ? n - 1 : n] = '\0';
	text_safe(comm, text, COMM_TEXT_SIZE);
}

void user_text(uint32_t uid, bool numeric, char text[USER_TEXT_SIZE])
{
	const struct passwd *pw = numeric ? NULL : getpwuid(uid);

	if (pw)
		text_safe(pw->pw_name, text, USER_TEXT_SIZE);
	else
		snprintf(text, USER_TEXT_SIZE, "%u", uid);
}

void group_text(uint32_t gid, bool numeric, char text[USER_TEXT_SIZE])
{
	const struct group *gr = numeric ? NULL : getgrgid(gid);

	if (gr)
		text_safe(gr->gr_name, text, USER_TEXT_SIZE);
	else
		snprintf(text, USER_TEXT_SIZE, "%u", gid);
}
