// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile producer that takes back what it has published, before each instruction of a
 * receive of many, which loads the first word twice.
 */
#include "slots-util.h"
#include "step-util.h"

static struct ipcchan_slots_shared *shared;
static struct ipcchan_slots cons;
static ipcchan_ring_word absent;

/* what the receive said */
static ssize_t *said;

static void make(void)
{
	struct ipcchan_slots prod;

	EXPECT_EQ(ipcchan_slots_format(shared, slots_size(shared), 8, 0), 0);
	absent = *slots_word(shared, 0);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(1), 8, 0), 0);
}

static void attach(void)
{
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
}

static void receive(void)
{
	uint64_t out[4];

	*said = ipcchan_slots_recv_many(&cons, out, 8, 4, 0);
	if (*said == 1)
		EXPECT(!memcmp(out, pattern(1), 8));
	else if (*said == -EBADMSG)
		EXPECT_EQ(ipcchan_slots_recv_many(&cons, out, 8, 4, 0), -EBADMSG);
}

/* It gives the message, says that there is none, or that this cannot be: it does not wait. */
static void test_taken_back(void)
{
	static struct step_place places[PLACES_MAX];
	int i, count, none = 0, refused = 0, given = 0;
	pid_t pid;

	if (!step_can())
		return;
	shared = slots_new(4, 8, 0, 0);
	said = shared_mem(64, true);
	make();
	count = step_record(attach, receive, places);
	for (i = 0; i < count && !tap_failures; i++) {
		make();
		*said = 0;
		pid = step_start(attach, receive);
		step_to(pid, &places[i]);
		*slots_word(shared, 0) = absent;
		EXPECT_EQ(step_go(pid, PTRACE_CONT), SIGSTOP);
		step_kill(pid);
		none += *said == -ETIMEDOUT;
		refused += *said == -EBADMSG;
		given += *said == 1;
	}
	printf("# before %d instructions: none %d times, refused %d, given %d\n", count, none,
	       refused, given);
	EXPECT_EQ(none + refused + given, count);
	EXPECT(none > 0 && refused > 0 && given > 0);
}

static const struct tap_test tests[] = {
	{ "a message that is taken back", test_taken_back },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
