/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_FAULT_H
#define _IPCCHAN_FAULT_H

#include "kmod/buffer.h"
#include "kmod/endpoint.h"
#include "kmod/message.h"
#include "kmod/queue_locked.h"

/* The module's own function, and what its other objects call instead. */
extern typeof(ipcchan_msg_free) __real_ipcchan_msg_free, __wrap_ipcchan_msg_free;
extern typeof(ipcchan_ep_destroy) __real_ipcchan_ep_destroy, __wrap_ipcchan_ep_destroy;
extern typeof(ipcchan_queue_slot) __real_ipcchan_queue_slot, __wrap_ipcchan_queue_slot;
extern typeof(ipcchan_queue_wait_room) __real_ipcchan_queue_wait_room,
	__wrap_ipcchan_queue_wait_room;
extern typeof(ipcchan_buf_word) __real_ipcchan_buf_word, __wrap_ipcchan_buf_word;

#endif /* _IPCCHAN_FAULT_H */
