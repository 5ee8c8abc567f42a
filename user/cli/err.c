// SPDX-License-Identifier: GPL-2.0
/* Errors in words that say what to do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

void cli_error(const char *verb, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s: ", verb);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

bool cli_module_missing(int err)
{
	if (err == -ENXIO || err == -ENODEV)
		return true;
	return err == -ENOENT && access(IPCCHAN_DEV_PATH, F_OK);
}

int cli_error_no_module(const char *verb)
{
	cli_error(verb, "the ipcchan module is not loaded (nothing answers at %s); "
		  "run \"ipcchan doctor\" to learn why and what to do",
		  IPCCHAN_DEV_PATH);
	return EXIT_SYSTEM;
}

static void error_access(const char *verb, const char *name)
{
	if (access(IPCCHAN_DEV_PATH, R_OK | W_OK))
		cli_error(verb, "permission denied on %s; run \"ipcchan doctor\" "
			  "to learn what to do", IPCCHAN_DEV_PATH);
	else
		cli_error(verb, "permission denied on channel '%s': receiving needs "
			  "read and sending needs write permission; see owner and "
			  "mode with \"ipcchan show %s\"", name, name);
}

int cli_error_chan(const char *verb, const char *name, int err)
{
	if (cli_module_missing(err))
		return cli_error_no_module(verb);
	switch (err) {
	case -ENOENT:
		cli_error(verb, "there is no channel '%s' in this network namespace; "
			  "\"ipcchan list\" shows those that are there, \"ipcchan "
			  "create %s\" makes it", name, name);
		break;
	case -EEXIST:
		cli_error(verb, "channel '%s' exists already; take another name, or "
			  "remove it with \"ipcchan delete %s\"", name, name);
		break;
	case -EACCES:
		error_access(verb, name);
		break;
	case -EPERM:
		cli_error(verb, "only the owner of channel '%s' or root may do that; "
			  "see the owner with \"ipcchan show %s\"", name, name);
		break;
	case -ENOMEM:
	case -EDQUOT:
	case -ENOSPC:
		cli_error(verb, "channel '%s': %s; ask for a smaller buffer or "
			  "limits, or delete channels that are not needed",
			  name, strerror(-err));
		break;
	case -ENOTTY:
		cli_error(verb, "%s is not the device of an ipcchan module that this "
			  "command knows; run \"ipcchan doctor\"", IPCCHAN_DEV_PATH);
		break;
	case -EOPNOTSUPP:
		cli_error(verb, "channel '%s' is not of a kind that does this; an rpc "
			  "channel is for \"ipcchan call\" and \"ipcchan serve\", the "
			  "others for \"ipcchan send\" and \"ipcchan recv\"; see "
			  "\"ipcchan show %s\"", name, name);
		break;
	case -EPIPE:
		cli_error(verb, "channel '%s': every receiver has left", name);
		break;
	case -ECONNRESET:
		cli_error(verb, "channel '%s' has cut this receiver off: it was too "
			  "slow (--slow disconnect); run the command again to go on", name);
		break;
	default:
		cli_error(verb, "channel '%s': %s", name, strerror(-err));
	}
	return EXIT_SYSTEM;
}

int cli_error_nl(const char *verb, const char *name, int err, const char *text)
{
	if (err == -ENOPKG)
		return cli_error_no_module(verb);
	if (name && err == -ENOENT)
		return cli_error_chan(verb, name, err);
	if (name && *text)
		cli_error(verb, "channel '%s': %s: %s", name, strerror(-err), text);
	else
		cli_error(verb, "the kernel refused the netlink request: %s%s%s",
			  strerror(-err), *text ? ": " : "", text);
	return EXIT_SYSTEM;
}

int cli_flush_stdout(const char *verb)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_OK;
	cli_error(verb, "cannot write to the standard output: %s",
		  errno ? strerror(errno) : "write error");
	return EXIT_SYSTEM;
}
