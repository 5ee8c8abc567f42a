/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_NETLINK_H
#define _IPCCHAN_NETLINK_H

int ipcchan_netlink_init(void);
void ipcchan_netlink_exit(void);

#endif /* _IPCCHAN_NETLINK_H */
