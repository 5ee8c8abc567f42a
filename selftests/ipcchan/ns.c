// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ns.h"
#include "util.h"

#define PRIVATE_DEV	"/tmp/ipcchan"

int device_for_all(void)
{
	struct stat st;

	if (stat(IPCCHAN_DEV_PATH, &st) || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) ||
	    mknod(PRIVATE_DEV, S_IFCHR, st.st_rdev) ||
	    chmod(PRIVATE_DEV, 0666) ||
	    mount(PRIVATE_DEV, IPCCHAN_DEV_PATH, NULL, MS_BIND, NULL))
		return -errno;
	return 0;
}

static int result_of(pid_t pid)
{
	int ret = child_wait(pid);

	return ret < CHILD_SIGNALED ? -ret : -ECHILD;
}

static int become(uid_t ruid, uid_t euid)
{
	if (setgroups(0, NULL) || setresgid(ruid, euid, euid) ||
	    setresuid(ruid, euid, euid))
		return -errno;
	return 0;
}

int as_user(uid_t ruid, uid_t euid, int (*fn)(const void *arg), const void *arg)
{
	pid_t pid = child_fork();

	if (pid < 0)
		return pid;
	if (pid == 0)
		_exit(become(ruid, euid) ? 255 : -fn(arg));
	return result_of(pid);
}

pid_t sender_as(uid_t uid, int fd, uint32_t value, uint32_t type, uint32_t len)
{
	static char buf[4000];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)buf, .len = len, .type = type };
	pid_t pid = child_fork();

	if (pid == 0) {
		memcpy(buf, &value, sizeof(value));
		if (become(uid, uid))
			_exit(255);
		_exit(xfer_send(fd, &h, 1, 0, -1) == 1 ? 0 : 1);
	}
	return wait_blocked(pid, SYS_ioctl) ? pid : -ETIMEDOUT;
}

int enter_net(pid_t pid)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = setns(fd, CLONE_NEWNET) ? -errno : 0;
	close(fd);
	return ret;
}

static int map_write(pid_t pid, const char *file, const char *map)
{
	const ssize_t len = strlen(map);
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write(fd, map, len) == len ? 0 : -errno;
	close(fd);
	return ret;
}

/*
 * Whoever gets capabilities or another uid loses the files of its /proc folder
 * to root of the machine, so that the maps could not be written from a user
 * namespace, until it says that it has nothing to hide.
 */
static int enter_userns(int flags, int link)
{
	char c = 0;

	if (unshare(CLONE_NEWUSER | flags) || prctl(PR_SET_DUMPABLE, 1))
		return -errno;
	if (write(link, &c, 1) != 1 || read(link, &c, 1) != 1)
		return -EPIPE;
	if (become(0, 0) || prctl(PR_SET_DUMPABLE, 1))
		return -errno;
	return 0;
}

int in_userns(int flags, const char *uids, const char *gids,
	      int (*fn)(const void *arg), const void *arg)
{
	int link[2], ret;
	pid_t pid;
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link))
		return -errno;
	pid = child_fork();
	if (pid == 0) {
		close(link[0]);
		_exit(enter_userns(flags, link[1]) ? 255 : -fn(arg));
	}
	close(link[1]);
	/* A child that is told nothing gives up. */
	ret = pid < 0 ? pid : 0;
	if (!ret && read(link[0], &c, 1) == 1 && !map_write(pid, "uid_map", uids) &&
	    !map_write(pid, "gid_map", gids))
		send(link[0], &c, 1, MSG_NOSIGNAL);
	close(link[0]);
	return ret ? ret : result_of(pid);
}
