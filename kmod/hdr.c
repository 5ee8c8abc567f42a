// SPDX-License-Identifier: GPL-2.0
/* Headers of messages, as user space reads them. */

#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>

#include "fds.h"
#include "hdr.h"
#include "ident.h"
#include "message.h"
#include "queue.h"

/* pid_nr_ns(), in line */
static __always_inline u32 ipcchan_names_pid(const struct pid *pid,
					     const struct pid_namespace *ns)
{
	return ns->level <= pid->level && pid->numbers[ns->level].ns == ns ?
		       pid->numbers[ns->level].nr : 0;
}

/**
 * ipcchan_names_fill() - say who sent a message
 * @names: out
 * @ident: of the message
 * Context: process, the receiver.
 */
void ipcchan_names_fill(struct ipcchan_names *names, const struct ipcchan_ident *ident)
{
	const struct pid_namespace *pid_ns = ns_of_pid(task_pid(current));
	const struct ipcchan_ident *opener = ident->opener;
	const struct cred *cred = ident->cred, *opened = opener->cred;
	struct user_namespace *ns = current_user_ns();

	names->ident = ident;
	names->out.pid = ipcchan_names_pid(ident->pid, pid_ns);
	names->out.opener_pid = ipcchan_names_pid(opener->pid, pid_ns);
	if (likely(ns == &init_user_ns)) {
		/* There each id is as it is. */
		names->out.uid = __kuid_val(cred->euid);
		names->out.gid = __kgid_val(cred->egid);
		names->out.opener_uid = __kuid_val(opened->euid);
		names->out.opener_gid = __kgid_val(opened->egid);
		return;
	}
	names->out.uid = from_kuid_munged(ns, cred->euid);
	names->out.gid = from_kgid_munged(ns, cred->egid);
	names->out.opener_uid = from_kuid_munged(ns, opened->euid);
	names->out.opener_gid = from_kgid_munged(ns, opened->egid);
}

/* It is undelivered: what is read of the header is as it was, if that can be. */
static void ipcchan_hdr_undo(const struct ipcchan_room *room, struct ipcchan_msghdr __user *to)
{
	put_user(room->copy, &to->len);
	put_user(room->flags, &to->flags);
	put_user(room->nr_fds, &to->nr_fds);
}

/**
 * ipcchan_hdr_deliver_rest() - ipcchan_hdr_deliver(), when the payload is delivered
 * @room: as there
 * @msg: as there
 * @names: of its sender
 * @flags: IPCCHAN_MSG_* to begin with
 * @to: as there
 *
 * The descriptors come last: once they are open nothing can fail.
 *
 * Context: process, may sleep.
 * Return: 0; -EFAULT, -EMFILE, and the message is undelivered, and what is read of the header
 * as it was, if that can be.
 */
int ipcchan_hdr_deliver_rest(const struct ipcchan_room *room, struct ipcchan_msg *msg,
			     const struct ipcchan_names *names, u32 flags,
			     struct ipcchan_msghdr __user *to)
{
	struct ipcchan_fds *fds = msg->flags & IPCCHAN_HAS_FDS ? msg->fds : NULL;
	u32 nr_fds = fds ? min(fds->nr, room->nr_fds) : 0;
	int err = 0;

	if ((fds && nr_fds < fds->nr) || msg->flags & IPCCHAN_LOST_FDS)
		flags |= IPCCHAN_MSG_FDS_LOST;
	if (!ipcchan_hdr_put(msg, names, flags, nr_fds, to))
		err = -EFAULT;
	else if (nr_fds)
		err = ipcchan_fds_install(fds, room->fds, nr_fds);
	if (err)
		ipcchan_hdr_undo(room, to);
	return err;
}

/**
 * ipcchan_hdr_deliver_special() - ipcchan_hdr_deliver() of what is not small and plain
 * @room: as there
 * @msg: as there
 * @names: of its sender
 * @to: as there
 * Context: process, may sleep.
 * Return: as ipcchan_hdr_deliver_rest().
 */
int ipcchan_hdr_deliver_special(const struct ipcchan_room *room,
				struct ipcchan_msg *msg,
				const struct ipcchan_names *names,
				struct ipcchan_msghdr __user *to)
{
	struct ipcchan_user u = { .buf = room->buf };

	if (!ipcchan_copy_out(&u, ipcchan_msg_payload(msg), msg->len))
		return -EFAULT;
	return ipcchan_hdr_deliver_rest(room, msg, names, 0, to);
}

/**
 * ipcchan_hdr_until_time() - ipcchan_hdr_until(), where it is not for ever
 * @timeout_ns: as there
 * @flags: as there
 * @until: out
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int ipcchan_hdr_until_time(s64 timeout_ns, u32 flags, ktime_t *until)
{
	if (timeout_ns < 0 && timeout_ns != IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	if (flags & IPCCHAN_XFER_NONBLOCK || !(timeout_ns || flags & IPCCHAN_XFER_ABSTIME))
		*until = IPCCHAN_NO_WAIT;
	else if (flags & IPCCHAN_XFER_ABSTIME)
		*until = max_t(s64, timeout_ns, 1);
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
	if (err == -ERESTARTSYS && timeout_ns > 0 &&
	    !(flags & IPCCHAN_XFER_ABSTIME))
		return -EINTR;
	return err;
}
