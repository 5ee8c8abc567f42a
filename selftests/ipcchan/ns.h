/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Users and user namespaces for the selftests.  All of this needs root.
 *
 * Where a function is called in a child it returns 0 or a negative number down
 * to -254, commonly -errno, and may use whatever the caller had open.  The
 * function that ran it returns the same, or -ECHILD when the child died.
 */
#ifndef IPCCHAN_SELFTEST_NS_H
#define IPCCHAN_SELFTEST_NS_H

#include <stdint.h>
#include <sys/types.h>

/**
 * device_for_all() - let every user open /dev/ipcchan
 *
 * In a mount namespace that the caller gets for itself: the device of the
 * machine stays as it is.
 *
 * Return: 0 or -errno.
 */
int device_for_all(void);

/**
 * as_user() - call @fn in a child with these uids, the gids of the same numbers
 * and no groups
 * @ruid: real
 * @euid: effective and saved
 */
int as_user(uid_t ruid, uid_t euid, int (*fn)(const void *arg), const void *arg);

/**
 * sender_as() - a child of this user that sends @value in a message of @len bytes
 * @len: 1 to 4000
 *
 * Its exit status: 0 when it has sent it.
 *
 * Return: its pid, once it sleeps there; -ETIMEDOUT.
 */
pid_t sender_as(uid_t uid, int fd, uint32_t value, uint32_t type, uint32_t len);

/**
 * enter_net() - enter the network namespace of a process
 *
 * Return: 0 or -errno.
 */
int enter_net(pid_t pid);

/**
 * in_userns() - call @fn as root of a new user namespace, with all capabilities
 * there
 * @flags: CLONE_NEW* of further namespaces, which the new one will own
 * @uids: lines of its uid_map, with a user 0
 * @gids: lines of its gid_map, with a group 0
 */
int in_userns(int flags, const char *uids, const char *gids,
	      int (*fn)(const void *arg), const void *arg);

#endif /* IPCCHAN_SELFTEST_NS_H */
