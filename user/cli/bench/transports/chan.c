// SPDX-License-Identifier: GPL-2.0
#include "chan.h"

#include <errno.h>
#include <string.h>

#include "fd.h"

int chan_refuse(struct link *link, int err)
{
	switch (err) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return link_refuse(link, err, "no %s: the module is not loaded",
				   IPCCHAN_DEV_PATH);
	case -EACCES:
	case -EPERM:
		return link_refuse(link, err, "no permission to open %s",
				   IPCCHAN_DEV_PATH);
	default:
		return link_refuse(link, err, "no channel: %s", strerror(-err));
	}
}

int chan_open(struct link *link, struct ipcchan **chan, const struct ipcchan *of,
	      const struct ipcchan_opts *opts)
{
	struct ipcchan_opts with = *opts;
	int err;

	with.flags = of ? IPCCHAN_ATTACH_FD : IPCCHAN_ATTACH_ANON;
	with.fd = of ? ipcchan_fd(of) : 0;
	err = ipcchan_open(chan, NULL, &with);
	return err ? chan_refuse(link, err) : 0;
}
