// SPDX-License-Identifier: GPL-2.0
/* Headers of messages, as user space writes and reads them. */

#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/sched.h>

#include "fds.h"
#include "hdr.h"
#include "ident.h"
#include "message.h"
#include "queue.h"

/**
 * ipcchan_hdr_get() - read a header once
 * @h: out, not checked
 * @from: in user space
 * Context: process, may sleep.
 * Return: whether it could be read.
 */
bool ipcchan_hdr_get(struct ipcchan_hdr *h, const struct ipcchan_msghdr __user *from)
{
	u64 buf, fds;
	u32 len;

	if (!user_read_access_begin(from, sizeof(*from)))
		return false;
	unsafe_get_user(buf, &from->buf, fault);
	unsafe_get_user(len, &from->len, fault);
	unsafe_get_user(h->flags, &from->flags, fault);
	unsafe_get_user(h->prio, &from->prio, fault);
	unsafe_get_user(h->type, &from->type, fault);
	unsafe_get_user(h->cookie, &from->cookie, fault);
	unsafe_get_user(fds, &from->fds, fault);
	unsafe_get_user(h->nr_fds, &from->nr_fds, fault);
	user_read_access_end();
	h->u = (struct ipcchan_user) { .buf = u64_to_user_ptr(buf), .len = len };
	h->fds = u64_to_user_ptr(fds);
	return true;
fault:
	user_read_access_end();
	return false;
}

/**
 * ipcchan_hdr_check_send() - is this the header of a message?
 * @h: header
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int ipcchan_hdr_check_send(const struct ipcchan_hdr *h)
{
	return h->flags || h->prio > IPCCHAN_PRIO_MAX ||
	       h->nr_fds > IPCCHAN_FDS_MAX ? -EINVAL : 0;
}

/**
 * ipcchan_hdr_check_recv() - is this the header of room for a message?
 * @h: header
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int ipcchan_hdr_check_recv(const struct ipcchan_hdr *h)
{
	return h->flags || !h->u.len || h->nr_fds > IPCCHAN_FDS_MAX ? -EINVAL : 0;
}

static void ipcchan_names_find(struct ipcchan_names *names,
			       const struct ipcchan_ident *ident)
{
	struct user_namespace *ns = current_user_ns();
	const struct ipcchan_ident *opener = ident->opener;

	names->ident = ident;
	names->pid = pid_vnr(ident->pid);
	names->uid = from_kuid_munged(ns, ident->cred->euid);
	names->gid = from_kgid_munged(ns, ident->cred->egid);
	names->opener_pid = pid_vnr(opener->pid);
	names->opener_uid = from_kuid_munged(ns, opener->cred->euid);
	names->opener_gid = from_kgid_munged(ns, opener->cred->egid);
}

static bool ipcchan_hdr_put(const struct ipcchan_msg *msg,
			    const struct ipcchan_names *names, u32 flags, u32 nr_fds,
			    struct ipcchan_msghdr __user *to)
{
	if (!user_write_access_begin(to, sizeof(*to)))
		return false;
	unsafe_put_user(msg->len, &to->len, fault);
	unsafe_put_user(flags, &to->flags, fault);
	unsafe_put_user(msg->prio, &to->prio, fault);
	unsafe_put_user(msg->type, &to->type, fault);
	unsafe_put_user(msg->cookie, &to->cookie, fault);
	unsafe_put_user(nr_fds, &to->nr_fds, fault);
	unsafe_put_user(msg->lost, &to->lost, fault);
	unsafe_put_user(names->pid, &to->pid, fault);
	unsafe_put_user(names->uid, &to->uid, fault);
	unsafe_put_user(names->gid, &to->gid, fault);
	unsafe_put_user(names->opener_pid, &to->opener_pid, fault);
	unsafe_put_user(names->opener_uid, &to->opener_uid, fault);
	unsafe_put_user(names->opener_gid, &to->opener_gid, fault);
	unsafe_put_user(msg->time_ns, &to->time_ns, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/**
 * ipcchan_hdr_deliver() - give a message to user space
 * @h: where to, checked; long enough for the payload
 * @msg: owned by the caller
 * @names: of the batch, zeroed before its first message
 * @to: header in user space
 *
 * The descriptors come last: once they are open nothing can fail.
 *
 * Context: process, may sleep.
 * Return: 0; -EFAULT, -EMFILE, and the message is undelivered.
 */
int ipcchan_hdr_deliver(const struct ipcchan_hdr *h, struct ipcchan_msg *msg,
			struct ipcchan_names *names,
			struct ipcchan_msghdr __user *to)
{
	struct ipcchan_fds *fds = msg->flags & IPCCHAN_HAS_FDS ? msg->fds : NULL;
	u32 nr_fds = fds ? min(fds->nr, h->nr_fds) : 0, flags = 0;
	int err;

	if ((fds && nr_fds < fds->nr) || msg->flags & IPCCHAN_LOST_FDS)
		flags = IPCCHAN_MSG_FDS_LOST;
	if (names->ident != msg->ident)
		ipcchan_names_find(names, msg->ident);
	if (!ipcchan_copy_out(&h->u, ipcchan_msg_payload(msg), msg->len) ||
	    !ipcchan_hdr_put(msg, names, flags, nr_fds, to))
		return -EFAULT;
	if (!nr_fds)
		return 0;
	err = ipcchan_fds_install(fds, h->fds, nr_fds);
	return err < 0 ? err : 0;
}

/**
 * ipcchan_hdr_until() - how long a call may wait
 * @timeout_ns: as user space says
 * @flags: IPCCHAN_XFER_NONBLOCK, IPCCHAN_XFER_ABSTIME
 * @until: out
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int ipcchan_hdr_until(s64 timeout_ns, u32 flags, ktime_t *until)
{
	if (timeout_ns < 0 && timeout_ns != IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	if (flags & IPCCHAN_XFER_NONBLOCK)
		*until = IPCCHAN_NO_WAIT;
	else if (timeout_ns == IPCCHAN_WAIT_FOREVER)
		*until = IPCCHAN_FOREVER;
	else if (flags & IPCCHAN_XFER_ABSTIME)
		*until = max_t(s64, timeout_ns, 1);
	else if (!timeout_ns)
		*until = IPCCHAN_NO_WAIT;
	else
		*until = ktime_add_safe(ktime_get(), ns_to_ktime(timeout_ns));
	return 0;
}

/**
 * ipcchan_hdr_restart() - what a signal does to a call
 * @err: outcome of the call
 * @timeout_ns: as user space says
 * @flags: likewise
 * Context: any.
 * Return: @err; -EINTR where a restart would begin the timeout anew.
 */
long ipcchan_hdr_restart(long err, s64 timeout_ns, u32 flags)
{
	if (err == -ERESTARTSYS && timeout_ns != IPCCHAN_WAIT_FOREVER &&
	    !(flags & IPCCHAN_XFER_ABSTIME))
		return -EINTR;
	return err;
}
