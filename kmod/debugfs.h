/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_DEBUGFS_H
#define _IPCCHAN_DEBUGFS_H

void ipcchan_debugfs_init(void);
void ipcchan_debugfs_exit(void);

#endif /* _IPCCHAN_DEBUGFS_H */
