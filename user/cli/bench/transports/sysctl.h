/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_TRANSPORTS_SYSCTL_H
#define BENCH_TRANSPORTS_SYSCTL_H

/**
 * sysctl_number() - a limit of the kernel's
 * @name: path below /proc/sys
 *
 * Return: -1 when it is not there.
 */
long sysctl_number(const char *name);

#endif /* BENCH_TRANSPORTS_SYSCTL_H */
