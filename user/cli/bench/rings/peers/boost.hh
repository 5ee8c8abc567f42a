/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Boost.Lockfree's spsc_queue, whose messages are copied in.  Its storage is inside of it,
 * so that it may lie in shared memory; its capacity is a part of its type.  To be included
 * once, with BOOST_PLACE telling whether messages are read in place, one at a time, or
 * copied out, as many as there are.
 */
#include <boost/lockfree/spsc_queue.hpp>
#include <new>

#include "../ring.h"

template <std::size_t Size>
struct message {
	alignas(8) unsigned char bytes[Size];
};

constexpr std::size_t shallow = 64 << 10, deep = 4 << 20;

template <std::size_t Size, std::size_t Depth>
using queue = boost::lockfree::spsc_queue<message<Size>,
					  boost::lockfree::capacity<Depth / Size>>;

struct boost_tx {
	void *queue;
	unsigned char *room;
	bool deep;
};

struct boost_rx {
	void *queue;
	unsigned char *room;
	bool deep;
	const unsigned char *msg;
};

template <std::size_t Size, std::size_t Depth>
RING_INLINE std::size_t push(boost_tx *tx, const unsigned char *from, unsigned int n)
{
	auto *q = static_cast<queue<Size, Depth> *>(tx->queue);
	auto *msgs = reinterpret_cast<const message<Size> *>(from);

	return n == 1 ? q->push(*msgs) : q->push(msgs, n);
}

/* Copies them, or finds the first */
template <std::size_t Size, std::size_t Depth>
RING_INLINE std::size_t pop(boost_rx *rx, unsigned int n)
{
	auto *q = static_cast<queue<Size, Depth> *>(rx->queue);
	auto *msgs = reinterpret_cast<message<Size> *>(rx->room);

	if (!BOOST_PLACE)
		return n == 1 ? q->pop(*msgs) : q->pop(msgs, n);
	if (!q->read_available())
		return 0;
	rx->msg = q->front().bytes;
	return 1;
}

/* Gives the one back that was found */
template <std::size_t Size, std::size_t Depth>
RING_INLINE void drop(boost_rx *rx)
{
	static_cast<queue<Size, Depth> *>(rx->queue)->pop();
}

/* The queue of this size and depth, as something to be called with its type */
template <typename Visitor>
void with_queue(std::size_t size, std::size_t depth, Visitor visit)
{
	if (size == 8)
		visit(static_cast<queue<8, shallow> *>(nullptr));
	else if (size == 56)
		visit(static_cast<queue<56, shallow> *>(nullptr));
	else if (size == 64 && depth == deep)
		visit(static_cast<queue<64, deep> *>(nullptr));
	else if (size == 64)
		visit(static_cast<queue<64, shallow> *>(nullptr));
	else
		visit(static_cast<queue<4096, shallow> *>(nullptr));
}

static std::size_t boost_mem_size(std::size_t size, std::size_t depth)
{
	std::size_t bytes = 0;

	with_queue(size, depth, [&](auto *q) { bytes = sizeof(*q); });
	return bytes;
}

static void boost_format(void *mem, std::size_t size, std::size_t depth)
{
	with_queue(size, depth, [&](auto *q) {
		new (mem) typename std::remove_reference<decltype(*q)>::type;
	});
}

static void boost_tx_attach(boost_tx *tx, void *mem, void *room, std::size_t, std::size_t depth)
{
	*tx = { mem, static_cast<unsigned char *>(room), depth == deep };
}

static void boost_rx_attach(boost_rx *rx, void *mem, void *room, std::size_t, std::size_t depth)
{
	*rx = { mem, static_cast<unsigned char *>(room), depth == deep, nullptr };
}

RING_INLINE void *boost_room(boost_tx *tx, std::size_t size, unsigned int i, unsigned int)
{
	return tx->room + i * size;
}

RING_INLINE std::size_t boost_push(boost_tx *tx, std::size_t size, const unsigned char *from,
				   unsigned int n)
{
	if (size == 8)
		return push<8, shallow>(tx, from, n);
	if (size == 56)
		return push<56, shallow>(tx, from, n);
	if (size == 64)
		return tx->deep ? push<64, deep>(tx, from, n) : push<64, shallow>(tx, from, n);
	return push<4096, shallow>(tx, from, n);
}

RING_INLINE void boost_publish(boost_tx *tx, std::size_t size, unsigned int n)
{
	const unsigned char *from = tx->room;
	unsigned int took;

	for (;;) {
		took = (unsigned int)boost_push(tx, size, from, n);
		n -= took;
		if (!n)
			return;
		from += took * size;
		spin_relax();
	}
}

RING_INLINE std::size_t boost_pop(boost_rx *rx, std::size_t size, unsigned int n)
{
	if (size == 8)
		return pop<8, shallow>(rx, n);
	if (size == 56)
		return pop<56, shallow>(rx, n);
	if (size == 64)
		return rx->deep ? pop<64, deep>(rx, n) : pop<64, shallow>(rx, n);
	return pop<4096, shallow>(rx, n);
}

RING_INLINE unsigned int boost_arrived(boost_rx *rx, std::size_t size, unsigned int n)
{
	std::size_t got;

	while (!(got = boost_pop(rx, size, n)))
		spin_relax();
	return (unsigned int)got;
}

RING_INLINE const void *boost_message(boost_rx *rx, std::size_t size, unsigned int i)
{
	return BOOST_PLACE ? rx->msg : rx->room + i * size;
}

RING_INLINE void boost_release(boost_rx *rx, std::size_t size, unsigned int)
{
	if (!BOOST_PLACE)
		return;
	if (size == 8)
		drop<8, shallow>(rx);
	else if (size == 56)
		drop<56, shallow>(rx);
	else if (size == 64 && rx->deep)
		drop<64, deep>(rx);
	else if (size == 64)
		drop<64, shallow>(rx);
	else
		drop<4096, shallow>(rx);
}

#define RING(name)	boost_##name
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	(RING_8 | RING_64 | RING_4096)
#define RING_BURSTS	true
#include "../loops.h"
