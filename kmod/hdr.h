/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_HDR_H
#define _IPCCHAN_HDR_H

#include <linux/ktime.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/ipcchan.h>

#include "copy.h"

struct ipcchan_ident;
struct ipcchan_msg;

/**
 * struct ipcchan_hdr - the part of a struct ipcchan_msghdr that is read
 * @u: buf and len
 * @flags: must be zero
 * @prio: as in there, like those below
 * @type: likewise
 * @cookie: likewise
 * @fds: likewise
 * @nr_fds: likewise
 */
struct ipcchan_hdr {
	struct ipcchan_user u;
	u32 flags;
	u32 prio;
	u32 type;
	u64 cookie;
	s32 __user *fds;
	u32 nr_fds;
};

/**
 * struct ipcchan_names - who sent a message, in the words of the receiver
 * @ident: whom the rest is about; compared, never followed
 * @pid: as struct ipcchan_msghdr has it, as are the others
 * @uid: likewise
 * @gid: likewise
 * @opener_pid: likewise
 * @opener_uid: likewise
 * @opener_gid: likewise
 *
 * Kept from one message of a batch to the next one, mostly of the same sender: what is
 * compared is held by a message that was not given back yet.
 */
struct ipcchan_names {
	const struct ipcchan_ident *ident;
	u32 pid;
	u32 uid;
	u32 gid;
	u32 opener_pid;
	u32 opener_uid;
	u32 opener_gid;
};

bool ipcchan_hdr_get(struct ipcchan_hdr *h, const struct ipcchan_msghdr __user *from);
int ipcchan_hdr_check_send(const struct ipcchan_hdr *h);
int ipcchan_hdr_check_recv(const struct ipcchan_hdr *h);
int ipcchan_hdr_deliver(const struct ipcchan_hdr *h, struct ipcchan_msg *msg,
			struct ipcchan_names *names,
			struct ipcchan_msghdr __user *to);
int ipcchan_hdr_until(s64 timeout_ns, u32 flags, ktime_t *until);
long ipcchan_hdr_restart(long err, s64 timeout_ns, u32 flags);

#endif /* _IPCCHAN_HDR_H */
