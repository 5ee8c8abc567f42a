/* SPDX-License-Identifier: GPL-2.0 */
/* Headers of messages, as user space writes and reads them. */
#ifndef _IPCCHAN_HDR_H
#define _IPCCHAN_HDR_H

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/ipcchan.h>

#include "copy.h"
#include "message.h"
#include "queue.h"

/**
 * struct ipcchan_hdr - what is read of a struct ipcchan_msghdr to be sent
 * @u: buf and len
 * @offset: buf, as it is with IPCCHAN_MSG_PLACED
 * @flags: zero or IPCCHAN_MSG_PLACED
 * @prio: as in there, like those below
 * @type: likewise
 * @cookie: likewise
 * @fds: likewise
 * @nr_fds: likewise
 */
struct ipcchan_hdr {
	struct ipcchan_user u;
	u64 offset;
	u32 flags;
	u32 prio;
	u32 type;
	u64 cookie;
	s32 __user *fds;
	u32 nr_fds;
};

/**
 * struct ipcchan_room - what is read of a struct ipcchan_msghdr to be received
 * @buf: where the payload goes
 * @fds: where the descriptors go
 * @len: longest message that may be taken, bytes: room at @buf, or any with
 *	IPCCHAN_XFER_PLACE
 * @copy: room at @buf
 * @flags: must be zero
 * @nr_fds: room for so many
 */
struct ipcchan_room {
	char __user *buf;
	s32 __user *fds;
	u32 len;
	u32 copy;
	u32 flags;
	u32 nr_fds;
};

/**
 * struct ipcchan_names - who sent a message, in the words of the receiver
 * @ident: whom the rest is about; compared, never followed; NULL at first
 * @out: pid to opener_gid, as struct ipcchan_msghdr has them
 * @words: the same
 *
 * Kept from one message of a batch to the next one, mostly of the same sender: what is
 * compared is held by a message that was not given back yet.
 */
struct ipcchan_names {
	const struct ipcchan_ident *ident;
	union {
		struct {
			u32 pid;
			u32 uid;
			u32 gid;
			u32 opener_pid;
			u32 opener_uid;
			u32 opener_gid;
		} out;
		u64 words[3];
	};
};

void ipcchan_names_fill(struct ipcchan_names *names,
			const struct ipcchan_ident *ident);
int ipcchan_hdr_deliver_rest(const struct ipcchan_room *room, struct ipcchan_msg *msg,
			     const struct ipcchan_names *names, u32 flags,
			     struct ipcchan_msghdr __user *to);
int ipcchan_hdr_deliver_special(const struct ipcchan_room *room,
				struct ipcchan_msg *msg,
				const struct ipcchan_names *names,
				struct ipcchan_msghdr __user *to);
int ipcchan_hdr_until_time(s64 timeout_ns, u32 flags, ktime_t *until);
long ipcchan_hdr_restart(long err, s64 timeout_ns, u32 flags);

/**
 * ipcchan_hdr_until() - how long a call may wait
 * @timeout_ns: as user space says
 * @flags: IPCCHAN_XFER_NONBLOCK, IPCCHAN_XFER_ABSTIME
 * @until: out
 * Context: any.
 * Return: 0 or -EINVAL.
 */
static __always_inline int ipcchan_hdr_until(s64 timeout_ns, u32 flags, ktime_t *until)
{
	if (unlikely(timeout_ns != IPCCHAN_WAIT_FOREVER || flags & IPCCHAN_XFER_NONBLOCK))
		return ipcchan_hdr_until_time(timeout_ns, flags, until);
	*until = IPCCHAN_FOREVER;
	return 0;
}

/*
 * Read a header, and room, once; between user_read_access_begin() and _end(), and in line
 * therefore.  Return: whether it could be read.
 */
static __always_inline bool ipcchan_hdr_unsafe_get(struct ipcchan_hdr *h,
						   const struct ipcchan_msghdr __user *from)
{
	u64 buf, fds;
	u32 len;

	unsafe_get_user(buf, &from->buf, fault);
	unsafe_get_user(len, &from->len, fault);
	unsafe_get_user(h->flags, &from->flags, fault);
	unsafe_get_user(h->prio, &from->prio, fault);
	unsafe_get_user(h->type, &from->type, fault);
	unsafe_get_user(h->cookie, &from->cookie, fault);
	unsafe_get_user(fds, &from->fds, fault);
	unsafe_get_user(h->nr_fds, &from->nr_fds, fault);
	h->u = (struct ipcchan_user) { .buf = u64_to_user_ptr(buf), .len = len };
	h->offset = buf;
	h->fds = u64_to_user_ptr(fds);
	return true;
fault:
	return false;
}

static __always_inline bool ipcchan_room_unsafe_get(struct ipcchan_room *room,
						    const struct ipcchan_msghdr __user *from)
{
	u64 buf, fds;

	unsafe_get_user(buf, &from->buf, fault);
	unsafe_get_user(room->len, &from->len, fault);
	unsafe_get_user(room->flags, &from->flags, fault);
	unsafe_get_user(fds, &from->fds, fault);
	unsafe_get_user(room->nr_fds, &from->nr_fds, fault);
	room->copy = room->len;
	room->buf = u64_to_user_ptr(buf);
	room->fds = u64_to_user_ptr(fds);
	return true;
fault:
	return false;
}

/* Is this the header of a message, but for its length, with no flags but @flags? */
static __always_inline bool ipcchan_hdr_good(const struct ipcchan_hdr *h, u32 flags)
{
	return likely(!(h->flags & ~flags) && h->prio <= IPCCHAN_PRIO_MAX &&
		      h->nr_fds <= IPCCHAN_FDS_MAX);
}

/* Is this the header of room for a message? */
static __always_inline bool ipcchan_room_good(const struct ipcchan_room *room)
{
	return likely(!room->flags && room->len && room->nr_fds <= IPCCHAN_FDS_MAX);
}

/* With IPCCHAN_XFER_PLACE any message is taken, and there may be no room to copy it to. */
static __always_inline void ipcchan_room_open(struct ipcchan_room *room)
{
	room->len = U32_MAX;
}

/**
 * ipcchan_hdr_get() - read the header of a message once
 * @h: out, checked but for the length
 * @from: in user space
 * Context: process, may sleep.
 * Return: 0, -EFAULT, -EINVAL.
 */
static __always_inline int ipcchan_hdr_get(struct ipcchan_hdr *h,
					   const struct ipcchan_msghdr __user *from)
{
	bool read;

	if (unlikely(!user_read_access_begin(from, sizeof(*from))))
		return -EFAULT;
	read = ipcchan_hdr_unsafe_get(h, from);
	user_read_access_end();
	if (unlikely(!read))
		return -EFAULT;
	return ipcchan_hdr_good(h, IPCCHAN_MSG_PLACED) ? 0 : -EINVAL;
}

/**
 * ipcchan_hdr_get_plain() - read a message that has payload, type and cookie at most
 * @msg: free slot, out; all but who sends it
 * @from: in user space
 * @max_len: bytes of payload, no more than a slot holds
 *
 * To keep and to look at, one by one, what most messages do not have takes a third of
 * the time in which a message of a batch is made.
 *
 * Context: process, may sleep.
 * Return: false when it is more than that, or wrong, and has to be read again.
 */
static __always_inline bool ipcchan_hdr_get_plain(struct ipcchan_msg *msg,
						  const struct ipcchan_msghdr __user *from,
						  u32 max_len)
{
	u32 len, flags, prio, nr_fds;
	u64 buf;

	if (unlikely(!user_read_access_begin(from, sizeof(*from))))
		return false;
	unsafe_get_user(buf, &from->buf, fault);
	unsafe_get_user(len, &from->len, fault);
	unsafe_get_user(flags, &from->flags, fault);
	unsafe_get_user(prio, &from->prio, fault);
	unsafe_get_user(msg->type, &from->type, fault);
	unsafe_get_user(msg->cookie, &from->cookie, fault);
	unsafe_get_user(nr_fds, &from->nr_fds, fault);
	user_read_access_end();
	/* A length of 0 is the longest one here. */
	if (unlikely(flags | prio | nr_fds || len - 1 >= max_len))
		return false;
	msg->len = len;
	msg->prio = 0;
	msg->lost = 0;
	msg->time_ns = 0;
	return ipcchan_get_words(msg->data, u64_to_user_ptr(buf), len);
fault:
	user_read_access_end();
	return false;
}

/**
 * ipcchan_room_get() - read headers of room for messages once
 * @room: out, checked
 * @from: in user space
 * @nr: how many
 * @place: with IPCCHAN_XFER_PLACE
 * @err: out, if it is less, why: -EFAULT, -EINVAL
 * Context: process, may sleep.
 * Return: how many could be read and are right.
 */
static __always_inline unsigned int
ipcchan_room_get(struct ipcchan_room *room, const struct ipcchan_msghdr __user *from,
		 unsigned int nr, bool place, int *err)
{
	unsigned int i = 0;

	*err = -EFAULT;
	if (unlikely(!user_read_access_begin(from, nr * sizeof(*from))))
		return 0;
	for (; i < nr; i++, room++, from++) {
		if (unlikely(!ipcchan_room_unsafe_get(room, from)))
			break;
		if (unlikely(place))
			ipcchan_room_open(room);
		if (!ipcchan_room_good(room)) {
			*err = -EINVAL;
			break;
		}
	}
	user_read_access_end();
	return i;
}

static_assert(offsetof(struct ipcchan_msghdr, opener_gid) + sizeof(u32) -
	      offsetof(struct ipcchan_msghdr, pid) ==
	      sizeof_field(struct ipcchan_names, words));
static_assert(offsetof(struct ipcchan_msghdr, pid) % sizeof(u64) == 0);

/*
 * Write a header; between user_write_access_begin() and _end(), and in line therefore.
 * Return: whether it could be written.
 */
static __always_inline bool ipcchan_hdr_unsafe_put(const struct ipcchan_msg *msg,
						   const struct ipcchan_names *names,
						   u32 flags, u32 nr_fds,
						   struct ipcchan_msghdr __user *to)
{
	u64 __user *words = (u64 __user *)&to->pid;

	unsafe_put_user(msg->len, &to->len, fault);
	unsafe_put_user(flags, &to->flags, fault);
	unsafe_put_user(msg->prio, &to->prio, fault);
	unsafe_put_user(msg->type, &to->type, fault);
	unsafe_put_user(msg->cookie, &to->cookie, fault);
	unsafe_put_user(nr_fds, &to->nr_fds, fault);
	unsafe_put_user(msg->lost, &to->lost, fault);
	unsafe_put_user(names->words[0], words, fault);
	unsafe_put_user(names->words[1], words + 1, fault);
	unsafe_put_user(names->words[2], words + 2, fault);
	unsafe_put_user(msg->time_ns, &to->time_ns, fault);
	return true;
fault:
	return false;
}

static __always_inline bool ipcchan_hdr_put(const struct ipcchan_msg *msg,
					    const struct ipcchan_names *names,
					    u32 flags, u32 nr_fds,
					    struct ipcchan_msghdr __user *to)
{
	bool written;

	if (unlikely(!user_write_access_begin(to, sizeof(*to))))
		return false;
	written = ipcchan_hdr_unsafe_put(msg, names, flags, nr_fds, to);
	user_write_access_end();
	return written;
}

/* Nothing but a payload, in its slot */
static __always_inline bool ipcchan_msg_is_plain(const struct ipcchan_msg *msg)
{
	return likely(!msg->flags && ipcchan_msg_is_slot(msg->len));
}

/**
 * ipcchan_hdr_deliver_plain() - ipcchan_hdr_deliver() of what is small and plain
 * @buf: where the payload goes; there is room for it
 * @msg: plain, owned by the caller
 * @names: of its sender
 * @to: header, of which the room was read: it is known to lie in user space
 * Context: process, may sleep.
 * Return: 0 or -EFAULT.
 */
static __always_inline int ipcchan_hdr_deliver_plain(char __user *buf,
						     const struct ipcchan_msg *msg,
						     const struct ipcchan_names *names,
						     struct ipcchan_msghdr __user *to)
{
	bool written;

	if (unlikely(!user_write_access_begin(buf, msg->len)))
		return -EFAULT;
	written = ipcchan_unsafe_put_words(buf, msg->data, msg->len) &&
		  ipcchan_hdr_unsafe_put(msg, names, 0, 0, to);
	user_write_access_end();
	return likely(written) ? 0 : -EFAULT;
}

/**
 * ipcchan_hdr_deliver() - give a message to user space
 * @room: where to, checked; long enough for the payload
 * @msg: owned by the caller
 * @names: of the batch, its ident NULL before the first message
 * @to: header in user space that @room was read of
 * Context: process, may sleep.
 * Return: 0; -EFAULT, -EMFILE, and the message is undelivered.
 */
static __always_inline int ipcchan_hdr_deliver(const struct ipcchan_room *room,
					       struct ipcchan_msg *msg,
					       struct ipcchan_names *names,
					       struct ipcchan_msghdr __user *to)
{
	if (unlikely(names->ident != msg->ident))
		ipcchan_names_fill(names, msg->ident);
	if (ipcchan_msg_is_plain(msg))
		return ipcchan_hdr_deliver_plain(room->buf, msg, names, to);
	return ipcchan_hdr_deliver_special(room, msg, names, to);
}

#endif /* _IPCCHAN_HDR_H */
