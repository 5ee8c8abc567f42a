// SPDX-License-Identifier: GPL-2.0
/*
 * Locks: what fcntl() locks on an endpoint are bytes of its channel.
 *
 * The kernel keeps locks by inode, and all channels have one.  Each with a buffer has a part
 * of its offsets for itself, which nobody can lock who may not write that buffer: the
 * rings of the library take who holds a lock for alive.  It is one list, as that of a file
 * is, but of all users, whose number of locks nothing limits: to lock, and to close an
 * endpoint that can, takes longer the more there are.
 */

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/idr.h>

#include "channel.h"
#include "compat.h"
#include "endpoint.h"
#include "lock.h"

/* Bytes of a channel that can be locked, more than any buffer has. */
#define IPCCHAN_LOCK_SHIFT	31
#define IPCCHAN_LOCK_SPAN	((loff_t)BIT_ULL(IPCCHAN_LOCK_SHIFT))

/*
 * Parts are far above what is asked for, so that what has waited is told from it; who asks
 * for offsets there gets those of this channel or none.  Between two is a hole, lest
 * locks of one process that touch become one, which then outlives the first one's file.
 */
#define IPCCHAN_LOCK_FIRST	BIT_ULL(63 - IPCCHAN_LOCK_SHIFT - 1)
#define IPCCHAN_LOCK_PARTS	(BIT_ULL(63 - IPCCHAN_LOCK_SHIFT - 2) - 1)

/* Part 0 is that of channels without a buffer. */
static DEFINE_IDA(ipcchan_lock_parts);

/**
 * ipcchan_lock_base() - where a channel's part is, as /proc/locks tells offsets
 * @chan: channel with a buffer
 * Context: any.
 * Return: the offset of its first byte.
 */
loff_t ipcchan_lock_base(const struct ipcchan_chan *chan)
{
	return (IPCCHAN_LOCK_FIRST + 2 * (u64)chan->lock_part) << IPCCHAN_LOCK_SHIFT;
}

/**
 * ipcchan_lock_create() - a part for a channel
 * @chan: that is made
 * Context: process, may sleep.
 * Return: 0; -ENOMEM, -ENOSPC (there are too many with buffers).
 */
int ipcchan_lock_create(struct ipcchan_chan *chan)
{
	int part = ida_alloc_range(&ipcchan_lock_parts, 1, IPCCHAN_LOCK_PARTS, GFP_KERNEL);

	if (part < 0)
		return part;
	chan->lock_part = part;
	return 0;
}

/**
 * ipcchan_lock_destroy() - undo ipcchan_lock_create(), if it was called
 * @chan: no endpoint is attached
 * Context: process, may sleep.
 */
void ipcchan_lock_destroy(struct ipcchan_chan *chan)
{
	if (chan->lock_part)
		ida_free(&ipcchan_lock_parts, chan->lock_part);
}

/* Move it to the channel's part; one that has waited is there. */
static bool ipcchan_lock_move(struct file_lock *fl, loff_t base)
{
	if (fl->fl_start >= base)
		return fl->fl_end - base < IPCCHAN_LOCK_SPAN;
	if (fl->fl_start >= IPCCHAN_LOCK_SPAN)
		return false;
	fl->fl_start += base;
	fl->fl_end = min(fl->fl_end, IPCCHAN_LOCK_SPAN - 1) + base;
	return true;
}

/**
 * ipcchan_lock() - the lock method
 * @file: of an endpoint
 * @cmd: F_GETLK, F_SETLK or F_SETLKW
 * @fl: of a process or of an open file
 *
 * Called for all of the range when a descriptor is closed, too.
 *
 * Context: process, may sleep.
 * Return: as posix_lock_file(); -ENOTCONN, -ENODEV (the channel has no buffer), -EBADF
 * (needs IPCCHAN_ROLE_SEND), -EOVERFLOW.
 */
int ipcchan_lock(struct file *file, int cmd, struct file_lock *fl)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);
	loff_t base;

	if (!chan)
		return -ENOTCONN;
	if (!chan->buf)
		return -ENODEV;
	if (!(ep->role & IPCCHAN_ROLE_SEND))
		return -EBADF;
	base = ipcchan_lock_base(chan);
	if (!ipcchan_lock_move(fl, base))
		return -EOVERFLOW;
	if (cmd != F_GETLK)
		return posix_lock_file(file, fl, NULL);
	/* What it tells is the other lock, or that there is none. */
	posix_test_lock(file, fl);
	fl->fl_start -= base;
	fl->fl_end -= base;
	return 0;
}
