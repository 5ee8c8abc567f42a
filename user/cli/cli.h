/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the verbs of the ipcchan command share.
 *
 * A verb is `int cmd_<verb>(int argc, char **argv)` in a file of its own and
 * returns the exit status.  argv[0] is "ipcchan <verb>".  Errors go to stderr
 * as "ipcchan <verb>: what happened; what to do".
 */
#ifndef IPCCHAN_CLI_H
#define IPCCHAN_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipcchan.h>

#define EXIT_OK		0
#define EXIT_USAGE	1	/* the command line is wrong */
#define EXIT_SYSTEM	2	/* the kernel or the system refused */

/* Bytes of messages in a ring for which nobody asked for a size. */
#define RING_DEFAULT_CAPACITY	(1U << 20)

int cmd_create(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_set(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_monitor(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_tree(int argc, char **argv);
int cmd_quota(int argc, char **argv);
int cmd_delete(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_recv(int argc, char **argv);
int cmd_call(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_ladder(int argc, char **argv);
int cmd_claims(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_report(int argc, char **argv);

/* parse.c: values of options and arguments */

/**
 * parse_size() - a number of bytes
 * @text: decimal digits and optionally B; K, M, G in either case or KiB, MiB,
 *	GiB (powers of 1024); kB, MB, GB (powers of 1000)
 * @bytes: out, changed on success only
 *
 * Return: 0; -EINVAL (not a size), -ERANGE (more than 64 bits).
 */
int parse_size(const char *text, uint64_t *bytes);

/**
 * parse_count() - a plain decimal number
 * @value: out, changed on success only
 *
 * Return: 0; -EINVAL, -ERANGE.
 */
int parse_count(const char *text, uint64_t *value);

/**
 * arg_size() - the value of a size option, or the end of the program
 * @option: as the user knows it, for the message
 * @min: least allowed, bytes
 * @max: largest allowed, bytes
 *
 * Ends the program with EXIT_USAGE when @text is no size or out of range.
 *
 * Return: bytes.
 */
uint64_t arg_size(const struct argp_state *state, const char *option,
		  const char *text, uint64_t min, uint64_t max);

/** arg_count() - as arg_size(), for a plain number */
uint64_t arg_count(const struct argp_state *state, const char *option,
		   const char *text, uint64_t min, uint64_t max);

/** arg_number() - as arg_count() from 0 on, in hexadecimal too (0x) */
uint64_t arg_number(const struct argp_state *state, const char *option,
		    const char *text, uint64_t max);

/** arg_nanoseconds() - as arg_size(), for a number with ns, us, ms or s; or 0 */
uint64_t arg_nanoseconds(const struct argp_state *state, const char *option,
			 const char *text, uint64_t max);

/** arg_mode() - as arg_size(), for octal permission bits, 0001 to 0777 */
uint32_t arg_mode(const struct argp_state *state, const char *option,
		  const char *text);

/** arg_seconds() - as arg_size(), for decimal seconds above 0; in nanoseconds */
int64_t arg_seconds(const struct argp_state *state, const char *option,
		    const char *text);

/** arg_user() - as arg_size(), for a user, by name or number */
uint32_t arg_user(const struct argp_state *state, const char *option, const char *text);

/** arg_group() - likewise, for a group */
uint32_t arg_group(const struct argp_state *state, const char *option, const char *text);

/** arg_word() - as arg_size(), for one of words.h; the number that it stands for (words.c) */
uint32_t arg_word(const struct argp_state *state, const char *option, const char *text,
		  const char * const words[]);

/**
 * arg_name() - a channel name from the command line, or the end of the program
 *
 * Return: @text, when it is a name that a channel can have.
 */
const char *arg_name(const struct argp_state *state, const char *text);

/* err.c: errors in words */

/**
 * cli_error() - print "<verb>: <message>" and a newline to stderr
 * @verb: argv[0] of the verb
 */
void cli_error(const char *verb, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * cli_error_chan() - say why an operation on a channel failed, and what to do
 * @verb: argv[0] of the verb
 * @name: of the channel
 * @err: negative errno that ipcchan_open() or ipcchan_unlink() returned
 *
 * Return: EXIT_SYSTEM.
 */
int cli_error_chan(const char *verb, const char *name, int err);

/**
 * cli_error_nl() - say why a netlink request failed, and what to do
 * @name: of the channel, NULL when the request was not for one
 * @err: negative errno
 * @text: what the kernel said to it, may be empty
 *
 * Return: EXIT_SYSTEM.
 */
int cli_error_nl(const char *verb, const char *name, int err, const char *text);

/**
 * cli_error_no_module() - say that the module is not loaded
 *
 * Return: EXIT_SYSTEM.
 */
int cli_error_no_module(const char *verb);

/**
 * cli_module_missing() - whether an error of ipcchan_open() means that nothing
 * answers at IPCCHAN_DEV_PATH
 * @err: negative errno
 */
bool cli_module_missing(int err);

/**
 * cli_flush_stdout() - push out what was printed
 * @verb: argv[0] of the verb
 *
 * Return: EXIT_OK; EXIT_SYSTEM, with a message, when it could not be written.
 */
int cli_flush_stdout(const char *verb);

#endif /* IPCCHAN_CLI_H */
