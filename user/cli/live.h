/* SPDX-License-Identifier: GPL-2.0 */
/* The standard output of the verbs that go on until they are stopped: see stop.h. */
#ifndef IPCCHAN_CLI_LIVE_H
#define IPCCHAN_CLI_LIVE_H

/**
 * live_flush() - push out what was printed
 * @verb: argv[0] of the verb
 *
 * Where nobody reads it any more, this sets stop_asked, as a signal does.
 *
 * Return: EXIT_OK, also when stop_asked has ended it: then some of it may be missing;
 * EXIT_SYSTEM, with a message, when it could not be written.
 */
int live_flush(const char *verb);

#endif /* IPCCHAN_CLI_LIVE_H */
