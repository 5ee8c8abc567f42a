/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of the running system, /proc, /sys, /boot, /dev and the like.
 *
 * The environment variable IPCCHAN_SYSROOT puts a directory in front of every
 * path: so the doctor can be shown the tree of another machine.  What only a
 * live system can answer is then not asked (see sysroot_is_live()).
 */
#ifndef IPCCHAN_CLI_SYSROOT_H
#define IPCCHAN_CLI_SYSROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** sysroot_is_live() - whether the system looked at is the running one */
bool sysroot_is_live(void);

/**
 * sysroot_path() - where a path lies below the root
 * @path: absolute
 * @full: out
 *
 * Return: @full.
 */
const char *sysroot_path(const char *path, char full[PATH_MAX]);

/** sysroot_exists() - whether there is such a file or directory */
bool sysroot_exists(const char *path);

/**
 * sysroot_read() - read the beginning of a file
 * @buf: out, always NUL-terminated
 * @size: bytes at @buf
 *
 * Return: bytes read without the NUL, or a negative errno.
 */
ssize_t sysroot_read(const char *path, char *buf, size_t size);

/**
 * sysroot_read_line() - read the first line, without its newline
 *
 * Return: whether there was one.
 */
bool sysroot_read_line(const char *path, char *buf, size_t size);

/**
 * sysroot_find_line() - find a line in a text file, which may be gzipped
 * @prefix: what the line begins with
 * @line: out, without its newline
 *
 * Return: whether there is one.
 */
bool sysroot_find_line(const char *path, const char *prefix, char *line,
		       size_t size);

/**
 * sysroot_glob() - find a file by a pattern of glob(7), braces allowed
 * @found: out, the first that fits, without the root
 *
 * Return: whether there is one.
 */
bool sysroot_glob(const char *pattern, char *found, size_t size);

#endif /* IPCCHAN_CLI_SYSROOT_H */
