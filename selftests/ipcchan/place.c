// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "place.h"
#include "util.h"

uint32_t page_size(void)
{
	return (uint32_t)sysconf(_SC_PAGESIZE);
}

int loans_anon(uint32_t kind, uint32_t pages)
{
	struct ipcchan_attach a = {
		.kind = kind,
		.buf_size = (uint64_t)pages * page_size(),
		.max_msg_size = 1 << 20,
		.max_bytes = 1 << 24,
		.options = IPCCHAN_OPT_LOANS,
	};

	return chan_anon(&a);
}

int loan_many(int fd, uint64_t len, uint64_t *offsets, uint32_t count, uint32_t flags)
{
	struct ipcchan_loan l = {
		.len = len,
		.offsets = (uintptr_t)offsets,
		.count = count,
		.flags = flags,
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
	};

	return do_ioctl(fd, IPCCHAN_IOC_LOAN, &l);
}

int64_t loan(int fd, uint64_t len, uint32_t flags, int64_t timeout_ns)
{
	uint64_t offset = -1;
	struct ipcchan_loan l = {
		.len = len,
		.offsets = (uintptr_t)&offset,
		.count = 1,
		.flags = flags,
		.timeout_ns = timeout_ns,
	};
	int ret = do_ioctl(fd, IPCCHAN_IOC_LOAN, &l);

	return ret < 0 ? ret : (int64_t)offset;
}

int give_back(int fd, uint64_t offset)
{
	struct ipcchan_give_back g = { .offsets = (uintptr_t)&offset, .count = 1 };

	return do_ioctl(fd, IPCCHAN_IOC_GIVE_BACK, &g);
}

int send_block(int fd, uint64_t offset, uint32_t len)
{
	struct ipcchan_msghdr h = {
		.buf = offset, .len = len, .flags = IPCCHAN_MSG_PLACED,
	};

	return xfer_send(fd, &h, 1, IPCCHAN_XFER_NONBLOCK, IPCCHAN_WAIT_FOREVER);
}

int recv_place(int fd, struct ipcchan_msghdr *h)
{
	return xfer_recv(fd, h, 1, IPCCHAN_XFER_NONBLOCK | IPCCHAN_XFER_PLACE,
			 IPCCHAN_WAIT_FOREVER);
}

int64_t recv_block(int fd)
{
	struct ipcchan_msghdr h = { 0 };
	int ret = recv_place(fd, &h);

	if (ret <= 0)
		return ret ? ret : -ENODATA;
	return h.flags & IPCCHAN_MSG_PLACED ? (int64_t)h.buf : -EBADMSG;
}

int pool(int fd, uint32_t pages, uint32_t full, uint32_t min_len)
{
	struct ipcchan_pool p = {
		.size = (uint64_t)pages * page_size(), .full = full, .min_len = min_len,
	};

	return do_ioctl(fd, IPCCHAN_IOC_POOL, &p);
}

static char *map(int fd, uint32_t pages, int prot, off_t offset)
{
	char *addr = mmap(NULL, (size_t)pages * page_size(), prot, MAP_SHARED, fd, offset);

	return addr == MAP_FAILED ? NULL : addr;
}

const char *map_pool(int fd, uint32_t pages)
{
	return map(fd, pages, PROT_READ, IPCCHAN_POOL_OFFSET);
}

char *map_buf(int fd, uint32_t pages)
{
	return map(fd, pages, PROT_READ | PROT_WRITE, 0);
}

static sigjmp_buf on_bus;

static void bus(int signo)
{
	(void)signo;
	siglongjmp(on_bus, 1);
}

bool is_ours(volatile char *byte)
{
	struct sigaction sa = { .sa_handler = bus, .sa_flags = SA_NODEFER }, old;
	bool ours;

	sigaction(SIGBUS, &sa, &old);
	ours = !sigsetjmp(on_bus, 1);
	if (ours)
		*byte = *byte;
	sigaction(SIGBUS, &old, NULL);
	return ours;
}

void write_for_ever(volatile char *byte)
{
	struct sigaction sa = { .sa_handler = bus, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &sa, NULL);
	sigsetjmp(on_bus, 1);
	for (;;)
		++*byte;
}
