/* SPDX-License-Identifier: GPL-2.0 */
/*
 * poll() beside a sender that looks for pollers without a barrier of its own:
 * ipcchan_queue_settle(), ipcchan_queue_poll_recv().
 *
 * Weak memory, as far as locks allow it.  The sender's waitqueue_active() may be carried
 * out before the unlock, at any time since the lock, and so may its store of the message
 * come late, up to the unlock.  The poller's add_wait_queue() may become visible late, up
 * to its unlock of the queue's lock, also after its look at the messages.
 *
 * Found wanting is, in the end: a poller that sleeps beside a message.
 */

bool locked;		/* q->lock */
bool message;
bool active_;		/* the poller is in q->recv_poll, for all to see */
bool woken;
bool sleeps;

inline lock()
{
	atomic { !locked -> locked = true }
}

active proctype sender()
{
	bool stored = false, looked = false, active_seen = false;

	lock();
	/* In this order or the other, and the look perhaps later. */
	do
	:: !stored -> message = true; stored = true
	:: !looked -> active_seen = active_; looked = true
	:: stored -> break
	od;
	locked = false;
	if
	:: !looked -> active_seen = active_
	:: else
	fi;
	if
	:: active_seen -> woken = true
	:: else
	fi
}

active proctype poller()
{
	bool added = false, looked = false, seen = false;

#ifdef FAULT_POLL_NO_LOCK
	/* The look is not under the lock: nothing holds back the addition. */
	do
	:: !added -> active_ = true; added = true
	:: !looked -> seen = message; looked = true
	:: added && looked -> break
	od;
#else
#ifdef FAULT_POLL_LOOKS_FIRST
	lock();
	seen = message;
	locked = false;
	active_ = true;
#else
	if
	:: active_ = true; added = true
	:: skip
	fi;
	lock();
	do
	:: !added -> active_ = true; added = true
	:: !looked -> seen = message; looked = true
	:: added && looked -> break
	od;
	locked = false;
#endif
#endif
	sleeps = true;
	if
	:: seen || woken -> sleeps = false
	fi
}

active proctype monitor()
{
	atomic {
		timeout ->
		assert(!locked);
		assert(!sleeps || !message)
	}
}
