// SPDX-License-Identifier: GPL-2.0
/* Values of options and arguments. */
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const struct {
	const char *suffix;
	uint64_t factor;
} units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", 1ULL << 10 },
	{ "k", 1ULL << 10 },
	{ "KiB", 1ULL << 10 },
	{ "M", 1ULL << 20 },
	{ "m", 1ULL << 20 },
	{ "MiB", 1ULL << 20 },
	{ "G", 1ULL << 30 },
	{ "g", 1ULL << 30 },
	{ "GiB", 1ULL << 30 },
	{ "kB", 1000ULL },
	{ "MB", 1000000ULL },
	{ "GB", 1000000000ULL },
};

/* strtoull() alone would take leading blanks, signs and the empty string. */
static int parse_digits(const char *text, uint64_t *value, const char **rest)
{
	char *end;
	int err;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	err = -errno;
	if (err)
		return err;
	*rest = end;
	return 0;
}

int parse_size(const char *text, uint64_t *bytes)
{
	const char *suffix;
	uint64_t value;
	int err;

	err = parse_digits(text, &value, &suffix);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(suffix, units[i].suffix))
			continue;
		if (value > UINT64_MAX / units[i].factor)
			return -ERANGE;
		*bytes = value * units[i].factor;
		return 0;
	}
	return -EINVAL;
}

int parse_count(const char *text, uint64_t *value)
{
	const char *rest;
	uint64_t v;
	int err;

	err = parse_digits(text, &v, &rest);
	if (err)
		return err;
	if (*rest)
		return -EINVAL;
	*value = v;
	return 0;
}

uint64_t arg_size(const struct argp_state *state, const char *option,
		  const char *text, uint64_t min, uint64_t max)
{
	uint64_t bytes = 0;
	int err = parse_size(text, &bytes);

	if (err == -EINVAL)
		argp_error(state, "%s: '%s' is not a size; give bytes, or a "
			   "number with K, M, G (1024) or kB, MB, GB (1000)",
			   option, text);
	if (err || bytes < min || bytes > max)
		argp_error(state, "%s: %s is out of range; give %llu to %llu bytes",
			   option, text, (unsigned long long)min,
			   (unsigned long long)max);
	return bytes;
}

uint64_t arg_count(const struct argp_state *state, const char *option,
		   const char *text, uint64_t min, uint64_t max)
{
	uint64_t value = 0;
	int err = parse_count(text, &value);

	if (err == -EINVAL)
		argp_error(state, "%s: '%s' is not a number", option, text);
	if (err || value < min || value > max)
		argp_error(state, "%s: %s is out of range; give %llu to %llu",
			   option, text, (unsigned long long)min,
			   (unsigned long long)max);
	return value;
}

uint64_t arg_number(const struct argp_state *state, const char *option,
		    const char *text, uint64_t max)
{
	uint64_t value = 0;
	char *end;
	int err;

	if (text[0] != '0' || (text[1] | 0x20) != 'x' || !isxdigit(text[2]))
		return arg_count(state, option, text, 0, max);
	errno = 0;
	value = strtoull(text, &end, 16);
	err = errno;
	if (*end)
		argp_error(state, "%s: '%s' is not a number", option, text);
	if (err || value > max)
		argp_error(state, "%s: %s is out of range; give 0 to 0x%llx", option,
			   text, (unsigned long long)max);
	return value;
}

uint64_t arg_nanoseconds(const struct argp_state *state, const char *option,
			 const char *text, uint64_t max)
{
	static const struct {
		const char *suffix;
		uint64_t factor;
	} times[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
	};
	uint64_t value = 0;
	const char *suffix = "";
	int err = parse_digits(text, &value, &suffix);
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (!strcmp(suffix, times[i].suffix))
			break;
	/* nothing takes no time, whatever the unit */
	if (!err && !value && !*suffix)
		return 0;
	if (err == -EINVAL || i == sizeof(times) / sizeof(times[0]))
		argp_error(state, "%s: '%s' is not a time; give a number with ns, us, "
			   "ms or s, such as 20us", option, text);
	if (err || value > max / times[i].factor)
		argp_error(state, "%s: %s is out of range; give at most %lluns", option,
			   text, (unsigned long long)max);
	return value * times[i].factor;
}

uint32_t arg_mode(const struct argp_state *state, const char *option,
		  const char *text)
{
	size_t len = strlen(text);
	unsigned long mode = 0;

	if (len && len <= 5 && strspn(text, "01234567") == len)
		mode = strtoul(text, NULL, 8);
	if (mode < 1 || mode > 0777)
		argp_error(state, "%s: '%s' is not a mode; give octal permission "
			   "bits, such as 0660 (read: receive, write: send)",
			   option, text);
	return mode;
}

int64_t arg_seconds(const struct argp_state *state, const char *option,
		    const char *text)
{
	double seconds = 0;
	char *end = NULL;

	if (strspn(text, "0123456789.") == strlen(text))
		seconds = strtod(text, &end);
	if (!end || end == text || *end)
		argp_error(state, "%s: '%s' is not a time; give seconds, such as "
			   "2 or 0.5", option, text);
	if (!(seconds >= 1e-9 && seconds <= 1e9))
		argp_error(state, "%s: %s is out of range; give more than 0 and "
			   "at most 1000000000 seconds", option, text);
	return (int64_t)(seconds * 1e9 + 0.5);
}

const char *arg_name(const struct argp_state *state, const char *text)
{
	size_t len = strlen(text);

	if (!len)
		argp_error(state, "a channel's name cannot be empty");
	if (len >= IPCCHAN_NAME_SIZE)
		argp_error(state, "the name '%s' is too long: %zu bytes, at most "
			   "%d are allowed", text, len, IPCCHAN_NAME_SIZE - 1);
	for (const char *c = text; *c; c++)
		if (*c == '/' || (unsigned char)*c < 0x20 || *c == 0x7f)
			argp_error(state, "a channel's name cannot contain '/' or "
				   "control characters");
	return text;
}

/* Return: whether @text is a number that an id can be. */
static bool parse_id(const char *text, uint32_t *id)
{
	uint64_t value;

	if (parse_count(text, &value) || value >= UINT32_MAX)
		return false;
	*id = value;
	return true;
}

uint32_t arg_user(const struct argp_state *state, const char *option, const char *text)
{
	const struct passwd *pw = getpwnam(text);
	uint32_t uid = 0;

	if (pw)
		return pw->pw_uid;
	if (!parse_id(text, &uid))
		argp_error(state, "%s: there is no user '%s'; give a name or a number",
			   option, text);
	return uid;
}

uint32_t arg_group(const struct argp_state *state, const char *option, const char *text)
{
	const struct group *gr = getgrnam(text);
	uint32_t gid = 0;

	if (gr)
		return gr->gr_gid;
	if (!parse_id(text, &gid))
		argp_error(state, "%s: there is no group '%s'; give a name or a number",
			   option, text);
	return gid;
}
