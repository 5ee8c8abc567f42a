// SPDX-License-Identifier: GPL-2.0
/* ipcchan: module load and unload. */

#include <linux/init.h>
#include <linux/module.h>
#include <net/genetlink.h>

#include "channel.h"
#include "debugfs.h"
#include "device.h"
#include "message.h"
#include "netlink.h"
#include "registry.h"
#include "times.h"

static int __init ipcchan_init(void)
{
	int err;

	err = ipcchan_msg_init();
	if (err)
		return err;
	err = ipcchan_chan_cache_init();
	if (err)
		goto err_msg;
	err = ipcchan_registry_init();
	if (err)
		goto err_chan_cache;
	err = ipcchan_netlink_init();
	if (err)
		goto err_registry;
	err = ipcchan_device_init();
	if (err)
		goto err_netlink;
	ipcchan_debugfs_init();
	return 0;

err_netlink:
	ipcchan_netlink_exit();
err_registry:
	ipcchan_registry_exit();
	ipcchan_times_exit();
err_chan_cache:
	ipcchan_chan_cache_exit();
err_msg:
	ipcchan_msg_exit();
	return err;
}

static void __exit ipcchan_exit(void)
{
	ipcchan_debugfs_exit();
	ipcchan_device_exit();
	ipcchan_netlink_exit();
	ipcchan_registry_exit();
	ipcchan_times_exit();
	ipcchan_chan_cache_exit();
	ipcchan_msg_exit();
}

module_init(ipcchan_init);
module_exit(ipcchan_exit);

MODULE_AUTHOR("The ipcchan authors");
MODULE_DESCRIPTION("Message channels and shared buffers over one object");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY("ipcchan");
