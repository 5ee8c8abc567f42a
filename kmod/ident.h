/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_IDENT_H
#define _IPCCHAN_IDENT_H

#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uidgid.h>

#include "message.h"

/**
 * struct ipcchan_ident - who opened an endpoint, constant
 * @refs: the endpoint, and each message and free slot that was last sent through it
 * @pid: process, referenced
 * @uid: effective user
 * @gid: effective group
 */
struct ipcchan_ident {
	refcount_t refs;
	struct pid *pid;
	kuid_t uid;
	kgid_t gid;
};

struct ipcchan_ident *ipcchan_ident_create(void);
void ipcchan_ident_put(struct ipcchan_ident *ident);
void ipcchan_ident_adopt(struct ipcchan_msg *msg, struct ipcchan_ident *opener,
			 struct pid *pid);
void ipcchan_ident_drop(struct ipcchan_msg *msg);

/**
 * ipcchan_ident_stamp() - write into a message who sends it
 * @msg: owned by the caller
 * @opener: of the endpoint that it is sent through
 *
 * A slot keeps the references of the last message that was in it: mostly the next one
 * has the same sender, and nothing is to be counted.
 *
 * Context: process, the sender.
 */
static inline void ipcchan_ident_stamp(struct ipcchan_msg *msg,
				       struct ipcchan_ident *opener)
{
	const struct cred *cred = current_cred();
	struct pid *pid = task_tgid(current);

	if (unlikely(msg->pid != pid || msg->opener != opener))
		ipcchan_ident_adopt(msg, opener, pid);
	msg->uid = cred->euid;
	msg->gid = cred->egid;
}

#endif /* _IPCCHAN_IDENT_H */
