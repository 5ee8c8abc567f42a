// SPDX-License-Identifier: GPL-2.0
/* The ring that `create --ring` puts into the shared buffer of a channel. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ring_chan.h"

/* How long another `--create` may take from creating to formatting. */
#define FORMAT_TRIES	100
#define FORMAT_PAUSE_US	10000

int ring_chan_format(struct ipcchan *chan, uint32_t flags)
{
	void *mem;
	size_t size;
	int err;

	err = ipcchan_map(chan, &mem, &size);
	return err ? err : ipcchan_ring_format(mem, size, flags);
}

int ring_chan_error(const char *verb, const char *name, int err)
{
	switch (err) {
	case -ENODEV:
		cli_error(verb, "channel '%s' has no shared buffer; make one with "
			  "\"ipcchan create %s --ring\"", name, name);
		break;
	case -EPROTO:
		cli_error(verb, "the shared buffer of channel '%s' holds no ring that "
			  "this command knows; make the channel with "
			  "\"ipcchan create %s --ring\"", name, name);
		break;
	case -EBADMSG:
		cli_error(verb, "the ring of channel '%s' is damaged: something else "
			  "wrote into its buffer; delete the channel and make it "
			  "again", name);
		break;
	default:
		cli_error(verb, "the ring of channel '%s': %s", name, strerror(-err));
	}
	return EXIT_SYSTEM;
}

static int attach(struct ring_chan *rc, enum ipcchan_ring_side side, int tries)
{
	struct ipcchan_bell bell;
	void *mem;
	size_t size;
	int err;

	err = ipcchan_map(rc->chan, &mem, &size);
	if (!err)
		err = ipcchan_bell_chan(&bell, rc->chan);
	if (err)
		return err;
	while ((err = ipcchan_ring_attach(&rc->ring, mem, size, side,
					  &bell)) == -EPROTO && --tries > 0)
		usleep(FORMAT_PAUSE_US);
	return err;
}

/*
 * Both sides write the ring's indices, so that the consumer needs the sender's
 * role too.  EXCL tells which of two creators is the one to format.
 */
static int open_chan(struct ring_chan *rc, const char *name, uint32_t role,
		     const struct chan_opts *opts)
{
	struct ipcchan_opts there = { .role = role };
	struct ipcchan_opts fresh = opts->open;
	int err;

	if (!opts->create)
		return ipcchan_open(&rc->chan, name, &there);
	fresh.flags |= IPCCHAN_ATTACH_EXCL;
	fresh.role = role;
	if (!fresh.buf_size)
		fresh.buf_size = ipcchan_ring_mem_size(RING_DEFAULT_CAPACITY);
	err = ipcchan_open(&rc->chan, name, &fresh);
	if (err == -EEXIST)
		return ipcchan_open(&rc->chan, name, &there);
	if (err)
		return err;
	err = ring_chan_format(rc->chan, 0);
	if (err) {
		ipcchan_unlink(name);
		ipcchan_close(rc->chan);
	}
	return err;
}

int ring_chan_open(struct ring_chan *rc, const char *verb, const char *name,
		   enum ipcchan_ring_side side, const struct chan_opts *opts)
{
	uint32_t role = IPCCHAN_ROLE_SEND;
	int err;

	if (side == IPCCHAN_RING_CONSUMER)
		role |= IPCCHAN_ROLE_RECV;
	if (opts->create && chan_opts_check(verb, name, &opts->open))
		return EXIT_SYSTEM;
	err = open_chan(rc, name, role, opts);
	if (err)
		return cli_error_chan(verb, name, err);
	err = attach(rc, side, opts->create ? FORMAT_TRIES : 1);
	if (err) {
		ipcchan_close(rc->chan);
		return ring_chan_error(verb, name, err);
	}
	return EXIT_OK;
}

void ring_chan_close(struct ring_chan *rc)
{
	ipcchan_close(rc->chan);
}
