// SPDX-License-Identifier: MIT
/* A ring in an event loop: the waiting word is set without sleeping on it. */
#include <ipcchan/ring.h>

#include "writeback.h"

int ipcchan_ring_arm(struct ipcchan_ring *ring, size_t len)
{
	uint64_t want = 1;
	int ret;

	if (ring->err)
		return ring->err;
	if (ring->peer.no_sleep)
		return -EOPNOTSUPP;
	ret = ipcchan_ring_flush(ring);
	if (ret)
		return ret;
	if (ring->side == IPCCHAN_RING_PRODUCER) {
		if ((uint64_t)len - 1 >= ring->max_len)
			return -EMSGSIZE;
		want = ipcchan_ring_span(ring, ipcchan_ring_rec_size(len));
	}
	/* as a sleeper does: the word first, then the peer's position */
	__atomic_store_n(ipcchan_peer_own_word(&ring->peer), 1, __ATOMIC_RELAXED);
	ipcchan_peer_fence();
	ret = ipcchan_ring_look(ring, __atomic_load_n(ring->peer_index,
						      __ATOMIC_ACQUIRE));
	if (!ret && ring->limit - ring->own < want) {
		ipcchan_writer_idle(&ring->writer, INT64_MAX);
		return 1;
	}
	ipcchan_ring_disarm(ring);
	return ret;
}

void ipcchan_ring_disarm(struct ipcchan_ring *ring)
{
	/* there is no memory to write to behind an attach that failed */
	if (ring->peer.shared && !ring->peer.no_sleep)
		__atomic_store_n(ipcchan_peer_own_word(&ring->peer), 0, __ATOMIC_RELAXED);
}
