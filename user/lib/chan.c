// SPDX-License-Identifier: MIT
/* Channels: open, send, receive, look. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

static int dev_open(int flags)
{
	int saved = errno;

	return (int)ipcchan_result(open(IPCCHAN_DEV_PATH, flags | O_CLOEXEC),
				   saved);
}

/* close() may set errno, and there is nothing to be done about what it says */
static void dev_close(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

/* Copy @name, which must not be NULL, into the ABI's array, which is zero. */
static int name_copy(char *dst, const char *name)
{
	size_t len = strlen(name);

	if (!len)
		return -EINVAL;
	if (len >= IPCCHAN_NAME_SIZE)
		return -ENAMETOOLONG;
	memcpy(dst, name, len);
	return 0;
}

static int attach_fill(struct ipcchan_attach *attach, const char *name,
		       const struct ipcchan_opts *opts)
{
	memset(attach, 0, sizeof(*attach));
	attach->flags = opts->flags;
	attach->role = opts->role ? opts->role :
		       IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV;
	attach->kind = opts->kind;
	attach->mode = opts->mode;
	attach->max_msgs = opts->max_msgs;
	attach->max_msg_size = opts->max_msg_size;
	attach->max_bytes = opts->max_bytes;
	attach->buf_size = opts->buf_size;
	attach->options = opts->options;
	attach->slow = opts->slow;
	attach->spin_ns = opts->spin_ns;
	attach->buf_flags = opts->buf_flags;
	attach->buf_node = opts->buf_node;
	if (opts->flags & IPCCHAN_ATTACH_FD)
		attach->fd = opts->fd;
	if (name)
		return name_copy(attach->name, name);
	if (opts->flags & (IPCCHAN_ATTACH_ANON | IPCCHAN_ATTACH_FD))
		return 0;
	return -EINVAL;
}

int ipcchan_open(struct ipcchan **chan, const char *name,
		 const struct ipcchan_opts *opts)
{
	static const struct ipcchan_opts defaults;
	struct ipcchan_attach attach;
	struct ipcchan *new;
	int ret, flags;

	if (!opts)
		opts = &defaults;
	ret = attach_fill(&attach, name, opts);
	if (ret)
		return ret;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;

	/* a writable shared mapping needs both, even with ROLE_SEND alone */
	flags = attach.role & IPCCHAN_ROLE_SEND ? O_RDWR : O_RDONLY;
	if (opts->nonblock)
		flags |= O_NONBLOCK;
	ret = dev_open(flags);
	if (ret < 0)
		goto err_free;
	new->fd = ret;
	new->populate = opts->populate;
	ret = (int)ipcchan_ioctl(new->fd, IPCCHAN_IOC_ATTACH, &attach);
	if (ret < 0)
		goto err_close;
	*chan = new;
	return 0;

err_close:
	dev_close(new->fd);
err_free:
	free(new);
	return ret;
}

void ipcchan_close(struct ipcchan *chan)
{
	int saved = errno;

	if (!chan)
		return;
	if (chan->addr)
		munmap(chan->addr, chan->size);
	if (chan->view)
		munmap((void *)chan->view, chan->size);
	if (chan->pool)
		munmap(chan->pool, chan->pool_size);
	close(chan->fd);
	free(chan);
	errno = saved;
}

int ipcchan_fd(const struct ipcchan *chan)
{
	return chan->fd;
}

int ipcchan_send(struct ipcchan *chan, const void *msg, size_t len)
{
	int saved = errno;
	ssize_t ret;

	if (!len)
		return -EINVAL;
	/* write() would cut it short before the module sees it */
	if (len > INT_MAX)
		return -EMSGSIZE;
	ret = ipcchan_result(write(chan->fd, msg, len), saved);
	return ret < 0 ? (int)ret : 0;
}

ssize_t ipcchan_recv(struct ipcchan *chan, void *buf, size_t size)
{
	int saved = errno;

	return ipcchan_result(read(chan->fd, buf, size), saved);
}

ssize_t ipcchan_next_len(struct ipcchan *chan)
{
	int len = 0;
	long ret = ipcchan_ioctl(chan->fd, FIONREAD, &len);

	return ret < 0 ? ret : len;
}

int ipcchan_get_info(struct ipcchan *chan, struct ipcchan_info *info)
{
	memset(info, 0, sizeof(*info));
	return (int)ipcchan_ioctl(chan->fd, IPCCHAN_IOC_INFO, info);
}

int ipcchan_query(struct ipcchan_query *query)
{
	int fd = dev_open(O_RDONLY);
	int ret;

	if (fd < 0)
		return fd;
	memset(query, 0, sizeof(*query));
	ret = (int)ipcchan_ioctl(fd, IPCCHAN_IOC_QUERY, query);
	dev_close(fd);
	return ret;
}

int ipcchan_unlink(const char *name)
{
	struct ipcchan_unlink unlink;
	int fd, ret;

	memset(&unlink, 0, sizeof(unlink));
	if (!name)
		return -EINVAL;
	ret = name_copy(unlink.name, name);
	if (ret)
		return ret;
	fd = dev_open(O_RDONLY);
	if (fd < 0)
		return fd;
	ret = (int)ipcchan_ioctl(fd, IPCCHAN_IOC_UNLINK, &unlink);
	dev_close(fd);
	return ret;
}
