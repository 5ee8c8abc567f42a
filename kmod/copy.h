/* SPDX-License-Identifier: GPL-2.0 */
/* Payloads from and to user space. */
#ifndef _IPCCHAN_COPY_H
#define _IPCCHAN_COPY_H

#include <linux/uaccess.h>
#include <linux/uio.h>

#include "message.h"
#include "words.h"

/**
 * struct ipcchan_user - where a payload comes from or goes to
 * @buf: address, unless there is @iter
 * @iter: a vector, or NULL
 * @len: bytes to send, or of room
 *
 * read() and write(), which have no vector to walk, save a tenth of a small
 * message's way.
 */
struct ipcchan_user {
	char __user *buf;
	struct iov_iter *iter;
	size_t len;
};

/*
 * A payload was allocated for its length: the search for the object and its
 * bounds that copy_from_user() and copy_from_iter() add is worth another eighth.
 */
static __always_inline bool ipcchan_copy_in(u8 *to, const struct ipcchan_user *u)
{
	if (u->iter)
		return _copy_from_iter(to, u->len, u->iter) == u->len;
	if (likely(ipcchan_msg_is_slot(u->len)))
		return ipcchan_get_words(to, u->buf, u->len);
	return !_copy_from_user(to, u->buf, u->len);
}

static __always_inline bool ipcchan_copy_out(const struct ipcchan_user *u,
					     const u8 *from, size_t len)
{
	if (u->iter)
		return _copy_to_iter(from, len, u->iter) == len;
	if (likely(ipcchan_msg_is_slot(len)))
		return ipcchan_put_words(u->buf, from, len);
	return !_copy_to_user(u->buf, from, len);
}

#endif /* _IPCCHAN_COPY_H */
