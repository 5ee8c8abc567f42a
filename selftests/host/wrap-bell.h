/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bell's functions as a test defines them that is linked with --wrap, and
 * the library's own behind them.
 */
#ifndef WRAP_BELL_H
#define WRAP_BELL_H

#include <ipcchan.h>

int __real_ipcchan_bell_wait(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t expected,
			     int64_t timeout_ns);
int __real_ipcchan_bell_wake(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t count);
int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t expected,
			     int64_t timeout_ns);
int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t count);

#endif /* WRAP_BELL_H */
