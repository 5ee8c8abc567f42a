/* SPDX-License-Identifier: GPL-2.0 */
/* Control groups, of the second version, and the files that they consist of. */
#ifndef IPCCHAN_SELFTEST_CGROUP_H
#define IPCCHAN_SELFTEST_CGROUP_H

#define CGROUP_ROOT	"/sys/fs/cgroup"

/** file_write() - write @text to a file; 0 or -errno */
int file_write(const char *dir, const char *file, const char *text);

/**
 * file_number() - a number in a file
 * @key: the word before it, NULL for the first number
 *
 * Return: the number, which is not negative, or -errno.
 */
long file_number(const char *dir, const char *file, const char *key);

/**
 * cgroup_mount() - have control groups at CGROUP_ROOT
 * @controller: to be had in those below it, as "+memory"; NULL for none
 *
 * In a mount namespace of the caller's own: the machine may have them mounted otherwise.
 *
 * Return: 0 or -errno.
 */
int cgroup_mount(const char *controller);

/**
 * cgroup_make() - a new group
 * @dir: out, its folder, at least 128 bytes
 * @name: what tells it from others of this process
 *
 * Return: 0 or -errno.
 */
int cgroup_make(char *dir, const char *name);

#endif /* IPCCHAN_SELFTEST_CGROUP_H */
