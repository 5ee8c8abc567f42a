/* SPDX-License-Identifier: GPL-2.0 */
/* What is told to those who listen to the multicast group of the netlink family. */
#ifndef _IPCCHAN_EVENT_H
#define _IPCCHAN_EVENT_H

#include <linux/ipcchan_netlink.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct ipcchan_chan;
struct ipcchan_ep;

bool ipcchan_event_wanted(void);
void ipcchan_event_chan(const struct ipcchan_chan *chan, enum ipcchan_event what);
void ipcchan_event_ep(const struct ipcchan_ep *ep, enum ipcchan_event what, u64 value);
void ipcchan_event_quota(kuid_t uid, const char *item);

#endif /* _IPCCHAN_EVENT_H */
