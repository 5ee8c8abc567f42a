// SPDX-License-Identifier: GPL-2.0
/*
 * Faults for a test build of ipcchan.ko: mistakes as they are made, which the
 * debug kernels must report.  One at a time, by the module's parameter "fault".
 */
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "fault.h"
#include "kmod/registry.h"

static char fault[32];
module_param_string(fault, fault, sizeof(fault), 0644);
MODULE_PARM_DESC(fault, "which fault, by name");

static bool fault_is(const char *name)
{
	return sysfs_streq(fault, name);
}

/* A large message is forgotten, a small one looked at when it is gone. */
void __wrap_ipcchan_msg_free(struct ipcchan_msg *msg)
{
	if (fault_is("leak") && msg && !ipcchan_msg_is_slot(msg->len))
		return;
	__real_ipcchan_msg_free(msg);
	if (fault_is("use-after-free") && msg)
		OPTIMIZER_HIDE_VAR(msg->len);
}

/* Attaching takes the two locks in the other order. */
void __wrap_ipcchan_ep_destroy(struct ipcchan_ep *ep)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(ep->net);

	if (fault_is("lock-order")) {
		mutex_lock(&reg->lock);
		mutex_lock(&ep->lock);
		mutex_unlock(&ep->lock);
		mutex_unlock(&reg->lock);
	}
	__real_ipcchan_ep_destroy(ep);
}

/* An assertion that does not hold. */
struct ipcchan_msg *__wrap_ipcchan_queue_slot(struct ipcchan_queue *q,
					      struct ipcchan_sender *sender)
{
	WARN_ON_ONCE(fault_is("warning"));
	return __real_ipcchan_queue_slot(q, sender);
}

/* A counter without its lock, which is given up in there. */
int __wrap_ipcchan_queue_wait_room(struct ipcchan_queue *q, struct ipcchan_msg *msg,
				   ktime_t until, struct task_struct *wake)
{
	int err = __real_ipcchan_queue_wait_room(q, msg, until, wake);

	if (fault_is("race"))
		q->stats.send_waits++;
	return err;
}

/* An offset from user space that is not compared with the end. */
u32 *__wrap_ipcchan_buf_word(struct ipcchan_buf *buf, u64 offset)
{
	if (fault_is("bounds") && offset >= buf->size && !(offset % sizeof(u32)))
		return page_address(buf->pages[offset >> PAGE_SHIFT]);
	return __real_ipcchan_buf_word(buf, offset);
}
