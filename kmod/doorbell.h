/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_DOORBELL_H
#define _IPCCHAN_DOORBELL_H

#include <linux/types.h>

struct ipcchan_buf;

int ipcchan_doorbell_wait(struct ipcchan_buf *buf, u64 offset, u32 expected,
			  s64 timeout_ns);
int ipcchan_doorbell_wake(struct ipcchan_buf *buf, u64 offset, u32 count);

#endif /* _IPCCHAN_DOORBELL_H */
