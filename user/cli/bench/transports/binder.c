// SPDX-License-Identifier: GPL-2.0
/*
 * Binder.  Side 1 is the context manager of a device, side 0 its client.  A round trip
 * is a transaction and its reply; a stream, transactions that have none.  Those never
 * wait for room: an eventfd tells the sender, every half queue, that there is some.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/android/binder.h>
#include <linux/android/binderfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"

/*
 * As much as the driver gives a process.  Half of it is for messages without a reply,
 * each with some memory of the driver's, and it grows slow when that is nearly used up.
 */
#define MAP_SIZE	((size_t)4 << 20)
#define ROOM		(MAP_SIZE / 8 * 3)
#define EACH		256

#define BINDERFS	"/dev/binderfs/"

/* The manager before is forgotten a little after its end */
#define MANAGER_TRIES	200
#define MANAGER_NAP_NS	10000000

struct __attribute__((packed)) command {
	uint32_t free_code;
	binder_uintptr_t free_buffer;
	uint32_t code;
	struct binder_transaction_data tr;
};

struct binder {
	char device[64];
	bool own_device;
	int fd;
	int credit;		/* eventfd: halves of the queue that are free */
	uint64_t half;		/* messages */
	uint64_t nr;		/* sent, or received, of a stream */
	bool server;
	bool held;
	binder_uintptr_t got;	/* buffer of the message received last */
	binder_uintptr_t spent;	/* buffer to be given back, or 0 */
	struct command out;
	uint32_t in[64];
};

static void binder_teardown(struct link *link)
{
	struct binder *b = link->priv;

	if (!b)
		return;
	fd_close(&b->fd);
	fd_close(&b->credit);
	if (b->own_device)
		unlink(b->device);
	free(b);
	link->priv = NULL;
}

/* With binderfs one of our own, which nobody else manages */
static void make_device(struct binder *b)
{
	struct binderfs_device dev = { 0 };
	int control = open(BINDERFS "binder-control", O_RDONLY | O_CLOEXEC);

	if (control < 0)
		return;
	snprintf(dev.name, sizeof(dev.name), "ipcchan-bench-%d", (int)getpid());
	if (!ioctl(control, BINDER_CTL_ADD, &dev)) {
		snprintf(b->device, sizeof(b->device), BINDERFS "%.40s", dev.name);
		b->own_device = true;
	}
	close(control);
}

static int open_device(struct binder *b)
{
	static const char *const names[] = { BINDERFS "binder", "/dev/binder" };
	size_t i;
	int fd = -1;

	make_device(b);
	if (b->own_device)
		return open(b->device, O_RDWR | O_CLOEXEC);
	for (i = 0; i < sizeof(names) / sizeof(names[0]) && fd < 0; i++) {
		snprintf(b->device, sizeof(b->device), "%s", names[i]);
		fd = open(b->device, O_RDWR | O_CLOEXEC);
	}
	return fd;
}

static int binder_setup(struct link *link)
{
	struct binder *b = calloc(1, sizeof(*b));
	struct binder_version version;
	size_t msgs, most;

	if (!b)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = b;
	b->credit = -1;
	b->fd = open_device(b);
	if (b->fd < 0)
		return link_refuse(link, -errno, errno == ENOENT ?
				   "no /dev/binder: this kernel has no binder, or "
				   "binder_linux is not loaded" : "cannot open %s: %s",
				   b->device, strerror(errno));
	if (ioctl(b->fd, BINDER_VERSION, &version) ||
	    version.protocol_version != BINDER_CURRENT_PROTOCOL_VERSION)
		return link_refuse(link, -EPROTO, "%s speaks another protocol", b->device);
	/* Each side opens its own: it belongs to a process. */
	fd_close(&b->fd);
	/* The one that the receiver has is given back after its credit. */
	most = ROOM / (link->size + EACH) - 1;
	msgs = link->depth / link->size;
	b->half = (msgs < most ? msgs : most) / 2;
	link->depth = 2 * b->half * link->size;
	b->credit = eventfd(2, EFD_CLOEXEC | EFD_SEMAPHORE);
	return b->credit < 0 ? link_refuse(link, -errno, "eventfd: %s", strerror(errno)) :
			       0;
}

static int become_manager(struct link *link, const struct binder *b)
{
	const struct timespec nap = { .tv_nsec = MANAGER_NAP_NS };
	int tries;

	for (tries = 0; ioctl(b->fd, BINDER_SET_CONTEXT_MGR, 0); tries++) {
		if (errno != EBUSY || tries == MANAGER_TRIES)
			return link_refuse(link, -errno, errno == EBUSY ?
					   "%s has a context manager already" :
					   "cannot manage %s: %s", b->device,
					   strerror(errno));
		nanosleep(&nap, NULL);
	}
	return 0;
}

/*
 * Write @size bytes of commands, and with @reads wait for what comes back, into @b->in.
 * Return: bytes of it; negative errno.
 */
static ssize_t write_read(struct binder *b, const void *out, size_t size, bool reads)
{
	struct binder_write_read bwr = {
		.write_buffer = (uintptr_t)out, .write_size = size,
		.read_buffer = (uintptr_t)b->in, .read_size = reads ? sizeof(b->in) : 0,
	};

	while (ioctl(b->fd, BINDER_WRITE_READ, &bwr))
		if (errno != EINTR)
			return -errno;
	return bwr.write_consumed == bwr.write_size ? (ssize_t)bwr.read_consumed : -EPROTO;
}

static int binder_attach(struct link *link, int side)
{
	static const uint32_t enter = BC_ENTER_LOOPER;
	struct binder *b = link->priv;
	ssize_t n;

	b->server = side;
	b->fd = open(b->device, O_RDWR | O_CLOEXEC);
	if (b->fd < 0 || mmap(NULL, MAP_SIZE, PROT_READ, MAP_PRIVATE | MAP_NORESERVE,
			      b->fd, 0) == MAP_FAILED)
		return link_refuse(link, -errno, "%s: %s", b->device, strerror(errno));
	if (b->server && become_manager(link, b))
		return -EBUSY;
	n = b->server ? write_read(b, &enter, sizeof(enter), false) : 0;
	if (n < 0)
		return link_refuse(link, (int)n, "%s: %s", b->device, strerror((int)-n));
	b->out = (struct command){
		.free_code = BC_FREE_BUFFER,
		.code = b->server ? BC_REPLY : BC_TRANSACTION,
		.tr = { .data_size = link->size,
			.flags = workload_answers(link->workload) ? 0 : TF_ONE_WAY },
	};
	n = fd_attach(link, b->fd, b->fd);
	b->out.tr.data.ptr.buffer = (uintptr_t)link->tx_buf;
	return (int)n;
}

/* Write what is due: the buffer that is done with, the message that is held back */
static ssize_t exchange(struct binder *b)
{
	const char *begin = (const char *)&b->out, *end = begin;

	if (b->held)
		end += sizeof(b->out);
	else
		end += offsetof(struct command, code);
	if (!b->spent)
		begin = (const char *)&b->out.code;
	b->out.free_buffer = b->spent;
	b->spent = 0;
	b->held = false;
	return write_read(b, begin, begin < end ? (size_t)(end - begin) : 0, true);
}

/*
 * What has come: *@len bytes of a message in @b->got.  Return: 1; 0 when there is no
 * message among it; negative errno.
 */
static int look(struct binder *b, size_t n, ssize_t *len, bool *complete)
{
	struct binder_transaction_data tr;
	const char *at = (const char *)b->in, *end = at + n;
	uint32_t code;

	while (at + sizeof(code) <= end) {
		memcpy(&code, at, sizeof(code));
		at += sizeof(code);
		switch (code) {
		case BR_TRANSACTION:
		case BR_REPLY:
			if (at + sizeof(tr) > end)
				return -EPROTO;
			memcpy(&tr, at, sizeof(tr));
			b->got = tr.data.ptr.buffer;
			*len = (ssize_t)tr.data_size;
			return 1;
		case BR_TRANSACTION_COMPLETE:
			*complete = true;
			break;
		case BR_NOOP:
		case BR_SPAWN_LOOPER:
		case BR_OK:
			break;
		case BR_DEAD_REPLY:
			return -EPIPE;
		case BR_FAILED_REPLY:
			return -ENOSPC;
		default:
			return -EPROTO;
		}
	}
	return 0;
}

/* Nothing comes back to who sends a stream, or the last reply, but that it was taken */
static int send_now(struct binder *b)
{
	bool complete = false;
	ssize_t n, len;
	int err = 0;

	while (!complete && !err) {
		n = exchange(b);
		err = n < 0 ? (int)n : look(b, (size_t)n, &len, &complete);
	}
	return err;
}

static int send_one_way(struct binder *b)
{
	uint64_t one;

	if (b->nr++ % b->half == 0 && read(b->credit, &one, sizeof(one)) < 0)
		return -errno;
	b->held = true;
	return send_now(b);
}

static int binder_send(struct link *link)
{
	struct binder *b = link->priv;

	if (b->out.tr.flags & TF_ONE_WAY)
		return send_one_way(b);
	b->held = true;
	return 0;
}

static ssize_t binder_recv(struct link *link, const void **msg)
{
	struct binder *b = link->priv;
	bool complete = false;
	ssize_t n, len = 0;
	int got = 0;

	while (!got) {
		n = exchange(b);
		got = n < 0 ? (int)n : look(b, (size_t)n, &len, &complete);
	}
	*msg = (const void *)(uintptr_t)b->got;
	return got < 0 ? got : len;
}

/* The buffer goes back with what is written next */
static int binder_done(struct link *link)
{
	static const uint64_t one = 1;
	struct binder *b = link->priv;

	b->spent = b->got;
	if (b->out.tr.flags & TF_ONE_WAY && ++b->nr % b->half == 0 &&
	    write(b->credit, &one, sizeof(one)) < 0)
		return -errno;
	return 0;
}

static int binder_flush(struct link *link)
{
	struct binder *b = link->priv;

	return b->held ? send_now(b) : 0;
}

const struct transport transport_binder = {
	.name = "binder",
	.about = "binder transactions, BINDER_WRITE_READ",
	.wait = WAIT_BLOCK,
	.workloads = WORKLOADS_ALL,
	.max_size = ROOM / 3 - EACH,
	.copies = COPIES(1),
	.setup = binder_setup,
	.attach = binder_attach,
	.begin = fd_begin,
	.send = binder_send,
	.recv = binder_recv,
	.done = binder_done,
	.flush = binder_flush,
	.teardown = binder_teardown,
};
