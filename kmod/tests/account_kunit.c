// SPDX-License-Identifier: GPL-2.0
/* Accounts: what a user may have, who is never refused, what is given back. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>

#include "account.h"
#include "fixture.h"

#define USER	KUIDT_INIT(54321)
#define OTHER	KUIDT_INIT(54322)
#define CHANS	1024	/* the limit, unless somebody has set another */

static const struct ipcchan_cost ipcchan_account_one = {
	.of[IPCCHAN_ITEM_CHANS] = 1,
};

static const struct ipcchan_cost ipcchan_account_all = {
	.of[IPCCHAN_ITEM_CHANS] = CHANS,
};

/* Charge as somebody else. */
static struct ipcchan_account *ipcchan_account_as(struct kunit *test, kuid_t uid,
						  bool capable,
						  const struct ipcchan_cost *cost)
{
	struct cred *cred = prepare_creds();
	struct ipcchan_account *account;
	const struct cred *old;

	KUNIT_ASSERT_PTR_NE(test, cred, NULL);
	cred->euid = uid;
	if (capable)
		cap_raise(cred->cap_effective, CAP_SYS_RESOURCE);
	else
		cap_lower(cred->cap_effective, CAP_SYS_RESOURCE);
	old = override_creds(cred);
	account = ipcchan_account_charge(cost);
	revert_creds(old);
	put_cred(cred);
	return account;
}

/* To the last one, and not one more. */
static void ipcchan_account_limit(struct kunit *test)
{
	struct ipcchan_account *all, *other;

	all = ipcchan_account_as(test, USER, false, &ipcchan_account_all);
	KUNIT_ASSERT_FALSE(test, IS_ERR(all));
	KUNIT_EXPECT_PTR_EQ(test,
			    ipcchan_account_as(test, USER, false, &ipcchan_account_one),
			    ERR_PTR(-EDQUOT));
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 1);
	/* Each user has an account. */
	other = ipcchan_account_as(test, OTHER, false, &ipcchan_account_one);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	KUNIT_EXPECT_PTR_NE(test, other, all);
	ipcchan_account_uncharge(other, &ipcchan_account_one);
	ipcchan_account_uncharge(all, &ipcchan_account_all);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* A charge is refused whole: nothing of it is counted. */
static void ipcchan_account_whole(struct kunit *test)
{
	struct ipcchan_cost both = {
		.of[IPCCHAN_ITEM_CHANS] = CHANS,
		.of[IPCCHAN_ITEM_FDS] = U32_MAX,
	};
	struct ipcchan_account *all;

	KUNIT_EXPECT_PTR_EQ(test, ipcchan_account_as(test, USER, false, &both),
			    ERR_PTR(-EDQUOT));
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
	all = ipcchan_account_as(test, USER, false, &ipcchan_account_all);
	KUNIT_ASSERT_FALSE(test, IS_ERR(all));
	/* Nor is anything refused for what it does not take. */
	both = (struct ipcchan_cost) { .of[IPCCHAN_ITEM_FDS] = 1 };
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_account_as(test, USER, false, &both), all);
	ipcchan_account_uncharge(all, &both);
	ipcchan_account_uncharge(all, &ipcchan_account_all);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* Who may have more is counted, and is refused once he may not. */
static void ipcchan_account_exempt(struct kunit *test)
{
	struct ipcchan_account *account;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		account = ipcchan_account_as(test, USER, true, &ipcchan_account_all);
		KUNIT_ASSERT_FALSE(test, IS_ERR(account));
	}
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 1);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_PTR_EQ(test,
				    ipcchan_account_as(test, USER, false,
						       &ipcchan_account_one),
				    ERR_PTR(-EDQUOT));
		ipcchan_account_uncharge(account, &ipcchan_account_all);
	}
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* What is given back can be had again. */
static void ipcchan_account_given_back(struct kunit *test)
{
	struct ipcchan_cost rest = { .of[IPCCHAN_ITEM_CHANS] = CHANS - 1 };
	struct ipcchan_account *account;
	unsigned int i;

	account = ipcchan_account_as(test, USER, false, &rest);
	KUNIT_ASSERT_FALSE(test, IS_ERR(account));
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_PTR_EQ(test,
				    ipcchan_account_as(test, USER, false,
						       &ipcchan_account_one),
				    account);
		KUNIT_EXPECT_PTR_EQ(test,
				    ipcchan_account_as(test, USER, false,
						       &ipcchan_account_one),
				    ERR_PTR(-EDQUOT));
		ipcchan_account_uncharge(account, &ipcchan_account_one);
	}
	ipcchan_account_uncharge(account, &rest);
}

static void ipcchan_account_no_memory(struct kunit *test)
{
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_account_charge(&ipcchan_account_one),
			    ERR_PTR(-ENOMEM));
}

static struct kunit_case ipcchan_account_cases[] = {
	KUNIT_CASE(ipcchan_account_limit),
	KUNIT_CASE(ipcchan_account_whole),
	KUNIT_CASE(ipcchan_account_exempt),
	KUNIT_CASE(ipcchan_account_given_back),
	KUNIT_CASE(ipcchan_account_no_memory),
	{}
};

static struct kunit_suite ipcchan_account_suite = {
	.name = "ipcchan_account",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_account_cases,
};

kunit_test_suite(ipcchan_account_suite);
