/* SPDX-License-Identifier: GPL-2.0 */
/* Listening to the module's tracepoints, apart from whoever else traces. */
#ifndef IPCCHAN_SELFTEST_TRACE_H
#define IPCCHAN_SELFTEST_TRACE_H

#include <stddef.h>

/**
 * trace_start() - listen to all events of ipcchan, of every CPU
 *
 * In an instance of tracefs of its own, which trace_stop() removes.
 *
 * Return: 0; -ENOENT, the kernel has no such events; negative errno.
 */
int trace_start(void);

/**
 * trace_take() - what has been told since trace_start() or the last time, in order
 * @text: out, a line an event: its name, a blank, its fields; messages are told by letters, in
 *	the order that they come in, and that it was in the caller's network namespace is not told
 * @size: bytes of @text, which ends with a '\0'
 *
 * Return: 0; -ENOSPC, there is more; negative errno.
 */
int trace_take(char *text, size_t size);

/** trace_stop() - end it; may be called when it never began */
void trace_stop(void);

#endif
